"""What is wrong with a gate PC itself: told beside its cameras' states, never mixed in. Pure.

Each warning is a fact with its numbers; the words, and what to do about it, are the template's.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from server.domain.clocks import BootClock, Doubt, Twins, doubts, twins
from server.storage.gaps import GapRow
from server.storage.rows import AgentSeen
from server.storage.times import moment_of

CLOCK_WRONG_MS: Final = 2000
FILLING: Final = 0.8
"""Of what the spool may hold: there is time left to mend the network."""

_STILL: Final = timedelta(minutes=10)
_LONG_PAST: Final = timedelta(days=7)


class Kind(StrEnum):
    """What is wrong, the worst first."""

    TWINS = "twins"
    """Two machines use this agent's name."""
    DROPPED = "dropped"
    """It had to drop what it had seen, for want of room."""
    SPOOL_FILLING = "spool_filling"
    CLOCK_SUSPECT = "clock_suspect"
    """It watched at a time that nobody knows."""
    SET_ASIDE = "set_aside"
    """Items that the centre does not take."""
    CLOCK_WRONG = "clock_wrong"
    """Its clock is off, by a measured time: what it sends is put right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentWarning:
    """One thing that is wrong with a gate PC. What a kind does not use is left at its default.

    Attributes:
        kind: Which.
        since: When it began, or from when something was lost.
        until: When it ended, or up to when something was lost; None: it goes on.
        machines: Twins: what they call themselves.
        count: Items that were dropped, or are set aside.
        cameras: How many cameras' observations were dropped.
        seconds: Suspect: watched at a time that is not known. Wrong: fast above 0, slow below.
        doubt: Suspect: what contradicts the clock.
        share: Filling: how full, 0 to 1.
    """

    kind: Kind
    since: datetime | None = None
    until: datetime | None = None
    machines: tuple[str, ...] = ()
    count: int = 0
    cameras: int = 0
    seconds: int = 0
    doubt: Doubt | None = None
    share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What was read of several gate PCs, by agent, that a warning may follow from."""

    clocks: Mapping[str, Sequence[BootClock]]
    gaps: Mapping[str, Sequence[GapRow]]


NO_SIGNS: Final = Signs(clocks={}, gaps={})


def signs_of(clocks: Iterable[BootClock], gaps: Iterable[GapRow]) -> Signs:
    """Sort what was read by agent."""
    by_agent: dict[str, list[BootClock]] = {}
    for clock in clocks:
        by_agent.setdefault(clock.agent, []).append(clock)
    dropped: dict[str, list[GapRow]] = {}
    for gap in gaps:
        dropped.setdefault(gap.agent, []).append(gap)
    return Signs(clocks=by_agent, gaps=dropped)


def warnings_of(
    agent: str, seen: AgentSeen | None, signs: Signs, now: datetime
) -> tuple[AgentWarning, ...]:
    """Return what is wrong with one gate PC, the worst first."""
    clocks = signs.clocks.get(agent, ())
    return (
        *_twins(twins(clocks), now),
        *_dropped(signs.gaps.get(agent, ())),
        *_filling(seen),
        *_suspect(clocks),
        *_set_aside(seen),
        *_wrong(seen),
    )


def _twins(found: Sequence[Twins], now: datetime) -> Iterator[AgentWarning]:
    """Tell of the newest time in which two machines used the name, if it is not long past."""
    for pair in found[-1:]:
        end = moment_of(pair.end_ms)
        if now - end < _LONG_PAST:
            yield AgentWarning(
                kind=Kind.TWINS,
                since=moment_of(pair.start_ms),
                until=None if now - end < _STILL else end,
                machines=pair.machines,
            )


def _dropped(gaps: Sequence[GapRow]) -> Iterator[AgentWarning]:
    if gaps:
        yield AgentWarning(
            kind=Kind.DROPPED,
            since=min((g.start for g in gaps if g.start is not None), default=None),
            until=max((g.end for g in gaps if g.end is not None), default=None),
            count=sum(g.count for g in gaps),
            cameras=len({camera for g in gaps for camera in g.cameras}),
        )


def _filling(seen: AgentSeen | None) -> Iterator[AgentWarning]:
    vitals = seen.vitals if seen else None
    if vitals is not None and vitals.spool_bytes >= FILLING * vitals.spool_max_bytes > 0:
        share = min(1.0, vitals.spool_bytes / vitals.spool_max_bytes)
        yield AgentWarning(kind=Kind.SPOOL_FILLING, share=share)


def _suspect(clocks: Sequence[BootClock]) -> Iterator[AgentWarning]:
    """Tell of all boots of which nobody knows when they ran, as one; the newest says why."""
    found = {boot: doubt for (_, boot), doubt in doubts(clocks).items()}
    wrong = sorted((c for c in clocks if c.boot in found), key=lambda c: (c.zero_ms, c.boot))
    if wrong:
        yield AgentWarning(
            kind=Kind.CLOCK_SUSPECT,
            seconds=sum(c.last_ms for c in wrong) // 1000,
            doubt=found[wrong[-1].boot],
        )


def _set_aside(seen: AgentSeen | None) -> Iterator[AgentWarning]:
    vitals = seen.vitals if seen else None
    if vitals is not None and vitals.set_aside:
        yield AgentWarning(kind=Kind.SET_ASIDE, count=vitals.set_aside)


def _wrong(seen: AgentSeen | None) -> Iterator[AgentWarning]:
    """``clock_offset_ms`` is what must be added to the gate PC's clock: it is fast below 0."""
    offset_ms = (seen.clock_offset_ms if seen else None) or 0
    if abs(offset_ms) > CLOCK_WRONG_MS:
        yield AgentWarning(kind=Kind.CLOCK_WRONG, seconds=-offset_ms // 1000)
