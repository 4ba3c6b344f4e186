"""What the demo knows of its own run: what it did, when, and when the page showed it. Pure.

Built up by the director and the poller while the story is played; ``outcome`` makes the JSON of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sim.faults import expected
from sim.truth import Absence, Trouble
from wire.vocabulary import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the page says of one camera."""

    state: State
    cause: str | None = None


@dataclass(slots=True)
class Record:
    """The run so far. ``shown`` and ``unknown_shown`` hold when the page first agreed."""

    troubles: list[Trouble] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    shown: dict[int, datetime] = field(default_factory=dict)  # index of a trouble
    unknown_shown: dict[int, datetime] = field(default_factory=dict)  # index of an absence
    shown_down: set[int] = field(
        default_factory=set
    )  # a camera was called down for want of its agent
    down_before: dict[int, set[str]] = field(default_factory=dict)
    server_kills: list[datetime] = field(default_factory=list)
    page: dict[str, Seen] = field(default_factory=dict)

    def begin_trouble(self, trouble: Trouble) -> int:
        """Note a fault; return its index."""
        self.troubles.append(trouble)
        return len(self.troubles) - 1

    def end_trouble(self, index: int, at: datetime) -> None:
        """Note a repair."""
        self.troubles[index] = replace(self.troubles[index], ended_at=at)

    def begin_absence(self, absence: Absence) -> int:
        """Note that an agent is gone; return the index."""
        self.absences.append(absence)
        index = len(self.absences) - 1
        self.down_before[index] = {c for c, seen in self.page.items() if seen.state is State.DOWN}
        return index

    def end_absence(self, index: int, at: datetime) -> None:
        """Note that it is back."""
        self.absences[index] = replace(self.absences[index], ended_at=at)

    def look(
        self, page: Mapping[str, Seen], cameras_of: Mapping[str, Iterable[str]], now: datetime
    ) -> list[int]:
        """Compare with what the page says at ``now``; return troubles that it has just shown."""
        self.page = dict(page)
        fresh = []
        for i, trouble in enumerate(self.troubles):
            seen = page.get(trouble.camera)
            if i in self.shown or trouble.ended_at is not None or seen is None:
                continue
            if (seen.state, seen.cause) == expected(trouble.fault):
                self.shown[i] = now
                fresh.append(i)
        for i, absence in enumerate(self.absences):
            if absence.ended_at is None:
                self._look_at_absence(i, list(cameras_of[absence.agent]), now)
        return fresh

    def _look_at_absence(self, index: int, cameras: list[str], now: datetime) -> None:
        states = {c: self.page[c].state for c in cameras if c in self.page}
        if states and all(state is State.UNKNOWN for state in states.values()):
            self.unknown_shown.setdefault(index, now)
        down = {camera for camera, state in states.items() if state is State.DOWN}
        if down - self.down_before[index]:
            self.shown_down.add(index)
