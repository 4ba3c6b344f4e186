"""Long lists: who is chosen, which page is shown, and bodies of the API as forms."""

from datetime import date
from enum import StrEnum

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.register import Register
from server.domain.units import Organisation, School, Unit
from server.web.api.bodies import body_of, form_of
from server.web.api.guard_types import PostIn
from server.web.choice import choice_of
from server.web.forms import BadInputError
from server.web.pages.choosing import PAGE, Choice, fitting, sheet, units_of

DAY = date(2026, 11, 24)


class State(StrEnum):
    LATE = "late"


def school(name: str, title: str, unit: str) -> School:
    return School(id=name, name=title, kind="thcs", unit=unit)


SCHOOLS = (
    school("a", "Trường Đông Ngạc", "xa"),
    school("b", "Trường Ánh Dương", "thon"),
    school("c", "Trường Cổ Nhuế", "khac"),
)
REGISTER = Register.of(
    Organisation(
        units=(
            Unit(id="xa", name="Xã Đông", level="xa"),
            Unit(id="thon", name="Thôn Bắc", level="thon", parent="xa"),
            Unit(id="khac", name="Xã Cổ", level="xa"),
        ),
        schools=SCHOOLS,
    )
)


def ids(**choice: str) -> list[str]:
    return [s.id for s in fitting(SCHOOLS, REGISTER, DAY, choice_of(choice))]


def test_schools_are_chosen_by_unit_and_words_and_stand_by_name() -> None:
    assert ids() == ["b", "c", "a"], "marks don't change the order"
    assert ids(unit="xa") == ["b", "a"], "with all units below it"
    assert ids(q="dong") == ["a"]
    assert ids(q="NGAC đông") == ["a"], "in any order, without marks and case"
    assert ids(unit="nobody") == []
    assert [name for name, _ in units_of(REGISTER, DAY)] == ["thon", "khac", "xa"]


@given(st.integers(0, 5 * PAGE), st.integers(-3, 9))
def test_pages_hold_every_line_once(count: int, page: int) -> None:
    lines = list(range(count))
    one = sheet(lines, page)
    assert 1 <= one.page <= one.pages
    assert one.found == count
    assert [x for n in range(1, one.pages + 1) for x in sheet(lines, n).rows] == lines


def test_an_address_says_the_choice_and_is_read_back() -> None:
    choice = choice_of({"unit": "xa", "q": "Đông & Bắc", "which": "late", "page": "3"}, State)
    assert choice == Choice(unit="xa", query="Đông & Bắc", which="late", page=3)
    asked = choice.asked(page=2, year="2026-2027")
    assert asked == "year=2026-2027&unit=xa&q=%C4%90%C3%B4ng+%26+B%E1%BA%AFc&which=late&page=2"
    assert Choice().asked(page=1) == ""


@pytest.mark.parametrize(
    "query", [{"which": "all"}, {"page": "0"}, {"page": "x"}, {"unit": "a b"}, {"q": "x" * 81}]
)
def test_a_choice_that_is_none_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(BadInputError):
        choice_of(query, State)


def test_a_body_is_read_as_the_form_that_it_stands_for() -> None:
    body = b'{"gate":"g","name":"Ca","days":[0,6],"start":"06:00","end":"09:00","first":null}'
    assert form_of(body_of(body, PostIn)) == {
        "gate": "g",
        "name": "Ca",
        "d0": "1",
        "d6": "1",
        "start": "06:00",
        "end": "09:00",
    }
    whole = PostIn(
        gate="g", name="n", days=(), start="1", end="2", school_days=True, first=DAY, last=None
    )
    assert form_of(whole)["school_days"] == "1"
    assert form_of(whole)["first"] == "2026-11-24"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"days":[9]}', b"\xff", b"[" * 100_000])
def test_a_body_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(BadInputError):
        body_of(body, PostIn)


def test_what_no_form_can_say_is_a_mistake_of_ours() -> None:
    class Odd(msgspec.Struct):
        value: object

    with pytest.raises(TypeError):
        form_of(Odd(value={}))
