"""What agents send beside readable reports, as steps: presence, and payloads that are refused."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from server.storage.folding import clean
from server.storage.rows import RefusalRow
from server.storage.schema import REFUSALS_KEPT, agent_seen, refusal
from server.storage.statements import Into, Query, Run, Steps, Values, fetch, put
from server.storage.times import ms_of

_REFUSAL: Final = Into(refusal, ("agent", "at_ms", "what", "reason", "seq"))
_TRIM_REFUSALS: Final = Run(
    f"DELETE FROM refusal WHERE id <= (SELECT MAX(id) FROM refusal) - {REFUSALS_KEPT}"  # noqa: S608 (a number of ours)
)
_REFUSED_COUNT: Final = Into(
    agent_seen,
    ("agent", "refused_count"),
    "ON CONFLICT (agent) DO UPDATE SET"
    " refused_count = agent_seen.refused_count + excluded.refused_count",
)
_HINTS: Final = Query(
    agent_seen,
    ("agent",),
    "SELECT a.agent, a.online_hint FROM agent_seen a WHERE a.agent = {agent}",
)
_HINT: Final = Into(
    agent_seen,
    ("agent", "online_hint", "hint_ms"),
    "ON CONFLICT (agent) DO UPDATE SET"
    " online_hint = excluded.online_hint, hint_ms = excluded.hint_ms",
)


def status_steps(online: Mapping[str, bool], *, now_ms: int) -> Steps[frozenset[str]]:
    """Keep presence hints; return whose changed."""
    rows = yield from fetch(_HINTS, [(agent,) for agent in sorted(online)])
    known = {agent: hint for agent, hint in rows if hint is not None}
    changed = sorted(a for a in online if a not in known or bool(known[a]) != online[a])
    yield from put(_HINT, [(agent, online[agent], now_ms) for agent in changed])
    return frozenset(changed)


def payload_refusal_steps(refused: Sequence[RefusalRow]) -> Steps[None]:
    """Keep refusals of payloads as a whole, and count them (repeats, too)."""
    yield from refusal_steps(
        [(r.agent, ms_of(r.at), r.what, clean(r.reason[:500]), r.seq) for r in refused]
    )
    yield from put(_REFUSED_COUNT, sorted(Counter(r.agent for r in refused).items()))


def refusal_steps(rows: Sequence[Values]) -> Steps[None]:
    """Keep refusals (agent, at_ms, what, reason, seq), the newest ``REFUSALS_KEPT`` of all."""
    if rows:
        yield from put(_REFUSAL, rows)
        yield _TRIM_REFUSALS
