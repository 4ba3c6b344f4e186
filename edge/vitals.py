"""The agent's own health: what it costs and how full its spool is.

Its costs are those of its processes together: the decoder runs in one of its own.
"""

import contextlib
import platform
from pathlib import Path
from typing import Final

import psutil

from edge.clock import Clock
from edge.spool import Stats
from wire.messages import CameraFacts, Vitals

_LAG_EVERY_S: Final = 1.0
_MS: Final = 1000


class Gauge:
    """Reads the agent. ``cpu`` is its share of one core since the last reading."""

    def __init__(self, *, version: str, data_dir: Path, clock: Clock) -> None:
        self._version = version
        self.data_dir = data_dir
        self._clock = clock
        self._started_ms = clock.ms()
        self._process = psutil.Process()
        self._read_ms, self._spent_s = clock.ms(), self.costs()[0]
        self._lag_ms = 0

    @property
    def uptime_ms(self) -> int:
        """Milliseconds since the agent began."""
        return self._clock.ms() - self._started_ms

    async def watch_lag(self) -> None:
        """Measure for ever how late the loop wakes: the worst since the last reading counts."""
        while True:
            due_ms = self._clock.ms() + _LAG_EVERY_S * _MS
            await self._clock.wait(_LAG_EVERY_S)
            self._lag_ms = max(self._lag_ms, round(self._clock.ms() - due_ms))

    def read(
        self, spool: Stats, cameras: tuple[CameraFacts, ...], *, offset_ms: int | None
    ) -> Vitals:
        """Return the agent's health now."""
        lag_ms, self._lag_ms = self._lag_ms, 0
        cpu, memory = self._cpu_and_memory()
        return Vitals(
            version=self._version,
            uptime_s=self.uptime_ms // _MS,
            cpu=cpu,
            memory=memory,
            disk_free=psutil.disk_usage(str(self.data_dir)).free,
            spool_items=spool.items,
            spool_bytes=spool.bytes,
            clock_offset_ms=offset_ms,
            platform=_platform(),
            cameras=cameras,
            lag_ms=lag_ms,
            spool_max_bytes=spool.max_bytes,
            set_aside=spool.refused,
        )

    def _cpu_and_memory(self) -> tuple[float, int]:
        """Return the share of one core since the last reading, and octets of memory."""
        now_ms, (spent_s, memory) = self._clock.ms(), self.costs()
        passed_s = (now_ms - self._read_ms) / _MS
        share = (spent_s - self._spent_s) / passed_s if passed_s > 0 else 0.0
        self._read_ms, self._spent_s = now_ms, spent_s
        return round(max(share, 0.0), 4), memory  # a child's end takes its seconds away on Windows

    def costs(self) -> tuple[float, int]:
        """Return the seconds of CPU spent so far and the memory in octets, children included."""
        used = self._process.cpu_times()
        spent_s = used.user + used.system + used.children_user + used.children_system
        memory: int = self._process.memory_info().rss
        for child in self._process.children(recursive=True):
            with contextlib.suppress(psutil.Error):  # it has just ended
                spent_s += sum(child.cpu_times()[:2])
                memory += child.memory_info().rss
        return spent_s, memory


def _platform() -> str:
    return f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
