"""The agent's figures in Prometheus' text format. Pure; ``docs/metrics.md`` lists every name.

Written by hand: twenty lines, and an agent's install needs no library for them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from wire.vocabulary import State

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_Sample = tuple[str, float]
"""A sample's labels as they are written, and its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The agent now.

    Attributes:
        cpu_s: Seconds of CPU that its processes have spent; ``memory`` and sizes in bytes.
        cameras: By what was said of them last.
        connected: To the centre's broker; ``ack_age_s``: since when the centre has not
            acknowledged anything; None: it never has.
        clock_offset_s: Server clock minus this one; None: not measured.
    """

    version: str
    uptime_s: float
    cpu_s: float
    memory: int
    disk_free: int
    spool_items: int
    spool_bytes: int
    spool_max_bytes: int
    set_aside: int
    cameras: Mapping[State, int]
    connected: bool
    ack_age_s: float | None
    clock_offset_s: float | None


def page(figures: Figures) -> str:
    """Return the whole page."""
    return "".join(_lines(figures))


def _lines(figures: Figures) -> Iterator[str]:
    build = (f'{{version="{_escaped(figures.version)}"}}', 1.0)
    yield from _metric("build_info", "gauge", "What runs.", build)
    for name, kind, told, value in (
        ("uptime_seconds", "gauge", "Since when the agent runs.", figures.uptime_s),
        ("cpu_seconds_total", "counter", "CPU that its processes have spent.", figures.cpu_s),
        ("memory_bytes", "gauge", "Memory of its processes.", figures.memory),
        ("disk_free_bytes", "gauge", "Free on the disk of its data.", figures.disk_free),
        ("spool_items", "gauge", "Items that wait for the centre.", figures.spool_items),
        ("spool_bytes", "gauge", "Bytes of the spool in use.", figures.spool_bytes),
        ("spool_max_bytes", "gauge", "Bytes that it may use.", figures.spool_max_bytes),
        ("set_aside_items", "gauge", "Items that the centre did not take.", figures.set_aside),
        ("broker_connected", "gauge", "Whether the broker is there.", figures.connected),
        ("ack_age_seconds", "gauge", "Since the centre's last ack.", figures.ack_age_s),
        ("clock_offset_seconds", "gauge", "Centre minus this clock.", figures.clock_offset_s),
    ):
        if value is not None:
            yield from _metric(name, kind, told, ("", float(value)))
    states = [(f'{{state="{state}"}}', float(figures.cameras.get(state, 0))) for state in State]
    yield from _metric("cameras", "gauge", "Cameras by what was said of them last.", *states)


def _metric(name: str, kind: str, told: str, *samples: _Sample) -> Iterator[str]:
    whole = f"vonggac_edge_{name}"
    yield f"# HELP {whole} {told}\n# TYPE {whole} {kind}\n"
    for labels, value in samples:
        yield f"{whole}{labels} {value!r}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
