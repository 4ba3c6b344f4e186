"""Points held against the plan: each second counted by hand, each rule by name."""

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.citation import Citation
from server.domain.coverage import (
    SchoolCoverage,
    ZoneCoverage,
    cover,
    roll_up,
    worst,
)
from server.domain.interval import Interval
from server.domain.liveness import LiveState
from server.domain.plan import Plan, Requirement, ZoneKind
from server.domain.points import Met, MetSeconds, PointSums
from server.domain.shortfall import Lack
from server.domain.units import Camera, School, Source, Zone
from tests.pure.server.drawn import LETTERS, at, drawings, line, marked, masks, span
from wire.vocabulary import State

LENGTH = 24
SAID = Citation(id="x", kind="commune_plan", ref="x")


def plan(**need: int | bool | None) -> Plan:
    """``gate=2`` needs two cameras; ``gate=True`` is required with no number set."""
    requirements = {
        kind: Requirement(
            kind=kind,
            required=value if isinstance(value, bool) else None,
            min_cameras=None if isinstance(value, bool) else value,
            source=SAID,
        )
        for kind, value in need.items()
    }
    return Plan(
        id="p",
        title="p",
        version="1",
        zones={kind: ZoneKind(id=kind, vi=kind) for kind in need},
        requirements={"tieu_hoc": requirements},
        school_hours={},
    )


def school(**zones: int) -> School:
    """``gate=2`` is a zone ``gate`` of kind ``gate`` with cameras ``gate1`` and ``gate2``."""
    return School(
        id="s",
        name="S",
        kind="tieu_hoc",
        unit="u",
        zones=tuple(Zone(id=z, name=z, kind=z) for z in zones),
        cameras=tuple(
            Camera(id=f"{z}{i}", name=f"{z}{i}", zone=z, sources=(Source("a", f"{z}{i}"),))
            for z, count in zones.items()
            for i in range(1, count + 1)
        ),
    )


def now(letters: str, zone: str = "gate") -> dict[str, LiveState]:
    """Camera ``gate1`` is what the first letter says since second 1, the next since 2, ..."""
    return {
        f"{zone}{i}": LiveState(
            state=LETTERS[letter],
            since=at(i),
            trouble_since=None if letter == "U" else at(i),
        )
        for i, letter in enumerate(letters, start=1)
    }


def cover_now(need: int | None, letters: str, installed: int | None = None) -> ZoneCoverage:
    count = len(letters) if installed is None else installed
    found = cover(
        school(gate=count), plan(gate=need), timelines={}, live=now(letters), counted=None
    )
    return found.zones[0]


# ------------------------------------------------------------------ over time


@given(st.lists(drawings(LENGTH), max_size=4), masks(LENGTH), st.integers(1, 4))
@settings(deadline=None)
def test_every_required_second_is_met_or_not_or_cannot_be_told(
    texts: list[str], mask: str, need: int
) -> None:
    found = cover(
        school(gate=len(texts)),
        plan(gate=need),
        timelines={f"gate{i}": line(text) for i, text in enumerate(texts, start=1)},
        live={},
        counted=marked(mask),
    ).zones[0]
    wanted = Counter[Met]()
    bad = {}
    for second in range(LENGTH):
        if mask[second] != "#":
            continue
        column = "".join(text[second] for text in texts)
        if column.count("U") >= need:
            verdict = Met.MET
        elif column.count("U") + column.count("?") >= need:
            verdict = Met.CANNOT_TELL
        else:
            verdict = Met.NOT_MET
        wanted[verdict] += 1
        if verdict is not Met.MET:
            failing = tuple(f"gate{i}" for i, c in enumerate(column, start=1) if c != "U")
            bad[at(second)] = (verdict, column.count("U"), failing)
    assert found.seconds == MetSeconds(
        met=wanted[Met.MET], not_met=wanted[Met.NOT_MET], cannot_tell=wanted[Met.CANNOT_TELL]
    )
    assert found.seconds.required == mask.count("#")
    shown = {
        at(second): (s.met, s.certain, s.failing)
        for s in found.evidence
        for second in range(LENGTH)
        if s.interval.contains(at(second))
    }
    assert shown == bad


def test_a_camera_without_a_timeline_or_beyond_its_end_is_unknown() -> None:
    found = cover(
        school(gate=1, yard=1),
        plan(gate=1, yard=1),
        timelines={"gate1": line("UU", start=2)},
        live={},
        counted=[span(0, 6)],
    )
    assert [z.seconds for z in found.zones] == [
        MetSeconds(met=2, cannot_tell=4),
        MetSeconds(cannot_tell=6),
    ]


