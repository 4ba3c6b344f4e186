"""A closed day's figures are the page's, to the second; what is due, and when marks rest."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.closing.due import (
    CATCH_UP_AT_MOST,
    PATIENCE,
    QUIET_FOR,
    Awake,
    Rest,
    days_touched,
    first_open,
    heard_since,
    last_closable,
    next_batch,
    reach_of_unsure,
    schools_by_agent,
    settled,
)
from server.domain.basis import Basis, basis_on
from server.domain.calendar import (
    DayWindow,
    Maintenance,
    SchoolHours,
    local_date,
    local_day,
    local_moment,
)
from server.domain.clocks import BootClock
from server.domain.dated import Dated
from server.domain.exceptions import NONE, Exceptions, Work
from server.domain.figures import figures_of
from server.domain.interval import Interval
from server.domain.plan import MeasuredOver, Plan
from server.domain.register import Register
from server.domain.schoolyear import DayOff, DayOffKind
from server.domain.timeline import Claim, build
from server.domain.units import Organisation, School, Unit
from server.domain.uptime import Availability
from server.storage.closed import LateMark
from server.storage.late import LOOK_BACK
from server.storage.rows import AgentSeen
from server.storage.times import ms_of
from server.web.pages.counting import days_of, met_days
from server.web.pages.looks import Reading, SchoolLook, Setting
from server.web.pages.survey import survey
from tests.pure.server.test_web_pages import HOURS, days, plan, school
from wire.vocabulary import State

NOW = datetime(2026, 11, 24, 2, 42, 10, tzinfo=UTC)
START = local_day(date(2026, 11, 18)).start
DAYS = [date(2026, 11, day) for day in range(18, 24)]
STATES = [State.UP, State.DEGRADED, State.DOWN]
SATURDAY_TOO = SchoolHours(days=(1, 5, 6), windows=(DayWindow(0, 1440),))


def look_at(
    one: School,
    claims: Mapping[str, Sequence[Claim]],
    own: Plan,
    began: datetime,
    exceptions: Exceptions,
) -> SchoolLook:
    reading = Reading(
        now=NOW,
        window=Interval(START, NOW),
        claims=claims,
        heard={"a-pc": AgentSeen(agent="a-pc", last_report_at=NOW)},
        began={"a": began},
        days={"a": days(one, own, claims, began, exceptions=exceptions, now=NOW, first=DAYS[0])},
    )
    unit = Unit(id="u", name="Xã", level="xa")
    setting = Setting(
        organisation=Organisation(units=(unit,), schools=(one,)),
        plan=own,
        silent_after_s=75,
        exceptions=exceptions,
    )
    (found,) = survey(setting, reading, (one,)).schools
    return found


def work(
    day: date,
    from_h: int,
    hours: int,
    *,
    schools: tuple[str, ...] | None = None,
    zones: tuple[str, ...] | None = None,
) -> Work:
    start = local_moment(day, from_h * 60)
    span = Interval(start, start + timedelta(hours=hours))
    return Work(
        maintenance=Maintenance(interval=span, reason="Thay ổ cứng"), schools=schools, zones=zones
    )


@st.composite
def stories(draw: st.DrawFn, camera: str) -> tuple[Claim, ...]:
    """Claims of one camera: some follow each other, some leave holes, all in two boots."""
    at, found = draw(st.integers(0, 200_000)), []
    for number in range(draw(st.integers(0, 12))):
        start = at + draw(st.sampled_from([0, 1, 30, 7_000]))
        at = start + draw(st.integers(0, 90_000))
        found.append(
            Claim(
                source=f"a-pc/{camera}",
                boot=f"b{number // 6}",
                number=number,
                state=draw(st.sampled_from(STATES)),
                start=START + timedelta(seconds=start),
                end=START + timedelta(seconds=at),
                open=False,
            )
        )
    return tuple(found)


SHORT_WEEK = Exceptions(
    days_off=(
        DayOff(first=DAYS[1], last=DAYS[1], reason="Bão", kind=DayOffKind.EXCEPTION),
        DayOff(first=DAYS[3], last=DAYS[3], reason="Dạy bù", windows=(DayWindow(420, 500),)),
    ),
    works=(
        work(DAYS[0], 8, 3),
        work(DAYS[2], 9, 1, zones=("cong", "xe")),
        work(DAYS[2], 7, 20, schools=("elsewhere",)),
    ),
)
CASES = st.fixed_dictionaries({f"a{n}": stories(f"a{n}") for n in (1, 2, 3, 4)})


@settings(max_examples=60, deadline=None)
@given(
    claims=CASES,
    began_s=st.integers(0, 400_000),
    hours=st.sampled_from([HOURS, SATURDAY_TOO, None]),
    always=st.booleans(),
    exceptions=st.sampled_from([NONE, SHORT_WEEK]),
)
def test_a_closed_day_is_what_the_page_shows(
    claims: dict[str, tuple[Claim, ...]],
    began_s: int,
    hours: SchoolHours | None,
    always: bool,
    exceptions: Exceptions,
) -> None:
    over = MeasuredOver.ALWAYS if always else MeasuredOver.SCHOOL_HOURS
    own, one = replace(plan(hours=hours), measured_over=over), school()
    began = START + timedelta(seconds=began_s)
    page = look_at(one, claims, own, began, exceptions)
    shown = {d.day: d.availability for d in days_of(page.past, DAYS[-1], len(DAYS))}
    met = {d.day: d.seconds for d in met_days(page.past)}
    for day in DAYS:
        basis = basis_on(own, one, day, exceptions=exceptions)
        lines = {c.id: build(claims[c.id], local_day(day)) for c in one.cameras}
        closed = figures_of(basis, day, began=began, timelines=lines)
        if day < local_date(began):
            assert (closed.total.counted, shown[day]) == (0, Availability())
            continue
        assert closed.total == shown[day]
        for (camera, _), seconds in zip(basis.cameras, closed.cameras, strict=True):
            assert days_of(page.past, day, 1, camera)[0].availability == seconds
        assert closed.met == met[day]
        for seconds in closed.cameras:
            assert seconds.total == 86_400


def test_a_basis_survives_its_text() -> None:
    basis = basis_on(plan(), school(), date(2026, 11, 20), exceptions=SHORT_WEEK)
    assert basis.time is not None
    assert basis.off
    assert msgspec.json.decode(msgspec.json.encode(basis), type=Basis) == basis
    assert [(p.zone, p.need, p.cameras) for p in basis.places] == [
        ("cong", 2, ("a1", "a2")),
        ("san", 1, ("a3",)),
    ]
    older = msgspec.json.decode(
        b'{"plan":"p","version":"1","hours":{"days":[0],"windows":[[390,400]]},'
        b'"places":[],"cameras":[["a1",[["a-pc","a1"]]]]}',
        type=Basis,
    )
    monday, sunday = date(2026, 11, 23), date(2026, 11, 22)
    assert [s.seconds for s in older.required(monday)] == [600]
    assert older.counted(monday) == older.required(monday)
    assert (older.required(sunday), older.unset) == ((), False)


def test_without_hours_uptime_counts_all_day_and_no_place_is_scored() -> None:
    basis = basis_on(plan(hours=None), school(), date(2026, 11, 23))
    assert basis.unset
    assert basis.required(date(2026, 11, 23)) == ()
    assert [s.seconds for s in basis.counted(date(2026, 11, 23))] == [86_400]


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-11-22T18:59:59Z", 21),  # 01:59:59 on the 23rd
        ("2026-11-22T19:00:00Z", 22),
        ("2026-11-23T18:59:59Z", 22),
    ],
)
def test_a_day_is_closable_two_hours_after_its_local_end(now: str, last: int) -> None:
    found = last_closable(datetime.fromisoformat(now), timedelta(hours=2))
    assert found == date(2026, 11, last)


def test_each_school_closes_from_where_it_stands_oldest_day_first() -> None:
    a, b, c, new = school("a"), school("b"), school("c"), school("d")
    last = date(2026, 11, 22)
    told = {
        "a-pc": local_moment(date(2026, 11, 20), 600),
        "b-pc": NOW - timedelta(days=900),
        "c-pc": NOW - timedelta(days=900),
        "d-pc": local_moment(date(2026, 11, 23), 1),
    }
    closed = {"b": date(2026, 11, 20), "c": last}
    due = first_open((a, b, c, new), closed=closed, first_told=told, last=last)
    assert due == {"a": date(2026, 11, 20), "b": date(2026, 11, 21)}
    assert next_batch((a, b), due, 9) == (date(2026, 11, 20), (a,))
    assert next_batch((a, b), {}, 9) is None
    fresh = first_open((b,), closed={}, first_told=told, last=last)
    assert fresh == {"b": last - CATCH_UP_AT_MOST}
    assert first_open((a,), closed={}, first_told={}, last=last) == {}


def test_a_mark_rests_when_it_is_quiet_or_has_waited_long() -> None:
    rest, day = Rest(), date(2026, 11, 20)
    still, busy = (LateMark(agent=a, day=day, touches=1) for a in ("still", "busy"))
    assert rest.resting([still, busy], NOW) == []
    later, taken = NOW, []
    while later < NOW + PATIENCE:
        later += QUIET_FOR / 2
        busy = replace(busy, touches=busy.touches + 1)
        taken.append([m.agent for m in rest.resting([still, busy], later)])
    assert taken[0] == []
    assert taken[1] == ["still"]
    assert taken[-1] == ["still", "busy"]
    assert rest.resting([], later) == []
    assert rest.resting([busy], later) == [], "a new mark of the same name begins anew"


def test_a_clock_that_is_set_back_delays_no_mark_for_ever() -> None:
    rest, mark = Rest(), LateMark(agent="a", day=date(2026, 11, 20), touches=1)
    assert rest.resting([mark], NOW) == []
    back = NOW - timedelta(days=3)
    assert rest.resting([mark], back) == []
    assert rest.resting([mark], back + QUIET_FOR) == [mark]


def test_an_agent_touches_its_school_and_those_whose_cameras_it_sees() -> None:
    a, b = school("a"), school("b")
    eye = replace(b.cameras[0], sources=(*b.cameras[0].sources, a.cameras[0].sources[0]))
    changed = replace(b, cameras=(eye, *b.cameras[1:]))
    organisation = Organisation(units=(), schools=(a, changed))
    both = schools_by_agent(Register.of(organisation))
    assert both == {"a-pc": {"a", "b"}, "b-pc": {"b"}}
    moved = replace(eye, sources=b.cameras[0].sources)
    story = (Dated(value=eye, last=date(2026, 5, 1)), Dated(value=moved, first=date(2026, 5, 2)))
    past = Register.of(organisation)
    history = past.schools["b"]
    cameras = tuple(story if c[0].value.id == eye.id else c for c in history.cameras)
    past = past.with_changes(schools=[replace(history, cameras=cameras)])
    assert schools_by_agent(past) == both, "what an agent once saw, its late history may change"
    day = date(2026, 11, 20)
    marks = [LateMark(agent=n, day=day, touches=1) for n in ("a-pc", "b-pc", "stranger")]
    assert days_touched(marks, both) == {day: {"a": {"a-pc"}, "b": {"a-pc", "b-pc"}}}


def test_a_server_that_was_away_waits_for_its_agents() -> None:
    wait = timedelta(minutes=15)
    assert not settled(NOW, None, wait)
    assert not settled(NOW, NOW - timedelta(minutes=14), wait)
    assert settled(NOW, NOW - wait, wait)


def boot(name: str, first: date, days: int, *, measured: bool) -> BootClock:
    return BootClock(
        agent="a-pc",
        boot=name,
        zero_ms=ms_of(local_day(first).start),
        last_ms=days * 86_400_000 - 1,
        measured=measured,
    )


def test_a_mark_within_a_boot_of_an_unsure_clock_reaches_all_its_days() -> None:
    day = date(2026, 11, 20)
    mark = LateMark(agent="a-pc", day=day, touches=3)
    sure = boot("sure", date(2026, 11, 18), 9, measured=True)
    unsure = boot("unsure", date(2026, 11, 19), 3, measured=False)
    apart = boot("apart", date(2026, 11, 22), 2, measured=False)
    today = date(2026, 11, 24)
    wide = reach_of_unsure([mark], [sure, unsure, apart], today=today)
    assert [m.day for m in wide] == [date(2026, 11, 19), date(2026, 11, 21)]
    assert reach_of_unsure([mark], [sure, apart], today=today) == []
    other = replace(unsure, agent="another")
    assert reach_of_unsure([mark], [other], today=today) == []


def test_of_a_boot_that_claims_ages_only_days_that_are_closed_are_counted_again() -> None:
    today = date(2026, 11, 24)
    for first in date(1980, 1, 1), date(2000, 1, 1), date(2026, 1, 1):
        mark = LateMark(agent="a-pc", day=date(2026, 11, 20), touches=3)
        claimed = boot("ages", first, 365 * 60, measured=False)
        wide = {m.day for m in reach_of_unsure([mark], [claimed], today=today)}
        assert wide == {
            day
            for n in range(LOOK_BACK.days + 1)
            if (day := today - timedelta(days=n)) >= first and day != mark.day
        }


def test_a_program_that_was_stopped_has_heard_nobody_meanwhile() -> None:
    awake = Awake()
    awake.note(NOW)
    assert awake.since == NOW
    for n in range(1, 40):
        awake.note(NOW + timedelta(minutes=9 * n))
    assert awake.since == NOW
    later = NOW + timedelta(hours=12)
    awake.note(later)
    assert awake.since == later
    awake.note(later - timedelta(days=365))
    assert awake.since == later - timedelta(days=365)
    assert heard_since(None, NOW) is None
    assert heard_since(NOW, None) == NOW
    assert heard_since(NOW, later) == heard_since(later, NOW) == later
