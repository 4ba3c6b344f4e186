"""What reports carry, as rows. Pure; the hot path: 5,000 rows to a batch."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from server.domain.clocks import DRIFT_PARTS, SLACK_MS
from server.storage.boots import BootKey
from server.storage.folding import clean, fold
from server.storage.merging import Boot
from server.storage.rows import Intake
from server.storage.schema import agent_facts, agent_seen, gap, gate_event, segment, source
from server.storage.statements import Change, Into, Query, Values

FUTURE_MS: Final = 5_000
"""A gate event further ahead of this server's clock than this has a suspect clock."""

LIMIT: Final = 2**53
"""No offset is larger."""

_LOST_AT_MOST: Final = 2**31
"""No gap counts for more, so that no sum of an agent's can be too large for a database."""

Words = tuple[str | None, ...]

SourceKey = tuple[str, str]
"""An agent and one of its cameras."""

SOURCES: Final = Query(
    source,
    ("agent", "camera"),
    "SELECT s.agent, s.camera, s.id FROM source s WHERE s.agent = {agent} AND s.camera = {camera}",
)
SOURCE: Final = Into(source, ("agent", "camera"), "ON CONFLICT DO NOTHING")

SEGMENT_KEY: Final = ("source_id", "boot_id", "number")
SEGMENT: Final = Into(
    segment,
    (*SEGMENT_KEY, "start_ms", "end_ms", "state", "cause", "detail"),
    # Closed beats open; of two ends the earlier; start, camera and boot never change.
    "ON CONFLICT (source_id, boot_id, number) DO UPDATE SET end_ms = excluded.end_ms,"
    " state = excluded.state, cause = excluded.cause, detail = excluded.detail"
    " WHERE excluded.end_ms IS NOT NULL"
    " AND (segment.end_ms IS NULL OR excluded.end_ms < segment.end_ms)",
)

_EVENT_WORDS: Final = ("kind", "direction", "subject", "reader", "note")
_EVENT_TIMES: Final = ("occurred_ms", "accepted_ms", "received_ms")
GATE_EVENT: Final = Into(
    gate_event,
    ("agent", "id", "gate", *_EVENT_WORDS, *_EVENT_TIMES, "clock_suspect", "folded"),
    "ON CONFLICT DO NOTHING",
)

_LOST: Final = ("first_seq", "last_seq", "kind", "count", "reason")
_LOST_OF: Final = ("boot", "start_ms", "end_ms", "cameras")
GAP: Final = Into(
    gap, ("agent", "spool", "seq", *_LOST, "received_ms", *_LOST_OF), "ON CONFLICT DO NOTHING"
)
GAPS: Final = Query(
    gap,
    ("agent",),
    "SELECT {agent}, CAST(SUM(g.count) AS bigint) FROM gap g WHERE g.agent = {agent}",
)
GAP_COUNT: Final = Change(agent_seen, "agent", ("gap_count",))

_LAST_KNOWN: Final = (
    "last_report_ms",
    "last_until_ms",
    "clock_offset_ms",
    "items_ms",
    "vitals",
    "vitals_ms",
)
AGENT_SEEN: Final = Into(
    agent_seen,
    ("agent", *_LAST_KNOWN, "refused_count"),
    "ON CONFLICT (agent) DO UPDATE SET "
    + ", ".join(f"{c} = COALESCE(excluded.{c}, agent_seen.{c})" for c in _LAST_KNOWN)
    + ", refused_count = agent_seen.refused_count + excluded.refused_count",
)
AGENT_FACTS: Final = Into(
    agent_facts,
    ("agent", "at_ms", "cameras"),
    "ON CONFLICT (agent) DO UPDATE SET at_ms = excluded.at_ms, cameras = excluded.cameras",
)


def segment_rows(
    intakes: Iterable[Intake], boots: Mapping[BootKey, int], sources: Mapping[SourceKey, int]
) -> list[Values]:
    """Return rows of ``SEGMENT``, one per segment: of its tellings the one that counts."""
    rows: dict[Values, Values] = {}
    for intake in intakes:
        agent = intake.agent
        for item in intake.items:
            s = item.segment
            if s is None:
                continue
            key = (sources[agent, s.camera], boots[agent, s.boot], s.number)
            told = rows.get(key)
            if told is None or _counts_more(s.end_ms, told[4]):
                rows[key] = (
                    *key,
                    s.start_ms,
                    s.end_ms,
                    str(s.state),
                    clean(s.cause),
                    clean(s.detail),
                )
    return list(rows.values())


def _counts_more(end_ms: int | None, told_ms: int | None) -> bool:
    return end_ms is not None and (told_ms is None or end_ms < told_ms)


def gate_event_rows(intakes: Iterable[Intake], boots: Mapping[BootKey, Boot]) -> list[Values]:
    """Return rows of ``GATE_EVENT``."""
    rows: list[Values] = []
    for intake in intakes:
        if any(item.gate_event is not None for item in intake.items):
            rows += _gate_event_rows(intake, *_sound_times(intake, boots))
    return rows


