"""A typhoon day or announced work that is entered afterwards amends, and can be taken back."""

from datetime import date, timedelta

import msgspec

from server.domain.basis import Basis
from server.domain.figures import ClosedDay
from server.domain.points import MetSeconds
from server.domain.schoolyear import DayOffKind
from server.figuring import DAY_OFF, MAINTENANCE, DayOffEntry, WorkEntry
from server.storage import Put, Store
from server.storage.closed_schema import closed_day, figure_basis
from tests.system.fixtures_server import postgres, postgres_url, store
from tests.system.late_world import (
    HOURS_S,
    MONDAY,
    PLAN,
    REGISTER,
    SCHOOL,
    FakeClock,
    World,
    local,
)

__all__ = ["postgres", "postgres_url", "store"]

TYPHOON = DayOffEntry(first=MONDAY, last=MONDAY, reason="Bão số 9", kind=DayOffKind.EXCEPTION)


async def closed_world(store: Store) -> World:
    """A Monday that was watched from five o'clock on, and closed."""
    world = World(store, FakeClock(local(MONDAY, 5)))
    await world.boot(local(MONDAY, 5), local(MONDAY, 9))
    world.clock.at = local(MONDAY, 27)
    await world.closer.run_once()
    return world


async def enter(
    world: World, kind: str, entry: object, *, revision: int = 0, gone: bool = False
) -> None:
    put = Put(kind=kind, id="e1", expected=revision, data=msgspec.json.encode(entry), gone=gone)
    world.clock.at += timedelta(hours=1)
    await world.store.put_records([put], by="an", now=world.clock.at)
    await world.closer.run_once()


async def only(world: World) -> ClosedDay:
    (day,) = await world.closed()
    return day


async def test_a_typhoon_that_is_entered_afterwards_amends_and_is_taken_back(store: Store) -> None:
    world = await closed_world(store)
    before = await only(world)
    assert before.figures.cameras[0].counted == HOURS_S
    await enter(world, DAY_OFF, TYPHOON)
    off = await only(world)
    assert (off.figures, off.basis) == (before.figures, before.basis)
    assert off.known.met == MetSeconds()
    assert [c.excluded for c in off.known.cameras] == [86_400] * len(off.known.cameras)
    assert (off.known_basis.unset, off.known_basis.required(MONDAY)) == (False, ())
    assert [a.agents for a in off.amendments] == [()]
    await world.boot(local(MONDAY, 9), local(MONDAY, 12), late=True)
    await world.amend()
    assert await only(world) == off, "history of a day off changes nothing that counts"
    await enter(world, DAY_OFF, TYPHOON, revision=1, gone=True)
    again = await only(world)
    assert again.known_basis == before.basis
    assert again.figures == before.figures
    assert again.known.cameras[0].unknown < before.figures.cameras[0].unknown
    await world.new_closer().run_once()
    assert await only(world) == again, "a server that starts anew finds nothing to do"


async def test_an_entry_that_is_moved_gives_back_the_day_that_it_had(store: Store) -> None:
    """Monday was closed as a day off; only the move, days later, makes it a school day."""
    world = World(store, FakeClock(local(MONDAY, 5)))
    await world.boot(local(MONDAY, 5), local(MONDAY, 9))
    await enter(world, DAY_OFF, TYPHOON)
    world.clock.at = local(MONDAY, 51)
    await world.closer.run_once()
    tuesday = MONDAY + timedelta(days=1)
    before = await world.closed(last=tuesday)
    assert [d.known.met.required > 0 for d in before] == [False, True]
    moved = DayOffEntry(first=tuesday, last=tuesday, reason="Bão", kind=DayOffKind.EXCEPTION)
    await enter(world, DAY_OFF, moved, revision=1)
    after = await world.closed(last=tuesday)
    assert [d.figures for d in after] == [d.figures for d in before]
    assert [d.known.met.required > 0 for d in after] == [True, False]


async def test_work_on_one_zone_takes_its_time_away_from_that_zone_alone(store: Store) -> None:
    world = await closed_world(store)
    before = await only(world)
    place = before.basis.places[0]
    work = WorkEntry(
        start=local(MONDAY, 7), end=local(MONDAY, 8), reason="Thay cáp", zones=(place.zone,)
    )
    await enter(world, MAINTENANCE, work)
    after = await only(world)
    assert after.figures.places is not None
    assert after.known.places is not None
    change = [
        old.required - new.required
        for old, new in zip(after.figures.places, after.known.places, strict=True)
    ]
    assert change == [3600, *[0] * (len(change) - 1)]
    counted = [
        old.counted - new.counted
        for old, new in zip(after.figures.cameras, after.known.cameras, strict=True)
    ]
    watching = [camera in place.cameras for camera, _ in after.basis.cameras]
    assert counted == [3600 if here else 0 for here in watching]


async def test_an_entry_of_another_school_or_another_day_amends_nothing(store: Store) -> None:
    world = await closed_world(store)
    before = await only(world)
    elsewhere = DayOffEntry(
        first=MONDAY, last=MONDAY, reason="x", kind=DayOffKind.LOCAL, schools=("elsewhere",)
    )
    await enter(world, DAY_OFF, elsewhere)
    sunday = MONDAY - timedelta(days=1)
    other = DayOffEntry(first=sunday, last=sunday, reason="x", kind=DayOffKind.LOCAL)
    await enter(world, DAY_OFF, other, revision=1)
    assert await only(world) == before


async def test_an_entry_that_was_there_is_closed_with_its_day(store: Store) -> None:
    world = World(store, FakeClock(local(MONDAY, 5)))
    await world.boot(local(MONDAY, 5), local(MONDAY, 9))
    await enter(world, DAY_OFF, TYPHOON)
    world.clock.at = local(MONDAY, 27)
    await world.closer.run_once()
    day = await only(world)
    assert (day.figures.met, day.amendments) == (MetSeconds(), ())


async def test_a_day_that_an_older_version_closed_is_read_and_amended(store: Store) -> None:
    """Its row knows its places together only, and its time by weekday."""
    world = await closed_world(store)
    day = await only(world)
    new = day.basis
    older = Basis(
        plan=new.plan,
        version=new.version,
        hours=PLAN.hours(_kind(MONDAY)),
        places=new.places,
        cameras=new.cameras,
    )
    cameras = [[c.up, c.degraded, c.down, c.unknown, c.excluded] for c in day.figures.cameras]
    met = day.figures.met
    text = msgspec.json.encode([[met.met, met.not_met, met.cannot_tell], cameras]).decode()
    content = msgspec.to_builtins(older)
    for name in ("time", "counts", "off"):
        del content[name]
    async with store.writing() as connection:
        await connection.execute(
            figure_basis.update().values(content=msgspec.json.encode(content).decode())
        )
        await connection.execute(closed_day.update().values(figures=text))
    read = await only(world)
    assert read.basis == older
    assert (read.figures.cameras, read.figures.met) == (day.figures.cameras, met)
    assert read.figures.places is None
    await world.touch(MONDAY)
    await world.amend()
    assert (await only(world)).amendments == ()
    await world.boot(local(MONDAY, 9), local(MONDAY, 12), late=True)
    await world.amend()
    better = await only(world)
    assert better.known.cameras[0].unknown < day.figures.cameras[0].unknown
    assert better.known.places is not None
    await enter(world, DAY_OFF, TYPHOON)
    assert (await only(world)).known.met == MetSeconds()


def _kind(day: date) -> str:
    school = REGISTER.on(day).school(SCHOOL)
    assert school is not None
    return school.kind
