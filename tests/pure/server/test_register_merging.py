"""Taking a changed file in: its changes land, what people changed meanwhile stays."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings

from server.domain.dated import EVER, OPEN, Dated, always, at
from server.domain.flaws import Kinds, Thing, What, Wrong, flaws
from server.domain.histories import SchoolHistory, UnitHistory
from server.domain.merging import merged
from server.domain.register import Register
from server.domain.units import Agent, Camera, Gate, Organisation, School, Source, Unit, Zone
from server.register.taking import difference
from tests.pure.server.test_register import DAYS, WORDS, stories

TODAY = date(2026, 11, 22)
YESTERDAY = TODAY - timedelta(days=1)
XA = Unit(id="xa", name="Xã", level="xa")
SCHOOL = School(
    id="s",
    name="Trường",
    kind="thcs",
    unit="xa",
    zones=(Zone(id="cong", name="Cổng", kind="cong_truong"),),
    gates=(Gate(id="g", name="Cổng", zone="cong"),),
    agents=(Agent(id="pc", name="Máy", gates=("g",)),),
    cameras=(Camera(id="c", name="Camera", zone="cong", sources=(Source("pc", "c"),)),),
)


def file(school: School = SCHOOL, *more: School) -> Register:
    return Register.of(Organisation(units=(XA,), schools=(school, *more)))


def take(register: Register, former: Register, new: Register) -> Register:
    return register.with_changes(*difference(register, former, new, TODAY))


def test_the_first_file_holds_since_ever() -> None:
    taken = take(Register(), Register(), file())
    assert taken == file()
    assert difference(taken, file(), file(), TODAY) == ((), ())


def test_what_a_later_file_changes_holds_from_today() -> None:
    moved = replace(SCHOOL, cameras=(replace(SCHOOL.cameras[0], name="Mới"),))
    taken = take(file(), file(), file(moved))
    assert taken.on(YESTERDAY).schools[0].cameras[0].name == "Camera"
    assert taken.on(TODAY).schools == (moved,)


def test_what_a_later_file_leaves_out_ends_and_what_is_new_begins() -> None:
    other = School(id="t", name="Khác", kind="thpt", unit="xa")
    taken = take(file(), file(), Register.of(Organisation(units=(XA,), schools=(other,))))
    assert [s.id for s in taken.on(YESTERDAY).schools] == ["s"]
    assert [s.id for s in taken.on(TODAY).schools] == ["t"]


def test_what_people_changed_stays_beside_what_the_file_changes() -> None:
    renamed = replace(SCHOOL, name="Tên do người nhập")
    register = file(renamed)
    other_kind = replace(SCHOOL, kind="thpt")
    taken = take(register, file(), file(other_kind))
    assert taken.on(TODAY).schools == (replace(renamed, kind="thpt"),)


def test_a_file_with_days_of_its_own_tells_the_past_again() -> None:
    history = SchoolHistory(
        id="s",
        headers=(
            Dated(value=School(id="s", name="Trường", kind="thcs", unit="huyen"), last=DAYS[3]),
            Dated(value=School(id="s", name="Trường", kind="thcs", unit="xa"), first=DAYS[4]),
        ),
    )
    plain = SchoolHistory(id="s", headers=always(history.headers[1].value))
    before = Register().with_changes(schools=[plain])
    after = Register().with_changes(schools=[history])
    taken = take(before, before, after)
    assert taken.schools["s"].headers == history.headers


@settings(max_examples=300)
@given(stories(WORDS), stories(WORDS), stories(WORDS))
def test_day_by_day_the_file_wins_where_it_changed_and_people_elsewhere(
    mine: tuple[Dated[str], ...], former: tuple[Dated[str], ...], new: tuple[Dated[str], ...]
) -> None:
    found = merged(mine, former, new, since=EVER)
    for day in (EVER, *DAYS, OPEN):
        a, b, c = at(mine, day), at(former, day), at(new, day)
        wanted = a if b == c or former == new else c if b is None else None if a is None else c
        assert at(found, day) == wanted


def test_each_flaw_names_the_thing_the_day_and_what_is_wrong() -> None:
    late_zone = (Dated(value=SCHOOL.zones[0], first=DAYS[5]),)
    early_agent = (Dated(value=SCHOOL.agents[0], last=DAYS[8]),)
    history = replace(file().schools["s"], zones=(late_zone,), agents=(early_agent,))
    found = list(flaws(Register(units=file().units).with_changes(schools=[history]), Kinds()))
    assert {(f.thing.what, f.wrong, f.day) for f in found} == {
        (What.GATE, Wrong.NO_ZONE, EVER),
        (What.CAMERA, Wrong.NO_ZONE, EVER),
        (What.CAMERA, Wrong.NO_AGENT, DAYS[9]),
    }


def test_units_hold_together_on_every_day() -> None:
    units = [
        UnitHistory(
            id="tinh",
            story=(
                Dated(value=Unit(id="tinh", name="T", level="tinh"), last=DAYS[2]),
                Dated(value=Unit(id="tinh", name="T", level="t", parent="xa"), first=DAYS[3]),
            ),
        ),
        UnitHistory(id="xa", story=always(replace(XA, parent="tinh"))),
        UnitHistory(id="x", story=always(Unit(id="x", name="X", level="x", parent="none"))),
    ]
    found = {(f.thing.id, f.wrong, f.day) for f in flaws(Register().with_changes(units), Kinds())}
    assert found == {
        ("tinh", Wrong.CIRCLE, DAYS[3]),
        ("xa", Wrong.CIRCLE, DAYS[3]),
        ("x", Wrong.NO_PARENT, EVER),
    }


def test_a_school_outlives_its_unit_for_no_day() -> None:
    ended = UnitHistory(id="xa", story=(Dated(value=XA, last=DAYS[4]),))
    register = Register().with_changes([ended], [replace(file().schools["s"], cameras=())])
    (flaw,) = flaws(register, Kinds())
    assert (flaw.thing.id, flaw.wrong, flaw.day) == ("s", Wrong.NO_UNIT, DAYS[5])


def test_a_camera_may_move_to_another_school_but_not_be_in_two_on_one_day() -> None:
    def at_school(name: str, first: date, last: date) -> SchoolHistory:
        history = file().schools["s"]
        camera = (Dated(value=SCHOOL.cameras[0], first=first, last=last),)
        header = always(School(id=name, name="T", kind="thcs", unit="xa"))
        agents = (always(replace(SCHOOL.agents[0], id=f"{name}-pc", gates=())),)
        eyes = replace(camera[0].value, sources=(Source(f"{name}-pc", "c"),))
        moved = (replace(camera[0], value=eyes),)
        return replace(history, id=name, headers=header, gates=(), agents=agents, cameras=(moved,))

    base = Register(units=file().units)
    apart = base.with_changes(
        schools=[at_school("a", EVER, DAYS[3]), at_school("b", DAYS[4], OPEN)]
    )
    assert list(flaws(apart, Kinds())) == []
    both = base.with_changes(schools=[at_school("a", EVER, DAYS[4]), at_school("b", DAYS[4], OPEN)])
    (flaw,) = flaws(both, Kinds())
    assert (flaw.thing, flaw.wrong, flaw.of) == (Thing(What.CAMERA, "c", "b"), Wrong.ELSEWHERE, "a")
    assert flaw.day == DAYS[4]


def test_forbidden_and_unknown_kinds_and_taken_eyes_are_flaws() -> None:
    twice = replace(SCHOOL, cameras=(*SCHOOL.cameras, replace(SCHOOL.cameras[0], id="d")))
    kinds = Kinds(known=("san_truong",), forbidden=("cong_truong",))
    assert {(f.thing.id, f.wrong, f.of) for f in flaws(file(twice), kinds)} == {
        ("c", Wrong.FORBIDDEN, "cong_truong"),
        ("d", Wrong.FORBIDDEN, "cong_truong"),
        ("d", Wrong.EYE_TAKEN, "c"),
    }
    (unknown,) = flaws(file(replace(SCHOOL, cameras=())), Kinds(known=("san_truong",)))
    assert (unknown.thing.id, unknown.wrong) == ("cong", Wrong.UNKNOWN_KIND)
