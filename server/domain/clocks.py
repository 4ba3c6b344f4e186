"""How far a boot's place on the UTC axis can be trusted, from what the database holds. Pure.

A boot's segments never move against each other; what can be wrong is where its origin lies. Three
grades, the best first:

* ``measured``: the offset between the edge's clock and the server's was measured;
* ``assumed``: it never was (the boot never met the server while it ran), and nothing contradicts
  what the edge clock told;
* ``suspect``: never measured, and contradicted (``Doubt`` says by what). Nobody knows when what it
  claims was true, so it counts for nothing: it neither makes a second known nor hides what another
  boot knows of it.

Two *measured* boots of one agent that ran at the same time are no clock's mistake but two machines
that use one agent's name (a cloned disk): ``Twins``. Both of them watched, so both count.

All is a function of the *set* of boots: neither the order in which they were heard of nor repeats
matter, and a boot that is measured later is graded anew.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Final

SLACK_MS: Final = 60_000
"""Clocks may contradict each other by so much before one of them is doubted."""

DRIFT_PARTS: Final = 10_000
"""Beside ``SLACK_MS`` a boot's end may be off by one part in so many of its length: a computer's
clock that nobody corrects runs fast or slow by up to 100 parts in a million."""

EARLIEST_MS: Final = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp() * 1000)
"""Nothing was watched before: this is the clock of a computer whose battery is empty."""

OLDEST_MS: Final = 400 * 86_400_000
"""A boot that was over for so long before anybody heard of it has such a clock, too: one that
starts at the day on which its computer, or its system, was made."""

_ONE_RUN_MS: Final = 15 * 60_000
"""Twins that are parted by no more than this are told as one: a restart parts them, too."""


class Grade(StrEnum):
    """How a boot's place on the UTC axis is known."""

    MEASURED = "measured"
    ASSUMED = "assumed"
    SUSPECT = "suspect"


class Doubt(StrEnum):
    """What contradicts a clock that was never measured."""

    FUTURE = "future"
    """It claims what had not yet happened when the server heard of it."""
    ANCIENT = "ancient"
    """It claims what was before anybody watched, or over a year before the server heard of it."""
    OVERLAP = "overlap"
    """It claims time in which another boot of the same agent ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BootClock:
    """What is known of the time of one boot.

    Attributes:
        agent: Whose it is.
        boot: Its id.
        zero_ms: UTC of its origin, a measured offset taken off.
        last_ms: How far beyond its origin its claims reach.
        measured: Whether the offset was measured.
        latest_zero_ms: Its origin can't have been later than this: the least, over all reports, of
            the server's time of receipt less what the report claims of this boot. None: not known.
        machine: Where it ran, for people.
    """

    agent: str
    boot: str
    zero_ms: int
    last_ms: int
    measured: bool
    latest_zero_ms: int | None = None
    machine: str | None = None

    @property
    def end_ms(self) -> int:
        """UTC of the end of what it claims."""
        return self.zero_ms + self.last_ms

    @property
    def sure_end_ms(self) -> int:
        """The same less what its clock may be off: two boots that meet before it did overlap."""
        return self.end_ms - SLACK_MS - self.last_ms // DRIFT_PARTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """A time in which two machines used one agent's name.

    Attributes:
        agent: The name.
        start_ms: UTC since when.
        end_ms: UTC until when both are known to have run.
        machines: What they call themselves, sorted; fewer than two where some did not tell.
    """

    agent: str
    start_ms: int
    end_ms: int
    machines: tuple[str, ...]


def grades(boots: Iterable[BootClock]) -> dict[tuple[str, str], Grade]:
    """Grade boots by (agent, id), given at least all boots that overlap one that isn't measured."""
    known = tuple(boots)
    found = doubts(known)
    return {(b.agent, b.boot): _grade(b, found) for b in known}


def _grade(boot: BootClock, found: Mapping[tuple[str, str], Doubt]) -> Grade:
    if boot.measured:
        return Grade.MEASURED
    return Grade.SUSPECT if (boot.agent, boot.boot) in found else Grade.ASSUMED


