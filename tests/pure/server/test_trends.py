"""Trends add up to their period; the worst come first."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.domain.points import MetSeconds
from server.domain.rollup import unit_period
from server.domain.schoolyear import SchoolCalendar, SchoolYear
from server.domain.trends import (
    Step,
    stretches,
    trend,
    worst_cameras,
    worst_places,
    worst_schools,
)
from tests.pure.server.periods import camera_period, day_sums, school_of, zone_period

CALENDAR = SchoolCalendar(
    years=(
        SchoolYear(
            id="2026-2027",
            first=date(2026, 9, 5),
            last=date(2027, 5, 31),
            term1_last=date(2027, 1, 17),
        ),
        SchoolYear(id="2027-2028", first=date(2027, 9, 5), last=date(2028, 5, 31)),
    )
)
DAYS = st.dates(date(2026, 8, 1), date(2028, 8, 1))


@given(DAYS, st.integers(0, 500), st.sampled_from(list(Step)), st.data())
def test_a_trend_adds_up_to_the_days_that_its_steps_hold(
    first: date, days: int, step: Step, data: st.DataObject
) -> None:
    last = first + timedelta(days=days)
    held = data.draw(st.sets(st.integers(0, days), max_size=9))
    told = [
        day_sums(first + timedelta(days=n), 1000 + n, not_met=n % 7, unset=n % 5 == 0)
        for n in sorted(held)
    ]
    cut = stretches(step, first, last, CALENDAR)
    assert [s.first for s in cut] == sorted(s.first for s in cut)
    inside = [t for t in told if any(s.first <= t.day <= s.last for s in cut)]
    if step in {Step.DAY, Step.WEEK, Step.MONTH}:
        assert inside == told
        assert sum((s.last - s.first).days + 1 for s in cut) == days + 1
    points = trend([school_of(days=told), school_of(days=told)] if told else [], cut)
    assert [p.stretch for p in points] == cut
    whole = sum((t.seconds for t in inside), MetSeconds())
    assert sum((p.seconds for p in points), MetSeconds()) == whole + whole
    assert sum(p.unset_days for p in points) == 2 * sum(t.unset for t in inside)
    assert sum(p.uptime.up for p in points) == 2 * sum(t.uptime.up for t in inside)
    assert sum(p.uptime.excluded for p in points) == 2 * sum(t.uptime.excluded for t in inside)


def test_weeks_begin_on_monday_and_months_end_where_they_end() -> None:
    wednesday, last = date(2028, 2, 23), date(2028, 3, 2)
    weeks = stretches(Step.WEEK, wednesday, last, CALENDAR)
    assert [(s.first.isoformat(), s.last.isoformat()) for s in weeks] == [
        ("2028-02-23", "2028-02-27"),
        ("2028-02-28", "2028-03-02"),
    ]
    months = stretches(Step.MONTH, wednesday, last, CALENDAR)
    assert [(s.name, s.last.isoformat()) for s in months] == [
        ("2028-02", "2028-02-29"),
        ("2028-03", "2028-03-02"),
    ]


def test_terms_are_the_calendars() -> None:
    found = stretches(Step.TERM, date(2026, 12, 1), date(2027, 9, 30), CALENDAR)
    assert [(s.name, s.first.isoformat(), s.last.isoformat()) for s in found] == [
        ("2026-2027/1", "2026-12-01", "2027-01-17"),
        ("2026-2027/2", "2027-01-18", "2027-05-31"),
        ("2027-2028", "2027-09-05", "2027-09-30"),
    ]
    years = stretches(Step.YEAR, date(2026, 12, 1), date(2027, 9, 30), CALENDAR)
    assert [s.name for s in years] == ["2026-2027", "2027-2028"]
    assert stretches(Step.TERM, date(2027, 7, 1), date(2027, 7, 9), CALENDAR) == []


def test_the_worst_lost_the_largest_share_and_the_best_are_not_listed() -> None:
    broken = camera_period("c1", {"network.timeout": 4000})
    flaky = camera_period("c2", {"network.timeout": 100}, zone="yard")
    a = school_of(
        zone_period(broken, not_met=4000),
        zone_period(flaky, not_met=100, name="yard"),
        name="a",
    )
    b = school_of(zone_period(camera_period("c3", {"x.y": 5000}), not_met=5000), name="b")
    fine = school_of(zone_period(camera_period("c4")), name="fine")
    period = unit_period("u", a.first, a.last, [fine, a, b])
    assert [(p.school.school.id, p.lost_s) for p in worst_schools(period)] == [
        ("b", 5000),
        ("a", 4100),
    ]
    places = [(p.school.school.id, p.zone.zone.id) for p in worst_places(period) if p.zone]
    assert places == [("b", "gate"), ("a", "gate"), ("a", "yard")]
    cameras = [p.camera.camera.id for p in worst_cameras(period, most=2) if p.camera]
    assert cameras == ["c3", "c1"]
