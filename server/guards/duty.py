"""Whether enough guards were there: the plan's number against the shift events of the gate log.

A shift event is a gate event of kind ``shift``: ``direction`` ``in`` takes over, ``out`` hands
over, ``subject`` is the guard's code. Nothing is stored: late events amend what is reckoned here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from typing import Final

from server.domain.clocks import Grade, grades
from server.domain.dated import Story
from server.domain.exceptions import Exceptions
from server.domain.guards import Post, Shifts, pupils_needs, shifts
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


class Basis(StrEnum):
    """By which of the plan's numbers guards are counted."""

    GATE = "gate"
    SHIFT = "shift"
    PUPILS = "pupils"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A school's posts over a time.

    Attributes:
        story: The school's, for how many pupils it had when.
        codes: Of its guards, also of those who have left.
        window: Over which time; ``now`` ends it where it reaches further.
    """

    school: School
    story: Story[School]
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
        need: How many are asked for in each shift, by pupils at the window's end; None is unset,
            never scored, but by pupils: nobody said how many there are.
        pupils: How many the school has at the window's end, where they are asked about.
        has_posts: Whether anybody said when somebody must be there.
        seconds: Required time, split; None: not scored.
        unset_days: Days of which nobody says whether they are school days.
        spans: The evidence, in order.
        there: Who is on duty at the window's end: codes, and whether that is sure.
    """

    gate: Gate | None
    basis: Basis
    need: int | None
    pupils: int | None = None
    has_posts: bool
    seconds: MetSeconds | None
    unset_days: tuple[date, ...]
    spans: tuple[DutySpan, ...]
    there: tuple[OnDuty, ...]


async def duty_of(store: Store, wanted: Wanted) -> list[PlaceDuty]:
    """Return each gate's guards, then the school's as a whole. Raises ``StoreError``.

    By pupils only where the plan asks for it.
    """
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
    whole = _place(wanted, None, rows, _all(logs), window)
    found.append(whole)
    if wanted.plan.guards.per_pupils is not None:
        found.append(_by_pupils(wanted, whole, rows, _all(logs), window))
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
    duties = _duties(wanted, posts, rows, window)
    spans = () if need is None else tuple(duty_spans(need, held.spans, duties, known))
    return PlaceDuty(
        gate=gate,
        basis=Basis.SHIFT if gate is None else Basis.GATE,
        need=need,
        has_posts=bool(posts),
        seconds=None if need is None or not posts else duty_seconds(spans),
        unset_days=held.unset,
        spans=spans,
        there=tuple(d for d in duties if d.interval.end == window.end),
    )


def _by_pupils(
    wanted: Wanted,
    whole: PlaceDuty,
    rows: Iterable[GateEventRow],
    known: Sequence[Interval],
    window: Interval,
) -> PlaceDuty:
    """Judge the school by its pupils. Where nobody said how many there are, nobody can tell."""
    per_guard = wanted.plan.guards.per_pupils
    assert per_guard is not None
    held = _shifts(wanted, wanted.posts, window)
    duties = _duties(wanted, wanted.posts, rows, window)
    needs = list(pupils_needs(wanted.story, per_guard, window))
    spans = tuple(
        span
        for piece in needs
        for span in duty_spans(
            piece.need, intersect(union(held.spans), [piece.interval]), duties, known
        )
    )
    return replace(
        whole,
        basis=Basis.PUPILS,
        need=needs[-1].need if needs else None,
        pupils=needs[-1].pupils if needs else None,
        seconds=duty_seconds(spans) if whole.has_posts else None,
        spans=spans,
    )


def _duties(
    wanted: Wanted, posts: Sequence[Post], rows: Iterable[GateEventRow], window: Interval
) -> list[OnDuty]:
    """Return who was there when: shifts around the window say what a hand-over was for."""
    around = _shifts(wanted, posts, Interval(window.start - LONGEST, window.end + LONGEST))
    return on_duty([_event(row, wanted.codes) for row in rows], around.spans, now=window.end)


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
