"""The uplink's two lanes over a fake link: what goes first, what waits, what a full disk does."""

import asyncio
import sqlite3
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from edge.agent.boot import Boot
from edge.agent.recorder import Recorder
from edge.spool import Spool, SpoolFull
from edge.spool.writer import T, Work
from edge.uplink import Uplink
from edge.uplink.link import Connected, Disconnected, LinkEvent, Received
from edge.vitals import Gauge
from tests.pure.edge.inline_spool import Inline
from tests.pure.edge.test_agent_parts import FakeClock, config
from wire.codec import VERSION, decode_report, encode
from wire.messages import Ack, BootStory, GateEvent, Refusal, Report, Segment
from wire.topics import Leaf
from wire.vocabulary import State

pytestmark = pytest.mark.long

OLD = "0b2c3d4e-1111-4222-8333-444455556666"
WATERMARK_S = 60


class Centre:
    """A link with a centre behind it, which answers at once while it ``answers``."""

    def __init__(self) -> None:
        self.heard: list[tuple[Leaf, Report]] = []
        self.answers = True
        self.never = ""  # a boot whose watermark is never answered
        self.tell: Callable[[LinkEvent], None] = lambda _: None

    def start(self, on_event: Callable[[LinkEvent], None]) -> None:
        """Tests call ``tell``."""

    async def close(self) -> None:
        """Nothing to close."""

    def publish(self, leaf: Leaf, payload: bytes, *, retain: bool = False) -> None:
        report = decode_report(payload)
        assert not retain
        self.heard.append((leaf, report))
        if self.answers and self.never not in {mark.boot for mark in report.watermarks}:
            self.answer(report)

    def answer(self, report: Report, spool: str | None = None) -> None:
        ack = Ack(
            v=VERSION,
            spool=spool or report.spool,
            through=report.items[-1].seq if report.items else 0,
            server_utc_ms=report.sent_utc_ms,
            sent_utc_ms=report.sent_utc_ms,
        )
        self.tell(Received(Leaf.ACK, encode(ack)))

    def leaves(self) -> list[Leaf]:
        return [leaf for leaf, _ in self.heard]


class Disk(Inline):
    """A runner on a disk that may be full: then jobs that write anything fail."""

    is_full = False

    def submit(self, work: Work[T]) -> "asyncio.Future[T]":
        def guarded(connection: sqlite3.Connection) -> T:
            before = connection.total_changes
            result = work(connection)
            if self.is_full and connection.total_changes != before:
                raise SpoolFull("the disk is full")
            return result

        return super().submit(guarded)


