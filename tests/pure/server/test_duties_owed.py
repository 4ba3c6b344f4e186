"""Papers that are owed: their days against a look at every day, and what may be done when."""

from calendar import monthrange
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.calendar import local_moment
from server.domain.duties import DocumentDuty, DueDay
from server.domain.duties_owed import (
    Deed,
    HandedIn,
    Objection,
    Owed,
    Paper,
    Status,
    Turn,
    WorkYear,
    WrongTurnError,
    dues,
    late_days,
    owed,
    status,
    turned,
    work_year,
    work_years,
)
from server.domain.schoolyear import EVERY_WEEK, SchoolCalendar, SchoolYear

YEAR = WorkYear(id="2026-2027", first=date(2026, 9, 5), last=date(2027, 9, 4))
PAPER = Paper(sha256="0" * 64, name="kế hoạch.pdf", media="application/pdf", size=9)
NOW = datetime(2026, 10, 1, 3, tzinfo=UTC)
NOTHING = HandedIn(school="s", duty="d", year=YEAR.id)


def duty(due: DueDay | None, every: int | None = 12) -> DocumentDuty:
    return DocumentDuty(id="d", vi="Kế hoạch", by="truong", to="x", due=due, every_months=every)


def turn(deed: Deed, by: str = "an", at: datetime = NOW, note: str = "") -> Turn:
    paper = PAPER if deed is Deed.HANDED_IN else None
    return Turn(deed=deed, by=by, at=at, paper=paper, note=note)


def is_due(one: DocumentDuty, day: date) -> bool:
    """Look at a single day: is the paper due on it?"""
    due, step = one.due, one.every_months
    assert due is not None
    if day.day != min(due.day, monthrange(day.year, day.month)[1]):
        return False
    if due.year is None:
        return (day.month - due.month) % (step or 12) == 0
    months = (day.year - due.year) * 12 + day.month - due.month
    return months % step == 0 if step else months == 0


@given(
    month=st.integers(1, 12),
    of_month=st.integers(1, 28),
    last_of_february=st.booleans(),
    year=st.one_of(st.none(), st.integers(2020, 2030)),
    every=st.sampled_from([None, 1, 3, 6, 12, 18, 24, 60]),
    first=st.dates(date(2024, 1, 1), date(2028, 1, 1)),
    length=st.integers(0, 500),
)
def test_days_that_are_due_are_those_of_a_look_at_every_day(
    month: int,
    of_month: int,
    last_of_february: bool,
    year: int | None,
    every: int | None,
    first: date,
    length: int,
) -> None:
    due = DueDay(month=month, day=of_month, year=year)
    if last_of_february and year is None:
        due = DueDay(month=2, day=29)
    one = duty(due, every)
    span = WorkYear(id="x", first=first, last=first + timedelta(days=length))
    if year is None and (every or 12) > 12:
        assert dues(one, span) == (None,)
        return
    days = (first + timedelta(days=i) for i in range(length + 1))
    assert dues(one, span) == tuple(day for day in days if is_due(one, day))


def test_a_day_that_nobody_set_is_listed_once_and_never_late() -> None:
    (found,) = owed([duty(None)], "thcs", YEAR)
    assert found.due is None
    assert status(found, None, date(2090, 1, 1)) is Status.NO_DAY
    assert late_days(found, None, date(2090, 1, 1)) == 0


def test_only_papers_of_schools_and_of_such_a_school_are_owed() -> None:
    papers = [
        replace(duty(None), id="office", by="don_vi_quan_ly"),
        replace(duty(None), id="high", applies_to=("thpt",)),
        replace(duty(None), id="all"),
    ]
    assert [o.duty.id for o in owed(papers, "thcs", YEAR)] == ["all"]
    assert [o.duty.id for o in owed(papers, "thpt", YEAR)] == ["high", "all"]


