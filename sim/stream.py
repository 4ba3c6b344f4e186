"""What one camera is sending at the moment: a clip, where it stands in it, and what is wrong. Pure.

A camera's stream runs on whether anyone watches or not, so a viewer joins in the middle of a group
of pictures and waits for the next key frame, as with most real cameras. Sequence numbers and times
run on through the loop's end and through a change of clip.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from sim.clips import Clip
from sim.faults import PICTURE_FAULTS, Fault
from sim.packets import CLOCK_HZ, Burst, make_bursts, parameter_sets, stamped, thinned

LATE_S: Final = 2.0
"""A stream that is further behind skips what it missed instead of catching up."""
LOSS_SHARE: Final = 0.15
NORMAL: Final = "normal"
GARBAGE: Final = "garbage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A clip made ready for sending."""

    codec: str
    fps: int
    bursts: tuple[Burst, ...]
    sets: tuple[bytes, ...]


def make_film(
    clip: Clip, *, codec: str, fps: int, garbage: bool = False, sets: bool = True
) -> Film:
    """Packetise a clip; ``sets``: with parameter sets before each key frame."""
    noise = Random(1) if garbage else None
    return Film(
        codec=codec,
        fps=fps,
        bursts=make_bursts(codec, clip.pairs(), garbage=noise, sets=sets),
        sets=parameter_sets(codec, clip.units[clip.keys[0]]),
    )


FilmOf = Callable[[str], Film]
"""Returns the film of a variant: ``normal``, ``garbage`` or a picture fault's word."""


class Stream:
    """The state of one camera's encoder."""

    def __init__(self, film_of: FilmOf, *, seed: int, now: float) -> None:
        self._film_of = film_of
        self._rng = Random(seed)
        self.film = film_of(NORMAL)
        self.fault: Fault | None = None
        self.loss_share = LOSS_SHARE
        self.sequence = self._rng.randrange(1 << 16)
        self.time = self._rng.randrange(1 << 32)
        self.ssrc = self._rng.randrange(1, 1 << 32)
        self._at = self._rng.randrange(len(self.film.bursts))
        self._due = now + self._rng.random() / self.film.fps

    def set_fault(self, fault: Fault | None, *, share: float = LOSS_SHARE) -> None:
        """Change what is wrong; another clip begins at once, with a key frame."""
        self.fault, self.loss_share = fault, share
        variant = NORMAL
        if fault is Fault.GARBAGE:
            variant = GARBAGE
        elif fault in PICTURE_FAULTS:
            variant = str(fault)
        film = self._film_of(variant)
        if film is not self.film:
            self.film, self._at = film, 0

    def skip_to(self, now: float) -> None:
        """Let the time pass in which nobody watched."""
        missed = int((now - self._due) * self.film.fps) + 1
        if missed > 0:
            self._advance(missed)
            self._due += missed / self.film.fps

    def due(self, now: float) -> list[tuple[Burst, bytes | bytearray]]:
        """Return what is to be sent by ``now``: bursts and their stamped packets on channel 0."""
        if now < self._due:
            return []
        if now - self._due > LATE_S:
            self.skip_to(now - 1 / self.film.fps)
        sent = []
        while self._due <= now:
            burst = self.film.bursts[self._at]
            if not self._held_back(burst):
                sent.append((burst, self._packets(burst)))
            self._advance(1)
            self._due += 1 / self.film.fps
        return sent

    def _advance(self, pictures: int) -> None:
        self._at = (self._at + pictures) % len(self.film.bursts)
        self.time = (self.time + pictures * CLOCK_HZ // self.film.fps) & 0xFFFFFFFF

    def _held_back(self, burst: Burst) -> bool:
        match self.fault:
            case Fault.STALL:
                return True
            case Fault.NO_KEY_FRAMES:
                return burst.key
            case Fault.SLOW:
                return not burst.key
            case _:
                return False

    def _packets(self, burst: Burst) -> bytes | bytearray:
        data = stamped(burst, sequence=self.sequence, time=self.time, ssrc=self.ssrc)
        self.sequence = (self.sequence + len(burst.starts)) & 0xFFFF
        if self.fault is Fault.LOSS:
            return thinned(burst, data, self.loss_share, self._rng)
        return data
