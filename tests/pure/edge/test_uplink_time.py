"""What the uplink tells: of clocks that are set meanwhile, and to a centre that is new."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from edge.agent.boot import Boot
from edge.forwarding import Measured
from edge.spool import Spool
from edge.uplink import Uplink
from edge.uplink.link import Connected, LinkEvent, Received
from wire.codec import VERSION, decode_report, encode
from wire.messages import Ack, BootStory, CameraFacts, Report, Segment, Vitals, Watermark
from wire.topics import Leaf
from wire.vocabulary import State


class FakeClock:
    def __init__(self) -> None:
        self.utc = datetime(2026, 11, 22, 12, tzinfo=UTC)
        self.mono_ms = 0

    def now(self) -> datetime:
        return self.utc

    def ms(self) -> int:
        return self.mono_ms

    def turn(self, seconds: float) -> None:
        self.utc += timedelta(seconds=seconds)
        self.mono_ms += round(seconds * 1000)

    async def wait(self, seconds: float) -> None:
        self.turn(seconds)


class FakeLink:
    """Keeps what is published; a test lets events happen."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.tell: Callable[[LinkEvent], None] = lambda _: None

    def start(self, on_event: Callable[[LinkEvent], None]) -> None:
        self.tell = on_event

    def publish(self, leaf: Leaf, payload: bytes, *, retain: bool = False) -> None:
        assert not retain
        if leaf is Leaf.REPORT:
            self.reports.append(decode_report(payload))

    async def close(self) -> None:
        """Nothing to close."""


class Quiet:
    def __init__(self, boot: Boot, spool: Spool) -> None:
        self._boot, self._spool = boot, spool
        self.said_again = 0

    def story(self) -> BootStory:
        return self._boot.story()

    async def watermark(self, sent: int = 0) -> Watermark:
        return await self._spool.save_watermark(self.story(), until_ms=1, held=(), sent=sent)

    def say_again(self) -> None:
        self.said_again += 1

    async def turn_over(self, measured: Measured | None) -> bool:
        self._boot = self._boot.next(measured)
        await self._spool.begin(self.story())
        return True

    @property
    def measured(self) -> Measured | None:
        return self._boot.measured

    def wall_zero_utc_ms(self) -> int:
        return self._boot.wall_zero_utc_ms()

    async def tell_measured(self, measured: Measured) -> None:
        self._boot.measured = measured

    def facts_heard(self, facts: tuple[CameraFacts, ...]) -> None:
        """None are told."""

    async def vitals(self, offset_ms: int | None) -> Vitals:
        return Vitals(
            version="t",
            uptime_s=0,
            cpu=0.0,
            memory=0,
            disk_free=0,
            spool_items=0,
            spool_bytes=0,
            clock_offset_ms=offset_ms,
        )


class Story:
    """A centre whose clock is right, and an agent with ``clock``."""

    def __init__(self, spool: Spool) -> None:
        self.clock, self.link = FakeClock(), FakeLink()
        self.source = Quiet(Boot(self.clock), spool)
        self.spool = spool
        self.ahead_ms = 5_000

    async def begin(self) -> None:
        await self.spool.begin(self.source.story())
        self.uplink = Uplink(
            link=self.link,
            spool=self.spool,
            clock=self.clock,
            source=self.source,
            watermark_every_s=10,
        )
        self.link.start(self.uplink._events.put_nowait)

    def centre_ms(self) -> int:
        return int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp() * 1000) + (
            self.clock.mono_ms + self.ahead_ms
        )

    async def report(self) -> Report:
        self.clock.turn(10)
        self.link.tell(Connected())
        await self.uplink.run_once()
        return self.link.reports[-1]

    async def answer(self, report: Report, *, took_s: float = 0) -> None:
        self.clock.turn(took_s)
        server_ms = self.centre_ms()
        ack = Ack(
            v=VERSION,
            spool=self.spool.running,
            through=0,
            server_utc_ms=server_ms,
            sent_utc_ms=report.sent_utc_ms,
        )
        self.link.tell(Received(Leaf.ACK, encode(ack)))
        await self.uplink.run_once()


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    spool = Spool.open(tmp_path, agent="a1", max_bytes=2**24)
    story = Story(spool)
    await story.begin()
    yield story
    spool.close()


async def test_a_new_centre_is_told_what_is_open_and_from_where_the_spool_holds(
    story: Story,
) -> None:
    boot = story.spool.running
    told = (Segment(boot=boot, number=n, camera="c", state=State.UP, start_ms=n) for n in (1, 2, 3))
    await story.spool.append(list(told))
    await story.spool.ack(boot, 2)
    assert (await story.report()).kept_from == 3
    assert story.source.said_again == 1
    report = await story.report()
    assert story.source.said_again == 1  # not at each connection to a broker with no centre
    await story.answer(report)
    assert story.source.said_again == 1  # not at each turn
    await story.report()
    assert story.source.said_again == 2  # but at each connection


async def test_the_offset_is_measured_and_told(story: Story) -> None:
    await story.answer(await story.report())
    report = await story.report()
    assert report.boots[-1].offset_ms == 5_000
    assert report.vitals is not None
    assert report.vitals.clock_offset_ms == 5_000


async def test_a_wrong_clock_is_told_at_once(story: Story) -> None:
    report = await story.report()
    assert report.boots[-1].offset_ms is None
    await story.answer(report)
    assert story.link.reports[-1].boots[-1].offset_ms == 5_000


async def test_once_the_clock_was_set_the_boot_stays_where_it_was_measured(story: Story) -> None:
    await story.answer(await story.report())
    before = (await story.report()).boots[-1]
    story.clock.utc += timedelta(hours=1)
    told = (await story.report()).boots[-1]
    assert (told.offset_ms, told.steps) == (5_000 - 3_600_000, 1)
    assert before.offset_ms is not None
    assert told.offset_ms is not None
    assert before.origin_utc_ms + before.offset_ms == told.origin_utc_ms + told.offset_ms


async def test_the_told_offset_stays_until_the_clock_has_drifted_and_then_a_boot_begins(
    story: Story,
) -> None:
    await story.answer(await story.report())
    first = story.spool.running
    story.ahead_ms += 1_900
    for _ in range(9):  # until what was measured before is forgotten
        await story.answer(await story.report())
    assert (await story.report()).boots[-1].offset_ms == 5_000
    story.ahead_ms += 200
    for _ in range(9):
        await story.answer(await story.report())
    report = await story.report()
    assert report.spool == story.spool.running != first
    assert report.boots[-1].offset_ms == 7_100


async def test_a_slow_answer_does_not_pass_for_a_drift(story: Story) -> None:
    await story.answer(await story.report())
    first = story.spool.running
    for _ in range(9):
        await story.answer(await story.report(), took_s=9)
    assert (await story.report()).spool == first


async def test_an_answer_after_a_step_measures_all_the_same(story: Story) -> None:
    report = await story.report()
    story.clock.utc -= timedelta(hours=1)
    await story.answer(report)
    assert story.uplink.offset_ms == 3_605_000


async def test_another_machines_ack_measures_nothing(story: Story) -> None:
    report = await story.report()
    await story.answer(msgspec.structs.replace(report, sent_utc_ms=report.sent_utc_ms + 7))
    assert story.uplink.offset_ms is None


async def test_two_reports_in_one_millisecond_are_told_apart(story: Story) -> None:
    first = await story.report()
    story.clock.turn(-10)
    second = await story.report()
    assert first.sent_utc_ms < second.sent_utc_ms < first.sent_utc_ms + 10
