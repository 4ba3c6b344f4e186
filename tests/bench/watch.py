"""What watching costs: our watcher beside ``cv2.VideoCapture.grab`` on the same streams.

``python -m tests.bench.watch [--json] [--cameras 50] [--seconds 30] [--grabbed 2]``

Streams are 1080p25 H.264 at about 3 Mbit/s, served by another process over loopback. Each way runs
in a process of its own, one after the other, and is measured by its CPU time (user and system, our
decoder's process included), so that other load on the machine shows little. Ours is the whole
watcher: packets counted, a key frame decoded and judged every 10 s, sightings given out. ``grab``
decodes every frame; where it can't keep up it is charged by the frames that it did grab.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import psutil

from edge.clock import SystemClock
from edge.config.values import CameraConfig, WatchConfig
from edge.picture.decoder import AvDecoder
from edge.picture.judge import Judge
from edge.picture.picture import Picture
from edge.rtsp.session import Pump
from edge.rtsp.url import CameraUrl
from edge.sighting import Sighting
from edge.watcher import watch
from sim.clips import Clip
from tests.bench.watch_server import MAIN_STREAM
from tests.system.fixtures_rtsp import Video, encode_video

WARM_UP_S = 4.0
PICTURE_EVERY_S = 10.0


def cpu_s() -> float:
    """Return the CPU time so far of this process and of the decoder's."""
    processes = [psutil.Process(), *psutil.Process().children()]
    return float(sum(sum(process.cpu_times()[:2]) for process in processes))


def memory_mb() -> float:
    """Return the resident memory of this process and of the decoder's."""
    processes = [psutil.Process(), *psutil.Process().children()]
    return round(sum(process.memory_info().rss for process in processes) / 2**20, 1)


# ---------------------------------------------------------------- ours


class CountingJudge(Judge):
    """The real judge, counted."""

    pictures = 0

    def step(self, picture: Picture, at_ms: int) -> Any:
        """Judge and count."""
        CountingJudge.pictures += 1
        return super().step(picture, at_ms)


async def run_ours(urls: list[str], seconds: float) -> dict[str, Any]:
    """Watch all cameras; return what it cost and what was seen."""
    clock, decoder = SystemClock(), AvDecoder()
    pump = Pump(clock)
    sightings: list[Sighting] = []
    tasks = [asyncio.create_task(pump.run())]
    for i, url in enumerate(urls):
        camera = CameraConfig(
            id=f"c{i}",
            name=f"c{i}",
            url=CameraUrl.parse(url),
            watch=WatchConfig(picture_every_s=PICTURE_EVERY_S),
        )
        watching = watch(
            camera,
            clock=clock,
            opener=pump,
            decoder=decoder,
            judge=CountingJudge(freeze_after_ms=60_000),
            on_sighting=sightings.append,
        )
        tasks.append(asyncio.create_task(watching))
    await clock.wait(WARM_UP_S)
    before = _totals(pump)
    began_s, began_cpu_s, began_pictures = time.monotonic(), cpu_s(), CountingJudge.pictures
    sightings.clear()
    await clock.wait(seconds)
    spent_s, wall_s = cpu_s() - began_cpu_s, time.monotonic() - began_s
    packets, octets, lost = (b - a for a, b in zip(before, _totals(pump), strict=True))
    pictures = CountingJudge.pictures - began_pictures
    up = {one.camera for one in sightings if one.verdict.cause is None}
    memory = memory_mb()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    decoder.close()
    return {
        "way": "vonggac_watch",
        "cameras": len(urls),
        "up": len(up),
        "cpu_s": round(spent_s, 3),
        "wall_s": round(wall_s, 2),
        "cpu_percent": round(100 * spent_s / wall_s, 2),
        "cpu_percent_per_camera": round(100 * spent_s / wall_s / len(urls), 4),
        "packets_per_s": round(packets / wall_s),
        "mbit_per_s": round(octets * 8 / wall_s / 1e6, 1),
        "lost": lost,
        "pictures_per_s": round(pictures / wall_s, 2),
        "rss_mb": memory,
    }


def _totals(pump: Pump) -> tuple[int, int, int]:
    counts = [stream.counter.counts() for stream in pump.streams]
    return (
        sum(one.packets for one in counts),
        sum(one.octets for one in counts),
        sum(one.lost for one in counts),
    )


# ---------------------------------------------------------------- OpenCV


