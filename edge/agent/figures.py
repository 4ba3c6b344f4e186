"""What ``/metrics`` of the gate input says: read from the parts each time somebody asks."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import psutil

from edge.agent.recorder import Recorder
from edge.clock import Clock
from edge.metrics import Figures, page
from edge.spool import Spool
from edge.uplink import Uplink
from edge.vitals import Gauge

_MS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresPage:
    """Writes the page anew."""

    version: str
    clock: Clock
    gauge: Gauge
    spool: Spool
    recorder: Recorder
    uplink: Uplink

    async def text(self) -> str:
        """Return the page as it is now."""
        stats, (cpu_s, memory) = await self.spool.stats(), self.gauge.costs()
        heard_ms, offset_ms = self.uplink.heard_ms, self.uplink.offset_ms
        return page(
            Figures(
                version=self.version,
                uptime_s=self.gauge.uptime_ms / _MS,
                cpu_s=cpu_s,
                memory=memory,
                disk_free=psutil.disk_usage(str(self.gauge.data_dir)).free,
                spool_items=stats.items,
                spool_bytes=stats.bytes,
                spool_max_bytes=stats.max_bytes,
                set_aside=stats.refused,
                cameras=Counter(self.recorder.states()),
                connected=self.uplink.connected,
                ack_age_s=None if heard_ms is None else (self.clock.ms() - heard_ms) / _MS,
                clock_offset_s=None if offset_ms is None else offset_ms / _MS,
            )
        )
