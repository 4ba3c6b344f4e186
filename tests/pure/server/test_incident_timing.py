"""When an incident is told, and how grave it is. Times count from 07:00 local of a Monday."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from server.domain.incident.model import Kind, Severity, Step
from server.domain.incident.rules import DEFAULTS, Rule, Rules
from server.domain.incident.signals import Aspect, Signal, Subject
from server.domain.incident.timing import Ground, next_morning, severity, telling
from tests.pure.server.incident_world import Day, Town, at, camera

OPENED, WORSENED, RECOVERED = Step.OPENED, Step.WORSENED, Step.RECOVERED
HOUR, DAY = 3600, 86_400
EVENING = 11 * HOUR  # 18:00 local


def school(rules: Rules | None = None) -> Day:
    day = Day(rules=rules or Rules())
    day.town.add_school("s")
    return day


def ground(town: Town) -> Ground:
    return Ground(Rules(), town)


def with_kinds(**kinds: Rule) -> Rules:
    named = {Kind[name]: rule for name, rule in kinds.items()}
    return Rules(kinds=MappingProxyType({**DEFAULTS, **named}))


@pytest.mark.parametrize(
    ("noticed", "told"),
    [(12, 30), (24, 30), (29, 34), (33, 38), (38, 40), (42, 44), (55, 57)],
)
def test_a_gate_camera_waits_for_others_only_as_long_as_its_message_can_bear(
    noticed: int, told: int
) -> None:
    day = school()
    day.down("s.0", noticed, since=0)
    day.until(HOUR)
    assert [t for _, _, t in day.messages()] == [told]


@pytest.mark.parametrize(("noticed", "told"), [(12, 60), (42, 60), (58, 63), (75, 80)])
def test_any_other_camera_is_told_well_within_90_seconds(noticed: int, told: int) -> None:
    day = school()
    day.down("s.1", noticed, since=0)
    day.until(HOUR)
    assert [t for _, _, t in day.messages()] == [told]


@pytest.mark.parametrize(("name", "told"), [("s.0", 40), ("s.1", 45)])
def test_a_covered_lens_is_told_within_60_seconds(name: str, told: int) -> None:
    day = school()
    day.down(name, 37, since=0, cause="picture.covered")
    day.until(HOUR)
    assert [t for _, _, t in day.messages()] == [told]


def test_a_covered_gate_camera_at_ten_to_seven_is_urgent_and_a_yard_camera_on_sunday_waits() -> (
    None
):
    day = school()
    sunday = -DAY + 3 * HOUR
    day.down("s.1", sunday)
    day.down("s.0", -600, cause="picture.covered")
    day.until(HOUR)
    assert day.messages() == [(OPENED, "camera:s.0", -570), (OPENED, "camera:s.1", 0)]
    assert day.last("camera:s.0").severity is Severity.URGENT


def test_the_morning_of_friday_evening_is_mondays() -> None:
    town = Town()
    town.add_school("s")
    friday = at(4 * DAY + EVENING)
    assert next_morning(ground(town), "s", friday) == at(7 * DAY)


def test_between_two_halves_of_a_day_it_waits_for_the_second() -> None:
    town = Town(hours=((390, 660), (780, 1020)))
    town.add_school("s")
    assert next_morning(ground(town), "s", at(5 * HOUR)) == at(6 * HOUR)
    assert next_morning(ground(town), "s", at(-2 * HOUR)) == at(0)


def test_a_school_without_hours_for_a_fortnight_is_told_of_on_the_next_weekday() -> None:
    town = Town(always=False)
    town.add_school("s")
    assert next_morning(ground(town), "s", at(EVENING)) == at(DAY)
    assert next_morning(ground(town), "s", at(4 * DAY + EVENING)) == at(7 * DAY)
    assert next_morning(ground(town), "s", at(-HOUR)) == at(0)


def test_hours_that_nobody_set_silence_no_alarm() -> None:
    day = school()
    day.town.unset = True
    day.down("s.0", EVENING)
    day.down("s.1", EVENING)
    day.until(EVENING + HOUR)
    assert [(r, t) for _, r, t in day.messages()] == [
        ("camera:s.0", EVENING + 30),
        ("camera:s.1", EVENING + 60),
    ]
    assert day.last("camera:s.0").severity is Severity.URGENT


def test_what_waits_for_the_morning_says_so() -> None:
    day = school()
    day.down("s.1", EVENING)
    day.until(EVENING + HOUR)
    incident = day.last("camera:s.1")
    assert (incident.held, incident.tell_at) == ("off_hours", at(DAY))


def test_what_was_told_is_told_again_only_when_it_becomes_urgent() -> None:
    rules = with_kinds(
        CAMERA=Rule(grace_s=60, in_hours=Severity.NORMAL, off_hours=Severity.NOTED),
    )
    day = school(rules)
    day.down("s.1", EVENING)
    day.until(2 * DAY)
    assert day.messages() == [(WORSENED, "camera:s.1", DAY - 1800)]
    assert day.changes[0].incident.held == "noted"


def test_an_urgent_matter_stays_so_after_hours_and_is_told_at_any_hour() -> None:
    day = school(with_kinds(CAMERA=Rule(grace_s=60, off_hours=Severity.URGENT)))
    day.down("s.1", EVENING)
    day.until(EVENING + HOUR)
    assert day.messages() == [(OPENED, "camera:s.1", EVENING + 60)]


def test_a_rule_for_a_kind_of_zone_comes_before_the_kinds_own() -> None:
    yard = Rule(grace_s=300, in_hours=Severity.URGENT)
    zones = MappingProxyType({(Kind.CAMERA, "san_truong"): yard})
    day = school(replace(Rules(), zones=zones))
    day.down("s.1", 0)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "camera:s.1", 300)]
    assert day.last("camera:s.1").severity is Severity.URGENT


def test_a_place_that_the_plan_does_not_ask_for_is_as_grave_as_out_of_hours() -> None:
    day = school(with_kinds(CAMERA=Rule(grace_s=60, in_hours=Severity.URGENT)))
    day.town.places["s.1"] = replace(day.town.places["s.1"], required=False)
    subjects = [camera("s.1")]
    found = severity(day.engine._desk.ground, Kind.CAMERA, subjects, school="s", at=at(0))
    assert found is Severity.NORMAL


def test_a_group_is_told_if_one_of_it_is_not_silenced() -> None:
    day = school()
    day.town.spells = [("s.1", at(0), at(HOUR), "x")]
    place = ground(day.town)
    both, one = [camera("s.1"), camera("s.2")], [camera("s.1")]
    grave = Severity.URGENT
    assert telling(place, Kind.NETWORK, both, grave=grave, school="s", at=at(1)).held == ""
    assert telling(place, Kind.NETWORK, one, grave=grave, school="s", at=at(1)).at == at(HOUR)


def test_work_that_ends_at_night_lets_a_yard_camera_wait_for_the_morning() -> None:
    day = school()
    day.town.spells = [("", at(0), at(EVENING), "bảo trì")]
    day.down("s.1", 60)
    day.until(2 * DAY)
    assert day.messages() == [(OPENED, "camera:s.1", DAY)]


def test_a_recovery_under_a_silence_is_told_to_those_who_were_told() -> None:
    day = school()
    day.down("s.0", 0)
    day.town.spells = [("s.0", at(100), at(HOUR), "x")]
    day.up("s.0", 200)
    day.until(HOUR)
    assert [s for s, _, _ in day.messages()] == [OPENED, RECOVERED]


def test_a_spool_that_fills_is_its_agents_own_trouble() -> None:
    day = school()
    day.see(Subject(Aspect.SPOOL, "s-a0"), Signal.TROUBLE, 0, cause="spool.filling")
    day.until(HOUR)
    assert day.messages() == [(OPENED, "spool:s-a0", 600)]