def test_the_share_is_a_range() -> None:
    seconds = MetSeconds(met=6, not_met=1, cannot_tell=3)
    assert (seconds.low, seconds.high) == (Fraction(6, 10), Fraction(9, 10))
    assert (MetSeconds().low, MetSeconds().high) == (None, None)


def test_evidence_is_one_span_while_nothing_about_it_changes() -> None:
    found = cover(
        school(gate=1),
        plan(gate=1),
        timelines={"gate1": line("UDDGGDU")},
        live={},
        counted=[span(0, 7)],
    ).zones[0]
    assert [s.interval for s in found.evidence] == [span(1, 6)]


def test_unset_hours_leave_time_unscored_but_not_the_present() -> None:
    found = cover_now(1, "U")
    assert (found.seconds, found.met, found.evidence) == (None, Met.MET, ())


# ------------------------------------------------------------------ now


@pytest.mark.parametrize(
    ("need", "letters", "status", "met", "lack"),
    [
        (1, "U", "U", Met.MET, None),
        (1, "D", "D", Met.NOT_MET, Lack.NOT_WORKING),
        (1, "G", "G", Met.NOT_MET, Lack.NOT_WORKING),
        (1, "?", "?", Met.CANNOT_TELL, Lack.NOT_KNOWN),
        (2, "UU", "U", Met.MET, None),
        (2, "UG", "G", Met.NOT_MET, Lack.NOT_WORKING),
        (2, "DG", "D", Met.NOT_MET, Lack.NOT_WORKING),
        (2, "U?", "?", Met.CANNOT_TELL, Lack.NOT_KNOWN),
        (2, "D?", "D", Met.NOT_MET, Lack.NOT_WORKING),
        (2, "G?", "G", Met.NOT_MET, Lack.NOT_WORKING),
        # a broken spare does not colour the tile, a spoilt picture does
        (1, "UD", "U", Met.MET, None),
        (1, "U?", "U", Met.MET, None),
        (1, "UG", "G", Met.MET, None),
        (1, "?D", "?", Met.CANNOT_TELL, Lack.NOT_KNOWN),
        (1, "?G", "G", Met.CANNOT_TELL, Lack.NOT_KNOWN),
        # never installed
        (1, "", "D", Met.NOT_MET, Lack.NOT_INSTALLED),
        (2, "U", "D", Met.NOT_MET, Lack.NOT_INSTALLED),
        (2, "?", "D", Met.NOT_MET, Lack.NOT_INSTALLED),
        (2, "G", "D", Met.NOT_MET, Lack.NOT_INSTALLED),
    ],
)
def test_a_zone_shows_the_trouble_that_matters(
    need: int, letters: str, status: str, met: Met, lack: Lack | None
) -> None:
    found = cover_now(need, letters)
    assert (found.status, found.met, found.lack) == (LETTERS[status], met, lack)


@pytest.mark.parametrize("letters", ["", "U", "D", "UG?"])
def test_what_the_plan_leaves_open_is_never_scored(letters: str) -> None:
    found = cover(
        school(gate=len(letters)),
        plan(gate=None),
        timelines={},
        live=now(letters),
        counted=[span(0, 5)],
    )
    zone = found.zones[0]
    assert (zone.need, zone.status, zone.met, zone.lack, zone.seconds) == (None,) * 5
    assert found.status is None
    assert found.sums == PointSums(unset_zones=1)
    assert found.shortfalls == ()


def test_a_zone_of_which_the_plan_does_not_speak_is_not_scored_either() -> None:
    found = cover(school(gate=1, shed=1), plan(gate=1), timelines={}, live={}, counted=None)
    assert [z.need for z in found.zones] == [1, None]
    assert found.sums.unset_zones == 1


def test_a_zone_that_is_not_required_is_not_scored() -> None:
    assert cover(
        school(gate=0), plan(gate=False), timelines={}, live={}, counted=None
    ).sums == PointSums(unset_zones=1)


def test_a_required_kind_of_which_the_school_has_none_is_shown_and_not_scored() -> None:
    found = cover(school(gate=1), plan(gate=1, yard=True), timelines={}, live={}, counted=None)
    assert found.undeclared == ("yard",)
    assert found.sums.required == 1


def test_a_kind_that_is_only_named_or_that_the_school_has_is_not_called_missing() -> None:
    asked = plan(gate=True, yard=None, shed=False)
    found = cover(school(gate=1), asked, timelines={}, live={}, counted=None)
    assert found.undeclared == ()


