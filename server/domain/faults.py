"""The fault register: each time that a camera was broken for long, and what people did about it.

``Seen`` is what timelines say and follows them when late history changes it; ``Written`` is what
people wrote and is nobody else's to change. ``amend`` holds the entries of one camera against its
outages: doing it twice changes nothing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain, count
from typing import Final

from server.domain.calendar import local_date
from server.domain.interval import Interval, intersect
from server.domain.outages import outages
from server.domain.timeline import Timeline
from wire.vocabulary import State

BROKEN: Final = frozenset({State.DOWN, State.DEGRADED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the system saw.

    Attributes:
        since: Since when the camera was not watching; ``or_before``: nobody looked further back.
        until: When it watched again; None: it does not yet.
        seconds: Known to be lost within required time.
        withdrawn: Later reports say that it was no fault after all.
    """

    since: datetime
    until: datetime | None
    state: str
    cause: str | None
    seconds: int
    or_before: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What people wrote; None or empty: nothing. ``cost``: VND."""

    what: str = ""
    since: date | None = None
    reported: date | None = None
    reported_to: str = ""
    repaired: date | None = None
    repaired_by: str = ""
    warranty_until: date | None = None
    cost: int | None = None
    contractor: str = ""
    note: str = ""


NOTHING: Final = Written()


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultEntry:
    """One line of the register; ``seen`` None: entered by hand. ``camera`` None: something else."""

    school: str
    camera: str | None = None
    seen: Seen | None = None
    written: Written = NOTHING

    @property
    def since(self) -> date:
        """The local day on which it broke: what people wrote counts before what was seen."""
        if self.written.since is not None:
            return self.written.since
        assert self.seen is not None, "an entry by hand has a day"
        return local_date(self.seen.since)

    @property
    def ended(self) -> date | None:
        """The local day on which it was in order again; None: it is not."""
        if self.written.repaired is not None:
            return self.written.repaired
        return local_date(self.seen.until) if self.seen and self.seen.until else None

    def days_open(self, today: date) -> int:
        """Return for how many days it was or is broken; a part of one is one."""
        return max(0, ((self.ended or today) - self.since).days) + 1


def long_outages(
    timeline: Timeline, required: Sequence[Interval], *, least_s: int
) -> Iterator[Seen]:
    """Yield what of a camera's timeline is a fault: ``least_s`` or more of required time lost.

    Time in which nobody looked is never lost by itself. ``timeline``: with the states that count
    under the plan (``points.watched``).
    """
    for outage in outages(timeline):
        lost = [span.interval for span in outage.history if span.state in BROKEN]
        seconds = sum(part.seconds for part in intersect(lost, required))
        if outage.state in BROKEN and lost and seconds >= least_s:
            first = lost[0]
            yield Seen(
                since=first.start,
                until=outage.end,
                state=outage.state,
                cause=outage.cause,
                seconds=seconds,
                or_before=first.start == timeline[0].interval.start,
            )


def amend(
    entries: Mapping[str, FaultEntry],
    found: Iterable[Seen],
    *,
    school: str,
    camera: str,
    window: Interval,
) -> dict[str, FaultEntry]:
    """Return the entries of a camera that change, by id: new ones, moved ones, withdrawn ones.

    ``entries``: all of this camera, withdrawn ones too; ``found``: every fault within ``window``,
    in order. Entries that do not reach into the window are left alone; one that begins before it is
    never withdrawn.
    """
    near = [  # what stands comes before what was withdrawn, so that doing it again changes nothing
        (_seen(entry).withdrawn, _seen(entry).since, name)
        for name, entry in entries.items()
        if entry.seen is not None and _reaches(entry.seen, window)
    ]
    left = [name for *_, name in sorted(near)]
    after: dict[str, FaultEntry] = {}
    new: list[Seen] = []
    for fault in found:
        name = next((n for n in left if _same(_seen(entries[n]), fault)), None)
        if name is None:
            new.append(fault)
            continue
        left.remove(name)
        after[name] = replace(entries[name], seen=_going_on(_seen(entries[name]), fault))
    for name in left:
        seen = _seen(entries[name])
        if seen.since >= window.start:
            after[name] = replace(entries[name], seen=replace(seen, withdrawn=True))
    taken = {*entries, *after}
    for fault in new:
        name = _free(fault_id(camera, fault.since), taken)
        taken.add(name)
        after[name] = FaultEntry(school=school, camera=camera, seen=fault)
    return {name: entry for name, entry in after.items() if entries.get(name) != entry}


def _free(name: str, taken: Collection[str]) -> str:
    """Return the name, or with a number where an entry has it whose fault has moved away."""
    return next(n for n in chain((name,), (f"{name}-{i}" for i in count(2))) if n not in taken)


def fault_id(camera: str, since: datetime) -> str:
    """Return the id of the entry for a fault that begins then."""
    return f"{camera}-{since:%Y%m%dT%H%M%SZ}"


def _seen(entry: FaultEntry) -> Seen:
    assert entry.seen is not None
    return entry.seen


def _reaches(seen: Seen, window: Interval) -> bool:
    return seen.since < window.end and (seen.until is None or seen.until > window.start)


def _same(known: Seen, found: Seen) -> bool:
    """Tell whether two overlap: then they are one fault, told of twice."""
    starts_before_end = found.until is None or known.since < found.until
    return starts_before_end and (known.until is None or found.since < known.until)


def _going_on(known: Seen, found: Seen) -> Seen:
    """Return what was found now, with the beginning that was known before the window began."""
    if not found.or_before or known.since >= found.since:
        return found
    return replace(
        found,
        since=known.since,
        or_before=known.or_before,
        seconds=max(known.seconds, found.seconds),
    )
