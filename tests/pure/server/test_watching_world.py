"""What the engine asks of register, plan, exceptions and silences."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from server.domain.calendar import DayWindow, Maintenance, SchoolHours, local_moment
from server.domain.exceptions import Exceptions, Work
from server.domain.incident.model import Kind
from server.domain.incident.quiet import Silence
from server.domain.incident.signals import Aspect, Subject
from server.domain.interval import Interval
from server.domain.plan import Plan, Requirement, ZoneKind
from server.domain.planbook import PlanBook, PlanVersion
from server.domain.schoolyear import DayOff
from server.domain.units import Agent, Camera, Gate, Organisation, School, Source, Unit, Zone
from server.storage import CameraView
from server.watching.world import Ground, StandingWorld

MONDAY = date(2026, 11, 23)
SOURCE = Source("a1", "eye")
SCHOOL = School(
    id="s1",
    name="S",
    kind="tieu_hoc",
    unit="commune",
    zones=(
        Zone(id="gate", name="Cổng", kind="cong_truong"),
        Zone(id="yard", name="Sân", kind="san_truong"),
    ),
    gates=(Gate(id="g1", name="Cổng"),),
    cameras=(
        Camera(id="c1", name="C", zone="gate", sources=(SOURCE, Source("a2", "eye"))),
        Camera(id="c2", name="C", zone="yard", sources=(Source("a1", "other"),)),
    ),
    agents=(Agent(id="a1", name="A"), Agent(id="a2", name="A")),
)
UNITS = (
    Unit(id="province", name="T", level="tinh"),
    Unit(id="commune", name="X", level="xa", parent="province"),
)
HOURS = SchoolHours(days=(0, 1, 2, 3, 4), windows=(DayWindow(390, 690), DayWindow(810, 1020)))


def at(hour: int, minute: int = 0, *, day: date = MONDAY) -> datetime:
    return local_moment(day, hour * 60 + minute)


def plan(hours: SchoolHours | None = HOURS) -> Plan:
    gate = Requirement(kind="cong_truong", required=None, min_cameras=1, source=None)
    return Plan(
        id="p",
        title="P",
        version="1",
        zones={"cong_truong": ZoneKind(id="cong_truong", vi="Cổng")},
        requirements={"tieu_hoc": {"cong_truong": gate}},
        school_hours={"tieu_hoc": hours},
    )


def ground(**more: object) -> Ground:
    version = PlanVersion(id="p", plan=plan(), confirmed_at=at(0))
    common = Ground(
        today=MONDAY,
        organisation=Organisation(units=UNITS, schools=(SCHOOL,)),
        plans=PlanBook((version,)),
        exceptions=Exceptions(),
        views={SOURCE: CameraView(host="192.168.1.64", unseen_s=30)},
        spoken={"a1"},
    )
    return replace(common, **more)  # type: ignore[arg-type]


WORLD = StandingWorld(ground())


def test_cameras_and_schools_as_they_stand() -> None:
    gate, yard = WORLD.camera("c1"), WORLD.camera("c2")
    assert gate is not None
    assert yard is not None
    assert (gate.is_gate, gate.required, gate.host, gate.agents) == (
        True, True, "192.168.1.64", ("a1", "a2")
    )  # fmt: skip
    assert (gate.unseen_s, yard.unseen_s) == (30, 0)
    assert (yard.is_gate, yard.required, yard.host, yard.zone_kind) == (
        False, False, None, "san_truong"
    )  # fmt: skip
    school = WORLD.school("s1")
    assert school is not None
    assert (school.agents, school.above) == (("a1",), ("province",)), "a2 was never heard of"
    assert [s.id for s in WORLD.schools()] == ["s1"]
    assert (WORLD.camera("none"), WORLD.school("none")) == (None, None)


@pytest.mark.parametrize(
    ("subject", "school"),
    [
        (Subject(Aspect.CAMERA, "c2"), "s1"),
        (Subject(Aspect.AGENT, "a2"), "s1"),
        (Subject(Aspect.SPOOL, "a1"), "s1"),
        (Subject(Aspect.GATE_DOOR, "g1"), "s1"),
        (Subject(Aspect.GATE_DOOR, "none"), None),
        (Subject(Aspect.CENTRE, "disk"), None),
    ],
)
def test_whose_school_it_is(subject: Subject, school: str | None) -> None:
    assert WORLD.school_of(subject) == school


@pytest.mark.parametrize(
    ("moment", "required", "turn"),
    [
        (at(6, 29), False, at(6, 30)),
        (at(6, 30), True, at(11, 30)),
        (at(12), False, at(13, 30)),
        (at(17), False, at(6, 30, day=MONDAY + timedelta(days=1))),
        (at(17, day=MONDAY + timedelta(days=4)), False, at(6, 30, day=MONDAY + timedelta(days=7))),
    ],
)
def test_hours_and_their_turns(moment: datetime, required: bool, turn: datetime) -> None:
    assert (WORLD.is_required("s1", moment), WORLD.next_turn("s1", moment)) == (required, turn)


def test_where_nobody_says_nobody_says() -> None:
    version = PlanVersion(id="p", plan=plan(None), confirmed_at=at(0))
    world = StandingWorld(ground(plans=PlanBook((version,))))
    assert world.is_required("s1", at(8)) is None
    assert world.next_turn("s1", at(8)) is None
    assert WORLD.is_required("none", at(8)) is None


def test_a_day_off_is_a_day_off_as_soon_as_it_is_entered() -> None:
    world = StandingWorld(ground())
    assert world.is_required("s1", at(8)) is True
    off = DayOff(first=MONDAY, last=MONDAY, reason="bão")
    world.stand_on(ground(exceptions=Exceptions(days_off=(off,))))
    assert world.is_required("s1", at(8)) is False


def test_work_and_silences_keep_quiet_what_they_name() -> None:
    span = Interval(at(8), at(9))
    works = (
        Work(
            maintenance=Maintenance(interval=span, reason="thay camera"),
            schools=("s1",),
            zones=("yard",),
        ),
    )
    silence = Silence(start=at(8, 30), until=at(10), reason="biết rồi", school="s1")
    world = StandingWorld(ground(exceptions=Exceptions(works=works), silences=(silence,)))
    yard, gate = Subject(Aspect.CAMERA, "c2"), Subject(Aspect.CAMERA, "c1")

    def said(subject: Subject, moment: datetime) -> tuple[datetime, str] | None:
        quiet = world.quiet(subject, Kind.CAMERA, moment)
        return None if quiet is None else (quiet.until, quiet.reason)

    assert said(yard, at(8, 15)) == (at(9), "thay camera")
    assert said(gate, at(8, 15)) is None
    assert said(Subject(Aspect.AGENT, "a1"), at(8, 15)) is None, "it is of no zone"
    assert said(yard, at(8, 45)) == (at(10), "biết rồi"), "the longer one"
    assert said(gate, at(9, 59)) == (at(10), "biết rồi")
    assert said(gate, at(10)) is None
