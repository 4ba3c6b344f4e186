"""A real agent whose cameras follow a script: everything else is the product.

``python -m tests.bench.faults_agent CONFIG PLAN JOURNAL``: PLAN is JSON (``seed``,
``begin_utc_s``, ``seconds``); each second in which the cameras were looked at becomes a line of
JOURNAL, real time. The file ``CONFIG.clock`` holds by how many seconds the machine's clock is off.
"""

import asyncio
import contextlib
import importlib
import json
import logging
import signal
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from edge.agent.recorder import Recorder
from edge.agent.serve import serve
from edge.clock import SystemClock
from edge.config import load
from edge.sighting import Sighting
from tests.bench.faults_script import Script, script

_product: Final[Any] = importlib.import_module("edge.agent.serve")  # the package has a function
_LOOK_EVERY_S: Final = 1.0
_AT_ONCE_MS: Final = 5
_MS: Final = 1000


class OffClock(SystemClock):
    """The machine's clock, off by what a file says."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        """Return UTC as this machine believes."""
        with contextlib.suppress(OSError, ValueError):
            return super().now() + timedelta(seconds=float(self._path.read_text("ascii")))
        return super().now()


class Scripted(_product._Builder):  # type: ignore[misc]  # the cameras are all that is replaced
    """The agent's builder, but for the watching."""

    scripts: dict[str, Script]
    journal: Path

    def _watch_all(self, recorder: Recorder, *_: Any) -> None:
        async def look() -> None:
            with self.journal.open("a", encoding="ascii", buffering=1) as journal:
                first_ms = _real_utc_ms()
                while True:
                    at_ms, now_ms = self._both_clocks()
                    self._see(recorder, at_ms, now_ms, first_ms)
                    journal.write(f"{now_ms}\n")
                    await asyncio.sleep(_LOOK_EVERY_S)

        self._tasks.start("script", look)

    def _both_clocks(self) -> tuple[int, int]:
        """Read both at one moment: a busy machine may put a process aside between two reads."""
        while True:
            at_ms, now_ms = self._clock.ms(), _real_utc_ms()
            if self._clock.ms() - at_ms <= _AT_ONCE_MS:
                return at_ms, now_ms

    def _see(self, recorder: Recorder, at_ms: int, now_utc_ms: int, first_utc_ms: int) -> None:
        for camera, story in self.scripts.items():
            verdict, since_ms = story.at(now_utc_ms)
            began_ms = at_ms - (now_utc_ms - max(since_ms, first_utc_ms))
            sighting = Sighting(camera=camera, at_ms=at_ms, began_ms=began_ms, verdict=verdict)
            recorder.see(sighting)


def _real_utc_ms() -> int:
    return time.time_ns() // 1_000_000


async def main(config_path: Path, plan: dict[str, int], journal: Path) -> None:
    """Run until SIGTERM."""
    config = load(config_path)
    Scripted.journal = journal
    Scripted.scripts = {c.id: script(c.id, **plan) for c in config.cameras}
    _product._Builder = Scripted
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    clock = OffClock(config_path.with_suffix(".clock"))
    await serve(config, clock=clock, version="0.0.0+faults", stop=stop)


if __name__ == "__main__":
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s.%(msecs)03d %(name)s %(levelname)s %(message)s",
        datefmt="%H:%M:%S",
    )
    asyncio.run(main(Path(sys.argv[1]), json.loads(sys.argv[2]), Path(sys.argv[3])))
