"""The year's truth in short, as ``truth.json`` holds it: days of ``truth`` added up. Pure.

For each school and period, and each of its places and cameras; what a unit has is what its schools
had on the days on which they belonged to it. ``closed`` lists the days that were closed with other
figures than are known now.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any, Final

from sim.year.commune import SCHOOLS, UNITS
from sim.year.dates import DAY_S, clock, days
from sim.year.faults import told, troubles
from sim.year.happenings import Drama
from sim.year.places import School
from sim.year.rules import NEEDS, OFFS, PERCENT, TERM2, WORKS, YEAR_FIRST, YEAR_LAST, version
from sim.year.truth import Day, Met, Sums, exists, school_day

Json = dict[str, Any]
SchoolDays = Mapping[str, Mapping[date, Day]]

CLOSED_AT: Final = (2, 5)
"""The local time of the night after a day at which it is closed."""
PERIODS: Final = {
    "nam-hoc": (YEAR_FIRST, YEAR_LAST),
    "hoc-ky-1": (YEAR_FIRST, date.fromordinal(TERM2.toordinal() - 1)),
    "hoc-ky-2": (TERM2, YEAR_LAST),
    "thang-11": (date(2025, 11, 1), date(2025, 11, 30)),
}


def known_days(drama: Drama, schools: Iterable[School] = SCHOOLS) -> dict[str, dict[date, Day]]:
    """Return schools' days as they are known in the end."""
    return {
        school.id: {
            day: school_day(drama, school, day)
            for day in days(YEAR_FIRST, YEAR_LAST)
            if exists(school, day)
        }
        for school in schools
    }


def closed_days(drama: Drama, known: SchoolDays) -> dict[str, dict[date, Day]]:
    """Return, by school, the days that were closed with other figures than are known now."""
    found: dict[str, dict[date, Day]] = {}
    for school in SCHOOLS:
        for day, now in known[school.id].items():
            closing = clock(day, *CLOSED_AT) + DAY_S
            if not _more_came(drama, school, closing):
                continue
            closed = school_day(drama, school, day, asked_at=closing)
            if (closed.cameras, closed.zones, closed.unset) != (now.cameras, now.zones, now.unset):
                found.setdefault(school.id, {})[day] = closed
    return found


def _more_came(drama: Drama, school: School, closing: int) -> bool:
    """Tell whether anything from before a moment was told or typed in after it."""
    runs = (run for agent in school.agents for run in drama.runs[agent.id])
    told = any(r.cut is not None and r.cut < closing < (r.told or 0) for r in runs)
    return told or any(e.typed > closing for e in (*OFFS, *WORKS))


def totals(drama: Drama) -> Json:
    """Return all that ``truth.json`` holds."""
    known = known_days(drama)
    return {
        "about": "seconds; see docs/example-year.md",
        "periods": {
            name: {
                "first": first.isoformat(),
                "last": last.isoformat(),
                "units": {unit: _unit(unit, known, first, last) for unit, *_ in UNITS},
                "schools": {
                    s.id: school_total(s, days_between(known[s.id].values(), first, last), last)
                    for s in SCHOOLS
                },
            }
            for name, (first, last) in PERIODS.items()
        },
        "missing": missing(YEAR_LAST),
        "closed": {
            school: {
                day.isoformat(): {
                    "closed": {"seconds": asdict(then.met), "uptime": asdict(then.total)},
                    "known": {
                        "seconds": asdict(known[school][day].met),
                        "uptime": asdict(known[school][day].total),
                    },
                }
                for day, then in some.items()
            }
            for school, some in closed_days(drama, known).items()
        },
    }


def days_between(some: Iterable[Day], first: date, last: date) -> list[Day]:
    """Return the days from ``first`` to ``last``."""
    return [day for day in some if first <= day.day <= last]


def school_total(school: School, some: Iterable[Day], last: date) -> Json:
    """Add a school's days up to ``last`` up; a place that was not there yet is left out."""
    own = list(some)
    return {
        **_sums(own),
        "unset_days": sum(day.unset for day in own),
        "faults": [told(trouble) for trouble in troubles(school, own)],
        "zones": {z.id: _zone(z.id, own) for z in school.zones if z.first <= last},
        "cameras": {
            camera.id: asdict(sum((d.cameras[camera.id] for d in there), Sums()))
            for camera in school.cameras
            for there in [[day for day in own if camera.id in day.cameras]]
            if there
        },
    }


def _zone(zone: str, own: Iterable[Day]) -> Json | None:
    """Add a place's days up, and hold them against the share that is asked on the last one."""
    scored = [day for day in own if zone in day.zones]
    if not scored:
        return None
    seconds = sum((day.zones[zone] for day in scored), Met())
    unset = sum(day.unset for day in scored)
    percent = PERCENT[version(scored[-1].day)]
    return {**asdict(seconds), "unset_days": unset, "verdict": _verdict(seconds, percent, unset)}


def _verdict(seconds: Met, percent: int | None, unset_days: int) -> str | None:
    whole = seconds.met + seconds.not_met + seconds.cannot_tell
    if percent is None or (not whole and not unset_days):
        return None
    if unset_days:
        return "cannot_tell"
    if seconds.met * 100 >= percent * whole:
        return "met"
    return "not_met" if (whole - seconds.not_met) * 100 < percent * whole else "cannot_tell"


def missing(day: date) -> list[Json]:
    """Return which places have fewer cameras than they need on a day, and by how many."""
    return [
        {"school": school.id, "zone": zone.id, "count": need - there}
        for school in SCHOOLS
        if school.unit(day) is not None
        for zone in school.zones
        if (need := NEEDS[version(day)].get(school.kind, {}).get(zone.kind)) is not None
        if (there := sum(camera.zone(day) == zone.id for camera in school.cameras)) < need
    ]


def _unit(unit: str, known: SchoolDays, first: date, last: date) -> Json:
    """Add up the days on which a school stood under a unit, or under one below it."""
    parents = {name: parent for name, _, _, parent in UNITS}

    def under(name: str | None) -> bool:
        return name is not None and (name == unit or under(parents[name]))

    by_school = {
        school.id: [
            day
            for day in days_between(known[school.id].values(), first, last)
            if under(school.unit(day.day))
        ]
        for school in SCHOOLS
    }
    own = [day for some in by_school.values() for day in some]
    return {**_sums(own), "schools": {name: _sums(some) for name, some in by_school.items()}}


def _sums(some: Iterable[Day]) -> Json:
    own = list(some)
    return {
        "seconds": asdict(sum((day.met for day in own), Met())),
        "uptime": asdict(sum((day.total for day in own), Sums())),
        "lost": dict(sorted(_lost(own).items())),
    }


def _lost(some: Iterable[Day]) -> Counter[str]:
    """Add up, by cause, what cameras lost of counted time."""
    lost: Counter[str] = Counter()
    for day in some:
        for causes in day.lost.values():
            lost.update(causes)
    return lost
