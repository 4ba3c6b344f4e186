"""The watchdog remembers what it has read, and decides as one that has just begun would."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from server.domain.interval import Interval
from server.domain.units import Source
from server.storage import Store
from server.watchdog import Watchdog
from tests.pure.server.reports import ORIGIN
from tests.system.centre import AGENT
from tests.system.test_server_alerts import LIMITS, ORGANISATION, Scene
from wire.vocabulary import State

UP, DOWN = State.UP, State.DOWN


@dataclass
class Pair:
    """A watchdog that goes on, and how many sources it has read."""

    scene: Scene
    read: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        scene = self.scene
        self.watchdog = Watchdog(
            store=scene.store, organisation=lambda: ORGANISATION, limits=LIMITS, clock=scene.clock,
            changes=scene.changes, transports=(), listening_since=lambda: ORIGIN,
            duty=scene.store.duty("watchdog"),
        )  # fmt: skip

    async def look(self, at_s: int) -> tuple[int, int]:
        """Return what it has changed, and what a fresh one finds to change after it."""
        self.scene.clock.at = ORIGIN + timedelta(seconds=at_s)
        changed = await self.watchdog.run_once()
        return changed, await self.scene.look(at_s)


@pytest.fixture
async def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pair]:
    store = await Store.open(f"sqlite:///{tmp_path / 'centre.db'}")
    made = Pair(Scene(store))
    claims = store.claims

    async def counted(sources: Collection[Source], window: Interval) -> Any:
        made.read.append(len(sources))
        return await claims(sources, window)

    monkeypatch.setattr(store, "claims", counted)
    yield made
    await store.close()


async def test_it_decides_at_each_look_as_one_that_has_just_begun(pair: Pair) -> None:
    scene = pair.scene
    found = []
    for at_s in range(0, 600, 10):
        if at_s == 20:
            await scene.report(at_s, (0, None, UP))
        elif at_s in {100, 150, 200, 330, 340}:  # silent in between
            await scene.report(at_s, (0, 95, UP), (95, None, DOWN))
        elif at_s == 400:
            await scene.report(at_s, (0, 95, UP), (95, 390, DOWN), (390, None, UP))
        found.append(await pair.look(at_s))
    assert {fresh for _, fresh in found} == {0}
    assert sum(changed for changed, _ in found) >= 4  # down and up again, silent and back


async def test_it_reads_nothing_again_while_nothing_is_said(pair: Pair) -> None:
    await pair.scene.report(20, (0, None, UP))
    await pair.look(21)
    pair.read.clear()
    await pair.watchdog.run_once()
    assert pair.read == [0]
    await pair.scene.report(40, (0, None, UP))
    pair.read.clear()
    await pair.watchdog.run_once()
    own = [
        camera
        for school in ORGANISATION.schools
        for camera in school.cameras
        if camera.zone.startswith("cong") and camera.sources[0].agent == AGENT
    ]
    assert pair.read == [len(own)]
