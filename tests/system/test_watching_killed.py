"""Killed before any statement of a write, or right after it, the watch leaves nothing untold.

And nothing told twice: what comes of a course of events is the same to the letter's id.
"""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from server.storage import IncidentBatch, Store
from tests.system.fixtures_watching import DOWN, UP, Scene


class Killed(BaseException):
    """The process has ended here."""


class Killer:
    """Ends the process at the statement of that number, counted over all writes; or at none."""

    def __init__(self, at: int | None = None) -> None:
        self.at = at
        self.count = 0
        self.commits = 0
        self.is_writing = False

    def step(self) -> None:
        if self.is_writing:
            self.count += 1
            if self.count == self.at:
                raise Killed


async def look(scene: Scene, killer: Killer, at_s: int) -> None:
    """Look, and again by a new process if this one was killed."""
    try:
        await scene.look(at_s)
    except Killed:
        killer.at = None
        scene.restart()
        await scene.look(at_s)


async def lived(scene: Scene, killer: Killer) -> list[Any]:
    """Live through a lost camera, its agent's silence and its end; return all that was kept."""
    await scene.report(60, (0, 40, UP), (40, None, DOWN))
    for at_s in (62, 72, 140, 150):
        await look(scene, killer, at_s)
    await scene.report(200, (0, 40, UP), (40, 190, DOWN), (190, None, UP))
    for at_s in (202, 262):
        await look(scene, killer, at_s)
    return await kept(scene.store)


async def kept(store: Store) -> list[Any]:
    rows = await store.incidents()
    names = [row.incident.id for row in rows]
    letters = [await store.letters_of(name) for name in names]
    steps = [await store.incident_steps(name) for name in names]
    seen = await store.observations(rows[-1].began_at, rows[-1].began_at.replace(year=2030))
    return [rows, letters, steps, seen, await store.load_engine()]


@pytest.fixture
def killer(monkeypatch: pytest.MonkeyPatch) -> Killer:
    made = Killer()
    execute, change = AsyncConnection.execute, Store.change_incidents

    async def counted(self: AsyncConnection, *args: Any, **more: Any) -> Any:
        made.step()
        return await execute(self, *args, **more)

    async def changed(self: Store, batch: IncidentBatch, **more: Any) -> bool:
        made.is_writing = True
        try:
            done = await change(self, batch, **more)
            made.commits += 1
            made.step()  # committed, and nobody told
        finally:
            made.is_writing = False
        return done

    monkeypatch.setattr(AsyncConnection, "execute", counted)
    monkeypatch.setattr(Store, "change_incidents", changed)
    return made


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Any]:
    """Empty stores; the schema is made once."""
    empty = tmp_path / "empty.db"
    await (await Store.open(f"sqlite:///{empty}")).close()
    opened: list[Store] = []

    async def another() -> Store:
        path = shutil.copy(empty, tmp_path / f"{len(opened)}.db")
        opened.append(await Store.open(f"sqlite:///{path}"))
        return opened[-1]

    yield another
    for store in opened:
        await store.close()


async def test_killed_at_any_statement_the_outcome_is_the_same(killer: Killer, stores: Any) -> None:
    whole = await lived(Scene(await stores(), channels=("webhook", "email")), killer)
    _, letters, *_ = whole
    counts = [len(found) for found in letters]
    assert counts == [4, 2], "two ways: the agent's begin and end, the camera's begin"
    assert killer.commits >= 5
    statements = killer.count
    for at in range(1, statements + 1):
        killer.at, killer.count = at, 0
        again = await lived(Scene(await stores(), channels=("webhook", "email")), killer)
        assert again == whole, f"killed at statement {at} of {statements}"
