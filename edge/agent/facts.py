"""When the centre is told again what streams are like: when it matters, else now and then. Pure."""

from collections.abc import Collection
from typing import Any, Final

from edge.rtsp.url import DEFAULT_PORTS, CameraUrl
from wire.messages import CameraFacts

_EVERY_MS: Final = 600_000
_LONGEST: Final = 64
"""What a word of the wire holds."""


def told_host(url: CameraUrl) -> str:
    """Return where a camera is, as the centre is told: its host, and its port if it is unusual."""
    port = "" if url.port == DEFAULT_PORTS[url.scheme] else f":{url.port}"
    host = f"[{url.host}]" if port and ":" in url.host else url.host
    return f"{host.lower()}{port}"[:_LONGEST]


class FactsTold:
    """Remembers what the centre has; an empty tuple means "as told before"."""

    def __init__(self) -> None:
        self._told: frozenset[tuple[Any, ...]] = frozenset()
        self._next_ms = 0

    def due(self, facts: Collection[CameraFacts], now_ms: int) -> tuple[CameraFacts, ...]:
        """Return all facts if something material changed or their time has come, else nothing."""
        if now_ms >= self._next_ms or _material(facts) != self._told:
            return tuple(facts)
        return ()

    def heard(self, facts: Collection[CameraFacts], now_ms: int) -> None:
        """Note that the centre has these facts; until then they are told each time."""
        self._told = _material(facts)
        self._next_ms = now_ms + _EVERY_MS

    def forget(self) -> None:
        """Note that nobody knows what the centre has (a new connection)."""
        self._next_ms = 0


def _material(facts: Collection[CameraFacts]) -> frozenset[tuple[Any, ...]]:
    """Return what people would act on; rates and jitter move all the time."""
    return frozenset(
        (
            one.camera,
            one.host,
            one.codec,
            one.width,
            one.height,
            one.unchecked,
            one.unseen_s,
            _recording(one),
        )
        for one in facts
    )


def _recording(facts: CameraFacts) -> tuple[Any, ...] | None:
    found = facts.recording
    if found is None:
        return None
    return (found.disk, found.gaps, found.oldest_utc_ms is None, found.newest_utc_ms is None)
