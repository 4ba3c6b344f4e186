"""Which days a commit marks for another look."""

from datetime import UTC, date, datetime, timedelta

import pytest

from server.storage.late import LOOK_BACK, Touched, day_of, late_days, number_of
from server.storage.times import ms_of

RECEIVED = datetime(2026, 11, 22, 3, tzinfo=UTC)  # 10:00 on Sunday the 22nd in Viet Nam
MIDNIGHT = datetime(2026, 11, 21, 17, tzinfo=UTC)


def marked(start: datetime, end: datetime) -> dict[date, int]:
    found = late_days([Touched("a", ms_of(start), ms_of(end))], ms_of(RECEIVED))
    assert {agent for agent, _ in found} <= {"a"}
    return {day_of(day): n for (_, day), n in found.items()}


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        pytest.param(MIDNIGHT, RECEIVED, [], id="today alone marks nothing"),
        pytest.param(
            MIDNIGHT - timedelta(milliseconds=1), RECEIVED, [21], id="over midnight marks yesterday"
        ),
        pytest.param(
            MIDNIGHT - timedelta(days=2), MIDNIGHT - timedelta(days=1), [20], id="half-open"
        ),
        pytest.param(
            MIDNIGHT - timedelta(days=3), MIDNIGHT, [19, 20, 21], id="three whole days, not four"
        ),
        pytest.param(
            MIDNIGHT - timedelta(days=1), MIDNIGHT - timedelta(days=1), [21], id="an empty span"
        ),
        pytest.param(RECEIVED + timedelta(days=9), RECEIVED + timedelta(days=10), [], id="ahead"),
    ],
)
def test_days_before_today_are_marked(start: datetime, end: datetime, days: list[int]) -> None:
    assert marked(start, end) == {date(2026, 11, day): 1 for day in days}


def test_a_clock_that_says_1970_marks_no_more_than_the_look_back() -> None:
    found = marked(datetime(1970, 1, 1, tzinfo=UTC), RECEIVED)
    assert len(found) == LOOK_BACK.days
    assert min(found) == date(2026, 11, 22) - LOOK_BACK
    assert marked(datetime(1970, 1, 1, tzinfo=UTC), datetime(1971, 1, 1, tzinfo=UTC)) == {}


def test_touches_add_up_by_agent_and_day() -> None:
    hour = Touched("a", ms_of(MIDNIGHT) - 3_600_000, ms_of(MIDNIGHT))
    found = late_days([hour, hour, hour._replace(agent="b")], ms_of(RECEIVED))
    yesterday = number_of(date(2026, 11, 21))
    assert found == {("a", yesterday): 2, ("b", yesterday): 1}
