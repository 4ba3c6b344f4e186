"""Silences that change while an incident waits: what is to be told is told when it then may be."""

from datetime import datetime

from server.domain.incident.model import Step
from server.domain.paging.standing import page
from tests.pure.server.incident_world import Day, at
from tests.pure.server.paging_people import directory, person, policy, to

HOUR, DAY = 3600, 86_400
EVENING = 11 * HOUR  # 18:00 local
OPENED, RETIMED = Step.OPENED, Step.RETIMED


def school() -> Day:
    day = Day()
    day.town.add_school("s")
    return day


def hush(day: Day, first: float, last: float, reason: str = "sửa tủ mạng") -> None:
    day.town.spells = [("", at(first), at(last), reason)]


def test_a_silence_that_is_made_while_it_waits_for_the_morning_holds_it_longer() -> None:
    day = school()
    day.down("s.1", EVENING)
    day.until(EVENING + HOUR)
    hush(day, DAY - HOUR, DAY + HOUR)
    day.until(2 * DAY)
    assert day.messages() == [(RETIMED, "camera:s.1", DAY + HOUR)]
    moved = [c for c in day.changes if c.step is RETIMED]
    assert [(c.at, c.incident.held) for c in moved] == [(at(DAY - 1800), "sửa tủ mạng")]


def test_a_silence_that_is_ended_early_lets_it_be_told_within_five_minutes() -> None:
    day = school()
    hush(day, 0, 5 * HOUR)
    day.down("s.0", 60)
    day.until(HOUR)
    hush(day, 0, HOUR)
    day.until(2 * HOUR)
    ((step, root, when),) = day.messages()
    assert (step, root) == (RETIMED, "camera:s.0")
    assert HOUR <= when <= HOUR + 300


def test_a_silence_that_is_lengthened_holds_on() -> None:
    day = school()
    hush(day, 0, HOUR)
    day.down("s.0", 60)
    day.until(HOUR - 1000)
    hush(day, 0, 2 * HOUR)
    day.until(DAY)
    assert [t for _, _, t in day.messages()] == [2 * HOUR]


def test_what_was_told_is_not_told_again_when_a_silence_ends() -> None:
    day = school()
    day.down("s.0", 0)
    day.until(60)
    hush(day, 100, HOUR)
    day.until(DAY)
    assert [s for s, _, _ in day.messages()] == [OPENED]


def test_a_matter_that_grows_urgent_under_a_silence_is_told_when_that_ends() -> None:
    day = school()
    day.down("s.0", 17 * HOUR)
    hush(day, 0, DAY + 600)
    day.until(2 * DAY)
    assert [(r, t) for _, r, t in day.messages()] == [("camera:s.0", DAY + 600)]


def test_a_silence_of_one_camera_holds_back_no_other() -> None:
    day = school()
    day.town.spells = [("s.1", at(0), at(HOUR), "x")]
    day.down("s.1", 0)
    day.down("s.2", 200)
    day.until(1000)
    assert [r for _, r, t in day.messages() if t < HOUR] == ["camera:s.2"]


def test_the_looks_at_silences_end_with_the_incident() -> None:
    day = school()
    hush(day, 0, DAY)
    day.down("s.0", 60)
    day.until(HOUR)
    next_at = day.engine.next_at()
    assert isinstance(next_at, datetime)
    assert next_at <= at(HOUR + 300)
    day.up("s.0", HOUR)
    assert day.engine.next_at() is None


def test_a_call_that_is_told_at_another_time_stands_once_at_that_time() -> None:
    day = school()
    day.down("s.1", EVENING)
    day.until(EVENING + HOUR)
    who = directory(policy(to("an")), people=(person("an"),))
    before = page(day.changes, who, {})
    standing = {day.changes[0].incident.id: {c.id: c for c in before.calls}}
    count = len(day.changes)
    hush(day, DAY - HOUR, DAY + HOUR)
    day.until(2 * DAY)
    after = page(day.changes[count:], who, standing)
    assert after.withdrawn == {c.id for c in before.calls}
    assert {c.id for c in after.calls} == {c.id for c in before.calls}
    assert {c.at for c in after.calls} == {at(DAY + HOUR)}
