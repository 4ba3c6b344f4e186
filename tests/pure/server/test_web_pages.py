"""What the pages say follows from the claims: figures, order, sentences' facts, empty states."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from server.domain.basis import basis_on
from server.domain.calendar import DayWindow, SchoolHours, local_date, local_day
from server.domain.citation import Citation
from server.domain.clocks import Grade
from server.domain.dayrow import DayRow, row_of
from server.domain.exceptions import NONE, Exceptions
from server.domain.figures import figures_of, vouched_until
from server.domain.incident.model import Incident, Kind, Member, Severity
from server.domain.incident.signals import Aspect, Subject
from server.domain.interval import Interval
from server.domain.liveness import UnknownWhy
from server.domain.plan import Plan, Requirement, ZoneKind
from server.domain.schoolyear import SchoolCalendar, SchoolYear
from server.domain.timeline import Claim, build
from server.domain.units import Agent, Camera, Organisation, School, Source, Unit, Zone
from server.storage.incident_rows import IncidentRow
from server.storage.rows import AgentSeen
from server.web.pages.agents import agents_page
from server.web.pages.camera import Zoom, camera_page, window_of
from server.web.pages.counting import uptime
from server.web.pages.gatelog import Filter, gates_of, quarters
from server.web.pages.looks import Reading, Setting, Survey
from server.web.pages.overview import overview
from server.web.pages.school import day_axis, day_before, school_page, ticks
from server.web.pages.schools import plain, search
from server.web.pages.survey import state_at, survey
from wire.vocabulary import Cause, State

NOW = datetime(2026, 11, 24, 2, 42, 10, tzinfo=UTC)  # Tuesday, 09:42:10 in Vietnam
FIRST = NOW - timedelta(days=14)
HOURS = SchoolHours(days=(0, 1, 2, 3, 4), windows=(DayWindow(390, 690), DayWindow(810, 1020)))
BY = Citation(id="p", kind="commune_plan", ref="xã")


def plan(*, needs: dict[str, int] | None = None, hours: SchoolHours | None = HOURS) -> Plan:
    wanted = {"cong_truong": 2, "san_truong": 1} if needs is None else needs
    return Plan(
        id="p",
        title="Kế hoạch",
        version="3",
        zones={k: ZoneKind(id=k, vi=k) for k in ("cong_truong", "san_truong", "nha_xe")},
        requirements={
            "thcs": {
                kind: Requirement(kind=kind, required=True, min_cameras=n, source=BY)
                for kind, n in wanted.items()
            }
        },
        school_hours={"thcs": hours},
    )


def school(name: str = "a") -> School:
    def camera(number: int, zone: str) -> Camera:
        own = f"{name}{number}"
        return Camera(id=own, name=f"Camera {own}", zone=zone, sources=(Source(f"{name}-pc", own),))

    return School(
        id=name,
        name=f"Trường THCS {name.upper()}",
        kind="thcs",
        unit="u",
        zones=(
            Zone(id="cong", name="Cổng chính", kind="cong_truong"),
            Zone(id="san", name="Sân trường", kind="san_truong"),
            Zone(id="xe", name="Nhà xe", kind="nha_xe"),
        ),
        cameras=(camera(1, "cong"), camera(2, "cong"), camera(3, "san"), camera(4, "xe")),
        agents=(Agent(id=f"{name}-pc", name="Máy cổng"),),
    )


def setting(own_plan: Plan, *schools: School) -> Setting:
    unit = Unit(id="u", name="Xã", level="xa")
    organisation = Organisation(units=(unit,), schools=schools)
    return Setting(organisation=organisation, plan=own_plan, silent_after_s=75)


SET, UNSET = setting(plan()), setting(plan(hours=None))
Change = tuple[float, State, Cause | None]


def claims(camera: str, *changes: Change, until: datetime = NOW) -> tuple[Claim, ...]:
    """Return claims: up since long ago, then each change so many hours before now."""
    agent = f"{camera[0]}-pc"
    steps = [(FIRST, State.UP, None), *[(NOW - timedelta(hours=h), s, c) for h, s, c in changes]]
    ends = [step[0] for step in steps[1:]] + [until]
    return tuple(
        Claim(
            source=f"{agent}/{camera}",
            boot="b",
            number=i,
            state=state,
            cause=cause,
            start=start,
            end=max(start, end),
            open=i == len(steps),
        )
        for i, ((start, state, cause), end) in enumerate(zip(steps, ends, strict=True), 1)
    )


def look(
    *schools: School,
    trouble: Mapping[str, Sequence[Change]] | None = None,
    silent: tuple[str, ...] = (),
    own_plan: Plan | None = None,
    incidents: Sequence[IncidentRow] = (),
    lag_s: int = 40,
    began: datetime = FIRST,
) -> Survey:
    unit = Unit(id="u", name="Xã", level="xa")
    setting = Setting(
        organisation=Organisation(units=(unit,), schools=schools),
        plan=own_plan or plan(),
        silent_after_s=75,
    )
    quiet = NOW - timedelta(minutes=47)
    found, heard = {}, {}
    for one in schools:
        agent = one.agents[0].id
        last = quiet if agent in silent else NOW - timedelta(seconds=lag_s)
        heard[agent] = AgentSeen(agent=agent, last_report_at=last, last_report_until=last)
        for camera in one.cameras:
            own = (trouble or {}).get(camera.id, ())
            found[camera.id] = claims(camera.id, *own, until=last)
    reading = Reading(
        now=NOW,
        window=Interval(FIRST, NOW),
        claims=found,
        heard=heard,
        incidents=incidents,
        began={one.id: began.replace(microsecond=0) for one in schools},
        days={one.id: days(one, setting.plan, found, began) for one in schools},
    )
    return survey(setting, reading, schools)


def days(
    one: School,
    own_plan: Plan,
    claims: Mapping[str, Sequence[Claim]],
    began: datetime,
    *,
    exceptions: Exceptions = NONE,
    now: datetime = NOW,
    first: date = date(2026, 11, 10),
) -> list[DayRow]:
    """Count a school's days as ``figuring`` does."""
    today, began = local_date(now), began.replace(microsecond=0)
    until = vouched_until((claims.get(c.id, ()) for c in one.cameras), now)
    rows = []
    for ordinal in range(max(first, local_date(began)).toordinal(), today.toordinal() + 1):
        day = date.fromordinal(ordinal)
        basis = basis_on(own_plan, one, day, exceptions=exceptions)
        lines = {c.id: build(claims.get(c.id, ()), local_day(day)) for c in one.cameras}
        counted = figures_of(
            basis, day, began=began, timelines=lines, until=until if day == today else None
        )
        rows.append(row_of(day, basis, counted))
    return rows


