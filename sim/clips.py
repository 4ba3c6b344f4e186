"""Scenes, encoded once and kept: each clip is one file of access units in a cache folder.

A file's name holds a hash of everything that the clip was made from, and of ``RECIPE``, which is
raised whenever drawing or encoding changes; so a file is never stale and never rewritten, and the
folder may be deleted at any time. One slice per picture and no B-frames, as cameras send. A loop
has 11 key frames: an agent that samples every so many seconds meets all, never one alone.
"""

import hashlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import msgspec
from av.video.codeccontext import VideoCodecContext

from sim.scene import Size, frame, make_scene

RECIPE: Final = 4
LOOP_GOPS: Final = 11
WARM_UP_GOPS: Final = 2
"""Encoded and thrown away, so that the rate control is settled from the loop's first picture on."""
CLOCK_SHOWS: Final = datetime(2026, 11, 23, 6, 48, tzinfo=UTC)
_MAIN_STREAM_PX: Final = 720
_ENCODERS: Final = {"h264": "libx264", "h265": "libx265"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSpec:
    """What a clip is made from. ``gop_s`` is the time between key frames in whole seconds."""

    place: str = "gate"
    sign: str = "TRƯỜNG TIỂU HỌC VĨNH QUỲNH"
    seed: int = 1
    variant: str = "normal"
    codec: str = "h264"
    width: int = 640
    height: int = 360
    fps: int = 12
    gop_s: int = 2
    kbit_s: int = 500

    @property
    def frames(self) -> int:
        """Pictures in the loop."""
        return LOOP_GOPS * self.gop_s * self.fps

    @property
    def name(self) -> str:
        """File name: what it is, then the hash of what it is made from."""
        text = repr((RECIPE, astuple(self)))
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return f"{self.place}-{self.variant}-{self.codec}-{self.height}-{digest}.clip"


class Clip(msgspec.Struct, frozen=True):
    """Access units in Annex B form, and the indices of those that are key frames."""

    units: tuple[bytes, ...]
    keys: tuple[int, ...]

    def pairs(self) -> list[tuple[bytes, bool]]:
        """Return each unit with whether it is a key frame."""
        keys = frozenset(self.keys)
        return [(unit, i in keys) for i, unit in enumerate(self.units)]


def default_folder() -> Path:
    """Return the user's cache folder for clips."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "vonggac" / "clips"


def _context(spec: ClipSpec) -> VideoCodecContext:
    context = VideoCodecContext.create(_ENCODERS[spec.codec], "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height = spec.width, spec.height
    context.pix_fmt = "yuv420p"
    context.framerate = Fraction(spec.fps)
    context.time_base = Fraction(1, spec.fps)
    context.gop_size = spec.gop_s * spec.fps
    context.max_b_frames = 0
    context.bit_rate = spec.kbit_s * 1000
    context.thread_count = 1
    gop = spec.gop_s * spec.fps
    common = f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0:repeat-headers=1:rc-lookahead=0"
    floor = 22 if spec.height < _MAIN_STREAM_PX else 10  # a sub-stream saves where nothing happens
    rate = f":vbv-maxrate={spec.kbit_s * 3 // 2}:vbv-bufsize={spec.kbit_s * 2}:qpmin={floor}"
    if spec.codec == "h264":
        own = ":sliced-threads=0:slices=1:force-cfr=1:mbtree=0"
        context.options = {"preset": "veryfast", "x264-params": common + rate + own}
    else:
        own = ":open-gop=0:info=0:log-level=none:pools=1:frame-threads=1"
        context.options = {"preset": "ultrafast", "x265-params": common + rate + own}
    return context


def encode(spec: ClipSpec) -> Clip:
    """Draw and encode a clip (a second or two for a 640x360 one)."""
    size = Size(width=spec.width, height=spec.height, fps=spec.fps, frames=spec.frames)
    scene = make_scene(spec.place, spec.sign, seed=spec.seed, size=size, begins=CLOCK_SHOWS)
    context = _context(spec)
    warm_up = WARM_UP_GOPS * spec.gop_s * spec.fps
    packets = []
    for number in range(-warm_up, spec.frames):
        picture = av.VideoFrame.from_ndarray(frame(scene, number, spec.variant), format="bgr24")
        picture.pts = number + warm_up
        packets += context.encode(picture.reformat(format="yuv420p"))
    packets = (packets + context.encode(None))[warm_up:]
    keys = tuple(i for i, packet in enumerate(packets) if packet.is_keyframe)
    return Clip(units=tuple(bytes(packet) for packet in packets), keys=keys)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@dataclass(frozen=True, slots=True)
class ClipCache:
    """Clips by what they are made from, in a folder."""

    folder: Path

    def missing(self, specs: set[ClipSpec]) -> list[ClipSpec]:
        """Return those that would have to be encoded, in a steady order."""
        return sorted((s for s in specs if not self._path(s).exists()), key=lambda s: s.name)

    def get(self, spec: ClipSpec) -> Clip:
        """Return a clip, encoding it if nobody has yet."""
        path = self._path(spec)
        try:
            return msgspec.msgpack.decode(path.read_bytes(), type=Clip)
        except (FileNotFoundError, msgspec.MsgspecError):
            return self._make(spec)

    def prepare(self, specs: set[ClipSpec], progress: Callable[[int, int], None]) -> None:
        """Encode what is missing, on all cores; ``progress(done, total)`` is called as they finish.

        The encoders run in processes of their own, which end with this call.
        """
        todo = self.missing(specs)
        if not todo:
            return
        progress(0, len(todo))
        pool = ProcessPoolExecutor(
            min(len(todo), os.cpu_count() or 1),
            mp_context=multiprocessing.get_context("spawn"),  # a fork would copy running threads
            initializer=_leave_interrupts_to_the_parent,
        )
        try:
            for done, _ in enumerate(pool.map(self._store, todo), 1):
                progress(done, len(todo))
        finally:
            pool.shutdown(cancel_futures=True)

    def _path(self, spec: ClipSpec) -> Path:
        return self.folder / spec.name

    def _store(self, spec: ClipSpec) -> None:
        self._make(spec)

    def _make(self, spec: ClipSpec) -> Clip:
        clip = encode(spec)
        self.folder.mkdir(parents=True, exist_ok=True)
        scratch = self._path(spec).with_suffix(f".{os.getpid()}.part")
        scratch.write_bytes(msgspec.msgpack.encode(clip))
        scratch.replace(self._path(spec))
        return clip
