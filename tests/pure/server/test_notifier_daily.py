"""The morning's message: when, to whom, and what it says."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import msgspec
import pytest

from server.domain.calendar import LOCAL
from server.domain.incident.model import Kind
from server.domain.paging.people import Occasion, QuietHours
from server.notifier.daily import Yesterday, daily_calls, figures_in, is_time, tell_daily
from tests.pure.server.paging_people import directory, person
from tests.pure.server.test_message_words import letter, made, row, said

WELL = Yesterday(
    day=date(2026, 11, 23), opened=2, over=2, open=(), agents=120, reporting=120,
    met=970, not_met=20, cannot_tell=10, untold=0,
)  # fmt: skip


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=LOCAL).astimezone(UTC)


def lines_of(figures: Yesterday, language: str = "vi") -> list[str]:
    body = msgspec.json.encode(figures).decode()
    kept = replace(letter(Occasion.ALL_CLEAR, language=language), body=body)
    still = [row(made(Kind.SPOOL)) for _ in figures.open]
    return tell_daily(kept, figures_in(kept), still, said(language)).text.splitlines()


@pytest.mark.parametrize(
    ("at", "may"),
    [
        (local(24, 6, 59), False),
        (local(24, 7), True),
        (local(24, 11, 59), True),
        (local(24, 12), False),
    ],
)
def test_it_is_put_between_seven_and_noon(at: datetime, *, may: bool) -> None:
    assert is_time(at) is may


def test_it_goes_once_a_day_to_who_wants_it_and_waits_for_the_end_of_quiet_hours() -> None:
    late = QuietHours(start=time(22), end=time(8))
    book = directory(
        people=(
            person("an", daily=True),
            person("binh", daily=True, quiet=late),
            person("chi"),
            person("gone", daily=True, active=False),
        )
    )
    calls = daily_calls(book, local(24, 7, 30))
    assert {c.receiver: c.at for c in calls} == {"an": local(24, 7), "binh": local(24, 8)}
    assert daily_calls(book, local(24, 11)) == calls
    tomorrow = daily_calls(book, local(24, 7) + timedelta(days=1))
    assert {c.id for c in calls}.isdisjoint(c.id for c in tomorrow)


def test_a_good_day() -> None:
    assert lines_of(WELL)[:4] == [
        "Vọng Gác 23/11: mọi việc ổn, 120/120 máy tính trực cổng đang gửi tin",
        "",
        "Sự cố hôm qua: 2, đã khắc phục 2",
        "Độ phủ hôm qua: 97,0–98,0\N{NO-BREAK SPACE}%",
    ]


def test_a_day_without_required_hours_has_no_coverage() -> None:
    summer = replace(WELL, met=0, not_met=0, cannot_tell=0)
    assert not any("Độ phủ" in line for line in lines_of(summer))


def test_what_is_open_what_is_silent_and_what_was_not_delivered_is_said() -> None:
    bad = replace(WELL, open=("x",) * 12, reporting=118, untold=3)
    lines = lines_of(bad)
    assert lines[0] == "Vọng Gác 23/11: 12 sự cố đang mở, 118/120 máy tính trực cổng đang gửi tin"
    assert "3 tin không gửi được và đã bỏ" in lines
    assert sum(line.startswith("- ") for line in lines) == 10
    assert "và 2 mục nữa" in lines


def test_a_silent_gate_pc_is_never_all_well() -> None:
    assert "all is well" in lines_of(WELL, "en")[0]
    assert "all is well" not in lines_of(replace(WELL, reporting=119), "en")[0]
