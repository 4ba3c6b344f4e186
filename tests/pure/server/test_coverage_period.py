"""Periods of units equal the oracle that looks at every second, and what follows from the sums.

``VONGGAC_CASES=5000`` makes the hunt long.
"""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.domain.basis import Basis, DayTime, Part, Place, basis_on
from server.domain.calendar import DayWindow, Maintenance, SchoolHours, local_day
from server.domain.citation import Citation
from server.domain.dated import Dated
from server.domain.dayrow import DayRow, row_of
from server.domain.exceptions import Exceptions, Work
from server.domain.figures import DayFigures, began_to_watch, figures_of
from server.domain.histories import SchoolHistory, UnitHistory
from server.domain.interval import Interval
from server.domain.period import SchoolPeriod, UnitPeriod, ZonePeriod
from server.domain.plan import MeasuredOver, Plan, Requirement, ZoneKind
from server.domain.planbook import PlanBook, PlanVersion
from server.domain.points import Met, MetSeconds, PointSums
from server.domain.register import Register
from server.domain.rollup import Stay, school_period, unit_period
from server.domain.schoolyear import EVERY_WEEK, DayOff, DayOffKind, SchoolCalendar, SchoolYear
from server.domain.timeline import Claim, build
from server.domain.units import Agent, Camera, School, Source, Unit, Zone
from server.domain.uptime import Availability
from server.storage.closed_rows import numbers_in, text_of
from tests.pure.server import period_oracle as oracle
from tests.pure.server.period_oracle import OffTold, PeriodWorld, PlanTold, SchoolTold
from tests.pure.server.period_worlds import EVER, OPEN, ZONE_KINDS, period_worlds
from wire.vocabulary import State

pytestmark = pytest.mark.long

CASES = int(os.environ.get("VONGGAC_CASES", "80"))
BY = Citation(id="p", kind="commune_plan", ref="x")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def off_of(told: OffTold) -> DayOff:
    return DayOff(
        first=told.first,
        last=told.last,
        reason="x",
        kind=DayOffKind(told.kind),
        schools=told.schools,
        windows=None if told.windows is None else tuple(DayWindow(*w) for w in told.windows),
    )


def plan_of(told: PlanTold) -> Plan:
    hours = None
    if told.hours is not None:
        windows = tuple(DayWindow(*w) for w in told.hours[1])
        hours = SchoolHours(days=told.hours[0], windows=windows)
    years = EVERY_WEEK
    if told.years is not None:
        years = tuple(SchoolYear(id=str(a), first=a, last=b) for a, b in told.years)  # type: ignore[assignment] # either
    return Plan(
        id="p",
        title="p",
        version=told.version,
        zones={kind: ZoneKind(id=kind, vi=kind) for kind in told.needs},
        requirements={
            "thcs": {
                kind: Requirement(
                    kind=kind,
                    required=False if need is False else None,
                    min_cameras=None if need is False else need,
                    source=BY,
                )
                for kind, need in told.needs.items()
            }
        },
        school_hours={"thcs": hours},
        calendar=SchoolCalendar(
            years=years,
            holidays=dict.fromkeys(told.holidays, "lễ"),
            days_off=tuple(off_of(o) for o in told.off),
        ),
        uptime_required_percent=told.percent,
        measured_over=MeasuredOver.ALWAYS if told.always else MeasuredOver.SCHOOL_HOURS,
        counts_degraded=told.counts,
        effective_from=None if told.first == EVER else told.first,
        effective_to=None if told.last == OPEN else told.last,
    )


def book_of(world: PeriodWorld) -> PlanBook:
    return PlanBook(
        tuple(
            PlanVersion(id=p.version, plan=plan_of(p), confirmed_at=LONG_AGO) for p in world.plans
        )
    )


def history_of(told: SchoolTold) -> SchoolHistory:
    def camera(name: str, zone: str, agents: Sequence[str]) -> Camera:
        eyes = tuple(Source(a, name) for a in agents)
        return Camera(id=name, name=name, zone=zone, sources=eyes)

    return SchoolHistory(
        id=told.id,
        headers=tuple(
            Dated(
                value=School(id=told.id, name=told.id, kind=told.kind, unit=unit), first=a, last=b
            )
            for unit, a, b in told.units
        ),
        zones=tuple(
            (Dated(value=Zone(id=z, name=z, kind=kind), first=a, last=b),)
            for z, kind, a, b in told.zones
        ),
        agents=tuple((Dated(value=Agent(id=a, name=a)),) for a in told.agents),
        cameras=tuple(
            tuple(
                Dated(value=camera(c.id, zone, c.agents), first=a, last=b)
                for zone, a, b in c.stands
            )
            for c in told.cameras
        ),
    )


