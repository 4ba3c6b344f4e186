"""Moments go into the database and come back as they were."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from server.storage.times import LAST_MS, moment_of, ms_of


@given(st.integers(0, LAST_MS))
def test_a_moment_comes_back_as_it_was(ms: int) -> None:
    assert ms_of(moment_of(ms)) == ms


@given(st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_moment_is_kept_to_the_millisecond(moment: datetime) -> None:
    kept = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert moment_of(ms_of(moment)) == min(kept, moment_of(LAST_MS))


def test_what_no_calendar_holds_is_cut_to_what_it_does() -> None:
    assert moment_of(-1) == datetime(1970, 1, 1, tzinfo=UTC)
    assert moment_of(10**18) == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
