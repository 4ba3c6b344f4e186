"""What pages say of closed days: lines, values that really differ, dots over bars."""

from dataclasses import replace
from datetime import date, timedelta

from server.domain.basis import Basis, basis_on
from server.domain.calendar import local_day
from server.domain.figures import Amendment, ClosedDay, DayFigures
from server.domain.points import MetSeconds
from server.domain.uptime import Availability
from server.texts.tongue import load
from server.web.charts.days import day_bars
from server.web.figuresfile import lines
from server.web.pages.camera import camera_page
from server.web.pages.closed import MOST_EARLIER, MOST_LINES, camera_panel, late_marks, school_panel
from server.web.pages.looks import SchoolLook
from server.web.pages.school import school_page
from server.web.pages.schools import rows
from tests.pure.server.test_web_pages import look, plan, school

DAY = date(2026, 11, 18)
CLOSED_AT = local_day(DAY).end + timedelta(hours=2)
LATER = CLOSED_AT + timedelta(days=2, hours=7, minutes=12)
JOINED = {ord("\N{NO-BREAK SPACE}"): " ", ord("\N{WORD JOINER}"): None}
BASIS = basis_on(plan(), school(), DAY)


def figures(*unknown: int, met: int = 0) -> DayFigures:
    """Four cameras, each with so many of ten hours unknown and the rest up."""
    return DayFigures(
        cameras=tuple(
            Availability(up=36_000 - n, unknown=n, excluded=50_400)
            for n in (*unknown, 0, 0, 0, 0)[:4]
        ),
        met=MetSeconds(met=60_000 + met, cannot_tell=12_000 - met),
    )


def closed(*amended: DayFigures, day: date = DAY, basis: Basis = BASIS) -> ClosedDay:
    return ClosedDay(
        school="a",
        day=day,
        basis=basis,
        closed_at=CLOSED_AT,
        figures=figures(18_000),
        amendments=tuple(
            Amendment(at=LATER + timedelta(minutes=n), agents=("a-pc", "gone"), figures=found)
            for n, found in enumerate(amended)
        ),
    )


def school_look(*days: ClosedDay) -> SchoolLook:
    return replace(look(school()).schools[0], closed=days)


def test_a_day_that_never_changed_has_no_line_but_is_counted() -> None:
    panel = school_panel(school_look(closed()), "3")
    assert (panel.days, panel.lines) == (1, ())
    assert school_panel(school_look(), "3").days == 0


def test_both_values_stand_side_by_side_with_when_and_from_whom() -> None:
    day = closed(figures(9_000, met=100), figures(met=12_000))
    (line,) = school_panel(school_look(day), "3").lines
    assert (line.day, line.closed.at, line.version) == (DAY, CLOSED_AT, None)
    assert line.closed.uptime.unknown == 18_000
    assert line.known.uptime.unknown == 0
    assert line.known.met == MetSeconds(met=72_000)
    assert line.known.at == LATER + timedelta(minutes=1)
    assert line.known.agents == ("Máy cổng", "gone")
    assert [v.uptime.unknown for v in line.earlier] == [9_000]


def test_a_camera_that_the_history_did_not_touch_has_no_line() -> None:
    day = closed(figures(), figures(0, 0, 500))
    found = school_look(day)
    assert [line.known.at for line in camera_panel(found, "a1", "3").lines] == [LATER]
    assert camera_panel(found, "a2", "3").lines == ()
    (third,) = camera_panel(found, "a3", "3").lines
    assert third.known.at == LATER + timedelta(minutes=1)
    assert third.known.met is None
    assert camera_panel(found, "new", "3").days == 0
    assert set(late_marks(camera_panel(found, "a1", "3"))) == {DAY}
    assert late_marks(camera_panel(found, "a2", "3")) == {}


def test_a_value_that_came_back_is_told_with_its_history() -> None:
    day = closed(figures(), figures(18_000))
    (line,) = camera_panel(school_look(day), "a1", "3").lines
    assert line.known.uptime == line.closed.uptime
    assert len(line.earlier) == 1


def test_lists_are_bounded_and_newest_first() -> None:
    many = [closed(figures(), day=DAY - timedelta(days=n)) for n in range(20)]
    panel = school_panel(school_look(*reversed(many)), "3")
    assert len(panel.lines) == 20
    assert [line.day for line in panel.shown] == [d.day for d in many[:MOST_LINES]]
    restless = closed(*(figures(n) for n in range(10)))
    (line,) = school_panel(school_look(restless), "3").lines
    assert [v.uptime.unknown for v in line.earlier] == [8, 7, 6][:MOST_EARLIER]


def test_another_plan_is_named() -> None:
    day = closed(figures(), basis=replace(BASIS, version="2"))
    (line,) = school_panel(school_look(day), "3").lines
    assert line.version == "2"


def test_a_late_day_has_a_dot_that_says_both_values() -> None:
    survey = replace(look(school()), schools=(school_look(closed(figures())),))
    bars = camera_page(survey, "a1").days
    assert [bar.day for bar in bars if bar.late] == [DAY]
    for code, words in (("vi", "Đã chốt 50,0–100,0 % lúc"), ("en", "Closed as 50.0–100.0% at")):
        drawn = str(day_bars(bars, label="x", tongue=load(code))).translate(JOINED)
        assert drawn.count("<circle") == 1
        assert words in drawn
    (row,) = rows(survey)
    assert [bar.day for bar in row.days if bar.late] == [DAY]
    lanes = [lane for zone in school_page(survey).zones for lane in zone.lanes]
    assert [lane.look.camera.id for lane in lanes if any(bar.late for bar in lane.days)] == ["a1"]


def test_a_file_has_every_camera_as_closed_and_as_known() -> None:
    text = lines(load("vi"), school(), [closed(figures()), closed(day=DAY + timedelta(days=1))])
    table = [row.split(";") for row in text.splitlines()]
    assert len(table) == 1 + 2 * 5
    assert {len(row) for row in table} == {17}
    first, every = table[1], table[5]
    assert first[:5] == ["2026-11-18", "Trường THCS A", "Camera a1", "3", "19/11/2026 02:00:00"]
    assert first[5:10] == ["18000", "0", "0", "18000", "50400"]
    assert first[12:] == ["36000", "0", "0", "0", "50400"]
    assert first[11] == "Máy cổng, gone"
    assert every[2] == "Tất cả camera"
    assert table[6][10:12] == ["", ""]
