"""What was claimed of cameras, asked of the database: the queries, and what their rows say."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ScalarSelect, Select, and_, bindparam, case, func, select

from server.domain.clocks import Grade
from server.domain.interval import Interval, whole_second
from server.domain.timeline import Claim
from server.storage.merging import Mark
from server.storage.schema import boot, segment, source
from server.storage.times import LAST_MS, ms_of
from wire.vocabulary import State

_STATES: Final = {state.value: state for state in State}
_LOOKED_AT: Final = 20
_TOLD: Final = (
    source.c.agent,
    source.c.camera,
    boot.c.uuid,
    boot.c.zero_ms,
    segment.c.number,
    segment.c.start_ms,
    segment.c.end_ms,
    segment.c.state,
    segment.c.cause,
    segment.c.detail,
    boot.c.machine,
)


def _cut() -> ScalarSelect[int]:
    """Return where a later segment of the same camera and boot begins.

    An agent's later segments begin later, so the next few tell. To look at all of them for each one
    would let a single agent hold up every reader.
    """
    later = segment.alias("later")
    following = (
        select(later.c.start_ms)
        .where(
            later.c.source_id == segment.c.source_id,
            later.c.boot_id == segment.c.boot_id,
            later.c.number > segment.c.number,
        )
        .order_by(later.c.number)
        .limit(_LOOKED_AT)
        .correlate(segment)
        .subquery()
    )
    return select(func.min(following.c.start_ms)).scalar_subquery()


def _claims() -> tuple[Select[Any], Select[Any]]:
    """Make ``CLAIMS``."""
    start, end = (bindparam(name, type_=BigInteger) for name in ("from_ms", "to_ms"))
    base = (
        select(*_TOLD)
        .select_from(source)
        .join(boot, boot.c.agent == source.c.agent)
        .join(segment, and_(segment.c.source_id == source.c.id, segment.c.boot_id == boot.c.id))
        .where(
            source.c.agent.in_(bindparam("agents", expanding=True)),
            boot.c.zero_ms < end,
            boot.c.zero_ms + boot.c.last_ms >= start,
            segment.c.start_ms < end - boot.c.zero_ms,
        )
    )
    entered = case((segment.c.start_ms < start - boot.c.zero_ms, _cut())).label("cut_ms")
    marks = (_cut().label("cut_ms"), boot.c.until_ms, boot.c.until_seq, boot.c.held)
    return (
        base.add_columns(entered).where(segment.c.end_ms >= start - boot.c.zero_ms),
        base.add_columns(*marks).where(segment.c.end_ms.is_(None)),
    )


CLAIMS: Final = _claims()
"""The query for closed segments that end in or after a window, and the one for open segments.

A segment is cut where a later one begins, also where that one is over before the window: it is
looked up for those that run into the window, and for open ones.

A row is ``_TOLD``, that cut, and of an open segment its boot's watermark. The queries are made
once: to make them takes longer than most answers.
"""


def claims_asked(agents: list[str], window: Interval) -> dict[str, Any]:
    """Return what ``CLAIMS`` is asked with."""
    return {"agents": agents, "from_ms": ms_of(window.start), "to_ms": ms_of(window.end)}


def claim_of(row: Sequence[Any], clock: Grade) -> Claim:
    """Unpack a row at once: a district's month has three hundred thousand."""
    agent, camera, uuid, zero_ms, number, start_ms, end_ms, state, *rest = row
    cause, detail, machine, cut_ms, *mark = rest
    is_open = end_ms is None
    if is_open:
        end_ms = start_ms if mark[0] is None else Mark(*mark).last_good_ms().get(camera, mark[0])
    if cut_ms is not None and cut_ms < end_ms:
        end_ms = cut_ms
    return Claim(
        source=f"{agent}/{camera}",
        boot=uuid,
        number=number,
        state=_STATES[state],
        start=_second(zero_ms + start_ms),
        end=_second(zero_ms + max(end_ms, start_ms)),
        open=is_open,
        cause=cause,
        detail=detail,
        clock=clock,
        machine=machine,
    )


def _second(ms: int) -> datetime:
    return whole_second(min(max(ms, 0), LAST_MS))
