"""The agent's own health: what it costs and how full its spool is."""

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
    """Reads this process. ``cpu`` is its share of one core since the last reading."""

    def __init__(self, *, version: str, data_dir: Path, clock: Clock) -> None:
        self._version = version
        self._data_dir = data_dir
        self._clock = clock
        self._started_ms = clock.ms()
        self._process = psutil.Process()
        self._process.cpu_percent()  # the first reading begins the span and is always 0
        self._lag_ms = 0

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
        return Vitals(
            version=self._version,
            uptime_s=(self._clock.ms() - self._started_ms) // _MS,
            cpu=round(self._process.cpu_percent() / 100, 4),
            memory=self._process.memory_info().rss,
            disk_free=psutil.disk_usage(str(self._data_dir)).free,
            spool_items=spool.items,
            spool_bytes=spool.bytes,
            clock_offset_ms=offset_ms,
            platform=_platform(),
            cameras=cameras,
            lag_ms=lag_ms,
        )


def _platform() -> str:
    return f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