def doubts(boots: Iterable[BootClock]) -> dict[tuple[str, str], Doubt]:
    """Return what contradicts each suspect boot, by (agent, id).

    What is doubted for itself contradicts no other boot.
    """
    found: dict[tuple[str, str], Doubt] = {}
    for agent, own in _by_agent(boots).items():
        alone = {b.boot: doubt for b in own if (doubt := _doubt_alone(b)) is not None}
        overlapping = _overlapping([b for b in own if b.boot not in alone])
        shared = {b.boot: Doubt.OVERLAP for b in overlapping if not b.measured}
        found |= {(agent, boot): doubt for boot, doubt in (alone | shared).items()}
    return found


def twins(boots: Iterable[BootClock]) -> tuple[Twins, ...]:
    """Return when two machines used one name, by agent and time."""
    return tuple(
        found
        for agent, own in sorted(_by_agent(boots).items())
        for found in _twins_of(agent, _overlapping([b for b in own if b.measured]))
    )


def _by_agent(boots: Iterable[BootClock]) -> dict[str, list[BootClock]]:
    """Part boots by agent, each boot once."""
    once = {(b.agent, b.boot): b for b in boots}
    found: defaultdict[str, list[BootClock]] = defaultdict(list)
    for boot in once.values():
        found[boot.agent].append(boot)
    return found


def _doubt_alone(boot: BootClock) -> Doubt | None:
    """Say what contradicts a boot when no other is looked at."""
    if boot.measured:
        return None
    if boot.zero_ms < EARLIEST_MS:
        return Doubt.ANCIENT
    if boot.latest_zero_ms is None:
        return None
    if boot.zero_ms > boot.latest_zero_ms + SLACK_MS:
        return Doubt.FUTURE
    return Doubt.ANCIENT if boot.zero_ms < boot.latest_zero_ms - OLDEST_MS else None


def _overlapping(boots: Iterable[BootClock]) -> list[BootClock]:
    """Return those that surely ran while another one did, in the order of their beginnings.

    Sorted by beginning, a boot overlaps an earlier one exactly where it overlaps the one that ends
    last of them, and a later one exactly where it overlaps the next.
    """
    ranked = sorted(
        (b for b in boots if b.sure_end_ms > b.zero_ms), key=lambda b: (b.zero_ms, b.boot)
    )
    followed = {one.boot for one, after in pairwise(ranked) if after.zero_ms < one.sure_end_ms}
    found: list[BootClock] = []
    reached = 0
    for boot in ranked:
        if boot.zero_ms < reached or boot.boot in followed:
            found.append(boot)
        reached = max(reached, boot.sure_end_ms)
    return found


def _twins_of(agent: str, boots: Sequence[BootClock]) -> Iterator[Twins]:
    """Join the times in which two of the boots ran at once into runs."""
    run: Twins | None = None
    for start, end, machines in _shared(boots):
        if run is not None and start - run.end_ms <= _ONE_RUN_MS:
            names = {*run.machines, *machines}
            end_ms, named = max(run.end_ms, end), tuple(sorted(names))
            run = Twins(agent=agent, start_ms=run.start_ms, end_ms=end_ms, machines=named)
            continue
        if run is not None:
            yield run
        run = Twins(agent=agent, start_ms=start, end_ms=end, machines=tuple(sorted(machines)))
    if run is not None:
        yield run


def _shared(boots: Sequence[BootClock]) -> Iterator[tuple[int, int, Collection[str]]]:
    """Yield each boot's overlap with the earlier one that ends last, and who the two are.

    ``boots`` are in the order of their beginnings.
    """
    longest: BootClock | None = None
    for boot in boots:
        if longest is not None and boot.zero_ms < longest.sure_end_ms:
            names = {m for m in (longest.machine, boot.machine) if m is not None}
            yield boot.zero_ms, min(boot.end_ms, longest.end_ms), names
        if longest is None or boot.sure_end_ms > longest.sure_end_ms:
            longest = boot
