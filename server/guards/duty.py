"""Whether enough guards were there: the plan's number against the shift events of the gate log.

A shift event is a gate event of kind ``shift``: ``direction`` ``in`` takes over, ``out`` hands
over, ``subject`` is the guard's code. Nothing is stored: late events amend what is reckoned here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Final

from server.domain.clocks import Grade, grades
from server.domain.exceptions import Exceptions
from server.domain.guards import Post, Shifts, shifts
from server.domain.interval import Interval, intersect, union, whole_second
from server.domain.plan import Plan
from server.domain.points import MetSeconds
from server.domain.presence import (
    LONGEST,
    DutySpan,
    OnDuty,
    ShiftEvent,
    duty_seconds,
    duty_spans,
    on_duty,
)
from server.domain.schoolyear import DayKind, day_kind
from server.domain.units import Gate, School
from server.storage import GateEventRow, Store

SHIFT_KIND: Final = "shift"
_TAKES: Final = "in"
_HANDS: Final = "out"
_MOST_EVENTS: Final = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A school's posts over a time.

    Attributes:
        codes: Of its guards, also of those who have left.
        window: Over which time; ``now`` ends it where it reaches further.
    """

    school: School
    plan: Plan
    exceptions: Exceptions
    posts: Sequence[Post]
    codes: frozenset[str]
    window: Interval
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceDuty:
    """Guards at one gate, or (``gate`` None) at the school as a whole.

    Attributes:
        need: How many the plan asks for in each shift; None is unset: never scored.
        has_posts: Whether anybody said when somebody must be there.
        seconds: Required time, split; None: not scored.
        unset_days: Days of which nobody says whether they are school days.
        spans: The evidence, in order.
        there: Who is on duty at the window's end: codes, and whether that is sure.
    """

    gate: Gate | None
    need: int | None
    has_posts: bool
    seconds: MetSeconds | None
    unset_days: tuple[date, ...]
    spans: tuple[DutySpan, ...]
    there: tuple[OnDuty, ...]


async def duty_of(store: Store, wanted: Wanted) -> list[PlaceDuty]:
    """Return each gate's guards, then the school's as a whole. Raises ``StoreError``."""
    window = wanted.window.cut(Interval(wanted.window.start, _whole(wanted.now)))
    if window is None:
        return []
    rows = await _events(store, wanted, window)
    found, logs = [], list[tuple[Interval, ...]]()
    for gate in wanted.school.gates:
        known = await _known(store, wanted.school, gate, window)
        logs.append(known)
        own = [row for row in rows if row.gate == gate.id]
        found.append(_place(wanted, gate, own, known, window))
    found.append(_place(wanted, None, rows, _all(logs), window))
    return found


def _place(
    wanted: Wanted,
    gate: Gate | None,
    rows: Iterable[GateEventRow],
    known: Sequence[Interval],
    window: Interval,
) -> PlaceDuty:
    """Judge one gate, or the whole school: there a guard who takes over elsewhere has moved."""
    asked = wanted.plan.guards
    need = asked.per_shift if gate is None else asked.per_gate
    posts = [post for post in wanted.posts if gate is None or post.gate == gate.id]
    held = _shifts(wanted, posts, window)
    around = _shifts(wanted, posts, Interval(window.start - LONGEST, window.end + LONGEST))
    events = [_event(row, wanted.codes) for row in rows]
    duties = on_duty(events, around.spans, now=window.end)
    spans = () if need is None else tuple(duty_spans(need, held.spans, duties, known))
    return PlaceDuty(
        gate=gate,
        need=need,
        has_posts=bool(posts),
        seconds=None if need is None or not posts else duty_seconds(spans),
        unset_days=held.unset,
        spans=spans,
        there=tuple(d for d in duties if d.interval.end == window.end),
    )


def _shifts(wanted: Wanted, posts: Iterable[Post], window: Interval) -> Shifts:
    return shifts(posts, window, kind_of=partial(_kind_of, wanted))


def _kind_of(wanted: Wanted, day: date) -> DayKind:
    school, plan = wanted.school, wanted.plan
    hours = plan.hours(school.kind, school.levels)
    extra = wanted.exceptions.days_off
    return day_kind(plan.calendar, hours, day, school=school.id, extra=extra)


async def _events(store: Store, wanted: Wanted, window: Interval) -> list[GateEventRow]:
    rows = await store.gate_events(
        gates=[gate.id for gate in wanted.school.gates],
        since=window.start - LONGEST,
        until=window.end,
        text=SHIFT_KIND,
        limit=_MOST_EVENTS,
    )
    return [r for r in rows if r.kind == SHIFT_KIND and r.direction in {_TAKES, _HANDS}]


def _event(row: GateEventRow, codes: frozenset[str]) -> ShiftEvent:
    return ShiftEvent(
        at=_whole(row.occurred_at),
        guard=row.subject or "",
        taking=row.direction == _TAKES,
        sure=not row.clock_suspect and row.subject in codes,
    )


async def _known(
    store: Store, school: School, gate: Gate, window: Interval
) -> tuple[Interval, ...]:
    """Return when every gate PC that may tell of a gate ran with a clock that can be trusted."""
    agents = [agent.id for agent in school.agents if gate.id in agent.gates]
    boots = await store.boot_clocks(agents, window) if agents else []
    grade = grades(boots)
    told: Mapping[str, list[Interval]] = {agent: [] for agent in agents}
    for boot in boots:
        start, end = whole_second(boot.zero_ms), whole_second(boot.end_ms)
        if grade[boot.agent, boot.boot] is not Grade.SUSPECT and start < end:
            told[boot.agent].append(Interval(start, end))
    return intersect(_all([union(spans) for spans in told.values()]), [window])


def _all(several: Sequence[tuple[Interval, ...]]) -> tuple[Interval, ...]:
    """Return the time that lies in all of them; none where there are none."""
    if not several:
        return ()
    found = several[0]
    for other in several[1:]:
        found = intersect(found, other)
    return found


def _whole(moment: datetime) -> datetime:
    return whole_second(int(moment.timestamp()) * 1000)
