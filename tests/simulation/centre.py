"""The centre: one database, one or two servers on it, each dying and coming back."""

import asyncio
import functools
import random
import sqlite3
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import create_engine

from server.changes import Changes
from server.domain.register import Register
from server.ingest import Delivery, Ingest
from server.storage import Intake, PoisonError, Progress, RefusalRow, Store, UnavailableError
from server.storage.commit_sqlite import commit_sqlite, connect
from server.storage.schema import metadata
from tests.simulation.disk import Disk, Image, is_durable, torn
from tests.simulation.loop import Process
from tests.simulation.machine import Surroundings
from tests.simulation.net import ServerSession
from tests.simulation.truth import utc
from wire.codec import encode
from wire.messages import Ack
from wire.topics import Leaf

DATABASE: Final = "centre.sqlite3"

POISON: Final = "poison"
"""A gate event of this kind the database will never take."""


@functools.cache
def _empty_database() -> bytes:
    """Return a database with its tables and nothing in them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / DATABASE
        engine = create_engine(f"sqlite:///{path}")
        metadata.create_all(engine)
        engine.dispose()
        return path.read_bytes()


class Centre:
    """The database and its servers. Everything here is called by the world."""

    def __init__(self, around: Surroundings, on_ack: Callable[[str, Ack], None]) -> None:
        self.around = around
        self.on_ack = on_ack
        self.rng = random.Random(f"{around.plan.seed} centre")
        self.disk = Disk(around.root, "centre")
        (self.disk.folder / DATABASE).write_bytes(_empty_database())
        self.down = False
        self.latency_s = around.plan.commit_latency_s
        self.cut_next = False
        self.refused: list[RefusalRow] = []
        self._eye: sqlite3.Connection | None = None
        self._synced: Image | None = None
        self.servers = [Server(self, number) for number in range(around.plan.servers)]

    @property
    def path(self) -> str:
        """Where the database lies now."""
        return str(self.disk.folder / DATABASE)

    def look(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Read what is committed."""
        if self._eye is None:
            self._eye = sqlite3.connect(self.path, isolation_level=None)
        return self._eye.execute(sql, values).fetchall()

    def start(self) -> None:
        """Start all servers."""
        for server in self.servers:
            server.start()

    def opened(self, connection: sqlite3.Connection) -> None:
        """Note what is on the disk for sure, if commits are not."""
        if not is_durable(connection) and self._synced is None:
            self._synced = self.disk.image()

    def cut(self, before: Image | None = None) -> None:
        """Cut the power of the database's machine, and of the servers on it."""
        image, before = self.disk.image(), self._synced or before
        self._synced = None
        self.disk.put(image if before is None else torn(before, image, DATABASE, self.rng))
        if self._eye is not None:
            self._eye.close()
            self._eye = None
        for server in self.servers:
            server.kill()

    def abandon(self) -> None:
        """End whatever runs: the simulation is over."""
        for server in self.servers:
            server.kill()
        if self._eye is not None:
            self._eye.close()


