"""A new boot begins: what is told of it, and that a kill at any step claims nothing false."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from edge.agent.boot import Boot
from edge.agent.facts import told_host
from edge.agent.recorder import Recorder
from edge.rtsp.url import CameraUrl
from edge.sighting import Sighting, Verdict
from edge.spool import Job, Jobs, Spool
from edge.spool.writer import T, Work
from edge.vitals import Gauge
from tests.pure.edge.inline_spool import Inline, opened, quick_folder
from tests.pure.edge.test_agent_parts import FakeClock, config
from wire.messages import CameraFacts, Item, Segment, Watermark
from wire.vocabulary import Cause


class Killed(BaseException):
    """The process has ended here."""


class Mortal(Inline):
    """A runner that dies at a job: before it, or after it with nobody told."""

    jobs_left: float = float("inf")
    dies_after = False
    last: Jobs

    def __init__(self, jobs: Jobs) -> None:
        super().__init__(jobs)
        Mortal.last = jobs

    def submit(self, work: Work[T]) -> "asyncio.Future[T]":
        type(self).jobs_left -= 1
        if self.jobs_left < 0:
            if self.dies_after:
                job: Job[T] = Job(work=work, future=asyncio.get_running_loop().create_future())
                self._jobs.run([job])
            raise Killed
        return super().submit(work)


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as made:
        yield made


async def begin(folder: Path, clock: FakeClock, runner: type[Inline] = Inline) -> Recorder:
    spool = Spool.open(folder, agent="a1", max_bytes=2**26, runner=runner)
    boot = Boot(clock)
    await spool.begin(boot.story())
    gauge = Gauge(version="9", data_dir=folder, clock=clock)
    return Recorder(config(folder), boot=boot, spool=spool, gauge=gauge, clock=clock)


def look(record: Recorder, clock: FakeClock, cause: Cause | None = None) -> None:
    verdict = Verdict(cause=cause)
    at_ms = clock.ms()
    record.see(Sighting(camera="c1", at_ms=at_ms, began_ms=at_ms, verdict=verdict))


async def watch(record: Recorder, clock: FakeClock, *causes: Cause | None) -> None:
    """Look once a second and save a watermark after every ten looks."""
    for number, cause in enumerate(causes):
        look(record, clock, cause)
        if number % 10 == 0:
            await record.save_watermark()
        clock.turn(1)


UP, DOWN = (None,) * 12, (Cause.STREAM_STALLED,) * 12


async def day(folder: Path, clock: FakeClock, runner: type[Inline], *, is_real: bool) -> Recorder:
    record = await begin(folder, clock, runner)
    await watch(record, clock, *UP, *DOWN, *UP, Cause.STREAM_STALLED)
    assert await record.turn_over(None)
    await watch(record, clock, *(DOWN if is_real else UP), *DOWN)
    return record


async def what_is_left(folder: Path) -> tuple[list[Item], list[Watermark], dict[str, int]]:
    """Return what a successor finds: items, last watermarks, and where each boot's origin lies."""
    spool = opened(folder)
    items: list[Item] = []
    marks: list[Watermark] = []
    zeros: dict[str, int] = {}
    for former in await spool.backlog():
        items += await spool.peek(former.spool, 0, 1_000)
        marks += former.watermarks
        for story in await spool.stories([former.spool]):
            zeros[story.id] = story.origin_utc_ms
    spool.close()
    return items, marks, zeros


def claims(
    items: list[Item], marks: list[Watermark], zeros: dict[str, int]
) -> list[tuple[int, int, Cause | None]]:
    """Return (from, to, cause) in UTC milliseconds, by the centre's rules."""
    told: dict[tuple[str, int], Segment] = {}
    for segment in (item.segment for item in items if item.segment):
        known = told.get((segment.boot, segment.number))
        if known is None or known.end_ms is None:
            told[segment.boot, segment.number] = segment
    until = {
        mark.boot: (mark.until_ms, {h.camera: h.last_good_ms for h in mark.held}) for mark in marks
    }
    found = []
    for segment in told.values():
        later = [
            s.start_ms
            for s in told.values()
            if s.boot == segment.boot and s.number > segment.number
        ]
        mark_ms, held = until.get(segment.boot, (0, {}))
        end_ms = segment.end_ms if segment.end_ms is not None else held.get("c1", mark_ms)
        end_ms = min([end_ms, *later])
        zero = zeros[segment.boot]
        cause = Cause(segment.cause) if segment.cause else None
        found.append((zero + segment.start_ms, zero + end_ms, cause))
    return sorted(claim for claim in found if claim[0] < claim[1])


