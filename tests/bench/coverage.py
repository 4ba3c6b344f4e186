"""``python -m tests.bench.coverage``: a year of a province, added up from its closed days.

3,000 schools of 15 cameras in 8 zones over 365 days: a million closed days in SQLite. A few schools
have real reports in the database besides, from which their days were closed, so that what is added
up can be held against a fresh count of every second. Time and memory are those of a process that
does nothing else.
"""

import argparse
import asyncio
import json
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from server.domain.basis import basis_on
from server.domain.calendar import DayWindow, SchoolHours, local_day
from server.domain.citation import Citation
from server.domain.figures import DayFigures
from server.domain.plan import Plan, Requirement, ZoneKind
from server.domain.planbook import PlanBook, PlanVersion
from server.domain.points import MetSeconds
from server.domain.register import Register
from server.domain.schoolyear import SchoolCalendar, SchoolYear
from server.domain.units import Agent, Camera, Organisation, School, Source, Unit, Zone
from server.domain.uptime import Availability
from server.figuring import period
from server.figuring.counting import DAYS_AT_ONCE, Wanted, count_days
from server.storage import Intake, Store
from server.storage.closed import NewClosedDay
from server.storage.closed_rows import text_of
from server.storage.late import number_of
from wire.messages import BootStory, Item, Segment, Watermark
from wire.vocabulary import State

FIRST: Final = date(2025, 9, 1)
LAST: Final = FIRST + timedelta(days=364)
NOW: Final = datetime(2026, 9, 3, 2, tzinfo=UTC)
CAMERAS: Final = 15
ZONES: Final = ("cong", "san", "hanh_lang", "cau_thang", "nha_xe", "bep", "san_choi", "kho")
SAMPLE: Final = 3
TEXTS: Final = 400
BEGAN: Final = local_day(FIRST).start - timedelta(hours=2)


def plan() -> Plan:
    by = Citation(id="p", kind="commune_plan", ref="x")
    return Plan(
        id="bench",
        title="bench",
        version="1",
        zones={z: ZoneKind(id=z, vi=z) for z in ZONES},
        requirements={
            "thcs": {
                z: Requirement(kind=z, required=True, min_cameras=1 + n % 2, source=by)
                for n, z in enumerate(ZONES)
            }
        },
        school_hours={
            "thcs": SchoolHours(
                days=(0, 1, 2, 3, 4), windows=(DayWindow(390, 690), DayWindow(810, 1020))
            )
        },
        uptime_required_percent=95,
        calendar=SchoolCalendar(
            years=(
                SchoolYear(id="2025-2026", first=date(2025, 9, 5), last=date(2026, 5, 31)),
                SchoolYear(id="2026-2027", first=date(2026, 9, 5), last=date(2027, 5, 31)),
            )
        ),
    )


def register(schools: int) -> Register:
    units = [Unit(id="p", name="Tỉnh", level="tinh")]
    units += [Unit(id=f"x{n}", name=f"Xã {n}", level="xa", parent="p") for n in range(100)]
    return Register.of(
        Organisation(units=tuple(units), schools=tuple(_school(n) for n in range(schools)))
    )


def _school(n: int) -> School:
    own = f"s{n:04}"
    return School(
        id=own,
        name=f"Trường {n}",
        kind="thcs",
        unit=f"x{n % 100}",
        zones=tuple(Zone(id=z, name=z, kind=z) for z in ZONES),
        agents=(Agent(id=f"a{n:04}", name="a"),),
        cameras=tuple(
            Camera(
                id=f"{own}c{i}",
                name=f"Camera {i}",
                zone=ZONES[i % len(ZONES)],
                sources=(Source(f"a{n:04}", f"{own}c{i}"),),
            )
            for i in range(CAMERAS)
        ),
    )


def book() -> PlanBook:
    return PlanBook((PlanVersion(id="1", plan=plan(), confirmed_at=NOW),))


def days() -> Iterator[date]:
    for n in range((LAST - FIRST).days + 1):
        yield FIRST + timedelta(days=n)


def _reports(n: int, rng: random.Random) -> Intake:
    """A year of one school in one boot; a camera changes every week or so."""
    zero = round(BEGAN.timestamp() * 1000)
    length = 366 * 86_400_000
    boot, items = str(uuid.UUID(int=rng.getrandbits(128), version=4)), []
    for camera in range(CAMERAS):
        changes = sorted(rng.sample(range(1, length), rng.randrange(20, 80)))
        edges: list[int | None] = [*changes, None]
        for number, (start, end) in enumerate(zip([0, *changes], edges, strict=True)):
            state = State.UP if number % 2 == 0 else rng.choice([State.DOWN, State.DEGRADED])
            causes = {State.UP: None, State.DOWN: "network.timeout"}
            items.append(
                Segment(
                    boot=boot,
                    number=camera * 1000 + number,
                    camera=f"s{n:04}c{camera}",
                    state=state,
                    cause=causes.get(state, "picture.blurred"),
                    start_ms=start,
                    end_ms=end,
                )
            )
    return Intake(
        agent=f"a{n:04}",
        spool=boot,
        sent_utc_ms=zero + length,
        received_utc_ms=zero + length,
        boots=(BootStory(id=boot, origin_utc_ms=zero, offset_ms=0),),
        items=tuple(Item(seq=s, segment=g) for s, g in enumerate(items, 1)),
        watermarks=(Watermark(boot=boot, until_ms=length, after_seq=len(items)),),
    )


