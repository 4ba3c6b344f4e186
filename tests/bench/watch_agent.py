"""The whole agent for ``tests.bench.watch``, in a process of its own, with counters to read.

``python -m tests.bench.watch_agent CONFIG`` runs what ``vonggac-edge run`` runs. For each line on
its standard input it prints its counters as one line of JSON; it ends when the input is closed.
"""

import asyncio
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from edge.agent import recorder, serve
from edge.clock import SystemClock
from edge.config import load
from edge.picture.judge import Judge
from edge.rtsp.session import Pump
from edge.sighting import Sighting

pumps: list[Pump] = []
pictures = 0
causes: dict[str, str] = {}
troubles: Counter[str] = Counter()


def count_everything() -> None:
    """Put counters around the judge, the pump and the recorder; they cost next to nothing."""
    step, init, see = Judge.step, Pump.__init__, recorder.Recorder.see

    def counted_step(self: Judge, *values: Any) -> Any:
        global pictures  # noqa: PLW0603 (a counter of this process)
        pictures += 1
        return step(self, *values)

    def noted_init(self: Pump, *values: Any, **named: Any) -> None:
        init(self, *values, **named)
        pumps.append(self)

    def counted_see(self: recorder.Recorder, sighting: Sighting) -> None:
        cause = str(sighting.verdict.cause or "up")
        if causes.get(sighting.camera) != cause:
            causes[sighting.camera] = cause
            troubles[cause] += 1
        see(self, sighting)

    Judge.step = counted_step  # type: ignore[assignment,method-assign]
    Pump.__init__ = noted_init  # type: ignore[method-assign]
    recorder.Recorder.see = counted_see  # type: ignore[method-assign]


def counters() -> dict[str, Any]:
    """Return what was counted so far."""
    counts = [stream.counter.counts() for pump in pumps for stream in pump.streams]
    return {
        "pictures": pictures,
        "packets": sum(one.packets for one in counts),
        "octets": sum(one.octets for one in counts),
        "lost": sum(one.lost for one in counts),
        "streams": len(counts),
        "up": sum(cause == "up" for cause in causes.values()),
        "changes": dict(troubles),
    }


async def run(config: Path) -> None:
    """Run until standard input is closed."""
    stop = asyncio.Event()
    running = asyncio.create_task(
        serve(load(config), clock=SystemClock(), version="bench", stop=stop)
    )
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        if running.done():
            break
        print(json.dumps(counters()), flush=True)
    stop.set()
    await running


if __name__ == "__main__":
    count_everything()
    asyncio.run(run(Path(sys.argv[1])))
