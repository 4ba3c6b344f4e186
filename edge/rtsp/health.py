"""What a stream's counters tell: rates between two moments, and whether they are poor. Pure.

Limits: a loss of 2 % leaves holes in every other key frame of 30 packets; under 2 frames a second a
running child passes a gate unseen. Where a camera says that it means to send fewer than four, half
of that is the limit, so that one set to 1 frame a second on purpose is not blamed. What it
announces above that is no promise: at night a camera of 25 frames a second exposes for longer and
sends 6. So a plan that needs more says so, and then that counts, less a tenth for what measuring is
worth.

What is poor already is held to more (``RELIEF``), so that a rate at the limit doesn't flap.
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
_ASKED_SHARE: Final = 0.9
_LOSS_RELIEF: Final = 0.5
_SLOW_RELIEF: Final = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """A stream between two moments; ``loss`` is the lost share of what was sent, 0 to 1."""

    fps: float
    kbit_s: float
    loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What is asked of a stream.

    Attributes:
        max_loss: The greatest share of lost packets that will do.
        min_fps: The fewest pictures a second that will do, None: by what the camera announces.
        described_fps: What it announces, if it does.
    """

    max_loss: float = LOSS_LIMIT
    min_fps: float | None = None
    described_fps: float | None = None

    @property
    def slow_under(self) -> float:
        """Under so many pictures a second a stream is slow."""
        if self.min_fps is not None:
            return self.min_fps * _ASKED_SHARE
        return MIN_FPS if self.described_fps is None else min(MIN_FPS, self.described_fps / 2)


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


def loss_trouble(
    before: Counts, after: Counts, *, limit: float = LOSS_LIMIT, poor: bool = False
) -> Trouble | None:
    """Return ``stream.lossy`` if too many packets are missing; ``poor``: it was so already."""
    found = rates(before, after, 1.0)
    limit = limit * _LOSS_RELIEF if poor else limit
    if after.packets - before.packets < MIN_PACKETS or found.loss <= limit:
        return None
    return Trouble(Cause.STREAM_LOSSY, f"{found.loss:.1%} of the packets are missing")


def slow_trouble(fps: float, demand: Demand, *, poor: bool = False) -> Trouble | None:
    """Return ``stream.slow`` if pictures come too rarely; ``poor``: they did so already."""
    limit = demand.slow_under * (_SLOW_RELIEF if poor else 1.0)
    if fps >= limit:
        return None
    announced, asked = demand.described_fps, demand.min_fps
    said = "" if announced is None else f" of the {announced:g} it announces"
    wanted = "" if asked is None else f"; {asked:g} are asked for"
    return Trouble(Cause.STREAM_SLOW, f"{fps:.1f} pictures a second{said}{wanted}")
