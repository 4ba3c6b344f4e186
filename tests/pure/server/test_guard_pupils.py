"""How many guards a school's pupils ask for, and whether they were there."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from server.config import load_plan
from server.domain.calendar import local_day, local_moment
from server.domain.clocks import BootClock
from server.domain.dated import EVER, OPEN, Dated, Story, always
from server.domain.exceptions import Exceptions
from server.domain.guards import Post, PupilsNeed, pupils_needs
from server.domain.interval import Interval
from server.domain.points import Met, MetSeconds
from server.domain.units import Agent, Gate, School
from server.guards.duty import Basis, PlaceDuty, Wanted, duty_of
from server.storage import GateEventRow, Store

MONDAY = date(2026, 11, 16)
_EXAMPLE = Path(__file__).parents[3] / "configs" / "plan.example.yaml"
TUESDAY = MONDAY + timedelta(days=1)
HOUR = 3600


def school(pupils: int | None) -> School:
    gates, agents = (Gate(id="g", name="Cổng"),), (Agent(id="pc", name="Máy", gates=("g",)),)
    return School(
        id="s", name="S", kind="thcs", unit="u", pupils=pupils, gates=gates, agents=agents
    )


def grown(before: int | None, since: date, after: int | None) -> Story[School]:
    return (
        Dated(value=school(before), first=EVER, last=since - timedelta(days=1)),
        Dated(value=school(after), first=since, last=OPEN),
    )


WINDOW = Interval(local_day(MONDAY).start, local_day(TUESDAY).end)


@pytest.mark.parametrize(
    ("pupils", "need"), [(0, 0), (1, 1), (500, 1), (501, 2), (1250, 3), (None, None)]
)
def test_one_guard_looks_after_so_many_at_most(pupils: int | None, need: int | None) -> None:
    found = list(pupils_needs(always(school(pupils)), 500, WINDOW))
    assert found == [PupilsNeed(interval=WINDOW, pupils=pupils, need=need)]


def test_each_day_asks_for_the_pupils_of_that_day() -> None:
    cut = Interval(WINDOW.start + timedelta(hours=5), WINDOW.end - timedelta(hours=3))
    found = [(n.interval, n.need) for n in pupils_needs(grown(500, TUESDAY, 501), 500, cut)]
    noon = local_day(TUESDAY).start
    assert found == [(Interval(cut.start, noon), 1), (Interval(noon, cut.end), 2)]


def test_a_school_that_did_not_exist_asks_for_nobody() -> None:
    born = (Dated(value=school(9), first=TUESDAY, last=OPEN),)
    assert [n.interval.start for n in pupils_needs(born, 5, WINDOW)] == [local_day(TUESDAY).start]


class _Log:
    """A store that knows the shift events of two guards, and a gate PC that always reported."""

    async def gate_events(self, **_asked: object) -> list[GateEventRow]:
        return [
            _shift(guard, local_moment(day, minute), direction)
            for guard, day in (("a", MONDAY), ("a", TUESDAY), ("b", TUESDAY))
            for minute, direction in ((360, "in"), (540, "out"))
        ]

    async def boot_clocks(self, agents: Collection[str], window: Interval) -> list[BootClock]:
        return [_boot(agent, window) for agent in agents]


async def by_pupils(story: Story[School], per_pupils: int | None) -> list[PlaceDuty]:
    """Return what is told of a shift from six to nine on Monday and Tuesday."""
    base = load_plan(_EXAMPLE)
    shift = Post(
        school="s", gate="g", name="Sáng", days=(0, 1), start_min=360, end_min=540, first=MONDAY
    )
    wanted = Wanted(
        school=story[-1].value,
        story=story,
        plan=replace(base, guards=replace(base.guards, per_pupils=per_pupils)),
        exceptions=Exceptions(),
        posts=[shift],
        codes=frozenset({"a", "b"}),
        window=WINDOW,
        now=WINDOW.end,
    )
    return [p for p in await duty_of(cast("Store", _Log()), wanted) if p.basis is Basis.PUPILS]


async def test_enough_guards_for_the_pupils_of_each_day() -> None:
    (place,) = await by_pupils(grown(1000, TUESDAY, 1001), 500)
    assert (place.need, place.pupils) == (3, 1001)
    assert place.seconds == MetSeconds(not_met=2 * 3 * HOUR)
    (place,) = await by_pupils(grown(500, TUESDAY, 501), 500)
    assert place.seconds == MetSeconds(met=2 * 3 * HOUR)


async def test_without_the_number_of_pupils_nobody_can_tell_and_the_reason_is_kept() -> None:
    (place,) = await by_pupils(grown(None, TUESDAY, 501), 500)
    assert place.seconds == MetSeconds(met=3 * HOUR, cannot_tell=3 * HOUR)
    first, second = place.spans
    assert (first.met, first.need, first.known, first.certain) == (Met.CANNOT_TELL, None, True, 1)
    assert (second.met, second.need) == (Met.MET, 2)


async def test_a_plan_that_names_no_number_of_pupils_asks_nothing() -> None:
    assert await by_pupils(always(school(9)), None) == []


def _boot(agent: str, window: Interval) -> BootClock:
    start = int((window.start - timedelta(days=1)).timestamp()) * 1000
    return BootClock(agent=agent, boot="b", zero_ms=start, last_ms=96 * HOUR * 1000, measured=True)


def _shift(guard: str, at: datetime, direction: str) -> GateEventRow:
    return GateEventRow(
        agent="pc",
        id=f"{guard}{at}",
        gate="g",
        kind="shift",
        direction=direction,
        subject=guard,
        reader=None,
        note=None,
        occurred_at=at,
        accepted_at=at,
        received_at=at,
        clock_suspect=False,
    )