def run_grab(urls: list[str], seconds: float) -> dict[str, Any]:
    """Grab every frame of each stream in a thread of its own."""
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "rtsp_transport;tcp"
    import cv2  # noqa: PLC0415 (reads the variable when it opens; ours must not pay for it)

    captures = [cv2.VideoCapture(url, cv2.CAP_FFMPEG) for url in urls]
    opened = [capture for capture in captures if capture.isOpened()]
    grabbed, stop = [0] * len(opened), threading.Event()

    def loop(i: int) -> None:
        while not stop.is_set() and opened[i].grab():
            grabbed[i] += 1

    threads = [threading.Thread(target=loop, args=(i,)) for i in range(len(opened))]
    for thread in threads:
        thread.start()
    time.sleep(WARM_UP_S)
    began_s, began_cpu_s, began_frames = time.monotonic(), cpu_s(), sum(grabbed)
    time.sleep(seconds)
    spent_s, wall_s = cpu_s() - began_cpu_s, time.monotonic() - began_s
    frames = sum(grabbed) - began_frames
    stop.set()
    for thread in threads:
        thread.join()
    stream_s = frames / MAIN_STREAM.fps
    return {
        "way": "cv2_grab",
        "cameras": len(opened),
        "cpu_s": round(spent_s, 3),
        "wall_s": round(wall_s, 2),
        "cpu_percent": round(100 * spent_s / wall_s, 2),
        "cpu_percent_per_camera": round(100 * spent_s / max(stream_s, 0.04), 4),
        "frames_per_s": round(frames / wall_s / max(len(opened), 1), 1),
        "rss_mb": memory_mb(),
    }


# ---------------------------------------------------------------- the run


def make_clip(folder: Path) -> dict[str, Any]:
    """Encode the stream that all cameras send; return its measures."""
    video = Video(
        width=MAIN_STREAM.width,
        height=MAIN_STREAM.height,
        fps=MAIN_STREAM.fps,
        gop_s=MAIN_STREAM.gop_s,
        kbit_s=MAIN_STREAM.kbit_s,
        seconds=4,
        preset="veryfast",
        noise=2.0,
    )
    units = encode_video(video)
    keys = tuple(range(0, len(units), video.fps * video.gop_s))
    (folder / MAIN_STREAM.name).write_bytes(
        msgspec.msgpack.encode(Clip(units=tuple(units), keys=keys))
    )
    return {
        "kbit_s": round(sum(map(len, units)) * 8 / 1000 / video.seconds),
        "key_frame_kb": round(sum(len(units[i]) for i in keys) / len(keys) / 1000, 1),
    }


def run_in_child(role: str, urls: list[str], seconds: float) -> dict[str, Any]:
    """Run one way in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.watch", "--role", role, "--seconds", str(seconds)],
        input=json.dumps(urls),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    row: dict[str, Any] = json.loads(done.stdout)
    return row


def measure(cameras: int, grabbed: int, seconds: float) -> dict[str, Any]:
    """Serve the streams and run both ways."""
    with tempfile.TemporaryDirectory() as folder:
        stream = make_clip(Path(folder))
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.watch_server", folder, str(cameras)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            urls = json.loads(server.stdout.readline())
            ours = run_in_child("ours", urls, seconds)
            grab = run_in_child("grab", urls[:grabbed], seconds)
        finally:
            server.stdin.close()
            server.wait(20)
            server.stdout.close()
    ratio = grab["cpu_percent_per_camera"] / ours["cpu_percent_per_camera"]
    return {"stream": stream, "rows": [ours, grab], "ratios": {"cv2_grab_main": round(ratio, 1)}}


def print_table(found: dict[str, Any]) -> None:
    """Print the rows for people."""
    stream = found["stream"]
    print(
        f"1080p25 H.264, {stream['kbit_s']} kbit/s, key frames of {stream['key_frame_kb']} kB each"
        f" {MAIN_STREAM.gop_s} s; ours decodes and judges one each {PICTURE_EVERY_S:g} s"
    )
    print(f"{'way':<14} {'cameras':>8} {'CPU % of a core':>16} {'% per camera':>13} {'RSS MB':>7}")
    for row in found["rows"]:
        print(
            f"{row['way']:<14} {row['cameras']:>8} {row['cpu_percent']:>16.2f}"
            f" {row['cpu_percent_per_camera']:>13.4f} {row['rss_mb']:>7.1f}"
        )
    print(f"cheaper per camera: {found['ratios']['cv2_grab_main']:.1f} times")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--cameras", type=int, default=50)
    parser.add_argument("--grabbed", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--role", choices=["ours", "grab"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.role == "ours":
        print(json.dumps(asyncio.run(run_ours(json.load(sys.stdin), args.seconds))))
    elif args.role == "grab":
        print(json.dumps(run_grab(json.load(sys.stdin), args.seconds)))
    else:
        found = measure(args.cameras, args.grabbed, args.seconds)
        print(json.dumps(found, indent=1)) if args.json else print_table(found)


if __name__ == "__main__":
    main()
