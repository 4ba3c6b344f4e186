"""What people type in about days, work and prices: read, or refused with its field."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from server.domain.calendar import DayWindow
from server.domain.register import Register
from server.domain.remedies import Fund, Work
from server.domain.schoolyear import DayOffKind
from server.domain.units import Organisation, Unit
from server.figuring import DayOffEntry, WorkEntry
from server.figuring.prices import PriceEntry
from server.texts.remedies import ACTIONS, DAY_KINDS, FUNDS, OFF_KINDS, WORKS
from server.web import calendarforms
from server.web.forms import BadInputError
from tests.pure.server.test_web_pages import school

REGISTER = Register.of(
    Organisation(
        units=(Unit(id="u", name="Xã", level="xa"), Unit(id="v", name="Xã khác", level="xa")),
        schools=(school("a"), school("b")),
    )
)
OFF = {"first": "2026-12-03", "reason": "Bão số 9"}
WORK = {"day": "2026-11-26", "from": "08:00", "until": "10:30", "reason": "Thay cáp"}
PRICE = {"work": "install", "amount": "3.500.000", "source": "Báo giá A", "fund": "social"}


def off(form: dict[str, str]) -> DayOffEntry:
    return calendarforms.day_off(form, REGISTER)


def work(form: dict[str, str]) -> WorkEntry:
    return calendarforms.work(form, REGISTER)


def price(form: dict[str, str]) -> tuple[Work, PriceEntry]:
    return calendarforms.price(form)


def test_a_day_off_is_one_day_for_all_schools_where_nothing_else_is_said() -> None:
    assert off(OFF) == DayOffEntry(
        first=date(2026, 12, 3),
        last=date(2026, 12, 3),
        reason="Bão số 9",
        kind=DayOffKind.LOCAL,
    )


def test_a_make_up_day_has_hours_and_a_unit_means_its_schools() -> None:
    form = OFF | {"hours": "06:30-11:00, 13:30–17:00", "kind": "exception", "unit": "u"}
    found = off(form | {"last": "2026-12-04"})
    assert found.windows == (DayWindow(390, 660), DayWindow(810, 1020))
    assert (found.schools, found.kind) == (("a", "b"), DayOffKind.EXCEPTION)
    assert found.day_off().last == date(2026, 12, 4)
    assert off(OFF | {"unit": "u", "school": "b"}).schools == ("b",)
    assert off(OFF | {"unit": "v"}).schools == ()


def test_work_is_dated_by_the_clock_on_the_wall() -> None:
    found = work(WORK)
    assert found.start == datetime(2026, 11, 26, 1, tzinfo=UTC)
    assert found.end == datetime(2026, 11, 26, 3, 30, tzinfo=UTC)
    over_night = work(WORK | {"until_day": "2026-11-27", "until": "24:00"})
    assert over_night.end == datetime(2026, 11, 27, 17, tzinfo=UTC)
    assert work(WORK | {"zone": "cong_truong", "school": "a"}).zones == ("cong",)
    assert over_night.work().maintenance.reason == "Thay cáp"


def test_a_price_is_read_with_its_dots() -> None:
    entry = PriceEntry(amount_vnd=3_500_000, source="Báo giá A", fund=Fund.SOCIAL)
    assert price(PRICE) == (Work.INSTALL, entry)


@pytest.mark.parametrize(
    ("read", "form", "field"),
    [
        (off, OFF | {"first": ""}, "first"),
        (off, OFF | {"last": "2026-12-02"}, "last"),
        (off, OFF | {"last": "2027-12-02"}, "last"),
        (off, OFF | {"reason": " "}, "reason"),
        (off, OFF | {"kind": "odd"}, "kind"),
        (off, OFF | {"hours": "7-11"}, "hours"),
        (off, OFF | {"hours": "11:00-07:00"}, "hours"),
        (off, OFF | {"hours": "07:00-25:00"}, "hours"),
        (off, OFF | {"school": "c"}, "school"),
        (off, OFF | {"unit": "w"}, "unit"),
        (work, WORK | {"day": ""}, "day"),
        (work, WORK | {"from": "25:00"}, "from"),
        (work, WORK | {"until": "08:00"}, "until"),
        (work, WORK | {"until_day": "2027-06-01"}, "until"),
        (work, WORK | {"zone": "bep_an"}, "zone"),
        (price, PRICE | {"amount": ""}, "amount"),
        (price, PRICE | {"amount": "-5"}, "amount"),
        (price, PRICE | {"amount": "0"}, "amount"),
        (price, PRICE | {"source": ""}, "source"),
        (price, PRICE | {"fund": "mine"}, "fund"),
        (price, PRICE | {"work": "magic"}, "work"),
    ],
)
def test_what_makes_no_sense_names_its_field(
    read: Callable[[dict[str, str]], object], form: dict[str, str], field: str
) -> None:
    with pytest.raises(BadInputError) as refused:
        read(form)
    assert refused.value.field == field


def test_everything_that_can_be_chosen_has_a_word() -> None:
    assert set(OFF_KINDS) == set(DayOffKind)
    assert set(WORKS) == set(Work)
    assert set(FUNDS) == set(Fund)
    assert len(DAY_KINDS) == 3
    assert len(ACTIONS) == 2