def register_of(world: PeriodWorld) -> Register:
    return Register(
        units={
            name: UnitHistory(
                id=name,
                story=tuple(
                    Dated(
                        value=Unit(id=name, name=name, level="xa", parent=parent), first=a, last=b
                    )
                    for parent, a, b in told
                ),
            )
            for name, told in world.parents.items()
        },
        schools={s.id: history_of(s) for s in world.schools},
    )


def exceptions_of(world: PeriodWorld) -> Exceptions:
    return Exceptions(
        days_off=tuple(off_of(o) for o in world.off),
        works=tuple(
            Work(
                maintenance=Maintenance(
                    interval=Interval(moment(w.start), moment(w.end)), reason="x"
                ),
                schools=w.schools,
                zones=w.zones,
            )
            for w in world.works
        ),
    )


def claims_of(world: PeriodWorld, camera: str, agent: str) -> list[Claim]:
    return [
        Claim(
            source=f"{agent}/{camera}",
            boot=f"{agent}{n % 2}",
            number=n,
            state=State(seg.state),
            start=moment(seg.start),
            end=moment(seg.end),
            open=False,
            cause=seg.cause,
        )
        for n, seg in enumerate(world.segs)
        if (seg.camera, seg.agent) == (camera, agent)
    ]


def rows_of(world: PeriodWorld, school: School, day: date, plan: Plan | None) -> Iterable[DayRow]:
    """Count a day, write it down and read it back, as closing does."""
    first_told = {agent: moment(second) for agent, second in world.began.items()}
    began = began_to_watch(school, first_told)
    if began is None or day < oracle.day_at(int(began.timestamp())):
        return
    basis = basis_on(plan, school, day, exceptions=exceptions_of(world))
    timelines = {
        camera: build(
            (c for eye in eyes for c in claims_of(world, eye.camera, eye.agent)), local_day(day)
        )
        for camera, eyes in basis.cameras
    }
    figures = figures_of(basis, day, began=began, timelines=timelines)
    read = numbers_in(text_of(figures))
    assert read is not None
    row = row_of(day, basis, figures)
    assert (row.cameras, row.places, row.lost) == (read.cameras, read.places, read.lost)
    yield row


def period_of(world: PeriodWorld, unit: str) -> UnitPeriod:
    register, plans = register_of(world), book_of(world)
    found = []
    bases: dict[Basis, Basis] = {}
    for member in register.memberships(unit, world.first, world.last):
        story = register.school_epochs(member.school, member.first, member.last)
        days = [
            row._replace(basis=bases.setdefault(row.basis, row.basis))
            for piece in story
            for day in oracle.days_between(piece.first, piece.last)
            for row in rows_of(world, piece.value, day, plans.on(day))
        ]
        stay = Stay(first=member.first, last=member.last, story=story, days=days[::-1])
        found.append(school_period(stay, plans))
    return unit_period(unit, world.first, world.last, found)


# ------------------------------------------------------------------ held against the oracle


def seconds_of(some: Availability) -> Counter[str]:
    return Counter({n: v for n in Availability.__slots__ if (v := getattr(some, n))})


def met_of(some: MetSeconds) -> Counter[str]:
    return Counter({n: v for n in MetSeconds.__slots__ if (v := getattr(some, n))})


def assert_zone(zone: ZonePeriod, told: oracle.ZoneSums, plan: PlanTold | None) -> None:
    need = None if plan is None else plan.needs.get(ZONE_KINDS[zone.zone.id])
    assert zone.need == (None if need is False else need)
    assert (zone.installed_min, zone.installed_max) == (min(told.installed), max(told.installed))
    assert (None if zone.seconds is None else met_of(zone.seconds)) == (
        +told.seconds if told.scored else None
    )
    assert zone.unset_days == told.unset_days
    assert seconds_of(zone.uptime) == +told.uptime
    assert {c.camera.id: seconds_of(c.uptime) for c in zone.cameras} == {
        c: +seconds for c, seconds in told.cameras.items()
    }
    assert zone.met == oracle.verdict_of(told, None if plan is None else plan.percent)


