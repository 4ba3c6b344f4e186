"""The gate log: who came and went, by school, gate, day and text."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from server.domain.calendar import local_date, local_day
from server.domain.interval import Interval
from server.domain.units import Gate, Organisation, School
from server.storage.rows import GateEventRow
from server.web.charts.passages import Passages, nice_top
from server.web.pages.school import Tick, ticks

PAGE: Final = 50
CHART_MOST: Final = 6_000
QUARTER: Final = timedelta(minutes=15)
MOST_DAYS: Final = 31
CLOCKS_DIFFER: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What the reader asked for. ``before``: the last row of the page before."""

    school: str | None = None
    gate: str | None = None
    first: date
    last: date
    text: str = ""
    before: tuple[datetime, str] | None = None

    @property
    def since(self) -> datetime:
        """The first day's beginning."""
        return local_day(self.first).start

    @property
    def until(self) -> datetime:
        """The last day's end."""
        return local_day(self.last).end


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event with the names of its gate and school; both None for a gate nobody registered."""

    event: GateEventRow
    gate: Gate | None
    school: School | None

    @property
    def differs(self) -> bool:
        """Whether the device's clock said something else than the gate PC's when it was saved."""
        return abs(self.event.accepted_at - self.event.occurred_at) > CLOCKS_DIFFER

    @property
    def other_day(self) -> bool:
        """Whether the centre received it on another local day than it happened."""
        return local_date(self.event.received_at) != local_date(self.event.occurred_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLog:
    """Everything on the page. ``quarters`` is empty where there are several days or too many."""

    now: datetime
    filter: Filter
    schools: tuple[School, ...]
    gates: tuple[tuple[School, Gate], ...]
    entries: tuple[Entry, ...]
    more: bool
    quarters: tuple[Passages, ...]
    ticks: tuple[Tick, ...]
    top: int
    too_many: bool
    inward: int
    outward: int
    other: int
    suspect: int


def gates_of(
    organisation: Organisation, school_id: str | None, gate: str | None
) -> list[str] | None:
    """Return the gates that are meant; None is all, registered or not."""
    if gate is not None:
        return [gate]
    if school_id is None:
        return None
    school = organisation.school(school_id)
    return [gate.id for gate in school.gates] if school else []


def gate_log(
    organisation: Organisation,
    wanted: Filter,
    *,
    rows: Sequence[GateEventRow],
    chart: Sequence[GateEventRow] | None,
    totals: Counter[str],
    now: datetime,
) -> GateLog:
    """Build the page from one row more than it shows, the day's events and the totals."""
    named = entries(organisation, rows[:PAGE])
    bars = quarters(chart or (), wanted)
    return GateLog(
        now=now,
        filter=wanted,
        schools=organisation.schools,
        gates=tuple((s, g) for s in organisation.schools for g in s.gates),
        entries=named,
        more=len(rows) > PAGE,
        quarters=bars,
        ticks=ticks(Interval(bars[0].start, bars[-1].end)) if bars else (),
        top=nice_top(bars),
        too_many=totals.total() > CHART_MOST,
        inward=totals["in"],
        outward=totals["out"],
        other=totals.total() - totals["in"] - totals["out"],
        suspect=sum(e.event.clock_suspect for e in named),
    )


def entries(organisation: Organisation, rows: Sequence[GateEventRow]) -> tuple[Entry, ...]:
    """Name the gates and schools of events."""
    gates = _gates(organisation)
    found = ((row, gates.get(row.gate, (None, None))) for row in rows)
    return tuple(Entry(event=row, school=school, gate=gate) for row, (school, gate) in found)


def _gates(organisation: Organisation) -> Mapping[str, tuple[School, Gate]]:
    return {g.id: (s, g) for s in organisation.schools for g in s.gates}


def quarters(rows: Sequence[GateEventRow], wanted: Filter) -> tuple[Passages, ...]:
    """Count one day's events per quarter of an hour, from the first busy hour to the last."""
    if not rows or wanted.first != wanted.last:
        return ()
    counts: Counter[tuple[int, str]] = Counter()
    for row in rows:
        number = (row.occurred_at - wanted.since) // QUARTER
        way = row.direction if row.direction in {"in", "out"} else "other"
        counts[number, way] += 1
    first = min(number for number, _ in counts) // 4 * 4
    last = max(max(number for number, _ in counts) // 4 * 4 + 3, first + 7)
    return tuple(
        Passages(
            start=wanted.since + QUARTER * number,
            inward=counts[number, "in"],
            outward=counts[number, "out"],
            other=counts[number, "other"],
        )
        for number in range(first, last + 1)
    )
