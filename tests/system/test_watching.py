"""From stored facts to incidents: a real store, a clock that is set by hand."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from server.domain.incident.model import Kind
from server.storage import Store
from tests.pure.server.reports import ORIGIN
from tests.system.centre import AGENT
from tests.system.fixtures_watching import CAMERA, DOWN, UP, Scene


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    store = await Store.open(f"sqlite:///{tmp_path / 'centre.db'}")
    yield Scene(store, channels=("webhook",))
    await store.close()


async def test_a_gate_camera_that_stays_down_is_one_incident_dated_when_it_began(
    scene: Scene,
) -> None:
    await scene.report(60, (0, 40, UP), (40, None, DOWN))
    async with scene.changes.subscribe() as hints:
        await scene.look_on(62, 80)
        assert hints.get_nowait() == "incidents"
        assert hints.empty()
    row = await scene.only()
    assert (row.incident.kind, row.incident.root) == (Kind.CAMERA, f"camera:{CAMERA}")
    assert (row.began_at, row.incident.required) == (
        ORIGIN + timedelta(seconds=40),
        ("cong-chinh",),
    )
    assert row.told_at == row.incident.tell_at
    assert [x.way.channel for x in await scene.store.letters_of(row.incident.id)] == ["webhook"]
    await scene.report(120, (0, 40, UP), (40, 110, DOWN), (110, None, UP))
    await scene.look_on(122, 180)
    await scene.quiet_minute(180)
    await scene.look_on(182, 250)
    row = await scene.only()
    assert (await scene.is_over(), row.ended_at) == (True, ORIGIN + timedelta(seconds=110))


async def test_a_silent_agent_is_one_incident_and_its_cameras_none(scene: Scene) -> None:
    await scene.report(60, (0, None, UP))
    await scene.look_on(62, 180)
    assert await scene.open() == [(Kind.AGENT, f"agent:{AGENT}")]
    await scene.look_on(182, 400)
    assert len(await scene.store.incidents()) == 1
    await scene.report(400, (0, None, UP))
    await scene.look_on(402, 600)
