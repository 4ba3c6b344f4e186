"""Periods out of a real store: roll-ups and fresh counts agree, whatever came late."""

import json
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from server.domain.calendar import DayWindow
from server.domain.evidence import worst_first
from server.domain.period import SchoolPeriod, UnitPeriod
from server.domain.planbook import PlanBook, PlanVersion
from server.domain.points import Met, MetSeconds
from server.domain.schoolyear import DayOffKind, SchoolCalendar
from server.figuring import DAY_OFF, MAINTENANCE, DayOffEntry, WorkEntry, period
from server.figuring.proving import proofs_of, repair
from server.figuring.told_proofs import proofs_told, repair_told
from server.storage import Put, Store
from tests.system.centre import command, configure
from tests.system.fixtures_server import postgres, postgres_url, store
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

__all__ = ["postgres", "postgres_url", "store"]

FRIDAY = MONDAY + timedelta(days=4)


@pytest.fixture
async def quick(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite:///{tmp_path / 'centre.db'}")
    yield opened
    await opened.close()


async def both(world: World, now: datetime) -> UnitPeriod:
    """Ask with and without roll-ups; they agree but for what was closed with other values."""
    asked = {"first": MONDAY, "last": FRIDAY, "now": now, "schools": [SCHOOL]}
    register, plans = REGISTER, world.standing.plans
    added = await period(world.store, register, plans, **asked)  # type: ignore[arg-type] # by name
    exact = await period(world.store, register, plans, **asked, rollups=False)  # type: ignore[arg-type] # by name
    assert [replace(s, amended=()) for s in added.schools] == list(exact.schools)
    assert (added.sums, added.uptime, added.by_level) == (exact.sums, exact.uptime, exact.by_level)
    return added


def at(hour: float) -> datetime:
    """A moment so many hours after Monday's midnight, whole seconds."""
    return local(MONDAY, 0) + timedelta(seconds=round(hour * 3600))


def only(found: UnitPeriod) -> SchoolPeriod:
    (school,) = found.schools
    return school


async def test_closed_days_late_history_and_the_present_add_up(store: Store) -> None:
    world = World(store, FakeClock(local(MONDAY, 5)))
    await world.boot(local(MONDAY, 5), local(MONDAY, 9))
    world.clock.at = local(MONDAY, 24 * 2 + 3)  # Monday and Tuesday are closed
    await world.closer.run_once()
    await world.boot(local(MONDAY, 9), local(MONDAY, 24), late=True)
    down = (local(MONDAY, 31), local(MONDAY, 33), DOWN)
    tuesday = ((local(MONDAY, 24), down[0], UP), down, (down[1], None, UP))
    await world.boot(local(MONDAY, 24), local(MONDAY, 57), *tuesday, late=True)
    await world.amend()
    now = local(MONDAY, 57) + timedelta(seconds=30)  # Wednesday, 09:00:30
    school = only(await both(world, now))
    assert [d.day for d in school.by_day] == [MONDAY + timedelta(days=n) for n in range(3)]
    monday, second, today = school.by_day
    cameras = len(school.school.cameras)
    assert monday.uptime.up == cameras * HOURS_S
    assert second.uptime.down == cameras * 2 * 3600
    assert today.uptime.counted == cameras * 9000, "half past six to the last word"
    assert (today.uptime.unknown, today.unset) == (0, False)
    assert [a.day for a in school.amended] == [MONDAY, MONDAY + timedelta(days=1)]
    assert school.amended[0].known.met > school.amended[0].closed.met
    assert school.lost == {"network.timeout": cameras * 2 * 3600}
    assert {c.lost_on for z in school.zones for c in z.cameras} == {second.day}


async def type_in(world: World, rng: random.Random) -> None:
    """Somebody enters a day off or work on a day of this week, or takes an entry back."""
    world.clock.at += timedelta(minutes=1)
    known = [*await world.store.records(DAY_OFF), *await world.store.records(MAINTENANCE)]
    if known and rng.random() < 0.3:
        one = rng.choice(known)
        put = Put(kind=one.kind, id=one.id, expected=one.revision, data=one.data, gone=True)
    else:
        day, name = MONDAY + timedelta(days=rng.randrange(5)), str(rng.random())
        windows = rng.choice([None, None, (DayWindow(7 * 60, 8 * 60),)])
        start = local(day, rng.randrange(20))
        zone = rng.choice([None, *REGISTER.on(day).schools[0].zones])
        entry: object = DayOffEntry(
            first=day, last=day, reason="x", kind=rng.choice(list(DayOffKind)), windows=windows
        )
        kind = rng.choice([DAY_OFF, MAINTENANCE])
        if kind == MAINTENANCE:
            entry = WorkEntry(
                start=start,
                end=start + timedelta(hours=rng.randrange(1, 30)),
                reason="x",
                zones=None if zone is None else (zone.id,),
            )
        put = Put(kind=kind, id=name, expected=0, data=msgspec.json.encode(entry))
    await world.store.put_records([put], by="an", now=world.clock.at)


@pytest.mark.parametrize("seed", range(int(os.environ.get("VONGGAC_SEEDS", "3"))))
async def test_whatever_came_roll_ups_are_the_fresh_count(quick: Store, seed: int) -> None:
    rng = random.Random(seed)
    world = World(quick, FakeClock(local(MONDAY, 5)))
    hour = 5.0
    for _ in range(8):
        begin, hour = hour, hour + rng.uniform(1, 16)
        states = [rng.choice([UP, UP, DOWN]) for _ in range(3)]
        edges = sorted(rng.uniform(begin, hour) for _ in range(2))
        moments = [at(h) for h in (begin, *edges, hour)]
        told = tuple(zip(moments, [*moments[1:3], None], states, strict=False))
        if rng.random() < 0.4:
            world.clock.at = at(hour + rng.uniform(20, 40))
            await world.closer.run_once()
        await world.boot(moments[0], moments[-1], *told, late=True)
        if rng.random() < 0.5:
            await type_in(world, rng)
        await world.amend()
    await world.closer.run_once()
    await world.amend()
    await both(world, max(world.clock.at, at(hour)).replace(microsecond=0))


async def test_days_before_anybody_watched_are_no_days_of_a_period(quick: Store) -> None:
    world = World(quick, FakeClock(local(MONDAY, 5)))
    await world.boot(local(MONDAY, 5), local(MONDAY, 10))
    asked = {"first": MONDAY - timedelta(days=9), "last": FRIDAY, "now": local(MONDAY, 10)}
    found = await period(quick, REGISTER, world.standing.plans, schools=[SCHOOL], **asked)  # type: ignore[arg-type] # by name
    assert [d.day for d in only(found).by_day] == [MONDAY]


async def test_days_closed_before_the_schools_own_agent_began_are_none_either(quick: Store) -> None:
    """Others told since Monday, so Monday and Tuesday were closed, as not known."""
    world = World(quick, FakeClock(local(MONDAY, 5)))
    await world.boot(local(MONDAY, 5), local(FRIDAY, 10), agent="m1-mnhs-cong")
    wednesday = MONDAY + timedelta(days=2)
    world.clock.at = local(wednesday, 5)
    await world.closer.run_once()
    closed = await world.closed(MONDAY, FRIDAY)
    assert [d.day for d in closed] == [MONDAY, MONDAY + timedelta(days=1)]
    await world.boot(local(wednesday, 5), local(wednesday, 17))
    found = await both(world, local(wednesday, 17))
    assert [d.day for d in only(found).by_day] == [wednesday]
    assert await world.closed(MONDAY, FRIDAY) == closed


async def test_a_day_of_which_nobody_said_is_scored_once_somebody_says(quick: Store) -> None:
    """The plan names no school year; then a make-up day is typed in, after it was over."""
    world = World(quick, FakeClock(local(MONDAY, 5)))
    plan = replace(PLAN, calendar=SchoolCalendar())
    world.standing.plans = PlanBook((PlanVersion(id="1", plan=plan, confirmed_at=world.clock.at),))
    await world.boot(local(MONDAY, 5), local(MONDAY, 24))
    now = world.clock.at = local(MONDAY, 28)
    await world.closer.run_once()
    before = only(await both(world, now))
    assert (before.unset_days, before.sums.seconds, before.uptime.counted) == (2, MetSeconds(), 0)
    assert {z.seconds for z in before.zones if z.need} == {MetSeconds()}
    entry = DayOffEntry(
        first=MONDAY,
        last=MONDAY,
        reason="Dạy bù",
        kind=DayOffKind.LOCAL,
        windows=(DayWindow(420, 480),),
    )
    put = Put(kind=DAY_OFF, id="e", expected=0, data=msgspec.json.encode(entry))
    await quick.put_records([put], by="an", now=now)
    await world.closer.run_once()
    after = only(await both(world, now))
    assert (after.unset_days, after.by_day[0].unset) == (1, False)
    scored = [z for z in after.zones if z.need]
    assert after.sums.seconds.required == 3600 * len(scored)


async def test_proofs_add_up_to_what_was_not_met_and_name_who_failed(store: Store) -> None:
    world = World(store, FakeClock(local(MONDAY, 5)))
    down = (local(MONDAY, 8), local(MONDAY, 9), DOWN)
    told = ((local(MONDAY, 5), down[0], UP), down, (down[1], None, UP))
    await world.boot(local(MONDAY, 5), local(MONDAY, 10), *told)
    asked = {"first": MONDAY, "last": MONDAY, "now": local(MONDAY, 26)}
    plans = world.standing.plans
    found = await proofs_of(store, REGISTER, plans, school=SCHOOL, **asked)  # type: ignore[arg-type] # by name
    school = only(await period(store, REGISTER, plans, schools=[SCHOOL], **asked))  # type: ignore[arg-type] # by name
    seconds = Counter[Met]()
    for proof in found:
        seconds[proof.span.met] += proof.span.interval.seconds
    sums = school.sums.seconds
    assert (seconds[Met.NOT_MET], seconds[Met.CANNOT_TELL]) == (sums.not_met, sums.cannot_tell)
    sure = [p for p in worst_first(found) if p.span.met is Met.NOT_MET]
    assert {(p.span.interval.start, p.span.interval.end) for p in sure} == {down[:2]}
    said = {(s.state, s.cause) for p in sure for line in p.failing.values() for s in line}
    assert said == {(DOWN, "network.timeout")}
    text = json.loads(msgspec.json.encode(proofs_told(SCHOOL, MONDAY, MONDAY, found)))
    assert text["count"] == len(found)
    assert text["proofs"][0]["said"][0]["cause"] == "network.timeout"


async def test_a_repair_shows_in_the_camera_and_in_its_place(store: Store) -> None:
    world = World(store, FakeClock(local(MONDAY, 5)))
    await world.boot(local(MONDAY, 5), local(MONDAY, 30), (local(MONDAY, 5), None, DOWN))
    await world.boot(local(MONDAY, 30), local(MONDAY, 70))
    tuesday, now = MONDAY + timedelta(days=1), local(MONDAY, 70)
    plans, camera = world.standing.plans, CAMERAS[0]
    found = await repair(store, REGISTER, plans, camera=camera, day=tuesday, now=now)
    assert found is not None
    assert found.before is not None
    assert found.after is not None
    assert found.before[1].uptime.down == HOURS_S
    assert (found.after[1].uptime.up, found.after[1].uptime.down) == (HOURS_S, 0)
    told = repair_told(camera, found)
    assert told.before is not None
    assert (told.before.camera.high, told.before.place is None) == (0, False)
    assert await repair(store, REGISTER, plans, camera="none", day=tuesday, now=now) is None


async def test_a_unit_holds_its_schools_only_while_they_belong_to_it(store: Store) -> None:
    world = World(store, FakeClock(local(MONDAY, 5)))
    await world.boot(local(MONDAY, 5), local(MONDAY, 20))
    unit = next(s.unit for s in REGISTER.on(MONDAY).schools if s.id == SCHOOL)
    span = {"first": MONDAY, "last": MONDAY, "now": local(MONDAY, 20)}
    plans = world.standing.plans
    whole = await period(store, REGISTER, plans, unit=unit, **span)  # type: ignore[arg-type] # by name
    assert SCHOOL in {s.school.id for s in whole.schools}
    assert {s.unit for s in whole.schools} == {unit}
    every = await period(store, REGISTER, plans, **span)  # type: ignore[arg-type] # by name
    assert {s.school.id for s in every.schools} == REGISTER.schools.keys()
    none = await period(store, REGISTER, plans, unit="nobody", **span)  # type: ignore[arg-type] # by name
    assert none.schools == ()
    later = {"first": FRIDAY, "last": FRIDAY, "now": local(MONDAY, 20)}
    assert (await period(store, REGISTER, plans, **later)).schools == ()  # type: ignore[arg-type] # by name


def test_the_command_says_it_in_lines_and_as_json(tmp_path: Path) -> None:
    path = str(configure(tmp_path))
    plain = command("coverage", "--config", path, "--from", "2026-11-02", "--to", "2026-11-30")
    assert (plain.returncode, plain.stderr) == (0, "")
    assert "02/11/2026 – 30/11/2026" in plain.stdout
    told = command("coverage", "--config", path, "--school", SCHOOL, "--json", "--step", "week")
    found = json.loads(told.stdout)
    assert [s["school"] for s in found["schools"]] == [SCHOOL]
    assert found["seconds"] == {
        "met": 0, "not_met": 0, "cannot_tell": 0, "low": None, "high": None
    }  # fmt: skip
    assert found["trend"]
    wrong = command("coverage", "--config", path, "--unit", "nobody")
    assert (wrong.returncode, "nobody" in wrong.stderr) == (1, True)
