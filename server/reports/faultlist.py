"""The faults of a period: the fault register's own entries, held against timelines once more.

The register is kept as time goes by, looking back a month; a report may be about years from before
it was kept. So the same rule is applied to the period's timelines here, and what people wrote comes
from the register. Where that would take too long (a province's year) the register alone is told.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import chain
from typing import Final

from server.domain.calendar import local_day
from server.domain.dated import Story, at
from server.domain.faults import FaultEntry, Seen
from server.domain.interval import Interval
from server.domain.period import SchoolPeriod
from server.domain.register import Register
from server.domain.timeline import Timeline, build
from server.domain.units import Camera, School
from server.inspecting.faultbook import load_faults
from server.inspecting.looking import Rules, fault_changes
from server.reports.facts import Fault, Told
from server.reports.wording import day as day_text
from server.reports.wording import money
from server.storage import Store
from wire.vocabulary import State

MOST_CAMERA_DAYS: Final = 200_000
_AT_ONCE: Final = 20_000
"""Camera days whose timelines are held at a time."""
_PLAIN: Final = {State.DOWN: "mất kết nối", State.DEGRADED: "hình ảnh kém"}


async def gather_faults(
    store: Store,
    rules: Rules,
    register: Register,
    schools: Sequence[SchoolPeriod],
    *,
    words: Mapping[str, str],
    least_s: int,
    now: datetime,
    whole: bool,
    told: Told,
) -> tuple[Fault, ...]:
    """Return the faults by the day on which they began. Raises ``StoreError``.

    ``whole``: timelines are looked at however many there are.
    """
    kept = await load_faults(store, list({s.school.id for s in schools}))
    entries: dict[str, dict[str, FaultEntry]] = {}
    for line in kept:
        entries.setdefault(line.entry.school, {})[line.record.id] = line.entry
    work = sum(map(_camera_days, schools))
    looking = whole or work <= MOST_CAMERA_DAYS
    found: list[Fault] = []
    done = 0
    for some in _batches(schools):
        window = _window(some, now)
        lines = await _timelines(store, some, window) if looking else {}
        for one in some:
            found += await asyncio.to_thread(
                period_faults,
                rules,
                one,
                {name: lines[name] for name in cameras_of(one) if name in lines},
                entries.get(one.school.id, {}),
                story=register.school(one.school.id),
                words=words,
                least_s=least_s,
            )
        done += sum(map(_camera_days, some))
        told(done / max(1, work))
    return tuple(sorted(found, key=lambda f: (f.since, f.school, f.camera, f.zone)))


def period_faults(
    rules: Rules,
    period: SchoolPeriod,
    timelines: Mapping[str, Timeline],
    entries: Mapping[str, FaultEntry],
    *,
    story: Story[School],
    words: Mapping[str, str],
    least_s: int,
) -> list[Fault]:
    """Return a school's faults that reach into its part of the period. Pure.

    ``timelines``: each over the period, or empty; ``entries``: the register's, of this school;
    ``story``: what it was when, for a camera is told of at the place where it broke.
    """
    changed = fault_changes(rules, period.school, timelines, entries, least_s=least_s)
    after = {name: _later_end(entries.get(name), entry) for name, entry in changed.items()}
    return [
        _told(entry, period, places_on(story, period, entry.since), words)
        for entry in {**entries, **after}.values()
        if _reaches(entry, period.first, period.last)
    ]


def _later_end(known: FaultEntry | None, found: FaultEntry) -> FaultEntry:
    """Return an entry with the end that the register knows where the period ends before it."""
    if known is None or known.seen is None or found.seen is None or found.seen.until is not None:
        return found
    return replace(found, seen=replace(found.seen, until=known.seen.until))


def _reaches(entry: FaultEntry, first: date, last: date) -> bool:
    if entry.seen is not None and entry.seen.withdrawn:
        return False
    return entry.since <= last and (entry.ended is None or entry.ended >= first)


def cameras_of(period: SchoolPeriod) -> dict[str, Camera]:
    """Return every camera that stood in the school, by id."""
    return {c.camera.id: c.camera for z in period.zones for c in z.cameras}


def places_on(
    story: Story[School], period: SchoolPeriod, day: date
) -> dict[str, tuple[Camera, str]]:
    """Return cameras by id, each with the name of its zone, as they were on a day.

    One that the register did not know yet is told of as the period knows it.
    """
    known = {c.camera.id: (c.camera, z.zone.name) for z in period.zones for c in z.cameras}
    school = at(story, day)
    if school is None:
        return known
    zones = {zone.id: zone.name for zone in school.zones}
    return known | {c.id: (c, zones.get(c.zone, c.zone)) for c in school.cameras}


def _told(
    entry: FaultEntry,
    period: SchoolPeriod,
    places: Mapping[str, tuple[Camera, str]],
    words: Mapping[str, str],
) -> Fault:
    camera, zone = places.get(entry.camera or "", (None, "–"))
    written, seen = entry.written, entry.seen
    return Fault(
        school=period.school.name,
        camera=camera.name if camera else entry.camera or "–",
        zone=zone,
        cause=written.what or _cause(seen, words),
        since=entry.since,
        reported=written.reported,
        repaired=entry.ended,
        days=entry.days_open(period.last),
        seconds=seen.seconds if seen else 0,
        by=written.repaired_by or None,
        note="; ".join(_notes(entry)) or None,
    )


def _cause(seen: Seen | None, words: Mapping[str, str]) -> str:
    if seen is None:
        return ""
    plain = _PLAIN.get(State(seen.state), seen.state)
    return words.get(seen.cause, seen.cause) if seen.cause else plain


def _notes(entry: FaultEntry) -> Iterator[str]:
    written = entry.written
    if written.reported_to:
        yield f"báo {written.reported_to}"
    if written.contractor:
        yield written.contractor
    if written.warranty_until:
        yield f"bảo hành đến {day_text(written.warranty_until)}"
    if written.cost is not None:
        yield money(written.cost)
    if written.note:
        yield written.note


# ------------------------------------------------------------------------ timelines
async def _timelines(
    store: Store, schools: Sequence[SchoolPeriod], window: Interval
) -> dict[str, Timeline]:
    """Return the timelines of some schools' cameras, up to the last word on each."""
    cameras = [camera for s in schools for camera in cameras_of(s).values()]
    claims = await store.claims({eye for c in cameras for eye in c.sources}, window)

    def build_all() -> dict[str, Timeline]:
        found: dict[str, Timeline] = {}
        for camera in cameras:
            said = list(chain.from_iterable(claims[eye] for eye in camera.sources))
            # Past the last word nothing is known: an outage that is told of up to then goes on.
            end = min(window.end, max((claim.end for claim in said), default=window.start))
            found[camera.id] = build(said, Interval(window.start, end)) if said else ()
        return found

    return await asyncio.to_thread(build_all)


def _window(schools: Sequence[SchoolPeriod], now: datetime) -> Interval:
    start = local_day(min(s.first for s in schools)).start
    end = min(local_day(max(s.last for s in schools)).end, now.replace(microsecond=0))
    return Interval(start, max(start, end))


def _camera_days(school: SchoolPeriod) -> int:
    return max(1, len(school.school.cameras)) * ((school.last - school.first).days + 1)


def _batches(schools: Sequence[SchoolPeriod]) -> Iterator[list[SchoolPeriod]]:
    """Cut schools into batches of so many camera days at most."""
    batch: list[SchoolPeriod] = []
    for school in schools:
        if batch and sum(map(_camera_days, [*batch, school])) > _AT_ONCE:
            yield batch
            batch = []
        batch.append(school)
    if batch:
        yield batch
