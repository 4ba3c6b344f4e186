"""The oracle of seconds: what each camera did, put beside what the timeline says.

Naive on purpose. Each boot of the database is put where the database puts it; there the true pieces
of that run are laid out second by second; of several over one second the surer clock counts and
then the better state. A second is right, or it is unknown and that is excused: by a kill (the last
watermark may be one interval old), a bad disk, a gap that was told, a clock that nobody knew.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from tests.simulation.truth import Camera
from wire.vocabulary import state_of

_RANK: Final = {"up": 0, "degraded": 1, "down": 2}
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Excuse:
    """From ``start_ms`` to ``end_ms`` a second may be unknown, or (``state``) be told as that."""

    start_ms: int
    end_ms: int
    state: str = UNKNOWN


@dataclass(frozen=True, slots=True)
class Piece:
    """What one boot should have told: ``start_s`` to ``end_s`` (UTC seconds, half open)."""

    start_s: int
    end_s: int
    state: str
    is_measured: bool


@dataclass(slots=True)
class Expected:
    """What is to be expected of one camera of one agent."""

    pieces: list[Piece] = field(default_factory=list)
    excuses: list[tuple[int, int, str, bool]] = field(default_factory=list)

    def add(
        self,
        camera: Camera,
        *,
        from_ms: int,
        until_ms: int,
        shift_ms: int,
        is_measured: bool,
        excuses: Iterable[Excuse],
    ) -> None:
        """Add what a boot saw of the camera; the database puts it ``shift_ms`` off true time."""
        for start_ms, end_ms, change in camera.pieces(from_ms, until_ms):
            start_s, end_s = (start_ms + shift_ms) // 1000, (end_ms + shift_ms) // 1000
            if start_s < end_s:
                state = str(state_of(change.cause))
                self.pieces.append(Piece(start_s, end_s, state, is_measured))
        for excuse in excuses:
            start_s = (excuse.start_ms + shift_ms) // 1000
            end_s = -(-(excuse.end_ms + shift_ms) // 1000)
            if start_s < end_s:
                self.excuses.append((start_s, end_s, excuse.state, is_measured))

    def edges(self) -> set[int]:
        """Return every second at which something may change."""
        found = {edge for p in self.pieces for edge in (p.start_s, p.end_s)}
        return found | {edge for start, end, *_ in self.excuses for edge in (start, end)}

    def allowed(self, second: int) -> set[str]:
        """Return the states that a second may be told to have had."""
        over = [p for p in self.pieces if p.start_s <= second < p.end_s]
        excused = [x for x in self.excuses if x[0] <= second < x[1]]
        sure = [p for p in over if p.is_measured] or over
        best = min((p.state for p in sure), key=_RANK.__getitem__, default=UNKNOWN)
        allowed = {best}
        for _, _, state, _ in excused:
            allowed |= {state} | {p.state for p in over}
        return allowed
