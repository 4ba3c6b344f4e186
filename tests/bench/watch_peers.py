"""Other ways to hold a stream, and to look once: OpenCV, PyAV, ffprobe.

``python -m tests.bench.watch_peers WAY SECONDS`` reads addresses as JSON from its standard input,
holds them all for so long, and prints what it cost: CPU time of this process and its children.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import psutil

WARM_UP_S = 4.0
FPS = 25
LOOKS = 5
TCP = {"rtsp_transport": "tcp"}


def cpu_s() -> float:
    """Return the CPU time of this process and of its children that have ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)


def hold(
    loops: list[Callable[[threading.Event, list[int]], None]],
    seconds: float,
    *,
    spent_s: Callable[[], float] = cpu_s,
) -> dict[str, Any]:
    """Run each loop in a thread; it adds to its counter per frame."""
    stop, counts = threading.Event(), [[0] for _ in loops]
    threads = [
        threading.Thread(target=loop, args=(stop, count))
        for loop, count in zip(loops, counts, strict=True)
    ]
    for thread in threads:
        thread.start()
    time.sleep(WARM_UP_S)
    began_s, began_cpu_s, before = time.monotonic(), spent_s(), sum(c[0] for c in counts)
    time.sleep(seconds)
    wall_s, cost_s = time.monotonic() - began_s, spent_s() - began_cpu_s
    frames = sum(c[0] for c in counts) - before
    stop.set()
    for thread in threads:
        thread.join()
    return row(len(loops), wall_s, cost_s, frames)


def rss_mb(cameras: int) -> float:
    """Return the peak memory per camera: of a process for each, or of this one's share."""
    ours, theirs = (
        resource.getrusage(who).ru_maxrss / 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return theirs or ours / cameras


def row(cameras: int, wall_s: float, spent_s: float, frames: int) -> dict[str, Any]:
    """Charge by the frames that came: who can't keep up is not cheaper for it."""
    stream_s = max(frames / FPS, 0.04)
    return {
        "cameras": cameras,
        "cpu_percent": round(100 * spent_s / wall_s, 2),
        "cpu_percent_per_camera": round(100 * spent_s / stream_s, 4),
        "frames_per_s": round(frames / wall_s / cameras, 1),
        "rss_mb_per_camera": round(rss_mb(cameras), 1),
    }


def cv2_grab(urls: list[str], seconds: float) -> dict[str, Any]:
    """``cv2.VideoCapture.grab``, which decodes every frame."""
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "rtsp_transport;tcp"
    import cv2  # noqa: PLC0415 (reads the variable when it opens)

    def loop(url: str) -> Callable[[threading.Event, list[int]], None]:
        capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)

        def run(stop: threading.Event, count: list[int]) -> None:
            while not stop.is_set() and capture.grab():
                count[0] += 1

        return run

    return hold([loop(url) for url in urls], seconds)


def _pyav(urls: list[str], seconds: float, *, decode_keys: bool) -> dict[str, Any]:
    import av  # noqa: PLC0415 (the others must not pay for it)

    def loop(url: str) -> Callable[[threading.Event, list[int]], None]:
        def run(stop: threading.Event, count: list[int]) -> None:
            with av.open(url, options=TCP, timeout=(5, 5)) as container:
                stream = container.streams.video[0]
                stream.codec_context.thread_count = 1
                for packet in container.demux(stream):
                    if stop.is_set():
                        return
                    count[0] += 1
                    if decode_keys and packet.is_keyframe:
                        stream.codec_context.decode(packet)

        return run

    return hold([loop(url) for url in urls], seconds)


def pyav_demux(urls: list[str], seconds: float) -> dict[str, Any]:
    """PyAV: packets only, nothing decoded."""
    return _pyav(urls, seconds, decode_keys=False)


def pyav_keys(urls: list[str], seconds: float) -> dict[str, Any]:
    """PyAV: packets, and every key frame decoded (one each two seconds, not each ten)."""
    return _pyav(urls, seconds, decode_keys=True)


def ffprobe(urls: list[str], seconds: float) -> dict[str, Any]:
    """One ``ffprobe`` per camera that prints each packet's size; starting up is not charged."""
    what = ["-v", "error", "-select_streams", "v:0", "-show_entries", "packet=size", "-of", "csv"]
    processes = [
        subprocess.Popen(["ffprobe", "-rtsp_transport", "tcp", *what, url], stdout=subprocess.PIPE)
        for url in urls
    ]

    def loop(process: "subprocess.Popen[bytes]") -> Callable[[threading.Event, list[int]], None]:
        def run(stop: threading.Event, count: list[int]) -> None:
            assert process.stdout is not None
            for _ in process.stdout:
                count[0] += 1
                if stop.is_set():
                    break
            process.kill()
            process.wait()

        return run

    watched = [psutil.Process(process.pid) for process in processes]
    return hold(
        [loop(process) for process in processes],
        seconds,
        spent_s=lambda: sum(sum(one.cpu_times()[:2]) for one in watched),
    )


def one_look(way: str, url: str) -> None:
    """Get one picture (``ffprobe``: what the stream is), as a check of every few minutes would."""
    if way == "ffprobe_look":
        what = ["-v", "error", "-show_streams", "-of", "json"]
        subprocess.run(
            ["ffprobe", "-rtsp_transport", "tcp", *what, url], check=True, stdout=subprocess.DEVNULL
        )
    elif way == "pyav_look":
        import av  # noqa: PLC0415

        with av.open(url, options=TCP, timeout=(5, 5)) as container:
            next(container.decode(video=0))
    else:
        os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "rtsp_transport;tcp"
        import cv2  # noqa: PLC0415

        capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
        assert capture.read()[0]
        capture.release()


def looks(way: str, urls: list[str]) -> dict[str, Any]:
    """Look several times after a first one that warms up; CPU per look."""
    one_look(way, urls[0])
    began_s, began_cpu_s = time.monotonic(), cpu_s()
    for i in range(LOOKS):
        one_look(way, urls[i % len(urls)])
    return {
        "cameras": 1,
        "cpu_ms_per_look": round((cpu_s() - began_cpu_s) * 1000 / LOOKS, 1),
        "wall_ms_per_look": round((time.monotonic() - began_s) * 1000 / LOOKS),
    }


HOLD = {"cv2_grab": cv2_grab, "pyav_demux": pyav_demux, "pyav_keys": pyav_keys, "ffprobe": ffprobe}
DECODES_NOTHING = ("pyav_demux", "ffprobe")
LOOK = ("cv2_look", "pyav_look", "ffprobe_look")


def available() -> list[str]:
    """Return the ways that this machine has."""
    ways = [*HOLD, *LOOK]
    return ways if shutil.which("ffprobe") else [w for w in ways if not w.startswith("ffprobe")]


def in_child(way: str, urls: list[str], seconds: float) -> dict[str, Any]:
    """Run one way in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.watch_peers", way, str(seconds)],
        input=json.dumps(urls),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    """Run one way."""
    way, seconds, urls = sys.argv[1], float(sys.argv[2]), json.load(sys.stdin)
    print(json.dumps(HOLD[way](urls, seconds) if way in HOLD else looks(way, urls)))


if __name__ == "__main__":
    main()
