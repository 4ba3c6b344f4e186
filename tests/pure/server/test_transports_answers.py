"""What other servers may answer: anything at all, and it is never more than an answer."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.transports.http import asked_wait_s, json_of, whole_number

NOW = datetime(2026, 11, 24, 2, 42, 10, tzinfo=UTC)


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 60_000, b'{"a":' * 10_000])
def test_a_body_that_is_no_json_says_nothing(body: bytes) -> None:
    assert json_of(body) is None


@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"NaN", b"[]", b'"x"', b"true", b"null"])
def test_a_number_that_is_none_is_none(number: bytes) -> None:
    said = json_of(b'{"expires_in": ' + number + b"}")
    assert whole_number(said, "expires_in") is None


@pytest.mark.parametrize(
    ("asked", "wait_s"),
    [
        pytest.param(10**400, 3600.0, id="huge"),
        pytest.param(-(10**400), 0.0, id="hugely negative"),
        ("9" * 50, 3600.0),
        ("Wed, 31 Dec 9999 23:59:59 -2359", 3600.0),
        ("Fri, 01 Jan 0001 00:00:00 +2359", 0.0),
    ],
)
def test_a_wait_is_between_nothing_and_an_hour(asked: str | int, wait_s: float) -> None:
    assert asked_wait_s(asked, NOW) == wait_s


@given(st.text() | st.integers() | st.none())
def test_whatever_is_asked_is_a_bounded_wait(asked: str | int | None) -> None:
    wait_s = asked_wait_s(asked, NOW)
    assert wait_s is None or 0 <= wait_s <= 3600