async def fill(path: Path, schools: int) -> None:
    """Make the province's database."""
    store, rng = await Store.open(f"sqlite:///{path}"), random.Random(5)
    held = register(schools).on(FIRST).schools
    await store.commit([_reports(n, rng) for n in range(SAMPLE)])
    for school in held[:SAMPLE]:
        await _close(store, school)
    for day in (date(2025, 9, 8), date(2025, 9, 7)):  # a school day and a day off: two bases
        await store.close_days([_invented(school, day, rng) for school in held[SAMPLE:]], now=NOW)
    await store.close()
    _multiply(path, held[SAMPLE:], rng)


async def _close(store: Store, school: School) -> None:
    asked = plan()
    every = list(days())
    for start in range(0, len(every), DAYS_AT_ONCE):
        wanted = [
            Wanted(school=school.id, day=d, basis=basis_on(asked, school, d), began=BEGAN)
            for d in every[start : start + DAYS_AT_ONCE]
        ]
        figures = await count_days(store, wanted)
        rows = [
            NewClosedDay(school=school.id, day=w.day, basis=w.basis, figures=f)
            for w, f in zip(wanted, figures, strict=True)
        ]
        await store.close_days(rows, now=NOW)


def _invented(school: School, day: date, rng: random.Random) -> NewClosedDay:
    return NewClosedDay(
        school=school.id, day=day, basis=basis_on(plan(), school, day), figures=_figures(day, rng)
    )


def _figures(day: date, rng: random.Random) -> DayFigures:
    asked = 30_600 if day.weekday() < 5 else 0
    cameras, places = [], []
    for _ in range(CAMERAS):
        down, unknown = (rng.randrange(asked // 3 + 1) if rng.random() < 0.1 else 0 for _ in "ab")
        cameras.append(
            Availability(
                up=asked - down - unknown, down=down, unknown=unknown, excluded=86_400 - asked
            )
        )
    for _ in ZONES:
        down, unknown = (rng.randrange(asked // 3 + 1) if rng.random() < 0.1 else 0 for _ in "ab")
        places.append(MetSeconds(met=asked - down - unknown, not_met=down, cannot_tell=unknown))
    lost = {"c": {"network.timeout": 600}} if asked and rng.random() < 0.3 else {}
    return DayFigures(
        cameras=tuple(cameras),
        met=sum(places, MetSeconds()),
        places=tuple(places),
        lost=lost,
    )


def _multiply(path: Path, schools: tuple[School, ...], rng: random.Random) -> None:
    """Write the other days of the invented schools, each with one of a few hundred texts."""
    weekday, weekend = date(2025, 9, 8), date(2025, 9, 7)
    texts = {day: [text_of(_figures(day, rng)) for _ in range(TEXTS)] for day in (weekday, weekend)}
    asked, one = plan(), schools[0]
    is_off = {d: basis_on(asked, one, d).required(d) == () for d in days()}
    with sqlite3.connect(path) as connection:
        bases = {
            (school, day): number
            for school, day, number in connection.execute(
                "SELECT school, day, basis_id FROM closed_day"
            )
        }
        for school in schools:
            connection.executemany(
                "INSERT OR IGNORE INTO closed_day VALUES (?, ?, ?, ?, ?)",
                [
                    (
                        school.id,
                        number_of(d),
                        bases[school.id, number_of(weekend if is_off[d] else weekday)],
                        0,
                        rng.choice(texts[weekend if is_off[d] else weekday]),
                    )
                    for d in days()
                ],
            )


async def measure(path: Path, schools: int) -> dict[str, float]:
    """Add the year up; count the sample anew and hold both against each other."""
    own, plans = register(schools), book()
    store = await Store.open(f"sqlite:///{path}")
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, cpu = time.monotonic(), time.process_time()
    whole = await period(store, own, plans, unit="p", first=FIRST, last=LAST, now=NOW)
    took, cpu_took = time.monotonic() - began, time.process_time() - cpu
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if len(whole.schools) != schools or not whole.sums.seconds.required:
        raise SystemExit("not every school was added up")
    names = [f"s{n:04}" for n in range(SAMPLE)]
    sample = {"schools": names, "first": FIRST, "last": LAST, "now": NOW}
    began = time.monotonic()
    added = await period(store, own, plans, **sample)  # type: ignore[arg-type] # by name
    added_s, began = time.monotonic() - began, time.monotonic()
    exact = await period(store, own, plans, **sample, rollups=False)  # type: ignore[arg-type] # by name
    exact_s = time.monotonic() - began
    await store.close()
    if exact != added:
        raise SystemExit("what is added up is not what a fresh count says")
    return {
        "schools": schools,
        "school_days": sum(len(s.by_day) for s in whole.schools),
        "cameras": schools * CAMERAS,
        "seconds": took,
        "cpu_seconds": cpu_took,
        "peak_mb": peak_mb,
        "before_mb": before_mb,
        "us_per_school_day": took / schools / 365 * 1e6,
        "exact_s_per_school": exact_s / SAMPLE,
        "exact_to_rollup": exact_s / added_s,
        "sample_equal": SAMPLE,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=3000)
    parser.add_argument("--keep", type=Path, help="make, or use, this database")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(asyncio.run(measure(asked.measure, asked.schools))))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = asked.keep or Path(folder) / "province.db"
        if not path.exists():
            asyncio.run(fill(path, asked.schools))
        command = [sys.executable, "-m", "tests.bench.coverage", "--measure", str(path)]
        command += ["--schools", str(asked.schools)]
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        found = json.loads(told) | {"database_mb": path.stat().st_size / 1e6}
    if asked.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:24} {value:14.2f}")


if __name__ == "__main__":
    main()