class World:
    """An agent with a real recorder, spool and uplink."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.centre = FakeClock(), Centre()
        self.spool = Spool.open(folder, agent="a1", max_bytes=2**26, runner=Disk)
        self.folder = folder

    async def begin(self) -> None:
        boot = Boot(self.clock, where=lambda: "pc-3 · 192.168.1.7")
        await self.spool.begin(boot.story())
        gauge = Gauge(version="9", data_dir=self.folder, clock=self.clock)
        self.recorder = Recorder(
            config(self.folder), boot=boot, spool=self.spool, gauge=gauge, clock=self.clock
        )
        self.uplink = Uplink(
            link=self.centre,
            spool=self.spool,
            clock=self.clock,
            source=self.recorder,
            watermark_every_s=WATERMARK_S,
        )
        self.centre.tell = self.uplink._events.put_nowait
        self.recorder.on_saved = self.uplink.poke

    def fill_disk(self, *, full: bool) -> None:
        assert isinstance(self.spool._runner, Disk)
        self.spool._runner.is_full = full

    async def settle(self) -> None:
        """Let everything happen that is due now."""
        while not self.uplink._events.empty() or self.uplink._sleep_s() <= 0.01:
            await self.uplink.run_once()

    async def happens(self, event: LinkEvent | None) -> None:
        self.uplink._events.put_nowait(event)
        await self.settle()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(tmp_path)
    yield world
    world.spool.close()


def event() -> GateEvent:
    return GateEvent(id=str(uuid.uuid4()), gate="g", kind="k", occurred_utc_ms=1, accepted_utc_ms=1)


def segment(boot: str, number: int, end_ms: int | None) -> Segment:
    return Segment(
        boot=boot, number=number, camera="c1", state=State.UP, start_ms=number * 9, end_ms=end_ms
    )


async def leave(world: World, boot: str, count: int) -> None:
    """Leave what a former run had."""
    story = BootStory(id=boot, origin_utc_ms=1_790_000_000_000)
    await world.spool.begin(story)
    await world.spool.append([segment(boot, n, n * 9 + 5) for n in range(1, count + 1)])
    await world.spool.save_watermark(story, until_ms=10**6, held=())


async def test_the_first_word_is_the_present_and_history_waits_for_an_answer(
    world: World,
) -> None:
    await leave(world, OLD, 30)
    await world.begin()
    world.centre.answers = False
    await world.happens(Connected())
    (leaf, first), *rest = world.centre.heard
    assert (leaf, rest) == (Leaf.REPORT, [])
    assert first.vitals is not None
    assert [mark.boot for mark in first.watermarks] == [world.spool.running]
    assert first.boots[-1].machine == "pc-3 · 192.168.1.7"
    world.centre.answers = True
    world.centre.answer(first)
    await world.settle()
    assert world.centre.leaves()[1:] == [Leaf.HISTORY, Leaf.HISTORY]
    items, mark = (report for _, report in world.centre.heard[1:])
    assert [item.seq for item in items.items] == list(range(1, 31))
    assert (items.after, items.watermarks) == (0, ())
    assert [m.boot for m in mark.watermarks] == [OLD]
    assert mark.kept_from == 31
    assert await world.spool.backlog() == ()


async def test_former_runs_go_one_after_the_other_the_oldest_first(world: World) -> None:
    boots = [str(uuid.UUID(int=n, version=4)) for n in range(1, 8)]
    for boot in boots:
        await leave(world, boot, 3)
    await world.begin()
    await world.happens(Connected())
    told = [r.spool for leaf, r in world.centre.heard if leaf is Leaf.HISTORY]
    assert list(dict.fromkeys(told)) == boots
    assert await world.spool.backlog() == ()


async def test_a_change_goes_at_once_while_history_is_unanswered(world: World) -> None:
    await leave(world, OLD, 30)
    await world.begin()
    await world.happens(Connected())
    world.centre.answers = False
    await leave(world, str(uuid.uuid4()), 1)
    world.centre.heard.clear()
    await world.spool.begin(BootStory(id=str(uuid.uuid4()), origin_utc_ms=1))
    await world.uplink._turn_over()
    await world.spool.append_event(event())
    await world.happens(None)
    assert Leaf.REPORT in world.centre.leaves()


async def test_nothing_happens_between_two_watermarks_of_an_idle_agent(world: World) -> None:
    await world.begin()
    await world.happens(Connected())
    world.clock.turn(WATERMARK_S)  # the first word after a connection is followed sooner
    await world.settle()
    count = len(world.centre.heard)
    assert WATERMARK_S - 1 < world.uplink._sleep_s() <= WATERMARK_S
    for _ in range(10):
        world.clock.turn(WATERMARK_S)
        await world.settle()
    assert len(world.centre.heard) == count + 10


async def test_agents_that_come_back_together_do_not_speak_in_step_for_ever(world: World) -> None:
    await world.begin()
    firsts: list[float] = []
    for seed in range(40):
        world.uplink._present._random.seed(seed)
        await world.happens(Disconnected("the broker was restarted"))
        await world.happens(Connected())
        firsts.append(world.uplink._sleep_s())
        world.clock.turn(firsts[-1])
        await world.settle()
        assert world.uplink._sleep_s() == pytest.approx(WATERMARK_S, abs=0.1), "then each minute"
        world.clock.turn(1)
    assert min(firsts) >= 4.9
    assert max(firsts) <= WATERMARK_S
    tenths = {int(first) // 6 for first in firsts}
    assert len(tenths) >= 8, sorted(firsts)


async def test_without_a_connection_nothing_is_due_but_what_was_set_aside(world: World) -> None:
    await world.begin()
    await world.happens(Disconnected("no"))
    assert world.uplink._sleep_s() > 3_600
    assert world.centre.heard == []


async def test_what_was_set_aside_is_offered_again_at_the_start_and_each_day(
    world: World,
) -> None:
    await world.begin()
    await world.spool.append_event(event())
    refusal = Refusal(seq=1, reason="no such gate")
    await world.spool.set_aside(world.spool.running, [refusal])
    await world.happens(Connected())
    assert [r.items[0].seq for _, r in world.centre.heard if r.items] == [2]
    await world.spool.append_event(event())
    await world.spool.set_aside(world.spool.running, [Refusal(seq=3, reason="no such gate")])
    world.centre.heard.clear()
    world.clock.turn(23 * 3600)
    await world.settle()
    assert not any(r.items for _, r in world.centre.heard)
    world.clock.turn(3600)
    await world.settle()
    assert [r.items[0].seq for _, r in world.centre.heard if r.items] == [4]


async def test_an_ack_for_another_machine_of_our_name_deletes_nothing(world: World) -> None:
    await world.begin()
    world.centre.answers = False
    await world.spool.append_event(event())
    await world.happens(Connected())
    report = world.centre.heard[0][1]
    world.centre.answer(report, spool=OLD)
    await world.settle()
    assert (await world.spool.stats()).items == 1


async def test_a_disk_that_takes_nothing_lets_gate_events_go(world: World) -> None:
    await world.begin()
    world.centre.answers = False
    await world.spool.append_event(event())
    await world.spool.append([segment(world.spool.running, 1, None)])
    world.fill_disk(full=True)
    await world.happens(Connected())
    (_, first), *_ = world.centre.heard
    assert [item.seq for item in first.items] == [1]
    assert (first.watermarks, first.after) == ((), 0)
    assert first.vitals is not None
    world.fill_disk(full=False)
    world.centre.answers = True
    world.clock.turn(WATERMARK_S)
    await world.settle()
    assert (await world.spool.stats()).items == 0


async def test_an_ack_that_cannot_be_written_down_is_had_again(world: World) -> None:
    await world.begin()
    await world.spool.append_event(event())
    world.centre.answers = False
    await world.happens(Connected())
    world.fill_disk(full=True)
    running = asyncio.create_task(world.uplink.run())
    world.centre.answer(world.centre.heard[0][1])
    for _ in range(20):
        await asyncio.sleep(0)
    world.fill_disk(full=False)
    world.centre.answers = True
    world.clock.turn(60)
    for _ in range(50):
        await asyncio.sleep(0)
        world.uplink.poke()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (await world.spool.stats()).items == 0


async def test_a_centre_that_comes_back_behind_its_broker_is_told_the_present_first(
    world: World,
) -> None:
    await world.begin()
    world.centre.answers = False
    await world.happens(Connected())
    former = world.spool.running
    for _ in range(250):
        await world.spool.append_event(event())
    for _ in range(3):
        world.clock.turn(WATERMARK_S)
        await world.settle()
    world.centre.answers = True
    world.centre.heard.clear()
    world.clock.turn(WATERMARK_S)
    await world.settle()
    assert world.spool.running != former
    present = next(r for leaf, r in world.centre.heard if r.spool == world.spool.running)
    assert present.vitals is not None
    assert {r.spool for leaf, r in world.centre.heard if leaf is Leaf.HISTORY} == {former}
    assert (await world.spool.stats()).items == 0


async def test_a_watermark_that_the_centre_never_takes_holds_no_other_boot_up(
    world: World,
) -> None:
    boots = [str(uuid.UUID(int=n, version=4)) for n in (1, 2)]
    for boot in boots:
        await leave(world, boot, 3)
    await world.begin()
    world.centre.never = boots[0]
    await world.happens(Connected())
    for _ in range(30):
        world.clock.turn(WATERMARK_S)
        await world.settle()
    assert [former.spool for former in await world.spool.backlog()] == [boots[0]]


async def test_history_on_a_full_disk_is_left_alone_for_a_minute(world: World) -> None:
    await leave(world, OLD, 3)
    await world.begin()
    world.fill_disk(full=True)
    running = asyncio.create_task(world.uplink.run())
    world.uplink._events.put_nowait(Connected())
    for _ in range(200):
        await asyncio.sleep(0)
    told = len(world.centre.heard)
    assert told < 5
    assert Leaf.HISTORY not in world.centre.leaves()
    world.fill_disk(full=False)
    world.clock.turn(WATERMARK_S)
    world.uplink.poke()
    for _ in range(200):
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await world.spool.backlog() == ()


async def test_a_late_closing_of_a_former_boot_goes_as_history(world: World) -> None:
    await world.begin()
    former = world.spool.running
    await world.happens(Connected())
    world.uplink._turn_for = "a test"
    await world.happens(None)
    assert world.spool.running != former
    assert former in {m.boot for leaf, r in world.centre.heard for m in r.watermarks}
    world.centre.heard.clear()
    world.recorder._save((segment(former, 1, 12),))
    await asyncio.sleep(0)
    await world.settle()
    assert [(leaf, r.spool) for leaf, r in world.centre.heard if r.items] == [
        (Leaf.HISTORY, former)
    ]


async def test_a_boot_that_was_never_measured_is_told_the_centres_time_of_its_successor(
    world: World,
) -> None:
    await world.begin()
    former = world.spool.running
    for _ in range(220):
        await world.spool.append_event(event())
    await world.happens(Connected())
    assert world.spool.running != former
    stories = {s.id: s for leaf, r in world.centre.heard if leaf is Leaf.HISTORY for s in r.boots}
    assert stories[former].offset_ms is not None


async def test_a_change_costs_one_report_and_no_vitals(world: World) -> None:
    await world.begin()
    await world.happens(Connected())
    world.centre.heard.clear()
    for _ in range(3):
        await world.spool.append_event(event())
        await world.happens(None)
    assert [(len(r.items), r.vitals) for _, r in world.centre.heard] == [(1, None)] * 3
