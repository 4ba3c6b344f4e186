"""What browsers send is checked: the field and the reason are named, nothing else happens."""

from datetime import UTC, datetime
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.web import forms
from server.web.forms import BadInputError


class Word(StrEnum):
    ONE = "one"
    TWO = "two"


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "a",
     "/a\r\nSet-Cookie: x", "/\tx", "\\/evil"],
)  # fmt: skip
def test_a_page_never_sends_people_to_another_site(target: str) -> None:
    assert forms.local_path(target) == "/"


@pytest.mark.parametrize("target", ["/", "/cameras/a?zoom=day", "/gate-log?text=%C4%91"])
def test_our_own_paths_are_kept(target: str) -> None:
    assert forms.local_path(target) == target


@given(st.text())
def test_whatever_is_sent_as_next_stays_here(target: str) -> None:
    found = forms.local_path(target)
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))


@given(st.text())
def test_no_text_breaks_a_reader(value: str) -> None:
    for read in (forms.day, forms.moment, forms.identifier):
        try:
            read({"x": value}, "x")
        except BadInputError as bad:
            assert bad.field == "x"  # noqa: PT017 - the error is the expected way out
    try:
        forms.position(value)
    except BadInputError as bad:
        assert bad.field == "before"  # noqa: PT017


def test_days_moments_and_numbers() -> None:
    assert forms.moment({"x": "2026-11-24T09:42:10.5+07:00"}, "x") == datetime(
        2026, 11, 24, 2, 42, 10, tzinfo=UTC
    )
    assert forms.moment({"x": "2026-11-24T09:42:10 07:00"}, "x") is not None
    assert forms.number({"x": "7"}, "x", default=1, least=1, most=9) == 7
    assert forms.number({}, "x", default=1, least=1, most=9) == 1
    assert forms.choice({"x": "two"}, "x", Word, default=Word.ONE) is Word.TWO
    assert forms.choice({}, "x", Word, default=Word.ONE) is Word.ONE


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (forms.day, "2026-02-30"),
        (forms.day, "24/11/2026"),
        (forms.day, "0001-01-01"),
        (forms.moment, "2026-11-24T02:42:10"),
        (forms.moment, "9999-12-31T23:59:59-23:59"),
        (forms.identifier, "../../etc/passwd"),
        (forms.identifier, "a" * 101),
        (forms.identifier, "a\x00"),
        (forms.text, "x" * 201),
        (forms.text, "\ud800"),
    ],
)
def test_senseless_values_are_refused(read: object, value: str) -> None:
    with pytest.raises(BadInputError, match=r"^x: "):
        read({"x": value}, "x")  # type: ignore[operator]


@pytest.mark.parametrize("value", ["0", "10", "1e3", "٣", "--1", "9" * 40])
def test_numbers_have_bounds(value: str) -> None:
    with pytest.raises(BadInputError):
        forms.number({"x": value}, "x", default=1, least=1, most=9)


def test_a_place_in_the_log_survives_the_way_through_an_address() -> None:
    at = datetime(2026, 11, 24, 2, 42, 10, 123456, tzinfo=UTC)
    assert forms.position(forms.position_text(at, "a-1")) == (at, "a-1")