class Server:
    """One server process after another."""

    def __init__(self, centre: Centre, number: int) -> None:
        self.name = f"server{number}"
        self.ingest: Ingest | None = None
        self.kill_after_commit = False
        self._centre = centre
        self._process: Process | None = None
        self._session: ServerSession | None = None
        self._connection: sqlite3.Connection | None = None

    def start(self) -> None:
        """Start it, if it doesn't run."""
        if self._process is not None:
            return
        around = self._centre.around
        process = self._process = Process(around.loop, self.name)
        process.on_death = self._died
        around.story.tell(self.name, "starts")
        self._connection = connect(self._centre.path)
        self._connection.execute(f"PRAGMA wal_autocheckpoint = {around.plan.checkpoint_pages}")
        self._centre.opened(self._connection)
        store = _SimStore(self._centre, self, self._connection, process)
        process.start(self._run(cast("Store", store), process))

    async def _run(self, store: Store, process: Process) -> None:
        around = self._centre.around
        ingest = self.ingest = Ingest(
            store,
            register=Register,
            clock=_Clock(process),
            changes=Changes(),
            send_ack=self._send_ack,
            longest_wait_s=around.plan.longest_wait_s,
            attend=self._attend,
        )
        self._session = ServerSession(
            around.broker, process, self._offer, window=around.plan.window
        )
        self._session.connect()
        await ingest.run()

    def _offer(self, agent: str, leaf: Leaf, payload: bytes, done: Callable[[], None]) -> None:
        assert self.ingest is not None
        if self._centre.around.plan.immediate:
            done()
            self.ingest.offer(Delivery(agent=agent, leaf=leaf, payload=payload))
        elif not self.ingest.offer(Delivery(agent=agent, leaf=leaf, payload=payload, done=done)):
            done()

    def _attend(self, on: bool) -> None:
        if self._session is not None:
            self._session.attend(on=on)

    def _send_ack(self, agent: str, ack: Ack) -> None:
        if self._process is not None and self._process.alive:
            self._centre.on_ack(agent, ack)
            self._centre.around.broker.acknowledge(agent, encode(ack))

    def kill(self, steps: int = 0) -> None:
        """Kill it, now or some steps later."""
        if self._process is None:
            return
        if steps:
            self._process.kill_in(steps)
        else:
            self._process.kill()

    def _died(self) -> None:
        around = self._centre.around
        around.story.tell(self.name, "dies")
        self._process = self.ingest = None
        self.kill_after_commit = False
        if self._session is not None:
            self._session.leave()
        if self._connection is not None:
            self._connection.close()
        around.later(self._centre.rng.choice((0.5, 5.0, 60.0)), self.start)


class _Clock:
    """The server's clock is right."""

    def __init__(self, process: Process) -> None:
        self._loop = process.loop

    def now(self) -> datetime:
        """Return UTC."""
        return utc(round(self._loop.now * 1000))

    async def wait(self, seconds: float) -> None:
        """Wait in virtual time."""
        await asyncio.sleep(seconds)


class _SimStore:
    """What ``Ingest`` needs of a store: the real commit on a real file, with trouble around it."""

    def __init__(
        self, centre: Centre, server: Server, connection: sqlite3.Connection, process: Process
    ) -> None:
        self._centre, self._server, self._process = centre, server, process
        self._connection = connection
        self._sources: dict[Any, int] = {}

    async def commit(
        self, intakes: Sequence[Intake], **_more: Any
    ) -> dict[tuple[str, str], Progress]:
        """Commit; the machine, the database or the server may die over it."""
        centre = self._centre
        await asyncio.sleep(centre.latency_s * (0.5 + centre.rng.random()))
        if centre.down:
            raise UnavailableError("the database is down")
        events = (item.gate_event for intake in intakes for item in intake.items)
        if any(event is not None and event.kind == POISON for event in events):
            raise PoisonError("poison")
        before = centre.disk.image() if centre.cut_next else None
        progress = commit_sqlite(self._connection, intakes, known_sources=self._sources)
        if before is not None:
            centre.cut_next = False
            centre.around.story.tell("centre", "loses power in a commit")
            centre.cut(before)
            await _never()
        if self._server.kill_after_commit:
            self._server.kill()
            await _never()
        if centre.down:
            raise UnavailableError("the connection was lost; who knows what became of it")
        return progress

    async def note_statuses(self, _online: Mapping[str, bool], **_more: Any) -> frozenset[str]:
        """Presence is shown, and nothing else."""
        return frozenset()

    async def note_refused(self, rows: Sequence[RefusalRow]) -> None:
        """Nothing of ours should be refused."""
        await asyncio.sleep(self._centre.latency_s)
        if self._centre.down:
            raise UnavailableError("the database is down")
        self._centre.refused += rows


async def _never() -> None:
    await asyncio.Event().wait()
