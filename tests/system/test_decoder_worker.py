"""The decoder's process as it is: real crashes, hangs, limits, and two cameras that go on."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import psutil
import pytest

from edge.clock import SystemClock
from edge.config.values import CameraConfig, WatchConfig
from edge.picture.decoder import AvDecoder, DecoderCrashed, Undecodable
from edge.picture.judge import Judge
from edge.picture.pipe import Kind
from edge.picture.process import DecoderProcess, ProcessEnded
from edge.rtsp.session import Pump
from edge.rtsp.url import CameraUrl
from edge.sighting import Sighting
from edge.watcher import watch
from sim.clips import ClipCache, ClipSpec
from sim.fleet import CameraSpec, Fleet
from tests.pure.edge.test_picture_decoder import key_frame
from wire.vocabulary import Cause

QUICK = partial(DecoderProcess, answer_s=0.5)
UNIT = key_frame("h264", 320, 180)
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals make it crash and hang")


class Started:
    """Starts real processes and remembers them."""

    def __init__(self, start: Callable[[], DecoderProcess] = DecoderProcess) -> None:
        self._start = start
        self.all: list[DecoderProcess] = []

    def __call__(self) -> DecoderProcess:
        self.all.append(self._start())
        return self.all[-1]

    def are_over(self, count: int) -> bool:
        return len(self.all) > count

    def signal(self, *numbers: signal.Signals) -> None:
        for number in numbers:
            os.kill(self.all[-1].pid, number)


@pytest.fixture
def started() -> Started:
    return Started()


@pytest.fixture
async def decoder(started: Started) -> AsyncIterator[AvDecoder]:
    made = AvDecoder(start=started)
    yield made
    made.close()
    assert all(process.has_ended for process in started.all)


async def until(true: Callable[[], Any], bound_s: float = 20.0) -> None:
    for _ in range(round(bound_s / 0.02)):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {bound_s} s")


async def test_a_crash_in_the_middle_of_a_key_frame(decoder: AvDecoder, started: Started) -> None:
    await decoder.decode("h264", UNIT)
    started.signal(signal.SIGSTOP)
    under_way = asyncio.create_task(decoder.decode("h264", UNIT))
    await asyncio.sleep(0.1)
    started.signal(signal.SIGSEGV, signal.SIGCONT)
    with pytest.raises(DecoderCrashed, match=r"the decoder crashed \(SIGSEGV\) on this key frame"):
        await under_way
    assert (await decoder.decode("h264", UNIT)).width == 320
    assert len(started.all) == 2


async def test_a_hung_decoder_is_killed_and_what_waits_is_decoded() -> None:
    started = Started(QUICK)
    decoder = AvDecoder(start=started)
    await decoder.decode("h264", UNIT)
    started.signal(signal.SIGSTOP)
    first, *others = [asyncio.create_task(decoder.decode("h264", UNIT)) for _ in range(5)]
    with pytest.raises(DecoderCrashed, match=r"hung \(no answer within 0.5 s\)"):
        await first
    assert [picture.width for picture in await asyncio.gather(*others)] == [320] * 4
    decoder.close()


async def test_a_request_that_fills_the_pipe_of_a_hung_decoder_ends_too() -> None:
    started = Started(QUICK)
    decoder = AvDecoder(start=started)
    await decoder.decode("h264", UNIT)
    started.signal(signal.SIGSTOP)
    with pytest.raises(DecoderCrashed, match="hung"):
        await decoder.decode("h264", bytes(4_000_000))
    decoder.close()


async def test_close_does_not_wait_for_a_hung_decoder(started: Started) -> None:
    decoder = AvDecoder(start=started)
    await decoder.decode("h264", UNIT)
    started.signal(signal.SIGSTOP)
    under_way = asyncio.create_task(decoder.decode("h264", UNIT))
    await asyncio.sleep(0.1)
    began_s = asyncio.get_running_loop().time()
    decoder.close()
    assert asyncio.get_running_loop().time() - began_s < 2
    with pytest.raises((Undecodable, asyncio.CancelledError)):
        await under_way
    assert started.all[0].has_ended


async def test_close_does_not_wait_for_a_decoder_that_does_not_start() -> None:
    code = "import time; time.sleep(60)"
    started = Started(lambda: DecoderProcess([sys.executable, "-c", code]))
    decoder = AvDecoder(start=started)
    under_way = asyncio.create_task(decoder.decode("h264", UNIT))
    await until(partial(started.are_over, 0))
    began_s = asyncio.get_running_loop().time()
    decoder.close()
    assert asyncio.get_running_loop().time() - began_s < 2
    with pytest.raises((Undecodable, asyncio.CancelledError)):
        await under_way


async def test_a_process_that_was_killed_while_idle_is_nobodys_fault(
    decoder: AvDecoder, started: Started
) -> None:
    for _ in range(4):
        assert (await decoder.decode("h264", UNIT)).width == 320
        started.signal(signal.SIGKILL)
        await until(lambda: started.all[-1].has_ended)
    assert len(started.all) == 4


async def test_a_picture_beyond_the_memory_is_refused_and_the_next_is_decoded(
    started: Started, decoder: AvDecoder
) -> None:
    import resource  # noqa: PLC0415 (POSIX alone)

    await decoder.decode("h264", UNIT)
    size = psutil.Process(started.all[0].pid).memory_info().vms
    resource.prlimit(started.all[0].pid, resource.RLIMIT_AS, (size + 1_000_000, size + 1_000_000))
    with pytest.raises(Undecodable):
        await decoder.decode("h264", key_frame("h264", 3840, 2160))
    assert (await decoder.decode("h264", UNIT)).width == 320


@pytest.mark.parametrize("limit", ["_MUCH_MEMORY_KB = 1", "_MAX_ANSWERS = 1"])
async def test_a_process_that_has_had_its_day_is_replaced(limit: str) -> None:
    code = f"from edge.picture import worker; worker.{limit}; worker.main()"
    started = Started(lambda: DecoderProcess([sys.executable, "-c", code]))
    decoder = AvDecoder(start=started)
    for _ in range(3):
        assert (await decoder.decode("h264", UNIT)).width == 320
    decoder.close()
    assert len(started.all) == 3


async def test_the_process_is_modest_and_knows_no_secrets(
    decoder: AvDecoder, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAMERA_PASSWORD", "secret-word")
    await decoder.decode("h264", UNIT)
    worker = psutil.Process(started.all[0].pid)
    assert "secret-word" not in repr((worker.environ(), worker.cmdline()))
    assert worker.nice() == min(psutil.Process().nice() + 5, 19)
    loaded = " ".join(part.path for part in worker.memory_maps())
    assert "libavcodec" in loaded
    assert not any(big in loaded for big in ("numpy", "cv2"))
    assert worker.rlimit(psutil.RLIMIT_AS)[1] == 2**30
    assert worker.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    for number in (signal.SIGINT, signal.SIGTERM):
        worker.send_signal(number)
    assert (await decoder.decode("h264", UNIT)).width == 320
    assert len(started.all) == 1


def test_the_process_ends_with_its_input() -> None:
    process = DecoderProcess()
    process.greet()
    pipe = process._process.stdin
    assert pipe is not None
    pipe.close()
    assert process._process.wait(10) == 0
    process.close()


def test_the_agent_does_not_load_ffmpeg() -> None:
    code = (
        "import sys, edge.agent.serve, edge.cli.main; "
        "sys.exit(sorted(name for name in sys.modules if name == 'av') or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import no_such_module", "No module named 'no_such_module'"),
        ("import os; os.write(1, b'GET / HTTP/1.0')", "an answer that is none"),
        ("import os; os.write(1, bytes(3))", "exit code 0"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", "crashed (SIGILL)"),
        ("import time; time.sleep(60)", "no answer within 1.5 s"),
    ],
)
def test_a_decoder_that_does_not_start_says_why(code: str, why: str) -> None:
    process = DecoderProcess([sys.executable, "-c", code], start_s=1.5)
    with pytest.raises(ProcessEnded) as ended:
        process.greet()
    assert why in str(ended.value)


def test_what_it_says_is_logged_in_bounds(caplog: pytest.LogCaptureFixture) -> None:
    code = (
        "import sys, os; sys.stderr.write('x' * 100_000 + '\\n\\x1b[31mred\\n' * 1000);"
        "sys.stderr.flush(); os.write(1, bytes(5)); sys.stdin.read()"
    )
    with caplog.at_level(logging.WARNING):
        process = DecoderProcess([sys.executable, "-c", code])
        process.greet()
        process.close()
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 40
    assert max(map(len, said)) < 400
    assert "\x1b" not in "".join(said)


def test_damaged_key_frames_end_in_words_or_in_pictures() -> None:
    process = DecoderProcess()
    process.greet()
    for codec in ("h264", "h265"):
        whole = key_frame("h264" if codec == "h264" else "h265", 320, 180)
        for i in range(0, len(whole), max(len(whole) // 60, 1)):
            damaged = whole[:i] + bytes([whole[i] ^ 0xFF]) + whole[i + 1 :]
            kind, _ = process.ask("h264" if codec == "h264" else "h265", damaged)
            assert kind in {Kind.PICTURE, Kind.UNDECODABLE}
    process.close()


async def test_two_cameras_are_watched_on_while_the_decoder_is_killed(
    tmp_path_factory: pytest.TempPathFactory, started: Started, decoder: AvDecoder
) -> None:
    spec = ClipSpec(width=320, height=180)
    cache = ClipCache(tmp_path_factory.getbasetemp() / "clips")
    fleet = Fleet([CameraSpec(id=name, clip=spec) for name in ("c1", "c2")], cache=cache)
    await fleet.start()
    clock = SystemClock()
    pump = Pump(clock)
    said: list[Sighting] = []
    tasks = [asyncio.create_task(pump.run())]
    for name in fleet.cameras:
        camera = CameraConfig(
            id=name,
            name=name,
            url=CameraUrl.parse(fleet.url(name)),
            watch=WatchConfig(picture_every_s=2),
        )
        watching = watch(
            camera,
            clock=clock,
            opener=pump,
            decoder=decoder.for_camera(name),
            judge=Judge(freeze_after_ms=60_000),
            on_sighting=said.append,
        )
        tasks.append(asyncio.create_task(watching))
    await until(lambda: are_up(said))
    said.clear()
    for kills in (1, 2, 3):
        started.signal(signal.SIGSEGV)
        await until(partial(started.are_over, kills))
    after = len(said)
    await until(lambda: are_up(said[after:]))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await fleet.stop()
    # A kill may meet a key frame under way, which costs its camera this one picture.
    hurt = [one for one in said if one.verdict.cause is not None]
    assert {one.verdict.cause for one in hurt} <= {Cause.STREAM_UNDECODABLE}
    assert len(hurt) <= 3 * 4


def are_up(said: list[Sighting]) -> bool:
    """Tell whether both cameras have been seen, and well at the last."""
    return {one.camera: one.verdict.cause for one in said} == {"c1": None, "c2": None}
