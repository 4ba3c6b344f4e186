"""A shared root is told in its own time, whatever patience its members would have had alone."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from server.domain.incident.model import Kind, Step
from server.domain.incident.rules import DEFAULTS, Rule, Rules
from tests.pure.server.incident_world import Day

OPENED, RECOVERED = Step.OPENED, Step.RECOVERED
HOUR = 3600


def patient(*kinds: Kind, grace_s: int = HOUR) -> Rules:
    """Return rules in which these kinds wait for long."""
    slow = {
        k: replace(DEFAULTS[k], grace_s=grace_s, gate_grace_s=None if k is Kind.AGENT else grace_s)
        for k in kinds
    }
    return Rules(kinds=MappingProxyType({**DEFAULTS, **slow}))


def school(rules: Rules, *, hosts: dict[int, str] | None = None, agents: int = 1) -> Day:
    day = Day(rules=rules)
    day.town.add_school("s", cameras=5, hosts=hosts, agents=agents)
    return day


@pytest.mark.parametrize(
    ("cause", "hosts", "root"),
    [
        ("network.timeout", None, "network:s-a0"),
        ("network.timeout", dict.fromkeys(range(5), "10.0.0.9"), "recorder:s-a0/10.0.0.9"),
        ("rtsp.auth", None, "credentials:s-a0"),
    ],
)
def test_what_cameras_share_does_not_wait_for_a_lone_cameras_grace(
    cause: str, hosts: dict[int, str] | None, root: str
) -> None:
    day = school(patient(Kind.CAMERA), hosts=hosts)
    for n in range(1, 5):
        day.down(f"s.{n}", 30 + n, since=n, cause=cause)
    day.until(2 * HOUR)
    assert day.messages() == [(OPENED, root, 61)]


def test_a_lone_camera_waits_out_its_own_grace() -> None:
    day = school(patient(Kind.CAMERA))
    day.down("s.1", 30, since=0)
    day.until(2 * HOUR)
    assert day.messages() == [(OPENED, "camera:s.1", HOUR)]


def test_a_lone_camera_that_is_well_within_its_own_grace_is_never_told() -> None:
    day = school(patient(Kind.CAMERA))
    day.down("s.1", 30, since=0)
    day.up("s.1", HOUR - 1)
    day.until(2 * HOUR)
    assert day.changes == []


def test_who_failed_within_the_minute_is_found_by_the_last_of_them() -> None:
    day = school(patient(Kind.CAMERA))
    for n, since in ((1, 0), (2, 30), (3, 55)):
        day.down(f"s.{n}", since + 25, since=since)
    day.until(2 * HOUR)
    assert day.messages() == [(OPENED, "network:s-a0", 115 - 25)]
    assert len(day.last("network:s-a0").members) == 3


def test_a_shared_root_that_is_given_longer_than_a_camera_waits() -> None:
    day = school(patient(Kind.NETWORK))
    for n in range(1, 4):
        day.down(f"s.{n}", 30, since=0)
    day.until(2 * HOUR)
    assert day.messages() == [(OPENED, "network:s-a0", HOUR)]


def test_a_grace_that_only_refused_passwords_have_arms_no_lost_camera() -> None:
    rules = patient(Kind.CAMERA, Kind.NETWORK, Kind.RECORDER, grace_s=600)
    day = school(rules)
    day.down("s.1", 30, since=0)
    assert day.engine.next_at() == day.engine.memory.ailments[0].due
    day.until(599)
    assert day.changes == []
    day.until(600)
    assert day.messages() == [(OPENED, "camera:s.1", 600)]


def test_cameras_whose_cause_turns_out_to_be_a_password_are_told_as_that() -> None:
    day = school(patient(Kind.CAMERA))
    for n in (1, 2):
        day.down(f"s.{n}", 30, since=n * 120 - 240)
    day.until(300)
    for n in (1, 2):
        day.down(f"s.{n}", 310, since=n * 120 - 240, cause="rtsp.auth")
    day.until(900)
    assert day.messages() == [(OPENED, "credentials:s-a0", 315)]


def test_a_covered_lens_that_must_wait_and_is_lost_is_told_as_lost() -> None:
    day = school(patient(Kind.PICTURE))
    day.down("s.1", 30, since=0, cause="picture.covered")
    day.down("s.1", 200, since=0)
    day.until(2 * HOUR)
    assert day.messages() == [(OPENED, "camera:s.1", 205)]


def test_a_cause_that_changes_all_the_time_puts_nothing_off() -> None:
    day = school(Rules())
    for n in range(60):
        cause = ("network.timeout", "rtsp.auth", "picture.covered")[n % 3]
        day.down("s.1", 10 + n, since=0, cause=cause)
    assert [(r, t) for _, r, t in day.messages()] == [("camera:s.1", 60)]


def test_a_school_does_not_wait_for_a_lone_gate_pcs_grace() -> None:
    day = school(patient(Kind.AGENT), agents=2)
    day.silent("s-a0", 75, since=0)
    day.silent("s-a1", 90, since=15)
    day.until(2 * HOUR)
    assert day.messages() == [(OPENED, "school:s", 99)]


def test_a_line_does_not_wait_for_a_lone_gate_pcs_grace() -> None:
    day = Day(rules=patient(Kind.AGENT))
    for n in range(10):
        day.town.add_school(f"s{n}", cameras=1)
    for n in range(10):
        day.silent(f"s{n}-a0", 75 + 2 * n, since=2 * n)
    day.until(2 * HOUR)
    assert [(s, r) for s, r, _ in day.messages()] == [(OPENED, "line:u")]
    assert day.messages()[0][2] <= 75 + 18 + 10


def test_a_lone_gate_pc_waits_out_its_own_grace() -> None:
    day = school(patient(Kind.AGENT))
    day.silent("s-a0", 75, since=0)
    day.until(2 * HOUR)
    assert day.messages() == [(OPENED, "agent:s-a0", HOUR)]


def test_waiting_for_its_own_grace_survives_a_restart() -> None:
    day = school(patient(Kind.CAMERA))
    day.down("s.1", 30, since=0)
    day.until(100)
    day.restart()
    day.down("s.2", 130, since=100)
    day.restart()
    day.until(2 * HOUR)
    assert [(r, t) for _, r, t in day.messages()] == [
        ("camera:s.1", HOUR),
        ("camera:s.2", HOUR + 100),
    ]


def test_rules_of_a_zone_arm_the_look_at_its_cameras() -> None:
    slow = Rule(grace_s=HOUR)
    rules = Rules(zones=MappingProxyType({(Kind.CAMERA, "san_truong"): slow}))
    day = school(rules)
    for n in range(1, 4):
        day.down(f"s.{n}", 30, since=0)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "network:s-a0", 60)]
