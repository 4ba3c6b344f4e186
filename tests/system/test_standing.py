"""The register and the plan as they stand: taken in at the start, read anew when they change."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from server.changes import Changes
from server.clock import SystemClock
from server.config import Configuration, load
from server.domain.register import Register
from server.register.office import File, try_import, write_import
from server.register.stored import load as load_register
from server.standing import Keeper, open_standing
from server.storage import ConflictError, Store
from tests.system.centre import configure

NOW = SystemClock().now()
MOVE = (
    "Mã trường;Mã camera;Tên camera;Mã khu vực;Mã máy trực cổng\n"
    "thvq;c1-thvq-hanh-lang-1;Mới;san-truong;c1-thvq-cong\n"
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite:///{tmp_path}/c.db")
    yield opened
    await opened.close()


async def keeper(store: Store, configuration: Configuration, changes: Changes) -> Keeper:
    return await open_standing(configuration, store, clock=SystemClock(), changes=changes)


@asynccontextmanager
async def running(kept: Keeper) -> AsyncIterator[None]:
    task = asyncio.create_task(kept.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def without(configuration: Configuration, school: str) -> Configuration:
    schools = {k: v for k, v in configuration.register.schools.items() if k != school}
    return replace(
        configuration, register=Register(units=configuration.register.units, schools=schools)
    )


async def test_a_file_is_taken_in_once_and_a_later_one_beside_what_people_changed(
    store: Store, tmp_path: Path
) -> None:
    configuration = load(configure(tmp_path))
    first = await keeper(store, configuration, Changes())
    organisation = first.standing.organisation
    told = configuration.register.on(date.max)
    assert {s.id: s for s in organisation.schools} == {s.id: s for s in told.schools}
    assert organisation.units == told.units
    await _move(store, configuration)
    later = (await keeper(store, without(configuration, "mnhs"), Changes())).standing
    assert later.organisation.school("mnhs") is None
    yesterday = later.register.on(later.today - timedelta(days=1))
    assert yesterday.school("mnhs") is not None
    moved = later.organisation.camera("c1-thvq-hanh-lang-1")
    assert moved is not None
    assert moved[1].zone == "san-truong"
    again = (await keeper(store, without(configuration, "mnhs"), Changes())).standing
    assert again.register == later.register


async def test_two_servers_that_start_at_once_take_the_file_in_once(
    store: Store, tmp_path: Path
) -> None:
    configuration = load(configure(tmp_path))
    both = await asyncio.gather(*(keeper(store, configuration, Changes()) for _ in range(3)))
    assert len({id(k) for k in both}) == 3
    assert all(k.standing.register == both[0].standing.register for k in both)
    for kind in ("unit", "school", "units_file"):
        assert {r.revision for r in await store.records(kind)} == {1}


async def test_what_is_changed_is_read_anew_and_other_schools_stay_the_same_objects(
    store: Store, tmp_path: Path
) -> None:
    configuration, changes = load(configure(tmp_path)), Changes()
    kept = await keeper(store, configuration, changes)
    before = kept.standing.organisation
    async with running(kept), changes.subscribe() as heard:
        await _move(store, configuration)
        changes.publish("records:school")
        async with asyncio.timeout(20):
            while await heard.get() != "standing":
                pass
        after = kept.standing.organisation
    assert after.school("thvq") != before.school("thvq")
    assert after.school("mnhs") is before.school("mnhs")


async def test_an_import_that_somebody_else_was_faster_than_writes_nothing(
    store: Store, tmp_path: Path
) -> None:
    configuration = load(configure(tmp_path))
    await keeper(store, configuration, Changes())
    tried = await try_import(store, [_file()], plan=configuration.plan, day=date(2026, 11, 1))
    await _move(store, configuration)
    standing = await load_register(store)
    with pytest.raises(ConflictError):
        await write_import(store, tried, by="hoa", now=NOW)
    assert await load_register(store) == standing
    newest = (await store.record_history("school", "thvq"))[-1]
    assert newest.by == "lan"


async def test_a_file_that_no_longer_fits_is_left_out(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """People moved a camera into a zone that the new file takes away."""
    configuration = load(configure(tmp_path))
    await keeper(store, configuration, Changes())
    await _move(store, configuration)
    school = configuration.register.schools["thvq"]
    cut = replace(
        school,
        zones=tuple(z for z in school.zones if z[0].value.id != "san-truong"),
        cameras=tuple(c for c in school.cameras if c[0].value.zone != "san-truong"),
    )
    changed = replace(configuration, register=configuration.register.with_changes(schools=[cut]))
    before = (await load_register(store)).register
    kept = await keeper(store, changed, Changes())
    assert kept.standing.register == before
    assert "c1-thvq-hanh-lang-1: no_zone san-truong" in caplog.text


def _file() -> File:
    return File("camera.csv", MOVE.encode())


async def _move(store: Store, configuration: Configuration) -> None:
    tried = await try_import(store, [_file()], plan=configuration.plan, day=date(2026, 11, 1))
    await write_import(store, tried, by="lan", now=NOW)