def truth(zero_utc_ms: int, *, is_real: bool) -> list[tuple[int, int, Cause | None]]:
    """What was the case: up, down, up for 12 s each, then a doubt that was real, or a blink."""
    spans = [(0, 12, None), (12, 24, DOWN[0]), (24, 36 if is_real else 49, None)]
    spans.append((spans[-1][1], 60, DOWN[0]))  # the last look
    return [(zero_utc_ms + a * 1000, zero_utc_ms + b * 1000, c) for a, b, c in spans]


@pytest.mark.parametrize("dies_after", [False, True])
@pytest.mark.parametrize("is_real", [False, True])
async def test_killed_at_any_step_of_a_turn_nothing_false_is_claimed(
    folder: Path, dies_after: bool, is_real: bool
) -> None:
    for jobs in range(200):
        home = folder / f"{jobs}"
        clock = FakeClock()
        zero_utc_ms = int(clock.utc.timestamp() * 1000)
        Mortal.jobs_left, Mortal.dies_after = jobs, dies_after
        died = True
        with contextlib.suppress(Killed):
            await day(home, clock, Mortal, is_real=is_real)
            died = False
        now_ms = zero_utc_ms + clock.ms() - 7_000_000
        shutil.copytree(home, folder / "left")
        Mortal.last.close()
        for begin_ms, end_ms, cause in claims(*await what_is_left(folder / "left")):
            assert end_ms <= now_ms + 1, (jobs, "the future")
            for at_ms in range(begin_ms, end_ms - 1, 500):
                true = [c for a, b, c in truth(zero_utc_ms, is_real=is_real) if a <= at_ms < b]
                assert true == [cause], (jobs, at_ms - zero_utc_ms, cause)
        shutil.rmtree(folder / "left")
        if not died:
            break
    assert not died
    assert jobs >= 15


async def test_both_boots_of_a_turn_cover_all_that_was_watched(folder: Path) -> None:
    clock = FakeClock()
    zero_utc_ms = int(clock.utc.timestamp() * 1000)
    record = await begin(folder, clock)
    await watch(record, clock, *UP, *DOWN)
    assert await record.turn_over(None)
    await watch(record, clock, *UP)
    await record.save_watermark()
    record._spool.close()
    found = claims(*await what_is_left(folder))
    assert [(a - zero_utc_ms, b - zero_utc_ms, c) for a, b, c in found] == [
        (0, 12_000, None),
        (12_000, 24_000, DOWN[0]),
        (24_000, 35_000, None),
    ]


@pytest.mark.parametrize("is_real", [False, True])
async def test_a_doubt_at_the_turn_costs_nothing_in_the_end(folder: Path, is_real: bool) -> None:
    clock = FakeClock()
    zero_utc_ms = int(clock.utc.timestamp() * 1000)
    record = await day(folder, clock, Inline, is_real=is_real)
    await record.save_watermark()
    record._spool.close()
    known: dict[int, Cause | None] = {}
    for begin_ms, end_ms, cause in claims(*await what_is_left(folder)):
        known |= dict.fromkeys(range(begin_ms, end_ms, 500), cause)
    for begin_ms, end_ms, cause in truth(zero_utc_ms, is_real=is_real):
        assert {known.get(at_ms, "unknown") for at_ms in range(begin_ms, end_ms, 500)} == {cause}


