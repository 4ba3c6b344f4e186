"""What a stream's counters tell: rates between two moments, and whether they are poor. Pure.

Limits: a loss of 2 % leaves holes in every other key frame of 30 packets; under 2 frames a second a
running child passes a gate unseen. Where a camera says what it means to send, half of that is
the limit, so that one set to 1 frame a second on purpose is not blamed.
"""

from dataclasses import dataclass
from typing import Final

from edge.rtsp.replies import Trouble
from edge.rtsp.rtp import Counts
from wire.vocabulary import Cause

LOSS_LIMIT: Final = 0.02
MIN_FPS: Final = 2.0
MIN_PACKETS: Final = 50
"""Fewer packets than this say nothing about loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """A stream between two moments; ``loss`` is the lost share of what was sent, 0 to 1."""

    fps: float
    kbit_s: float
    loss: float


def rates(before: Counts, after: Counts, seconds: float) -> Rates:
    """Return what came in ``seconds``; raise ``ValueError`` where that is not above 0."""
    if seconds <= 0:
        raise ValueError("rates need a span of time")
    packets, lost = after.packets - before.packets, max(after.lost - before.lost, 0)
    return Rates(
        fps=(after.frames - before.frames) / seconds,
        kbit_s=(after.octets - before.octets) * 8 / 1000 / seconds,
        loss=lost / (packets + lost) if packets + lost else 0.0,
    )


def loss_trouble(before: Counts, after: Counts) -> Trouble | None:
    """Return ``stream.lossy`` if too many packets are missing."""
    found = rates(before, after, 1.0)
    if after.packets - before.packets < MIN_PACKETS or found.loss <= LOSS_LIMIT:
        return None
    return Trouble(Cause.STREAM_LOSSY, f"{found.loss:.1%} of the packets are missing")


def slow_trouble(fps: float, described_fps: float | None) -> Trouble | None:
    """Return ``stream.slow`` if pictures come too rarely."""
    limit = MIN_FPS if described_fps is None else min(MIN_FPS, described_fps / 2)
    if fps >= limit:
        return None
    said = "" if described_fps is None else f" of the {described_fps:g} it announces"
    return Trouble(Cause.STREAM_SLOW, f"{fps:.1f} pictures a second{said}")
