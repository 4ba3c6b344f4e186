"""The agent's own parts: its boot's story, its recorder, its gauge."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.agent.boot import Boot
from edge.agent.recorder import Recorder
from edge.agent.unsaved import Unsaved
from edge.config import CameraConfig, CentreConfig, EdgeConfig, WatchConfig
from edge.rtsp.url import CameraUrl
from edge.sighting import Sighting, Verdict
from edge.spool import Spool
from edge.vitals import Gauge
from wire.messages import CameraFacts, Hold, Segment
from wire.vocabulary import Cause, State

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BOOT = "0b2c3d4e-1111-4222-8333-444455556666"
NOON_MS = int(NOON.timestamp() * 1000)


class FakeClock:
    """Two clocks that a test turns; ``wait`` turns both."""

    def __init__(self) -> None:
        self.utc = NOON
        self.mono_ms = 7_000_000

    def now(self) -> datetime:
        return self.utc

    def ms(self) -> int:
        return self.mono_ms

    def turn(self, seconds: float) -> None:
        self.utc += timedelta(seconds=seconds)
        self.mono_ms += round(seconds * 1000)

    async def wait(self, seconds: float) -> None:
        self.turn(seconds)


def config(folder: Path) -> EdgeConfig:
    centre = CentreConfig(host="h", port=1, tls=False, password=None, ca_file=None)
    camera = CameraConfig(
        id="c1", name="C", url=CameraUrl.parse("rtsp://h/"), watch=WatchConfig(confirm_s=4)
    )
    return EdgeConfig(
        agent="a1",
        data_dir=folder,
        language="vi",
        centre=centre,
        gate_input=None,
        watermark_every_s=60,
        spool_max_bytes=2**24,
        cameras=(camera,),
    )


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    spool = Spool.open(tmp_path, agent="a1", max_bytes=2**24)
    yield spool
    spool.close()


def test_a_boots_origin_is_the_clock_at_its_start() -> None:
    clock = FakeClock()
    boot = Boot(clock)
    clock.turn(90)
    story = boot.story()
    assert (story.origin_utc_ms, story.offset_ms, story.steps) == (NOON_MS, None, 0)
    assert boot.elapsed_ms() == 90_000


def test_a_step_of_the_clock_moves_the_origin_and_is_counted() -> None:
    clock = FakeClock()
    boot = Boot(clock)
    clock.utc += timedelta(hours=7)
    boot.look_at_clock()
    clock.utc += timedelta(milliseconds=900)  # NTP slews by less than a second
    story = boot.story()
    assert (story.origin_utc_ms, story.steps) == (NOON_MS + 7 * 3_600_000, 1)
    assert boot.elapsed_ms() == 0


def test_a_pause_between_the_readings_of_two_clocks_is_no_step() -> None:
    class Preempted(FakeClock):
        pauses = 0

        def now(self) -> datetime:
            if self.pauses:
                self.pauses -= 1
                self.turn(3)
            utc = self.utc
            if self.pauses:
                self.pauses -= 1
                self.turn(2)
            return utc

    clock = Preempted()
    boot = Boot(clock)
    clock.pauses = 6
    story = boot.story()
    assert (story.origin_utc_ms, story.steps) == (NOON_MS, 0)


async def recorder(clock: FakeClock, spool: Spool, folder: Path) -> Recorder:
    gauge = Gauge(version="9", data_dir=folder, clock=clock)
    boot = Boot(clock)
    await spool.begin(boot.story())
    return Recorder(config(folder), boot=boot, spool=spool, gauge=gauge, clock=clock)


def look(clock: FakeClock, cause: Cause | None = None) -> Sighting:
    verdict = Verdict(cause=cause)
    return Sighting(camera="c1", at_ms=clock.ms(), began_ms=clock.ms(), verdict=verdict)


async def test_a_watermark_comes_after_the_changes_that_it_vouches_for(
    tmp_path: Path, spool: Spool
) -> None:
    clock = FakeClock()
    record = await recorder(clock, spool, tmp_path)
    record.see(look(clock))
    clock.turn(5)
    record.see(look(clock))
    mark = await record.watermark()
    assert (mark.after_seq, mark.until_ms, mark.held) == (1, 5_000, ())
    clock.turn(1)
    record.see(look(clock, Cause.STREAM_STALLED))
    doubtful = await record.watermark()
    assert doubtful.held == (Hold(camera="c1", last_good_ms=6_000),)


async def test_what_is_open_can_be_said_again(tmp_path: Path, spool: Spool) -> None:
    clock = FakeClock()
    record = await recorder(clock, spool, tmp_path)
    record.say_again()
    record.see(look(clock))
    clock.turn(5)
    record.see(look(clock))
    record.say_again()
    (again,) = await spool.peek(spool.running, 0, 10)  # what nobody has heard gives way to it
    assert again.segment is not None
    assert again.seq == 2


async def pages(spool: Spool, most: int | None) -> None:
    """Let the disk be full: the file may have ``most`` pages, or none more than it has (None)."""

    def work(connection: sqlite3.Connection) -> None:
        (count,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {count if most is None else most}").fetchall()

    await spool._runner.submit(work)


def flap(record: Recorder, clock: FakeClock, times: int) -> None:
    for number in range(times):
        clock.turn(5)
        cause = Cause.STREAM_STALLED if number % 2 else None
        record.see(look(clock, cause))
        clock.turn(5)
        record.see(look(clock, cause))


async def test_changes_that_a_full_disk_refused_are_kept_and_saved_later(
    tmp_path: Path, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    record = await recorder(clock, spool, tmp_path)
    await pages(spool, None)
    flap(record, clock, 400)
    await record.save_watermark()
    assert caplog.text.count("wait in memory: the disk is full") == 1
    kept = len(await spool.peek(spool.running, 0, 10_000))
    await pages(spool, 100_000)
    await record.watermark()
    found = [item.segment for item in await spool.peek(spool.running, 0, 10_000)]
    assert kept < len(found)
    told = {segment.number: segment.end_ms for segment in found if segment}
    assert set(told) == set(range(1, 401))
    assert [number for number, end_ms in told.items() if end_ms is None] == [400]


async def test_no_watermark_vouches_for_a_camera_whose_change_is_not_saved(
    tmp_path: Path, spool: Spool
) -> None:
    clock = FakeClock()
    record = await recorder(clock, spool, tmp_path)
    record.see(look(clock))
    clock.turn(5)
    record.see(look(clock))
    assert (await record.watermark()).held == ()
    await pages(spool, None)
    flap(record, clock, 400)
    mark = await record.watermark()  # its row has its room already
    (known,) = [
        segment
        for item in await spool.peek(spool.running, mark.after_seq - 1, 1)
        if (segment := item.segment)
    ]
    (hold,) = mark.held
    assert known.start_ms < hold.last_good_ms < mark.until_ms - 1_000_000
    if known.end_ms is not None:
        assert hold.last_good_ms == known.end_ms


async def test_changes_that_come_while_others_wait_come_after_them(
    tmp_path: Path, spool: Spool
) -> None:
    clock = FakeClock()
    record = await recorder(clock, spool, tmp_path)
    await pages(spool, None)
    flap(record, clock, 400)
    await record.save_watermark()
    await pages(spool, 100_000)
    flap(record, clock, 3)
    await record.watermark()
    found = [item.segment for item in await spool.peek(spool.running, 0, 10_000)]
    numbers = [segment.number for segment in found if segment]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 403


async def test_what_memory_could_not_hold_is_told_once_there_is_room(
    tmp_path: Path, spool: Spool
) -> None:
    clock = FakeClock()
    record = await recorder(clock, spool, tmp_path)
    record._unsaved = Unsaved(most=20)
    await pages(spool, None)
    flap(record, clock, 400)
    await record.save_watermark()
    await pages(spool, 100_000)
    await record.watermark()
    items = await spool.peek(spool.running, 0, 10_000)
    (gap,) = [item.gap for item in items if item.gap]
    told = {item.segment.number for item in items if item.segment}
    assert (gap.boot, gap.cameras) == (spool.running, ("c1",))
    assert gap.count == 400 - len(told)
    assert gap.start_ms is not None
    assert gap.end_ms is not None
    assert gap.end_ms - gap.start_ms == gap.count * 10_000


def test_of_what_waits_only_whole_segments_give_way() -> None:
    unsaved = Unsaved(most=2)

    def segment(number: int, end_ms: int | None) -> Segment:
        return Segment(
            boot=BOOT,
            number=number,
            camera="c",
            state=State.UP,
            start_ms=number * 10,
            end_ms=end_ms,
        )

    unsaved.add([segment(1, 15), segment(2, None)])  # 1 is open in the spool
    unsaved.add([segment(2, 25), segment(3, None)])
    assert [s.number for s in unsaved.segments()] == [1, 3]
    tried = unsaved.take()
    unsaved.add([segment(3, 35), segment(4, None)])
    unsaved.refused(tried)
    assert [(s.number, s.end_ms) for s in unsaved.segments()] == [(1, 15), (4, None)]
    assert unsaved.sure_until_ms(BOOT) == {"c": 15}
    (gap,) = unsaved.lost()
    assert (gap.count, gap.start_ms, gap.end_ms) == (2, 20, 35)


async def test_vitals_tell_what_the_agent_costs_and_keeps(tmp_path: Path, spool: Spool) -> None:
    clock = FakeClock()
    record = await recorder(clock, spool, tmp_path)
    record.note_facts(CameraFacts(camera="c1", codec="h264", fps=25.0))
    clock.turn(60)
    vitals = await record.vitals(offset_ms=-3)
    assert (vitals.version, vitals.uptime_s, vitals.clock_offset_ms) == ("9", 60, -3)
    assert vitals.memory > 10_000_000
    assert vitals.disk_free > 0
    [told] = vitals.cameras
    assert told == CameraFacts(camera="c1", host=told.host, codec="h264", fps=25.0)
    assert vitals.spool_items == 0


async def test_a_loop_that_wakes_late_is_noticed_once(tmp_path: Path, spool: Spool) -> None:
    class Late(FakeClock):
        async def wait(self, seconds: float) -> None:
            self.turn(seconds + 0.25)
            await asyncio.sleep(0)

    clock = Late()
    gauge = Gauge(version="9", data_dir=tmp_path, clock=clock)
    watching = asyncio.create_task(gauge.watch_lag())
    for _ in range(3):
        await asyncio.sleep(0)
    watching.cancel()
    stats = await spool.stats()
    assert gauge.read(stats, (), offset_ms=None).lag_ms == 250
    assert gauge.read(stats, (), offset_ms=None).lag_ms == 0
