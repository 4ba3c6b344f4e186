"""What really happened, beside what the server concluded. Pure.

Truth is a record of what the demo did to cameras and agents, by the wall clock. Where an agent was
dead, truth is ``unknown``: nobody was there to look, whatever the camera did.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sim.faults import Fault, expected
from wire.vocabulary import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One fault of one camera. ``ended_at`` None: it still lasts."""

    camera: str
    fault: Fault
    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A time in which an agent was dead (or, if ``alive``, only cut off from the broker)."""

    agent: str
    began_at: datetime
    ended_at: datetime | None = None
    alive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A span of one state: of the truth, or of a timeline that the server gave."""

    state: State
    began_at: datetime
    ended_at: datetime
    cause: str | None = None


def true_pieces(
    troubles: Iterable[Trouble], absences: Iterable[Absence], start: datetime, end: datetime
) -> tuple[Piece, ...]:
    """Return one camera's true timeline over ``[start, end)``, gapless."""
    dead = [(a.began_at, a.ended_at or end) for a in absences if not a.alive]
    bad = [(t.began_at, t.ended_at or end, expected(t.fault)) for t in troubles]
    edges = {start, end}
    for span in (*dead, *((a, b) for a, b, _ in bad)):
        edges |= {moment for moment in span if start < moment < end}
    moments = sorted(edges)
    pieces: list[Piece] = []
    for a, b in pairwise(moments):
        state, cause = State.UP, None
        for began, ended, (what, why) in bad:
            if began <= a < ended:
                state, cause = what, str(why)
        if any(began <= a < ended for began, ended in dead):
            state, cause = State.UNKNOWN, None
        pieces.append(Piece(state=state, cause=cause, began_at=a, ended_at=b))
    return tuple(pieces)


def seconds(pieces: Iterable[Piece], start: datetime, end: datetime) -> dict[str, int]:
    """Return seconds per state inside ``[start, end)``; time that no piece covers is unknown."""
    sums = dict.fromkeys((str(s) for s in State), 0.0)
    for piece in pieces:
        overlap = min(piece.ended_at, end) - max(piece.began_at, start)
        sums[str(piece.state)] += max(0.0, overlap.total_seconds())
    whole = (end - start).total_seconds()
    covered = sum(sums.values())
    sums[str(State.UNKNOWN)] += max(0.0, whole - covered)
    return {state: round(value) for state, value in sums.items()}


def concluded_for(
    trouble: Trouble, absences: Iterable[Absence], timeline: Iterable[Piece], end: datetime
) -> tuple[State, str | None] | None:
    """Return the state and cause that fill most of a fault's time in the server's timeline.

    The time in which the agent was dead is left out: nobody could conclude anything then.
    """
    watched = true_pieces([trouble], absences, trouble.began_at, trouble.ended_at or end)
    lengths: dict[tuple[State, str | None], float] = {}
    for piece in timeline:
        for span in watched:
            overlap = min(piece.ended_at, span.ended_at) - max(piece.began_at, span.began_at)
            if span.state is not State.UNKNOWN and overlap.total_seconds() > 0:
                key = (piece.state, piece.cause)
                lengths[key] = lengths.get(key, 0.0) + overlap.total_seconds()
    return max(lengths, key=lambda key: lengths[key], default=None)