LOOK = look(school()).schools[0]
ALWAYS = look(school(), own_plan=plan(hours=None)).schools[0]


def test_what_a_suspect_clock_claims_of_the_future_vouches_for_nothing() -> None:
    base, one = look(school()), school()
    odd = [
        replace(c, boot="odd", end=NOW + timedelta(days=9), clock=Grade.SUSPECT)
        for c in claims("a1")
    ]
    reading = Reading(
        now=NOW,
        window=base.window,
        claims={"a1": odd, "a2": [*claims("a2"), *(replace(c, source="a-pc/a2") for c in odd)]},
        heard={a.agent.id: a.seen for a in base.agents if a.seen},
        began={"a": FIRST},
    )
    [found] = survey(base.setting, reading, [one]).schools
    camera = found.cameras[0]
    assert (camera.vouched, camera.live.state) == (None, State.UNKNOWN)
    assert camera.live.why is UnknownWhy.CLOCK_SUSPECT
    assert found.cameras[1].vouched == NOW
    assert found.cameras[1].live.state is State.UP


def test_a_sunny_day_is_a_whole_number_and_a_whole_week() -> None:
    view = overview(look(school("a"), school("b")))
    assert (view.sums.certain, view.sums.possible, view.sums.required) == (4, 4, 4)
    assert view.sums.seconds.low == view.sums.seconds.high == Fraction(1)
    assert not view.lost
    assert not view.silences
    assert [p.state for p in view.points] == [State.UP] * 4
    assert view.in_hours is True
    assert view.hours_end == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def test_the_minute_that_is_still_to_come_is_not_unknown() -> None:
    view = overview(look(school(), lag_s=59))
    assert view.rows[0].week.unknown == 0
    assert view.until == NOW - timedelta(seconds=59)


