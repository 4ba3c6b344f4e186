"""An ingest over a store in memory, with a clock that moves by itself, and what left it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from server.changes import Changes
from server.domain.register import Register
from server.ingest import Delivery, Ingest
from server.storage import Intake, PoisonError, Progress, RefusalRow, Store, UnavailableError
from server.storage.merging import received
from tests.pure.server.reports import BOOT, ORIGIN, ORIGIN_MS, SPOOL
from wire.codec import VERSION, encode
from wire.messages import Ack, BootStory, Item, Report
from wire.topics import Leaf


@dataclass
class FakeClock:
    waits: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return ORIGIN + timedelta(seconds=sum(self.waits))

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)


@dataclass
class Memory:
    """A store that keeps numbers, can be away, and never takes what it is told not to.

    ``held``, where it is set, is what a commit waits for. For the numbers ``beyond`` it seems to
    be away.
    """

    away: int = 0
    poison: frozenset[int] = frozenset()
    broken: frozenset[int] = frozenset()
    beyond: frozenset[int] = frozenset()
    held: asyncio.Event | None = None
    kept: dict[tuple[str, str], Progress] = field(default_factory=dict)
    commits: list[list[Intake]] = field(default_factory=list)
    refused: list[RefusalRow] = field(default_factory=list)

    async def commit(
        self, intakes: Sequence[Intake], *, now: datetime
    ) -> dict[tuple[str, str], Progress]:
        assert all(i.received_utc_ms <= now.timestamp() * 1000 for i in intakes)
        if self.held is not None:
            await self.held.wait()
        if self.away:
            self.away -= 1
            raise UnavailableError("away")
        numbers = {x.seq for i in intakes for x in i.items}
        if numbers & self.beyond:
            raise UnavailableError("it seems to be away")
        if numbers & self.poison:
            raise PoisonError("never")
        if numbers & self.broken:
            raise KeyError("a fault of ours")
        self.commits.append(list(intakes))
        for i in intakes:
            before = self.kept.get((i.agent, i.spool), Progress())
            self.kept[i.agent, i.spool] = received(before, spans(i))
        return {(i.agent, i.spool): self.kept[i.agent, i.spool] for i in intakes}

    async def note_refused(self, rows: Sequence[RefusalRow]) -> None:
        if self.away:
            self.away -= 1
            raise UnavailableError("away")
        self.refused += rows

    async def note_statuses(self, online: Mapping[str, bool], *, now: datetime) -> frozenset[str]:
        assert now.tzinfo is not None
        return frozenset(agent for agent, is_online in online.items() if is_online)


def spans(intake: Intake) -> list[tuple[int, int]]:
    """What an intake lets the centre count as received."""
    numbers = [x.seq for x in intake.items] + [r.seq for r in intake.refused]
    known = [(1, intake.kept_from - 1)]
    if intake.after is not None and numbers:
        known.append((intake.after + 1, max(numbers)))
    return known + [(n, n) for n in numbers]


class Desk:
    """An ingest over a memory, and the acks that left it."""

    def __init__(self, memory: Memory) -> None:
        self.clock = FakeClock()
        self.memory = memory
        self.acks: list[tuple[str, Ack]] = []
        self.done: list[bytes] = []
        self.attended: list[bool] = []
        self.noted_before_acks = 0
        self.changes = Changes()
        self.ingest = Ingest(
            cast("Store", memory),
            register=Register,
            clock=self.clock,
            changes=self.changes,
            send_ack=self._ack,
            attend=self.attended.append,
        )

    def _ack(self, agent: str, ack: Ack) -> None:
        assert (agent, ack.spool) in self.memory.kept, "acknowledged before the commit"
        self.acks.append((agent, ack))
        self.noted_before_acks = len(self.memory.refused)

    def report(
        self,
        *items: Item,
        agent: str = "agent1",
        sent: int = 1,
        leaf: Leaf = Leaf.REPORT,
        after: int | None = None,
    ) -> bool:
        boots = (BootStory(id=BOOT, origin_utc_ms=ORIGIN_MS),)
        report = Report(
            v=VERSION, spool=SPOOL, sent_utc_ms=sent, boots=boots, items=items, after=after
        )
        return self.offer(encode(report), agent=agent, leaf=leaf)

    def offer(self, payload: bytes, *, agent: str = "agent1", leaf: Leaf = Leaf.REPORT) -> bool:
        delivery = Delivery(
            agent=agent, leaf=leaf, payload=payload, done=lambda: self.done.append(payload)
        )
        return self.ingest.offer(delivery)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Let the loop run, and wait at the end until everything is dealt with."""
        task = asyncio.create_task(self.ingest.run())
        try:
            yield
            async with asyncio.timeout(5):
                await self.ingest.drain()
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def work(self) -> None:
        """Deal with all that waits."""
        async with self.at_work():
            pass
