"""Live pages and periods say the same of the same days, also where the plan changed meanwhile."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from server.changes import Changes
from server.commands import Commands
from server.domain.calendar import DayWindow, SchoolHours
from server.domain.period import SchoolPeriod
from server.domain.plan import Plan
from server.domain.planbook import PlanBook, PlanVersion
from server.domain.points import MetSeconds
from server.domain.uptime import Availability, availability, sum_of
from server.figuring import period
from server.storage import Store
from server.web.deps import WebDeps
from server.web.pages.camera import Zoom, camera_page
from server.web.pages.inspections import known_of
from server.web.pages.looks import Survey
from server.web.pages.overview import overview
from server.web.pages.school import DAYS, school_page
from server.web.readings import OVERVIEW_DAYS, Readings
from tests.system.late_world import (
    CAMERAS,
    DOWN,
    HOURS_S,
    MONDAY,
    PLAN,
    REGISTER,
    SCHOOL,
    UP,
    FakeClock,
    World,
    local,
)
from tests.system.web_district import config

WEDNESDAY = MONDAY + timedelta(days=2)
THURSDAY = MONDAY + timedelta(days=3)
MORNING = SchoolHours(days=tuple(range(7)), windows=(DayWindow(7 * 60, 9 * 60),))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    store = await Store.open(f"sqlite:///{tmp_path / 'centre.db'}")
    yield World(store, FakeClock(local(MONDAY, 5)))
    await store.close()


def stricter(from_day: date) -> Plan:
    """From a day on: two hours each morning, and one camera in each place that asks for any."""
    wanted = {
        level: {
            kind: replace(one, min_cameras=1 if one.min_cameras else one.min_cameras)
            for kind, one in asked.items()
        }
        for level, asked in PLAN.requirements.items()
    }
    return replace(
        PLAN,
        version="next",
        effective_from=from_day,
        requirements=wanted,
        school_hours=dict.fromkeys(PLAN.school_hours, MORNING),
    )


def readings(world: World, folder: Path) -> Readings:
    deps = WebDeps(
        store=world.store,
        standing=world.standing,
        clock=world.clock,
        config=config(folder),
        changes=Changes(),
        commands=Commands(world.clock, send=lambda _agent, _command: True),
    )
    return Readings(deps, local(MONDAY, 0))


async def told(world: World, days: int) -> SchoolPeriod:
    """What ``period`` says of so many days up to today."""
    now = world.clock.at
    today = world.standing.today
    found = await period(
        world.store,
        REGISTER,
        world.standing.plans,
        schools=[SCHOOL],
        first=today - timedelta(days=days - 1),
        last=today,
        now=now,
    )
    (school,) = found.schools
    return school


def of_camera(school: SchoolPeriod, camera: str) -> Availability:
    return sum_of(c.uptime for z in school.zones for c in z.cameras if c.camera.id == camera)


async def agrees(world: World, folder: Path) -> tuple[Survey, SchoolPeriod]:
    """Hold every figure of a live window against the period of the same days."""
    pages = readings(world, folder)
    organisation = world.standing.organisation
    school = organisation.school(SCHOOL)
    assert school is not None
    month, week = await told(world, DAYS), await told(world, 7)
    this_week = await told(world, world.standing.today.weekday() + 1)
    survey = await pages.school(school)
    page = school_page(survey)
    lanes = {lane.look.camera.id: lane for zone in page.zones for lane in zone.lanes}
    assert page.week == week.uptime
    assert {c: lane.week for c, lane in lanes.items()} == {c: of_camera(week, c) for c in lanes}
    assert {c: lane.month for c, lane in lanes.items()} == {c: of_camera(month, c) for c in lanes}
    assert page.sums.seconds == this_week.sums.seconds
    scored = {z.zone.id: z.seconds for z in this_week.zones if z.seconds is not None}
    assert {z.zone.zone.id: z.zone.seconds for z in page.zones if z.zone.seconds} == scored
    own = camera_page(survey, CAMERAS[0], zoom=Zoom.MONTH)
    assert own.stretch.figures == of_camera(month, CAMERAS[0])
    asked = await pages.required(school, school.cameras[0], survey.window)
    line = survey.schools[0].cameras[0].timeline
    assert availability(line, asked).up == lanes[school.cameras[0].id].month.up
    known = known_of(survey.schools[0], world.standing.plan, now=survey.now)
    assert known.cameras[0].up_s == of_camera(month, known.cameras[0].camera).up
    await front_agrees(world, pages)
    return survey, month


async def front_agrees(world: World, pages: Readings) -> None:
    district = await pages.district()
    look = next(look for look in district.schools if look.school.id == SCHOOL)
    fortnight = await told(world, OVERVIEW_DAYS)
    assert [r.day for r in look.past] == [d.day for d in fortnight.by_day]
    front = overview(replace(district, schools=(look,)))
    asked = [(d.day, d.seconds) for d in fortnight.by_day if d.seconds.required]
    assert [(d.day, d.seconds) for d in front.trend] == asked
    (row,) = front.rows
    bars = {bar.day: sum(bar.seconds.values()) for bar in row.days}
    assert len(bars) == OVERVIEW_DAYS
    assert {d.day: d.uptime.counted for d in fortnight.by_day} == {
        day: counted for day, counted in bars.items() if day in {d.day for d in fortnight.by_day}
    }
    assert row.week == (await told(world, 7)).uptime


async def close(world: World, at: datetime) -> None:
    world.clock.at = at
    await world.closer.run_once()


@pytest.mark.parametrize("closed", [True, False])
async def test_a_window_over_a_change_of_the_plan_says_what_the_period_says(
    world: World, tmp_path: Path, *, closed: bool
) -> None:
    old = PlanVersion(id="1", plan=PLAN, confirmed_at=world.clock.at)
    new = PlanVersion(id="2", plan=stricter(WEDNESDAY), confirmed_at=world.clock.at)
    world.standing.plans = PlanBook((old, new))
    down = (local(MONDAY, 31), local(MONDAY, 33), DOWN)
    began = local(MONDAY, 5) - timedelta(days=10)
    await world.boot(began, local(THURSDAY, 8), (began, down[0], UP), down, (down[1], None, UP))
    if closed:
        await close(world, local(WEDNESDAY, 3))
    world.clock.at = local(THURSDAY, 8) + timedelta(seconds=30)
    survey, month = await agrees(world, tmp_path)
    assert month.plans == (PLAN.version, "next")
    counted = [d.uptime.counted for d in month.by_day[-4:]]
    assert counted == [len(CAMERAS) * n for n in (HOURS_S, HOURS_S, 7200, 3600)]
    assert (len(month.by_day), month.uptime.down) == (14, len(CAMERAS) * 7200)
    assert school_page(survey).before.window.seconds == 7200, "Wednesday has the new hours"
    tuesday = camera_page(survey, CAMERAS[0], zoom=Zoom.DAY, day=MONDAY + timedelta(days=1))
    shown = tuesday.stretch.window.seconds - sum(s.seconds for s in tuesday.stretch.excluded)
    assert shown == HOURS_S == tuesday.stretch.figures.counted, "and Tuesday the old ones"


async def test_a_closed_day_keeps_its_basis_when_a_plan_is_dated_back(
    world: World, tmp_path: Path
) -> None:
    await world.boot(local(MONDAY, 5), local(WEDNESDAY, 8))
    await close(world, local(WEDNESDAY, 3))
    later = PlanVersion(id="2", plan=stricter(MONDAY), confirmed_at=world.clock.at)
    world.standing.plans = PlanBook((*world.standing.plans.versions, later))
    world.clock.at = local(WEDNESDAY, 8) + timedelta(seconds=30)
    _, month = await agrees(world, tmp_path)
    assert [d.uptime.counted for d in month.by_day] == [
        len(CAMERAS) * n for n in (HOURS_S, HOURS_S, 3600)
    ]


async def test_days_closed_before_the_schools_own_agent_began_count_on_no_page(
    world: World, tmp_path: Path
) -> None:
    """Others told since Monday, so Monday and Tuesday were closed, as not known."""
    await world.boot(local(MONDAY, 5), local(WEDNESDAY, 10), agent="m1-mnhs-cong")
    await close(world, local(WEDNESDAY, 5))
    assert len(await world.closed(MONDAY, WEDNESDAY)) == 2
    await world.boot(local(WEDNESDAY, 5), local(WEDNESDAY, 17))
    world.clock.at = local(WEDNESDAY, 17)
    survey, month = await agrees(world, tmp_path)
    assert [d.day for d in month.by_day] == [WEDNESDAY]
    page = school_page(survey)
    assert (page.week.unknown, page.week.up) == (0, len(CAMERAS) * HOURS_S)
    assert (page.closed.days, page.sums.seconds.cannot_tell) == (0, 0)
    assert page.sums.seconds != MetSeconds()