@given(offset=st.integers(-20, 20), handed=st.integers(-20, 20), today=st.integers(-20, 60))
def test_lateness_is_counted_in_days_after_the_day(offset: int, handed: int, today: int) -> None:
    due = date(2026, 9, 30) + timedelta(days=offset)
    one = Owed(duty=duty(None), number=1, due=due)
    now = due + timedelta(days=today)
    assert late_days(one, None, now) == max(0, today)
    assert status(one, None, now) is (Status.OVERDUE if today > 0 else Status.OWED)
    at = local_moment(due + timedelta(days=handed), 23 * 60 + 59)
    given_in = turned(NOTHING, turn(Deed.HANDED_IN, at=at))
    assert late_days(one, given_in, now) == max(0, handed)
    returned = turned(given_in, turn(Deed.RETURNED, by="binh", note="thiếu chữ ký"))
    assert late_days(one, returned, now) == max(0, today)
    assert status(one, returned, now) is Status.RETURNED


def test_a_paper_goes_back_and_forth_until_it_is_approved() -> None:
    found = NOTHING
    for deed, by, note in (
        (Deed.HANDED_IN, "an", ""),
        (Deed.RETURNED, "binh", "thiếu chữ ký"),
        (Deed.HANDED_IN, "an", ""),
        (Deed.HANDED_IN, "chi", "bản thay"),
        (Deed.APPROVED, "binh", ""),
    ):
        found = turned(found, turn(deed, by, note=note))
    assert [t.deed for t in found.turns].count(Deed.HANDED_IN) == 3
    assert found.handing is not None
    assert found.handing.by == "chi"


@pytest.mark.parametrize(
    ("done", "new", "why"),
    [
        ([], turn(Deed.APPROVED), Objection.NOT_HANDED_IN),
        ([turn(Deed.HANDED_IN)], turn(Deed.APPROVED, by="an"), Objection.SAME_PERSON),
        ([turn(Deed.HANDED_IN)], turn(Deed.RETURNED, by="binh"), Objection.NO_REASON),
        (
            [turn(Deed.HANDED_IN), turn(Deed.APPROVED, by="binh")],
            turn(Deed.HANDED_IN),
            Objection.APPROVED,
        ),
        (
            [turn(Deed.HANDED_IN), turn(Deed.RETURNED, by="binh", note="x")],
            turn(Deed.APPROVED, by="binh"),
            Objection.NOT_HANDED_IN,
        ),
        (
            [turn(Deed.HANDED_IN, by="binh"), turn(Deed.HANDED_IN, by="an")],
            turn(Deed.APPROVED, by="binh"),
            Objection.SAME_PERSON,
        ),
    ],
)
def test_what_can_not_be_done_says_why(done: list[Turn], new: Turn, why: Objection) -> None:
    found = NOTHING
    for one in done:
        found = turned(found, one)
    with pytest.raises(WrongTurnError) as refused:
        turned(found, new)
    assert refused.value.why is why


def years(*spans: tuple[str, date, date]) -> SchoolCalendar:
    return SchoolCalendar(years=tuple(SchoolYear(id=i, first=f, last=t) for i, f, t in spans))


def test_a_year_of_work_lasts_until_the_next_school_year_begins() -> None:
    known = years(
        ("2025-2026", date(2025, 9, 5), date(2026, 5, 31)),
        ("2026-2027", date(2026, 9, 7), date(2027, 5, 31)),
    )
    first, second = work_years(known)
    assert (first.last, second.last) == (date(2026, 9, 6), date(2027, 9, 6))
    assert work_year(known, date(2026, 7, 1)) == first
    assert work_year(known, date(2030, 7, 1)).id == "2030", "no known year holds it"
    assert work_year(SchoolCalendar(years=EVERY_WEEK), date(2026, 7, 1)).id == "2026"


@given(
    starts=st.lists(st.dates(date(2020, 1, 1), date(2035, 1, 1)), min_size=1, max_size=6),
    length=st.integers(1, 400),
)
def test_years_of_work_hold_their_school_years_and_never_overlap(
    starts: list[date], length: int
) -> None:
    spans, free = [], date.min
    for index, first in enumerate(sorted(starts)):
        if first > free:
            free = first + timedelta(days=length)
            spans.append((str(index), first, free))
    known = years(*spans)
    found = work_years(known)
    for school_year, year in zip(known.known_years, found, strict=True):
        assert year.first == school_year.first
        assert year.last >= school_year.last
    for one, after in pairwise(found):
        assert one.last < after.first