def test_a_place_at_which_two_silent_gate_pcs_look_is_counted_once() -> None:
    one = school()
    both = replace(
        one,
        agents=(*one.agents, Agent(id="a-pc2", name="Máy cổng phụ")),
        cameras=tuple(replace(c, sources=(*c.sources, Source("a-pc2", c.id))) for c in one.cameras),
    )
    view = overview(look(both, silent=("a-pc",)))
    assert len(view.gate_pcs.unheard) == 2
    assert view.silent_points == view.unknown_points == 2


def test_a_silent_gate_pc_makes_a_range_and_is_named_as_the_reason() -> None:
    view = overview(look(school("a"), school("b"), silent=("b-pc",)))
    assert (view.sums.certain, view.sums.possible, view.sums.required) == (2, 4, 4)
    (silence,) = view.silences
    assert (silence.look.agent.id, silence.points) == ("b-pc", 2)
    assert view.states[State.UNKNOWN] == 2
    assert view.lost == ()
    assert view.tiles[0].silent is not None
    assert view.rows[0].week.unknown > 0
    assert view.gate_pcs.reporting == 1


def test_what_nobody_can_tell_is_dated_from_the_silence_and_not_from_the_fault_before() -> None:
    trouble = {"a1": [(3, State.DOWN, Cause.RTSP_AUTH)]}
    (tile,) = overview(look(school(), trouble=trouble, silent=("a-pc",))).tiles
    assert tile.state is State.UNKNOWN
    assert tile.since == NOW - timedelta(minutes=47)


def test_an_agent_that_began_between_two_seconds_breaks_no_page() -> None:
    view = overview(look(school(), began=NOW - timedelta(days=1, milliseconds=250)))
    assert view.rows[0].week.unknown == 0
    assert view.sums.seconds.low == 1


def test_the_worst_comes_first_and_says_since_when_and_why() -> None:
    trouble = {
        "a1": [(2.9, State.DEGRADED, Cause.PICTURE_COVERED)],
        "b3": [(2.5, State.DOWN, Cause.RTSP_AUTH)],
    }
    view = overview(look(school("a"), school("b"), school("c"), trouble=trouble, silent=("c-pc",)))
    assert [p.state for p in view.points] == [
        State.DOWN, State.DEGRADED, State.UNKNOWN, State.UNKNOWN, State.UP, State.UP,
    ]  # fmt: skip
    assert [t.school.id for t in view.tiles] == ["b", "a", "c"]
    assert view.tiles[0].since == NOW - timedelta(hours=2.5)
    assert view.tiles[0].reason is not None
    assert view.tiles[0].reason.live.cause == "rtsp.auth"
    assert (view.sums.certain, view.sums.possible) == (2, 4)


def test_a_broken_spare_does_not_colour_the_tile_but_is_told() -> None:
    view = overview(look(school(), trouble={"a4": [(1, State.DOWN, Cause.RTSP_BUSY)]}))
    (tile,) = view.tiles
    assert tile.state is State.UP
    assert [c.id for c in tile.spare] == ["a4"]
    assert view.rows[0].cameras == {State.UP: 3, State.DOWN: 1}


def test_what_the_plan_leaves_open_is_never_scored() -> None:
    view = overview(look(school(), own_plan=plan(needs={}, hours=None)))
    assert view.sums.required == 0
    assert view.points == ()
    assert [zone.zone.id for _, zone in view.unset] == ["cong", "san", "xe"]
    assert view.tiles[0].state is None
    assert view.in_hours is None
    assert view.sums.seconds.low is None


def test_a_camera_that_was_never_installed_is_told_as_such() -> None:
    view = overview(look(school(), own_plan=plan(needs={"san_truong": 3})))
    assert (view.sums.installed, view.sums.required) == (0, 1)
    assert view.tiles[0].lacking is not None
    assert [p.zone.zone.id for p in view.not_installed] == ["san"]


def test_no_schools_and_no_data_are_pages_too() -> None:
    empty = overview(look())
    assert (empty.schools, empty.sums.required, empty.tiles) == (0, 0, ())
    setting = look(school()).setting
    nothing = Reading(now=NOW, window=Interval(FIRST, NOW), claims={})
    view = overview(survey(setting, nothing, setting.organisation.schools))
    assert (view.sums.certain, view.sums.possible, view.sums.required) == (0, 2, 2)
    assert view.rows[0].heard_at is None
    assert view.rows[0].week.up == 0
    assert view.rows[0].week.counted == 0
    assert view.sums.seconds.low is None


