"""The streams of ``tests.bench.watch``: what they are, encoded once, served by processes.

Clips are kept in the system's temporary folder by what they are made from. Senders are simulated
cameras (``watch_server``), so many per process that none is ever short of time.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import msgspec
import psutil

from sim.clips import Clip, ClipSpec
from tests.system.fixtures_rtsp import Video, encode_video

GOP_S = 2
CLIP_S = 13  # whoever samples each 10 to 12 s meets other groups each time: no freeze
RECIPE = 2
PER_SENDER = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamKind:
    """One kind of stream, by its name in tables."""

    name: str
    spec: ClipSpec

    @property
    def width(self) -> int:
        return self.spec.width


def _kind(name: str, codec: str, width: int, height: int, kbit_s: int) -> StreamKind:
    spec = ClipSpec(
        place="bench",
        seed=RECIPE,
        codec=codec,
        width=width,
        height=height,
        fps=25,
        gop_s=GOP_S,
        kbit_s=kbit_s,
    )
    return StreamKind(name=name, spec=spec)


KINDS = {
    kind.name: kind
    for kind in (
        _kind("main264", "h264", 1920, 1080, 3000),
        _kind("sub264", "h264", 640, 360, 400),
        _kind("main265", "h265", 1920, 1080, 2000),
        _kind("sub265", "h265", 640, 360, 300),
    )
}


def prepare(names: list[str]) -> tuple[Path, dict[str, dict[str, Any]]]:
    """Encode what is missing; return the folder and each stream's measures."""
    folder = Path(tempfile.gettempdir()) / "vonggac-bench"
    folder.mkdir(exist_ok=True)
    return folder, {name: _measures(_clip(folder, KINDS[name].spec)) for name in names}


def _clip(folder: Path, spec: ClipSpec) -> Clip:
    path = folder / spec.name
    if path.exists():
        return msgspec.msgpack.decode(path.read_bytes(), type=Clip)
    print(f"encoding {spec.codec} {spec.height}p", file=sys.stderr)
    units = encode_video(
        Video(
            codec=cast("Literal['h264', 'h265']", spec.codec),
            width=spec.width,
            height=spec.height,
            fps=spec.fps,
            gop_s=spec.gop_s,
            kbit_s=spec.kbit_s,
            seconds=CLIP_S,
            preset="veryfast" if spec.codec == "h264" else "ultrafast",
            noise=2.0 if spec.codec == "h264" else 1.0,  # x265 keeps more of it in key frames
        )
    )
    clip = Clip(units=tuple(units), keys=tuple(range(0, len(units), spec.fps * spec.gop_s)))
    scratch = path.with_suffix(".part")
    scratch.write_bytes(msgspec.msgpack.encode(clip))
    scratch.replace(path)
    return clip


def _measures(clip: Clip) -> dict[str, Any]:
    seconds = len(clip.units) / 25
    return {
        "kbit_s": round(sum(map(len, clip.units)) * 8 / 1000 / seconds),
        "key_frame_kb": round(sum(len(clip.units[i]) for i in clip.keys) / len(clip.keys) / 1000),
    }


@dataclass(frozen=True, slots=True)
class Served:
    """Addresses of the cameras, and the processes that send."""

    urls: list[str]
    senders: list[psutil.Process]

    def cpu_s(self) -> float:
        """CPU time that the senders have spent."""
        return sum(sum(sender.cpu_times()[:2]) for sender in self.senders)


@contextmanager
def served(folder: Path, name: str, cameras: int) -> Iterator[Served]:
    """Serve so many cameras with one kind of stream until the block ends."""
    with ExitStack() as senders:
        urls: list[str] = []
        processes = []
        count = -(-cameras // PER_SENDER)
        for i in range(count):
            share = cameras // count + (i < cameras % count)
            sender = senders.enter_context(_sender(folder, name, share))
            assert sender.stdout is not None
            urls += json.loads(sender.stdout.readline())
            processes.append(psutil.Process(sender.pid))
        yield Served(urls, processes)


@contextmanager
def _sender(folder: Path, name: str, cameras: int) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.watch_server", str(folder), name, str(cameras)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process
    finally:
        process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
