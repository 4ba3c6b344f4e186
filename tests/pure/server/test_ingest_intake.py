"""The loop: bounded, patient with an absent database, and the ack only after the commit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

import pytest

from server.changes import Changes
from server.domain.units import Organisation
from server.ingest import Delivery, Ingest
from server.storage import (
    Intake,
    PoisonError,
    Progress,
    RefusalRow,
    Store,
    UnavailableError,
)
from server.storage.merging import received
from tests.pure.server.reports import BOOT, ORIGIN, ORIGIN_MS, SPOOL, item, passage
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


@dataclass
class Memory:
    """A store that keeps numbers, can be away, and never takes what it is told not to."""

    away: int = 0
    poison: frozenset[int] = frozenset()
    kept: dict[tuple[str, str], Progress] = field(default_factory=dict)
    commits: list[int] = field(default_factory=list)
    refused: list[RefusalRow] = field(default_factory=list)

    async def commit(self, intakes: Sequence[Intake]) -> dict[tuple[str, str], Progress]:
        if self.away:
            self.away -= 1
            raise UnavailableError("away")
        if any(x.seq in self.poison for i in intakes for x in i.items):
            raise PoisonError("never")
        self.commits.append(len(intakes))
        for i in intakes:
            numbers = [x.seq for x in i.items] + [r.seq for r in i.refused]
            before = self.kept.get((i.agent, i.spool), Progress())
            self.kept[i.agent, i.spool] = received(before, [(n, n) for n in numbers])
        return {(i.agent, i.spool): self.kept[i.agent, i.spool] for i in intakes}

    async def note_refused(self, rows: Sequence[RefusalRow]) -> None:
        self.refused += rows

    async def note_status(self, agent: str, *, online: bool, now: datetime) -> bool:
        return bool(agent) and online and bool(now)


class Desk:
    """An ingest over a memory, and the acks that left it."""

    def __init__(self, memory: Memory) -> None:
        self.clock = FakeClock()
        self.memory = memory
        self.acks: list[tuple[str, Ack]] = []
        self.noted_before_acks = 0
        self.changes = Changes()
        self.ingest = Ingest(
            cast("Store", memory),
            organisation=Organisation(units=(), schools=()),
            clock=self.clock,
            changes=self.changes,
            send_ack=self._ack,
        )

    def _ack(self, agent: str, ack: Ack) -> None:
        assert (agent, ack.spool) in self.memory.kept, "acknowledged before the commit"
        self.acks.append((agent, ack))
        self.noted_before_acks = len(self.memory.refused)

    def report(self, *items: Item, agent: str = "agent1", sent: int = 1) -> bool:
        boots = (BootStory(id=BOOT, origin_utc_ms=ORIGIN_MS),)
        report = Report(v=VERSION, spool=SPOOL, sent_utc_ms=sent, boots=boots, items=items)
        return self.offer(encode(report), agent=agent)

    def offer(self, payload: bytes, *, agent: str = "agent1", leaf: Leaf = Leaf.REPORT) -> bool:
        return self.ingest.offer(Delivery(agent=agent, leaf=leaf, payload=payload))


async def test_many_reports_are_one_commit_and_each_is_acknowledged_with_its_own_time() -> None:
    desk = Desk(Memory())
    for n in (1, 2, 3):
        desk.report(item(n, passage(n)), sent=n * 10)
    desk.report(item(1, passage(1)), agent="agent2")
    async with desk.changes.subscribe() as hints:
        await desk.ingest.run_once()
        assert [hints.get_nowait() for _ in range(hints.qsize())] == [
            "agent/agent1",
            "agent/agent2",
            "gate/gate1",
        ]
    assert desk.memory.commits == [4]
    assert [(a, k.sent_utc_ms, k.through) for a, k in desk.acks] == [
        ("agent1", 10, 3),
        ("agent1", 20, 3),
        ("agent1", 30, 3),
        ("agent2", 1, 1),
    ]


async def test_an_absent_database_is_waited_for_ever_longer() -> None:
    desk = Desk(Memory(away=8))
    desk.report(item(1, passage(1)))
    await desk.ingest.run_once()
    assert desk.clock.waits[1:] == [0.5, 1, 2, 4, 8, 15, 15, 15]
    assert [k.through for _, k in desk.acks] == [1]


@pytest.mark.parametrize("poison", [{5}, {1, 2}, {3, 9, 10}, set(range(1, 11))])
async def test_poison_is_refused_alone(poison: set[int]) -> None:
    desk = Desk(Memory(poison=frozenset(poison)))
    for first in (1, 6):
        desk.report(*(item(n, passage(n)) for n in range(first, first + 5)))
    await desk.ingest.run_once()
    refused = {r.seq for _, ack in desk.acks for r in ack.refused}
    assert refused == poison
    assert desk.acks[-1][1].through == 10


async def test_a_batch_is_bounded() -> None:
    desk = Desk(Memory())
    for n in range(30):
        desk.report(*(item(n * 50 + k, passage(k)) for k in range(1, 51)))
    await desk.ingest.run_once()
    await desk.ingest.run_once()
    assert desk.memory.commits == [20, 10]


async def test_junk_is_noted_and_its_neighbours_are_committed() -> None:
    desk = Desk(Memory())
    desk.offer(b"junk")
    desk.offer(b"junk", leaf=Leaf.STATUS)
    desk.offer(b"junk", leaf=Leaf.REPLY)
    desk.report(item(1, passage(1)))
    await desk.ingest.run_once()
    assert [r.what for r in desk.memory.refused] == ["report", "status"]
    assert len(desk.acks) == 1
    assert desk.noted_before_acks == 2


async def test_what_does_not_fit_is_dropped_and_counted_not_acknowledged() -> None:
    desk = Desk(Memory())
    taken = [desk.report(item(1, passage(1))) for _ in range(4001)]
    assert (taken.count(False), desk.ingest.dropped) == (1, 1)
    large = Desk(Memory())
    taken = [large.offer(b"x" * 2**20) for _ in range(65)]
    assert taken == [True] * 64 + [False]
    await large.ingest.run_once()  # it takes a batch out, and there is room again
    assert large.offer(b"x" * 2**20)