def test_time_before_a_school_was_watched_counts_nowhere() -> None:
    began = NOW - timedelta(hours=1)
    found = look(school(), began=began)
    (one,) = found.schools
    week = uptime(one.past)
    assert week.counted == week.up
    assert week.counted == 4 * (one.until - began).total_seconds()
    assert (one.yesterday, one.coverage.sums.seconds.low) == (None, Fraction(1))
    axis = school_page(found).before
    assert axis.excluded == (axis.window,)
    stretch = camera_page(found, "a1", zoom=Zoom.DAY, day=date(2026, 11, 24)).stretch
    assert stretch.excluded[0].end == began
    assert stretch.figures.counted == stretch.figures.up


def test_a_school_that_never_spoke_is_counted_since_the_first_that_did() -> None:
    began = NOW - timedelta(hours=1)
    found = look(school("a"), school("b"), began=began)
    mute = Reading(
        now=NOW,
        window=Interval(FIRST, NOW),
        claims={},
        began={"b": began},
        days={"b": days(school("b"), plan(), {}, began)},
    )
    (_, other) = survey(found.setting, mute, found.setting.organisation.schools).schools
    week = uptime(other.past)
    assert week.counted == week.unknown == 4 * 3600


def test_changes_compare_with_the_same_moment_a_day_ago() -> None:
    trouble: dict[str, list[Change]] = {
        "a1": [(1, State.DOWN, Cause.RTSP_AUTH)],
        "b3": [(26, State.DOWN, Cause.RTSP_AUTH), (3, State.UP, None)],
    }
    view = overview(look(school("a"), school("b"), school("c"), trouble=trouble, silent=("c-pc",)))
    assert [(p.school.id, p.zone.zone.id) for p in view.changes.worse] == [("a", "cong")]
    assert [(p.school.id, p.zone.zone.id) for p in view.changes.better] == [("b", "san")]
    assert {p.school.id for p in view.changes.lost_sight} == {"c"}
    assert view.yesterday is not None
    assert (view.yesterday.certain, view.yesterday.required) == (5, 6)


def test_the_rows_add_the_cameras_seconds_up_and_never_average_shares() -> None:
    view = overview(look(school(), trouble={"a1": [(1, State.DOWN, Cause.RTSP_AUTH)]}))
    (row,) = view.rows
    assert row.week.down == 3600 - 40
    assert sum(sum(day.seconds.values()) for day in row.days) > row.week.counted
    assert row.days[-1].day == date(2026, 11, 24)
    assert row.days[-1].seconds[State.DOWN] == 3600 - 40
    saturday = next(d for d in row.days if d.day == date(2026, 11, 21))
    assert sum(saturday.seconds.values()) == 0


def test_the_trend_has_one_point_for_each_required_day_and_sums_to_the_week() -> None:
    trouble = {"a1": [(24, State.DOWN, Cause.RTSP_AUTH), (23, State.UP, None)]}
    view = overview(look(school("a"), school("b"), trouble=trouble, silent=("b-pc",)))
    days = {d.day: d.seconds for d in view.trend}
    assert date(2026, 11, 21) not in days  # a Saturday
    monday = days[date(2026, 11, 23)]
    assert (monday.required, monday.not_met) == (4 * 30_600, 3600)
    assert days[date(2026, 11, 24)].cannot_tell > 0
    this_week = days[date(2026, 11, 23)] + days[date(2026, 11, 24)]
    assert this_week == view.sums.seconds


def test_a_school_is_found_without_marks_and_a_camera_too() -> None:
    survey_of_two = look(school("a"), school("b"))
    assert [r.school.id for r in search(survey_of_two, "truong thcs B").rows] == ["b"]
    assert [c.camera.id for c in search(survey_of_two, "CAMERA b3").cameras] == ["b3"]
    assert search(survey_of_two, "").cameras == ()
    assert len(search(survey_of_two, "").rows) == 2
    assert plain("Đường Ẵng") == "duong ang"


