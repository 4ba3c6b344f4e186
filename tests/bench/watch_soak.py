"""Does the agent's memory stay flat? A day of watching in minutes.

``python -m tests.bench.watch_soak [--hours 24] [--cameras 2] [--json]``

The whole agent (``edge.agent.serve``) runs on a clock that jumps to the next thing anyone waits
for, but never while a picture is being decoded. Real: packets (12 a second and camera), their
parser, the collector of key frames, the decoder's process, the judge, segments, spool on the disk,
evidence, learned references, reports and their acks. Not real: sockets (a film gives the packets)
and the broker (acks are made in this process). Each hour one camera turns black, stalls, and can't
be reached for a while, so that all ways are gone over and over.

Memory (RSS and PSS of the agent and its decoder) is read at the end of each simulated hour; the
slope is a straight line's through all hours after the first four.
"""

import argparse
import asyncio
import gc
import json
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

from edge.agent import recorder
from edge.agent import serve as serve_agent
from edge.config import CameraConfig, CentreConfig, EdgeConfig, WatchConfig
from edge.picture.decoder import AvDecoder
from edge.picture.judge import Judge
from edge.redact import Secret
from edge.rtsp.url import CameraUrl
from edge.sighting import Sighting
from sim.camera import Films
from sim.clips import ClipCache, ClipSpec, default_folder
from sim.faults import Fault
from sim.stream import Stream as Film
from tests.bench.watch_ours import MB, cost
from tests.bench.watch_soak_world import (
    BLACK,
    CLOCK,
    HOUR_S,
    STALLED,
    AckingLink,
    FilmPump,
)

WARM_UP_HOURS = 4
CODECS = ("h264", "h265")


def stand_in(seen: Counter[str]) -> None:
    """Put the film and the acks in their places, and count."""
    decode, step, see = AvDecoder.decode, Judge.step, recorder.Recorder.see

    async def timed_decode(self: AvDecoder, *values: Any) -> Any:
        CLOCK.busy += 1
        try:
            return await decode(self, *values)
        finally:
            CLOCK.busy -= 1

    def counted_step(self: Judge, *values: Any) -> Any:
        seen["pictures"] += 1
        return step(self, *values)

    def counted_see(self: recorder.Recorder, sighting: Sighting) -> None:
        seen[f"{sighting.camera} {sighting.verdict.cause or 'up'}"] += 1
        see(self, sighting)

    module = sys.modules["edge.agent.serve"]
    module.Pump = FilmPump  # type: ignore[attr-defined]
    module.PahoLink = AckingLink  # type: ignore[attr-defined]
    AvDecoder.decode = timed_decode  # type: ignore[assignment,method-assign]
    Judge.step = counted_step  # type: ignore[assignment,method-assign]
    recorder.Recorder.see = counted_see  # type: ignore[method-assign]


def configuration(folder: Path, cameras: int) -> EdgeConfig:
    """Return what the agent is given."""
    return EdgeConfig(
        agent="soak",
        data_dir=folder,
        language="en",
        centre=CentreConfig(
            host="127.0.0.1", port=1, tls=False, password=Secret("x"), ca_file=None
        ),
        gate_input=None,
        watermark_every_s=60,
        spool_max_bytes=100 * MB,
        cameras=tuple(
            CameraConfig(
                id=f"c{i}",
                name=f"c{i}",
                url=CameraUrl.parse(f"rtsp://u:p@127.0.0.1:{i + 1}/"),
                watch=WatchConfig(),
            )
            for i in range(cameras)
        ),
    )


def films(cameras: int) -> dict[int, Film]:
    """Return each camera's film; the clips are the demo's own, of eleven key frames each."""
    made = Films(ClipCache(default_folder()))
    found = {}
    for i in range(cameras):
        clip = ClipSpec(codec=CODECS[i % 2], seed=i + 1)

        def film_of(variant: str, clip: ClipSpec = clip) -> Any:
            return made.film(clip, variant)

        found[i + 1] = Film(film_of, seed=i, now=0.0)
    return found


async def trouble_maker(film: Film) -> None:
    """Give the first camera its faults, each hour anew."""
    now: Fault | None = None
    while True:
        second = int(CLOCK.elapsed_s) % HOUR_S
        due = Fault.BLACK if second in BLACK else Fault.STALL if second in STALLED else None
        if due is not now:
            now = due
            film.set_fault(due)
        await CLOCK.wait(5)


def memory() -> dict[str, float]:
    """Read the agent's and the decoder's memory, in MB."""
    gc.collect()
    us = cost(psutil.Process())
    ours = psutil.Process().memory_info().rss
    return {
        "rss_mb": round(us.rss / MB, 2),
        "pss_mb": round(us.pss / MB, 2),
        "agent_rss_mb": round(ours / MB, 2),
    }


async def soak(hours: int, cameras: int) -> dict[str, Any]:
    """Run, and return the memory at the end of each hour."""
    seen: Counter[str] = Counter()
    stand_in(seen)
    FilmPump.cameras = films(cameras)
    stop, marks = asyncio.Event(), []
    with tempfile.TemporaryDirectory() as folder:
        config = configuration(Path(folder), cameras)
        started = asyncio.Event()
        agent = asyncio.create_task(
            serve_agent(
                config,
                clock=CLOCK,
                version="soak",
                stop=stop,
                on_started=lambda _: started.set(),
            )
        )
        await started.wait()
        trouble = asyncio.create_task(trouble_maker(FilmPump.cameras[1]))
        began_s = time.monotonic()
        for hour in range(1, hours + 1):
            await CLOCK.rush(hour * HOUR_S)
            marks.append(memory())
            print(f"hour {hour}: {marks[-1]} {time.monotonic() - began_s:.0f} s", file=sys.stderr)
        trouble.cancel()
        stop.set()
        ending = asyncio.create_task(CLOCK.rush(float("inf")))
        await agent
        ending.cancel()
    return {
        "hours": hours,
        "cameras": cameras,
        "pictures_per_camera": seen["pictures"] // cameras,
        "seen": dict(seen),
        "memory": marks,
        "slope_kb_per_hour": {
            key: round(1024 * slope([mark[key] for mark in marks[WARM_UP_HOURS:]]), 1)
            for key in marks[0]
        },
        "real_s": round(time.monotonic() - began_s),
    }


def slope(values: list[float]) -> float:
    """Return the slope of a straight line through values at 0, 1, 2 ..."""
    if len(values) < 2:
        return 0.0
    middle = (len(values) - 1) / 2
    mean = sum(values) / len(values)
    spread = sum((i - middle) ** 2 for i in range(len(values)))
    return sum((i - middle) * (value - mean) for i, value in enumerate(values)) / spread


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--cameras", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    os.environ["PYTHONUNBUFFERED"] = "1"
    logging.basicConfig(level=logging.ERROR)
    found = asyncio.run(soak(args.hours, args.cameras))
    if args.json:
        print(json.dumps(found, indent=1))
        return
    print(f"{'hour':>4} {'RSS MB':>8} {'PSS MB':>8} {'agent alone':>12}")
    for hour, mark in enumerate(found["memory"], 1):
        print(
            f"{hour:>4} {mark['rss_mb']:>8.1f} {mark['pss_mb']:>8.1f} {mark['agent_rss_mb']:>12.1f}"
        )
    print(f"pictures per camera {found['pictures_per_camera']}, said {found['seen']}")
    print(f"slope after hour {WARM_UP_HOURS}, kB an hour: {found['slope_kb_per_hour']}")


if __name__ == "__main__":
    main()
