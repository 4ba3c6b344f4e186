"""What the uplink tells: of clocks that are set meanwhile, and to a centre that is new."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.agent.boot import Boot
from edge.spool import Spool
from edge.uplink import Uplink
from edge.uplink.link import Connected, LinkEvent, Received
from wire.codec import VERSION, decode_report, encode
from wire.messages import Ack, BootStory, Report, Segment, Vitals, Watermark
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

    def story(self, offset_ms: int | None) -> BootStory:
        return self._boot.story(offset_ms)

    async def watermark(self, sent: int = 0) -> Watermark:
        return await self._spool.save_watermark(self.story(None), until_ms=1, held=(), sent=sent)

    def say_again(self) -> None:
        self.said_again += 1

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
        self.uplink = Uplink(
            link=self.link, spool=spool, clock=self.clock, source=self.source, watermark_every_s=10
        )
        self.link.start(self.uplink._events.put_nowait)
        self.ahead_ms = 5_000

    def centre_ms(self) -> int:
        return int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp() * 1000) + (
            self.clock.mono_ms + self.ahead_ms
        )

    async def report(self) -> Report:
        self.clock.turn(10)
        self.link.tell(Connected())
        await self.uplink.run_once()
        return self.link.reports[-1]

    async def answer(self, report: Report) -> None:
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
    await spool.begin(story.source.story(None))
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
    await story.uplink.run_once()
    assert story.source.said_again == 1  # not at each turn
    await story.report()
    assert story.source.said_again == 2  # but at each connection


async def test_the_offset_is_measured_and_told(story: Story) -> None:
    await story.answer(await story.report())
    report = await story.report()
    assert report.boots[-1].offset_ms == 5_000
    assert report.vitals is not None
    assert report.vitals.clock_offset_ms == 5_000


async def test_after_the_clock_was_set_old_measurements_are_not_told(story: Story) -> None:
    await story.answer(await story.report())
    story.clock.utc += timedelta(hours=1)
    report = await story.report()
    assert (report.boots[-1].offset_ms, report.boots[-1].steps) == (None, 1)
    await story.answer(report)
    assert (await story.report()).boots[-1].offset_ms == 5_000 - 3_600_000


async def test_an_answer_to_a_report_from_before_the_step_measures_nothing(story: Story) -> None:
    report = await story.report()
    story.clock.utc -= timedelta(hours=1)
    await story.answer(report)
    assert story.uplink.offset_ms is None


async def test_two_reports_in_one_millisecond_are_told_apart(story: Story) -> None:
    first = await story.report()
    story.clock.turn(-10)
    second = await story.report()
    assert first.sent_utc_ms < second.sent_utc_ms < first.sent_utc_ms + 10