def assert_school(world: PeriodWorld, found: SchoolPeriod, told: oracle.StaySums) -> None:
    plan = oracle.in_force(world, found.last)
    assert {z.zone.id for z in found.zones} == told.zones.keys()
    for zone in found.zones:
        assert_zone(zone, told.zones[zone.zone.id], plan)
    assert found.unset_days == told.unset_days
    assert found.plans == tuple(told.versions)
    assert Counter(found.lost) == sum(told.lost.values(), Counter())
    cameras = {(z.zone.id, c.camera.id): c for z in found.zones for c in z.cameras}
    assert {k: c.lost for k, c in cameras.items() if c.lost} == told.lost
    assert {k: c.lost_on for k, c in cameras.items() if c.lost_on} == told.lost_on
    counted = [d.day for d in found.by_day if d.uptime.counted]
    assert found.counted_on == (counted[-1] if counted else None)
    assert {d.day: (met_of(d.seconds), seconds_of(d.uptime), d.unset) for d in found.by_day} == {
        day: (+met, +uptime, unset) for day, (met, uptime, unset) in told.days.items()
    }
    assert found.sums.seconds == sum((d.seconds for d in found.by_day), MetSeconds())
    assert found.uptime == sum((d.uptime for d in found.by_day), Availability())


@given(period_worlds(), st.sampled_from(["p", "p", "x", "x1"]))
@settings(max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_period_is_what_every_second_of_it_says(world: PeriodWorld, unit: str) -> None:
    found = period_of(world, unit)
    wanted = [(s, span) for s in world.schools for span in oracle.stays(world, s, unit)]
    assert [(s.school.id, (s.first, s.last)) for s in found.schools] == [
        (s.id, span) for s, span in wanted
    ]
    for school, (told, span) in zip(found.schools, wanted, strict=True):
        assert school.unit == oracle.unit_of(told, span[1])
        assert_school(world, school, oracle.told_of(world, told, span))
    assert_sums(found)


def assert_sums(found: UnitPeriod) -> None:
    zones = [z for s in found.schools for z in s.zones]
    scored = [z for z in zones if z.need is not None]
    assert found.sums == PointSums(
        required=len(scored),
        installed=sum(z.installed_min >= (z.need or 0) for z in scored),
        certain=sum(z.met is Met.MET for z in scored),
        possible=sum(z.met in {Met.MET, Met.CANNOT_TELL} for z in scored),
        seconds=sum((z.seconds for z in zones if z.seconds), MetSeconds()),
        unset_zones=len(zones) - len(scored),
    )
    assert found.uptime == sum((z.uptime for z in zones), Availability())
    levels = found.by_level.values()
    assert sum((level.sums for level in levels), PointSums()) == found.sums
    assert sum((level.uptime for level in levels), Availability()) == found.uptime


# ------------------------------------------------------------------ by name


def hand_made(now: School, basis: Basis) -> SchoolPeriod:
    """A closed day whose basis knows one place, added up under what the register says now."""
    day = date(2026, 11, 23)
    met = MetSeconds(met=3_000, not_met=600)
    figures = DayFigures(
        cameras=(Availability(up=3_000, down=600, excluded=82_800),),
        met=met,
        places=(met,),
        lost={"c": {"network.timeout": 600}},
    )
    stay = Stay(
        first=day,
        last=day,
        story=(Dated(value=now, first=day, last=day),),
        days=(row_of(day, basis, figures),),
    )
    return school_period(stay, PlanBook(()))


def test_a_closed_day_stays_where_it_was_counted_whatever_the_register_says_now() -> None:
    basis = Basis(
        plan="p",
        version="1",
        places=(Place(zone="gate", need=1, cameras=("c",)),),
        cameras=(("c", (Source("pc", "c"),)),),
        time=DayTime(required=(Part(0, 3600),), counted=(Part(0, 3600),)),
    )
    moved = School(
        id="s",
        name="s",
        kind="thcs",
        unit="u",
        zones=(Zone(id="yard", name="Sân", kind="san_truong"),),
        cameras=(Camera(id="c", name="c", zone="yard", sources=(Source("pc", "c"),)),),
    )
    found = hand_made(moved, basis)
    yard, gate = found.zones
    assert (yard.zone.name, yard.seconds, yard.cameras) == ("Sân", None, ())
    assert (gate.zone.id, gate.installed, gate.uptime.down) == ("gate", 0, 600)
    assert found.sums.seconds == MetSeconds(met=3_000, not_met=600)
    assert found.lost == {"network.timeout": 600}


def test_without_a_plan_in_force_nothing_is_scored_and_uptime_is_counted() -> None:
    day, one = date(2026, 11, 23), School(id="s", name="s", kind="thcs", unit="u")
    basis = basis_on(None, one, day)
    assert (basis.plan, basis.places, basis.unset) == ("", (), True)
    assert [s.seconds for s in basis.counted(day)] == [86_400]
