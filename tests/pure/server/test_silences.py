"""Silences: what they keep quiet, and that they come back from the book as they went in."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from server.domain.incident.model import Kind
from server.domain.incident.quiet import Silence, quiet_by
from server.domain.incident.signals import Aspect, Subject
from server.paging.silences import put_silence

NOW = datetime(2026, 11, 24, 2, 42, tzinfo=UTC)
CAMERA, OTHER = Subject(Aspect.CAMERA, "c1"), Subject(Aspect.CAMERA, "c2")


def silence(**more: object) -> Silence:
    start, until = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    return Silence(**({"start": start, "until": until, "reason": "sơn cổng"} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        (silence(), True),
        (silence(school="s1"), True),
        (silence(school="s2"), False),
        (silence(subjects=(CAMERA,)), True),
        (silence(subjects=(OTHER,)), False),
        (silence(kinds=(Kind.PICTURE,)), False),
        (silence(kinds=(Kind.CAMERA, Kind.PICTURE)), True),
        (silence(until=NOW), False),
        (silence(start=NOW), True),
    ],
)
def test_a_silence_holds_for_what_it_names_and_until_its_end(*, asked: Silence, fits: bool) -> None:
    found = quiet_by([asked], CAMERA, "s1", Kind.CAMERA, NOW)
    assert (found is not None) == fits


def test_a_schools_silence_does_not_hold_for_what_is_of_no_school() -> None:
    assert not silence(school="s1").fits(CAMERA, None, Kind.CAMERA, NOW)


def test_of_several_the_one_that_lasts_longest_is_named() -> None:
    longer = silence(until=NOW + timedelta(days=1), reason="thay tủ điện")
    found = quiet_by([silence(), longer, silence()], CAMERA, "s1", Kind.CAMERA, NOW)
    assert found is not None
    assert found.reason == "thay tủ điện"


def test_a_silence_comes_back_from_the_book_as_it_went_in() -> None:
    asked = silence(school="s1", subjects=(CAMERA,), kinds=(Kind.CAMERA,))
    put = put_silence("a", asked, expected=0)
    assert msgspec.json.decode(put.data, type=Silence) == asked
