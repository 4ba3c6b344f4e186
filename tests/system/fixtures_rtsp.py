"""Encoded video and GStreamer's RTSP server, for tests and benches of the watching side."""

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal, cast
from urllib.parse import quote

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

SYSTEM_PYTHON = Path("/usr/bin/python3")
SERVER = Path(__file__).with_name("gst_server.py")
_ENCODERS = {"h264": "libx264", "h265": "libx265"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """What to encode: a textured picture that drifts, or a black one."""

    codec: Literal["h264", "h265"] = "h264"
    width: int = 640
    height: int = 360
    fps: int = 25
    seconds: int = 2
    kbit_s: int = 600
    black: bool = False
    gop_s: int = 1
    preset: str = "ultrafast"
    noise: float = 0.0  # standard deviation of a sensor's noise, in grey levels


def encode_video(video: Video) -> list[bytes]:
    """Return access units, Annex B, a key frame each ``gop_s``, parameter sets before each."""
    context = cast("VideoCodecContext", av.CodecContext.create(_ENCODERS[video.codec], "w"))
    context.width, context.height, context.pix_fmt = video.width, video.height, "yuv420p"
    context.framerate, context.time_base = Fraction(video.fps), Fraction(1, video.fps)
    context.bit_rate, context.gop_size, context.max_b_frames = (
        video.kbit_s * 1000,
        video.fps * video.gop_s,
        0,
    )
    shared = f"keyint={video.fps * video.gop_s}:scenecut=0:repeat-headers=1:bframes=0"
    extra = {
        "h264": {"x264-params": f"{shared}:slices=1:nal-hrd=vbr:vbv-bufsize={video.kbit_s}"},
        "h265": {"x265-params": f"{shared}:log-level=none"},
    }
    context.options = {"preset": video.preset, "tune": "zerolatency"} | extra[video.codec]
    units: list[bytes] = []
    for i in range(video.fps * video.seconds):
        frame = av.VideoFrame.from_ndarray(_planes(video, i), format="yuv420p")
        frame.pts = i
        units += [bytes(packet) for packet in context.encode(frame)]
    return units + [bytes(packet) for packet in context.encode(None)]


def _planes(video: Video, number: int) -> np.ndarray:
    shape = (video.height // 8, video.width // 8)
    texture = np.random.default_rng(1).integers(40, 220, shape, np.uint8)
    luma = np.roll(texture.repeat(8, 0).repeat(8, 1), 2 * number, 1)
    if video.noise:
        luma = _noisy(video, luma, number)
    if video.black:
        luma = np.full_like(luma, 16)
    chroma = np.full((video.height // 2, video.width), 128, np.uint8)
    return np.vstack([luma, chroma])


def _noisy(video: Video, moving: np.ndarray, number: int) -> np.ndarray:
    """A still scene with three lanes of traffic and a sensor's noise.

    At 1080p25 and 3 Mbit/s its key frames have 80 to 100 kB, as road footage of that rate has.
    """
    rows = np.linspace(0, 9, video.height)[:, None]
    columns = np.linspace(0, 16, video.width)[None, :]
    scene = 110 + 40 * np.sin(rows * 3 + np.cos(columns * 2)) + 30 * np.sin(columns * 5)
    lane, length = video.height // 3, video.height * 2 // 3
    for i, speed in enumerate((8, -5, 3)):
        left = (number * speed + i * 400) % (video.width - length)
        lorry = np.s_[i * lane : (i + 1) * lane, left : left + length]
        scene[lorry] = np.roll(moving, number * (speed - 2), 1)[lorry]
    noise = np.random.default_rng(number).normal(0, video.noise, scene.shape)
    drawn: np.ndarray = np.clip(scene + noise, 0, 255).astype(np.uint8)
    return drawn


def write_units(path: Path, units: list[bytes]) -> Path:
    """Write access units as ``gst_server.py`` reads them."""
    path.write_bytes(b"".join(len(unit).to_bytes(4, "big") + unit for unit in units))
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class GstServer:
    """A running server; ``pid`` for who measures it."""

    port: int
    pid: int
    user: str = ""
    password: str = ""

    def url(self, name: str, *, password: str | None = None) -> str:
        """Return a mount's address, with another password than the right one where given."""
        word = self.password if password is None else password
        who = f"{self.user}:{quote(word, safe='')}@" if self.user else ""
        return f"rtsp://{who}127.0.0.1:{self.port}/{name}"


def has_gstreamer() -> bool:
    """Tell whether the system's Python can run GStreamer's RTSP server."""
    if not SYSTEM_PYTHON.exists():
        return False
    asked = "import gi; gi.require_version('GstRtspServer', '1.0')"
    return (
        subprocess.run([SYSTEM_PYTHON, "-c", asked], check=False, capture_output=True).returncode
        == 0
    )


@contextlib.contextmanager
def gst_server(
    mounts: dict[str, tuple[str, Path]], *, fps: int = 25, login: tuple[str, str] | None = None
) -> Iterator[GstServer]:
    """Serve ``mounts`` (name to codec and file) until the block ends."""
    arguments = [str(fps), *(login or ()), "--"]
    arguments += [f"{name}={codec}={path}" for name, (codec, path) in mounts.items()]
    server = subprocess.Popen(
        [SYSTEM_PYTHON, SERVER, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        line = server.stdout.readline()
        assert line.strip().isdigit(), "GStreamer's server did not start"
        user, password = login or ("", "")
        yield GstServer(port=int(line), pid=server.pid, user=user, password=password)
    finally:
        server.stdin.close()
        server.stdout.close()
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