def test_a_school_takes_the_state_of_its_worst_point() -> None:
    found = cover(
        school(gate=1, yard=1, shed=1),
        plan(gate=1, yard=1),
        timelines={},
        live=now("U", "gate") | now("?", "yard") | now("D", "shed"),
        counted=None,
    )
    assert found.status is State.UNKNOWN
    assert worst([]) is None
    assert worst([State.UP, State.UNKNOWN, State.DEGRADED, None]) is State.DEGRADED
    assert worst([State.DOWN, State.DEGRADED]) is State.DOWN


# ------------------------------------------------------------------ sums


def test_points_and_seconds_are_added_up() -> None:
    def one(letters: str, drawn: str) -> SchoolCoverage:
        return cover(
            school(gate=1, yard=1),
            plan(gate=1, yard=2),
            timelines={"gate1": line(drawn)},
            live=now(letters),
            counted=[span(0, 4)],
        )

    sums = roll_up([one("U", "UUDD"), one("?", "UU??")])
    assert sums == PointSums(
        required=4,
        installed=2,
        certain=1,
        possible=2,
        seconds=MetSeconds(met=4, not_met=2 + 4 + 4, cannot_tell=2),
    )
    assert roll_up([]) == PointSums()


@pytest.mark.parametrize("name", ["required", "installed", "certain", "possible", "unset_zones"])
def test_adding_adds_each_count_of_points(name: str) -> None:
    total = PointSums(**{name: 3}) + PointSums(**{name: 4})  # type: ignore[arg-type] # by name
    assert getattr(total, name) == 7


@pytest.mark.parametrize("name", ["met", "not_met", "cannot_tell"])
def test_adding_adds_each_kind_of_seconds(name: str) -> None:
    one = MetSeconds(**{name: 3})
    assert getattr(one + one, name) == 6
    assert (one + one).required == 6


# ------------------------------------------------------------------ shortfalls


def test_a_shortfall_names_what_is_missing_since_when() -> None:
    found = cover(school(gate=3), plan(gate=2), timelines={}, live=now("GDU"), counted=None)
    (short,) = found.shortfalls
    assert (short.lack, short.need, short.missing, short.missing_for_sure) == (
        Lack.NOT_WORKING,
        2,
        1,
        1,
    )
    assert [c.id for c in short.cameras] == ["gate2", "gate1"]
    assert short.since == at(2)  # one spare: short since the second loss


def test_without_a_spare_it_is_short_since_the_first_loss() -> None:
    found = cover(school(gate=2), plan(gate=2), timelines={}, live=now("GD"), counted=None)
    assert found.shortfalls[0].since == at(1)


def test_what_was_never_installed_has_no_since() -> None:
    found = cover(school(gate=1), plan(gate=2), timelines={}, live=now("D"), counted=None)
    (short,) = found.shortfalls
    assert (short.lack, short.missing, short.since) == (Lack.NOT_INSTALLED, 2, None)


def test_unknown_makes_the_missing_number_a_range() -> None:
    found = cover(school(gate=3), plan(gate=3), timelines={}, live=now("D??"), counted=None)
    (short,) = found.shortfalls
    assert (short.missing, short.missing_for_sure) == (3, 1)


def test_a_camera_that_was_never_heard_of_leaves_the_since_open() -> None:
    found = cover(school(gate=1), plan(gate=1), timelines={}, live={}, counted=None)
    (short,) = found.shortfalls
    assert (short.lack, short.since) == (Lack.NOT_KNOWN, None)


def test_the_camera_to_act_on_first_is_the_worst_and_of_equals_the_one_lost_first() -> None:
    live = now("GDDD")
    live["gate3"] = LiveState(state=State.DOWN, trouble_since=at(0))
    live["gate4"] = LiveState(state=State.DOWN)
    found = cover(school(gate=4), plan(gate=1), timelines={}, live=live, counted=None)
    ids = [c.id for c in found.shortfalls[0].cameras]
    assert ids == ["gate4", "gate3", "gate2", "gate1"]


def test_two_zones_of_one_kind_are_two_points() -> None:
    twice = School(
        id="s",
        name="S",
        kind="tieu_hoc",
        unit="u",
        zones=(
            Zone(id="front", name="f", kind="gate"),
            Zone(id="back", name="b", kind="gate"),
        ),
        cameras=(Camera(id="c", name="c", zone="front", sources=()),),
    )
    found = cover(
        twice,
        plan(gate=1),
        timelines={"c": line("UUUU")},
        live={"c": LiveState(state=State.UP)},
        counted=[Interval(at(0), at(4))],
    )
    assert (found.sums.required, found.sums.certain) == (2, 1)
    assert found.sums.seconds == MetSeconds(met=4, not_met=4)