def test_a_schools_page_has_each_camera_once_under_its_zone() -> None:
    view = school_page(look(school(), trouble={"a2": [(1, State.DOWN, Cause.RTSP_AUTH)]}))
    assert [[lane.look.camera.id for lane in z.lanes] for z in view.zones] == [
        ["a1", "a2"], ["a3"], ["a4"],
    ]  # fmt: skip
    ((short, zone),) = view.shortfalls
    assert (short.zone.id, short.missing, zone.installed) == ("cong", 1, 2)
    assert view.before.day == date(2026, 11, 23)
    assert view.today.window == Interval(
        datetime(2026, 11, 23, 23, 30, tzinfo=UTC), datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    )
    lane = view.zones[0].lanes[1]
    assert lane.spans[-1].interval.end == NOW  # the live state is drawn up to now
    assert lane.week.down == 3600 - 40  # and counted up to where it was vouched for


def test_before_a_monday_comes_the_last_school_day() -> None:
    assert day_before(SET, LOOK, date(2026, 11, 23)) == date(2026, 11, 20)
    assert day_before(UNSET, ALWAYS, date(2026, 11, 23)) == date(2026, 11, 22)


def test_a_sunday_has_the_usual_axis_and_nothing_on_it_counts() -> None:
    axis = day_axis(SET, LOOK, date(2026, 11, 22))
    assert not axis.school_day
    assert axis.excluded == (axis.window,)
    assert axis.window.seconds == 10.5 * 3600
    whole = day_axis(UNSET, ALWAYS, date(2026, 11, 22))
    assert (whole.window.seconds, whole.excluded) == (86_400, ())


def test_an_axis_marks_the_edges_of_hours_or_even_steps() -> None:
    axis = day_axis(SET, LOOK, date(2026, 11, 24))
    assert [round(t.at, 3) for t in axis.ticks] == [0, 0.476, 0.667, 1]
    assert [t.at for t in ticks(axis.window)] == [0, 0.25, 0.5, 0.75, 1]
    assert [t.minor for t in axis.ticks] == [False, True, True, False]


def test_a_cameras_page_tells_verdict_advice_and_history() -> None:
    trouble: dict[str, list[Change]] = {
        "a2": [
            (30, State.DOWN, Cause.NETWORK_TIMEOUT),
            (29, State.UP, None),
            (3, State.DEGRADED, Cause.PICTURE_COVERED),
        ]
    }
    page = camera_page(look(school(), trouble=trouble), "a2", zoom=Zoom.DAY, day=date(2026, 11, 24))
    assert page.live.state is State.DEGRADED
    assert page.words is not None
    assert len(page.words.steps) <= 3
    assert [(o.state, o.end is None) for o in page.history] == [
        (State.DEGRADED, True), (State.DOWN, False),
    ]  # fmt: skip
    assert [s.state for s in page.stretch.listed] == [State.DEGRADED, State.UP]
    assert page.stretch.spans[-1].interval.end == NOW
    assert (page.stretch.earlier, page.stretch.later) == (date(2026, 11, 23), None)


def test_time_before_a_camera_was_first_seen_is_no_trouble() -> None:
    survey_of_one = look(school())
    page = camera_page(survey_of_one, "a1", zoom=Zoom.MONTH, day=date(2026, 11, 24))
    assert page.history == ()


def test_a_camera_that_is_new_shows_its_last_hour() -> None:
    found = look(school())
    assert camera_page(found, "a1").stretch.zoom is Zoom.DAY
    claim = Claim(
        source="a-pc/a1", boot="b", number=1, state=State.UP, open=True,
        start=NOW - timedelta(minutes=9), end=NOW - timedelta(seconds=9),
    )  # fmt: skip
    seen = AgentSeen(agent="a-pc", last_report_at=NOW)
    reading = Reading(
        now=NOW, window=Interval(FIRST, NOW), claims={"a1": (claim,)}, heard={"a-pc": seen}
    )
    fresh = survey(found.setting, reading, found.setting.organisation.schools)
    assert camera_page(fresh, "a1").stretch.zoom is Zoom.HOUR


@pytest.mark.parametrize(
    ("zoom", "seconds"), [("hour", 3600), ("day", 86_400), ("week", 604_800), ("month", 2_592_000)]
)
def test_each_zoom_shows_its_span(zoom: str, seconds: int) -> None:
    window = window_of(Zoom(zoom), date(2026, 11, 24), NOW)
    assert window.seconds == seconds
    assert window.start < NOW <= window.end


