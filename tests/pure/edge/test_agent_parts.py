"""The agent's own parts: its boot's story, its recorder, its gauge."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.agent.boot import Boot
from edge.agent.recorder import Recorder
from edge.config import CameraConfig, CentreConfig, EdgeConfig, WatchConfig
from edge.rtsp.url import CameraUrl
from edge.sighting import Sighting, Verdict
from edge.spool import Spool
from edge.vitals import Gauge
from wire.messages import CameraFacts, Hold
from wire.vocabulary import Cause

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
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
    story = boot.story(offset_ms=12)
    assert (story.origin_utc_ms, story.offset_ms, story.steps) == (NOON_MS, 12, 0)
    assert boot.elapsed_ms() == 90_000


async def test_a_step_of_the_clock_moves_the_origin_and_is_counted() -> None:
    clock = FakeClock()
    boot = Boot(clock)
    clock.utc += timedelta(hours=7)
    await boot.look_at_clock()
    clock.utc += timedelta(milliseconds=900)  # NTP slews by less than a second
    story = boot.story(None)
    assert (story.origin_utc_ms, story.steps) == (NOON_MS + 7 * 3_600_000 + 900, 1)
    assert boot.elapsed_ms() == 0


async def recorder(clock: FakeClock, spool: Spool, folder: Path) -> Recorder:
    gauge = Gauge(version="9", data_dir=folder, clock=clock)
    boot = Boot(clock)
    await spool.begin(boot.story(None))
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


async def test_changes_that_a_full_disk_refused_are_kept_and_saved_later(
    tmp_path: Path, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    record = await recorder(clock, spool, tmp_path)
    pages = await spool._runner.submit(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
    await spool._runner.submit(lambda c: c.execute(f"PRAGMA max_page_count = {pages}").fetchone())
    filler = look(clock)
    for number in range(400):  # until no page has room
        clock.turn(5)
        cause = Cause.STREAM_STALLED if number % 2 else None
        record.see(filler := look(clock, cause))
        clock.turn(5)
        record.see(look(clock, filler.verdict.cause))
    await spool.stats()
    await asyncio.sleep(0)
    assert "could not be kept and are tried again: the disk is full" in caplog.text
    kept = len(await spool.peek(spool.running, 0, 10_000))
    await spool._runner.submit(lambda c: c.execute("PRAGMA max_page_count = 100000").fetchone())
    await record.watermark()
    found = await spool.peek(spool.running, 0, 10_000)
    told = [item.segment for item in found if item.segment]
    assert kept < len(told)
    assert {each.number for each in told if each.end_ms is not None} == set(range(1, 400))
    assert {each.number for each in told} == set(range(1, 401))


async def test_vitals_tell_what_the_agent_costs_and_keeps(tmp_path: Path, spool: Spool) -> None:
    clock = FakeClock()
    record = await recorder(clock, spool, tmp_path)
    record.note_facts(CameraFacts(camera="c1", codec="h264", fps=25.0))
    clock.turn(60)
    vitals = await record.vitals(offset_ms=-3)
    assert (vitals.version, vitals.uptime_s, vitals.clock_offset_ms) == ("9", 60, -3)
    assert vitals.memory > 10_000_000
    assert vitals.disk_free > 0
    assert vitals.cameras == (CameraFacts(camera="c1", codec="h264", fps=25.0),)
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