async def test_no_boot_begins_while_changes_wait_for_room(folder: Path) -> None:
    clock = FakeClock()
    record = await begin(folder, clock)
    await watch(record, clock, *UP)
    record._unsaved.add(record._builder.open_segments())
    await record._spool._runner.submit(lambda c: c.execute("PRAGMA query_only = 1").fetchall())
    running = record._spool.running
    assert not await record.turn_over(None)
    assert record._spool.running == running


def facts(camera: str = "c1", **more: object) -> CameraFacts:
    return CameraFacts(camera=camera, host="h", codec="h264", **more)  # type: ignore[arg-type]


@pytest.fixture
async def record(folder: Path) -> AsyncIterator[Recorder]:
    clock = FakeClock()
    made = await begin(folder, clock)
    yield made
    made._spool.close()


async def told(record: Recorder) -> tuple[CameraFacts, ...]:
    return (await record.vitals(None)).cameras


async def test_facts_are_told_until_they_are_heard_and_then_when_they_matter(
    record: Recorder,
) -> None:
    clock = record._clock
    assert isinstance(clock, FakeClock)
    record.note_facts(facts(fps=25.0))
    assert await told(record) == await told(record) == (facts(fps=25.0),)
    record.facts_heard((facts(fps=25.0),))
    record.note_facts(facts(fps=24.5))
    assert await told(record) == ()
    record.note_facts(facts(fps=24.5, unchecked=("picture.frozen",)))
    changed = await told(record)
    assert changed[0].unchecked == ("picture.frozen",)
    record.facts_heard(changed)
    assert await told(record) == ()
    clock.turn(600)
    assert await told(record) == changed


async def test_where_a_camera_is_gets_told_before_anything_of_it_was_measured(
    record: Recorder,
) -> None:
    assert await told(record) == (CameraFacts(camera="c1", host="h"),)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("rtsp://user:secret@192.168.1.64:554/Streaming/101", "192.168.1.64"),
        ("rtsp://user:secret@NVR.local:5541/1", "nvr.local:5541"),
        ("rtsps://[fe80::1]:8322/1", "[fe80::1]:8322"),
        ("rtsp://[fe80::1]/1", "fe80::1"),
    ],
)
def test_a_cameras_host_is_told_without_who_we_are(address: str, host: str) -> None:
    assert told_host(CameraUrl.parse(address)) == host


async def test_facts_are_told_again_on_a_new_connection(record: Recorder) -> None:
    record.note_facts(facts())
    record.facts_heard(await told(record))
    record.say_again()
    assert await told(record) == (facts(),)


async def test_at_rest_no_watermark_vouches_for_what_nobody_watched(record: Recorder) -> None:
    clock = record._clock
    assert isinstance(clock, FakeClock)
    await watch(record, clock, *UP)
    clock.turn(-0.5)
    record.rest()
    clock.turn(0.5)
    look(record, clock)  # whoever was just at it
    clock.turn(5)
    assert (await record.watermark()).until_ms == 11_500


@pytest.mark.parametrize("busy_s", [0.8, 2.5, 10])
async def test_a_gate_pc_too_busy_to_look_that_then_dies_has_claimed_nothing_it_did_not_see(
    folder: Path, busy_s: float
) -> None:
    clock = FakeClock()
    zero_utc_ms = int(clock.utc.timestamp() * 1000)
    record = await begin(folder, clock)
    await watch(record, clock, *DOWN)
    last_look_ms = 11_000
    clock.turn(busy_s - 1)  # it is up since the last look, but nobody looks
    await record.save_watermark()
    record._spool.close()
    found = claims(*await what_is_left(folder))
    assert found == [(zero_utc_ms, zero_utc_ms + last_look_ms, DOWN[0])]


async def test_what_was_vouched_for_is_not_taken_back_by_a_later_watermark(
    record: Recorder,
) -> None:
    clock = record._clock
    assert isinstance(clock, FakeClock)
    await watch(record, clock, *UP)
    marks = []
    for _ in range(4):
        marks.append((await record.watermark()).until_ms)
        clock.turn(1)
    assert marks == [11_000, 11_001, 11_002, 15_000]