def test_a_day_that_lies_ahead_is_empty_and_not_a_fault() -> None:
    page = camera_page(look(school()), "a1", zoom=Zoom.DAY, day=date(2026, 11, 30))
    assert page.stretch.spans == ()
    assert page.stretch.figures.counted == 0


def test_the_past_is_read_from_the_timeline() -> None:
    timeline = look(school()).schools[0].cameras[0].timeline
    assert state_at(timeline, NOW - timedelta(days=1)).state is State.UP
    assert state_at(timeline, NOW + timedelta(days=1)).state is State.UNKNOWN


def test_silent_gate_pcs_come_first() -> None:
    page = agents_page(
        look(school("a"), school("b"), silent=("b-pc",)), unregistered=(), refusals=()
    )
    assert [a.agent.id for a in page.agents] == ["b-pc", "a-pc"]
    assert page.sums.unheard[0].presence.since == NOW - timedelta(minutes=47)


def test_open_incidents_that_nobody_took_on_come_first_and_the_gravest_of_them() -> None:
    def row(name: str, hours: int, school: str, severity: Severity, **more: object) -> IncidentRow:
        began = NOW - timedelta(hours=hours)
        incident = Incident(
            id=name,
            kind=Kind.CAMERA,
            root=f"camera:{school}1",
            school=school,
            severity=severity,
            members=(),
            began_at=began,
            opened_at=began,
            tell_at=began,
        )
        return IncidentRow(incident=incident, began_at=began, **more)  # type: ignore[arg-type]

    taken = row("1", 0, "a", Severity.URGENT, acknowledged_at=NOW, acknowledged_by="x")
    older = row("2", 5, "a", Severity.NORMAL)
    grave = row("3", 9, "b", Severity.URGENT)
    noted = row("4", 0, "b", Severity.NOTED)
    view = overview(look(school("a"), school("b"), incidents=[taken, noted, older, grave]))
    assert [line.row.incident.id for line in view.incidents] == ["3", "2", "1", "4"]
    assert view.unhandled == 2
    assert {r.school.id: r.incidents for r in view.rows} == {"a": 2, "b": 2}


def test_a_line_cut_counts_for_every_school_whose_gate_pc_is_in_it() -> None:
    incident = Incident(
        id="1",
        kind=Kind.LINE,
        root="line:u",
        school=None,
        unit="u",
        severity=Severity.URGENT,
        members=tuple(
            Member(subject=Subject(Aspect.AGENT, f"{s}-pc"), cause="agent.silent", since=NOW)
            for s in ("a", "b")
        ),
        began_at=NOW,
        opened_at=NOW,
        tell_at=NOW,
    )
    row = IncidentRow(incident=incident, began_at=NOW)
    schools = (school("a"), school("b"), school("c"))
    assert {s.agents[0].id for s in schools} >= {"a-pc", "b-pc"}
    view = overview(look(*schools, incidents=[row]))
    assert {r.school.id: r.incidents for r in view.rows} == {"a": 1, "b": 1, "c": 0}


def test_quarters_run_from_the_first_busy_hour_and_only_for_one_day() -> None:
    wanted = Filter(first=date(2026, 11, 24), last=date(2026, 11, 24))
    assert quarters((), wanted) == ()
    assert wanted.since == datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def test_a_filter_means_gates() -> None:
    organisation = Organisation(units=(), schools=(school("a"),))
    assert gates_of(organisation, None, None) is None
    assert gates_of(organisation, "a", None) == []
    assert gates_of(organisation, "a", "g") == ["g"]
    assert gates_of(organisation, "nobody", None) == []


def test_on_a_holiday_nothing_is_required_and_where_nobody_says_nothing_is_known() -> None:
    year = SchoolYear(id="2026-2027", first=date(2026, 9, 5), last=date(2027, 5, 31))
    holiday = SchoolCalendar(years=(year,), holidays={date(2026, 11, 24): "Ngày Văn hóa"})
    off = overview(look(school(), own_plan=replace(plan(), calendar=holiday)))
    assert (off.in_hours, off.hours_end) == (False, None)
    unset = overview(look(school(), own_plan=replace(plan(), calendar=SchoolCalendar())))
    assert (unset.in_hours, unset.hours_end) == (None, None)
    (one,) = look(school(), own_plan=replace(plan(), calendar=SchoolCalendar())).schools
    assert uptime(one.past).counted == 0
    assert {z.seconds for z in one.coverage.zones} == {None}
