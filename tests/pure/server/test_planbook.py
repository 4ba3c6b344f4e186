"""Which version is in force on which day, held against looking at every version every day."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.calendar import DayWindow, SchoolHours
from server.domain.citation import Citation
from server.domain.plan import Plan, Requirement, ZoneKind
from server.domain.planbook import PlanBook, PlanVersion

SAID = Citation(id="x", kind="commune_plan", ref="x")
GATE = Requirement(kind="cong", required=True, min_cameras=2, source=SAID)
HOURS = SchoolHours(days=(0,), windows=(DayWindow(0, 60),))
BASE = Plan(
    id="kh",
    title="Kế hoạch",
    version="1",
    zones={"cong": ZoneKind(id="cong", vi="Cổng")},
    requirements={"thcs": {"cong": GATE}},
    school_hours={"thcs": HOURS},
    uptime_required_percent=95,
    uptime_source=SAID,
)
DAY = date(2026, 1, 1)


def version(
    name: str, first: int | None, last: int | None = None, *, confirmed: int = 0
) -> PlanVersion:
    return PlanVersion(
        id=name,
        plan=replace(
            BASE,
            version=name,
            effective_from=None if first is None else DAY + timedelta(days=first),
            effective_to=None if last is None else DAY + timedelta(days=last),
        ),
        confirmed_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=confirmed),
    )


def on(book: PlanBook, day: int) -> str | None:
    found = book.on(DAY + timedelta(days=day))
    return None if found is None else found.version


def test_a_newer_version_takes_over_on_its_day_and_never_gives_back() -> None:
    book = PlanBook((version("1", None), version("2", 10, 20)))
    assert [on(book, day) for day in (0, 9, 10, 20)] == ["1", "1", "2", "2"]
    assert on(book, 21) is None


def test_of_two_versions_of_one_day_the_later_confirmed_one_stands() -> None:
    pair = (version("b", 0, confirmed=2), version("a", 0, confirmed=3))
    assert on(PlanBook(pair), 0) == on(PlanBook(pair[::-1]), 0) == "a"


def test_where_no_version_is_in_force_pages_show_one_that_asks_nothing() -> None:
    book = PlanBook((version("1", 10, 20),))
    for day in (0, 30):
        shown = book.shown_on(DAY + timedelta(days=day))
        assert shown is not None
        assert shown.zones == BASE.zones
        assert shown.required_cameras("thcs", "cong") is None
        assert shown.hours("thcs") is None
        assert shown.uptime_required_percent is None
    shown = book.shown_on(DAY + timedelta(days=15))
    assert shown is not None
    assert shown.required_cameras("thcs", "cong") == 2
    assert PlanBook(()).shown_on(DAY) is None


maybe = st.one_of(st.none(), st.integers(0, 60))


@st.composite
def books(draw: st.DrawFn) -> PlanBook:
    found = []
    for number in range(draw(st.integers(0, 5))):
        first, last = draw(maybe), draw(maybe)
        if first is not None and last is not None and last < first:
            first, last = last, first
        confirmed = draw(st.integers(0, 3))
        found.append(version(str(number), first, last, confirmed=confirmed))
    return PlanBook(tuple(found))


@given(books(), st.integers(-5, 65), st.integers(0, 60))
@settings(max_examples=150, deadline=None)
def test_epochs_cover_each_day_once_and_agree_with_it(
    book: PlanBook, first: int, length: int
) -> None:
    start, end = DAY + timedelta(days=first), DAY + timedelta(days=first + length)
    epochs = book.epochs(start, end)
    days = [
        (epoch.first + timedelta(days=n), epoch.version)
        for epoch in epochs
        for n in range((epoch.last - epoch.first).days + 1)
    ]
    assert [day for day, _ in days] == [start + timedelta(days=n) for n in range(length + 1)]
    for day, found in days:
        begun = [v for v in book.versions if (v.plan.effective_from or date.min) <= day]
        newest = max(
            begun,
            key=lambda v: (v.plan.effective_from or date.min, v.confirmed_at, v.id),
            default=None,
        )
        ended = newest is not None and (newest.plan.effective_to or date.max) < day
        assert found == (None if ended else newest)
    pairs = itertools.pairwise(epochs)
    assert all(one.version != following.version for one, following in pairs)