def _gate_event_rows(intake: Intake, earliest: int, latest: int) -> Iterator[Values]:
    agent, received = intake.agent, intake.received_utc_ms
    for item in intake.items:
        e = item.gate_event
        if e is not None:
            words, folded = _searchable((e.kind, e.direction, e.subject, e.reader, e.note))
            yield (
                agent,
                e.id,
                e.gate,
                *words,
                e.occurred_utc_ms,
                e.accepted_utc_ms,
                received,
                e.occurred_utc_ms > latest or e.accepted_utc_ms < earliest,
                folded,
            )


def _searchable(words: Words) -> tuple[Words, str]:
    """Return an event's words as they are stored, and what a search looks at."""
    text = " ".join(filter(None, words))
    if not text.isascii() or "\x00" in text:  # as a rule there is nothing to clean
        words = tuple(map(clean, words))
        text = " ".join(filter(None, words))
    return words, fold(text)


def _sound_times(intake: Intake, boots: Mapping[BootKey, Boot]) -> tuple[int, int]:
    """Return before when no event was accepted, and after when none occurred, if clocks are right.

    The boot that took the events has the name of their spool. What it took before it began was
    dated by a clock that was put right meanwhile (a computer whose battery is empty starts in a
    year of its own). Agents of before 1.2 have one spool for all of their boots, and their running
    one is the last that they tell of.
    """
    own = boots.get((intake.agent, intake.spool))
    boot = own or (boots[intake.agent, intake.boots[-1].id] if intake.boots else None)
    if boot is not None and boot.clock_is_wrong:
        return 0, -1  # all times are suspect
    earliest = own.zero_ms - SLACK_MS - own.last_ms // DRIFT_PARTS if own else 0
    return earliest, intake.received_utc_ms + FUTURE_MS


def gap_rows(intakes: Iterable[Intake]) -> list[Values]:
    """Return rows of ``GAP``."""
    return [
        (
            i.agent,
            i.spool,
            item.seq,
            lost.first_seq,
            lost.last_seq,
            clean(lost.kind),
            min(lost.count, _LOST_AT_MOST),
            clean(lost.reason),
            i.received_utc_ms,
            lost.boot,
            lost.start_ms,
            lost.end_ms,
            " ".join(lost.cameras) or None,
        )
        for i in intakes
        for item in i.items
        for lost in (item.gap,)
        if lost is not None
    ]


def seen_rows(intakes: Sequence[Intake], boots: Mapping[BootKey, Boot]) -> list[Values]:
    """Return rows of ``AGENT_SEEN``. History is nobody's present: only its refusals count."""
    refused: dict[str, int] = {}
    last: dict[str, Values] = {}
    for intake in intakes:
        agent = intake.agent
        refused[agent] = refused.get(agent, 0) + len(intake.refused)
        known = last.get(agent, (None,) * len(_LAST_KNOWN))
        if not intake.late:
            news = _news(intake, boots)
            known = tuple(o if n is None else n for o, n in zip(known, news, strict=True))
        last[agent] = known
    return [(agent, *last[agent], count) for agent, count in sorted(refused.items())]


def _news(intake: Intake, boots: Mapping[BootKey, Boot]) -> Values:
    """Return what a report tells of ``_LAST_KNOWN``; None: nothing."""
    received_ms = intake.received_utc_ms
    tells = any(item.gate_event is None for item in intake.items)
    brings = tells or intake.refused or any(mark.held for mark in intake.watermarks)
    items_ms = received_ms if brings else None
    heard = (received_ms, _until_ms(intake, boots), _offset_ms(intake), items_ms)
    if intake.vitals is None:
        return (*heard, None, None)
    bare = msgspec.structs.replace(intake.vitals, cameras=())
    return (*heard, clean(msgspec.json.encode(bare).decode()), received_ms)


def _until_ms(intake: Intake, boots: Mapping[BootKey, Boot]) -> int | None:
    """Return UTC of the newest watermark that counts, of the boots that the report tells of."""
    told = [boots[intake.agent, story.id] for story in intake.boots]
    return max((b.zero_ms + b.mark.until_ms for b in told if b.mark is not None), default=None)


def _offset_ms(intake: Intake) -> int | None:
    told = [b.offset_ms for b in intake.boots]
    if intake.vitals is not None:
        told.append(intake.vitals.clock_offset_ms)
    known = [o for o in told if o is not None and abs(o) < LIMIT]
    return known[-1] if known else None


def facts_rows(intakes: Iterable[Intake]) -> list[Values]:
    """Return rows of ``AGENT_FACTS``; an agent that tells nothing of its cameras keeps its row."""
    rows = {
        i.agent: (
            i.agent,
            i.received_utc_ms,
            clean(msgspec.json.encode(i.vitals.cameras).decode()),
        )
        for i in intakes
        if i.vitals is not None and i.vitals.cameras and not i.late
    }
    return [row for _, row in sorted(rows.items())]


def refusal_rows(intakes: Iterable[Intake]) -> list[Values]:
    """Return the items that the reports had refused, as ``noting.refusal_steps`` wants them."""
    return [
        (i.agent, i.received_utc_ms, "item", clean(r.reason[:500]), r.seq)
        for i in intakes
        for r in i.refused
    ]
