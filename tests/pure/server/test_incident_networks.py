"""One recorder, one switch, two gate PCs that look at it: one root all the same."""

from collections.abc import Mapping

import pytest

from server.domain.incident.model import Step
from server.domain.incident.networks import network_of
from tests.pure.server.incident_world import Day

OPENED = Step.OPENED
HOUR = 3600
NVR = "10.0.0.200"


def school(hosts: Mapping[int, str], cameras: int = 8, agents: int = 2) -> Day:
    day = Day()
    day.town.add_school("s", cameras=cameras, agents=agents, hosts=hosts)
    return day


def lost(day: Day, *cameras: int, cause: str = "network.timeout") -> list[str]:
    for i in cameras:
        day.down(f"s.{i}", 30, since=0, cause=cause)
    day.until(HOUR)
    return [root for _, root, _ in day.messages()]


def test_a_recorder_at_which_two_gate_pcs_look_is_told_once() -> None:
    day = school(dict.fromkeys((1, 2, 3, 4), NVR))
    assert lost(day, 1, 2, 3, 4) == [f"recorder:s-a0/{NVR}"]
    incident = day.last(f"recorder:s-a0/{NVR}")
    assert len(incident.members) == 4
    assert dict(incident.why) == {"cameras": 4, "of": 4, "within_s": 0, "host": NVR}


@pytest.mark.parametrize(
    ("cause", "root"),
    [
        ("network.timeout", "network:s-a0"),
        ("rtsp.auth", "credentials:s-a0"),
        ("picture.black", "picture:s-a0/picture.black"),
    ],
)
def test_cameras_of_one_net_share_a_root_whoever_looks_at_them(cause: str, root: str) -> None:
    assert lost(school({}), 2, 3, 4, 5, cause=cause) == [root]


def test_houses_with_nets_of_their_own_fail_each_by_itself() -> None:
    """``s.0``, ``s.2`` ... stand in the first agent's house, the others in the second's."""
    day = school({i: f"10.0.{i % 2}.{i}" for i in range(8)})
    assert sorted(lost(day, *range(1, 7))) == ["network:s-a0", "network:s-a1"]


def test_agents_with_a_name_for_a_host_share_it_and_no_net() -> None:
    apart = {i: f"cam{i}.lan" for i in range(8)}
    assert len(lost(school(apart), 1, 2)) == 2
    assert lost(school({**apart, 1: "nvr.lan", 2: "nvr.lan"}), 1, 2) == ["recorder:s-a0/nvr.lan"]


def test_a_port_is_no_part_of_the_net() -> None:
    ports = {i: f"10.0.0.9:{8554 + i}" for i in range(8)}
    assert lost(school(ports), 2, 3, 4, 5) == ["network:s-a0"]


def test_a_network_grows_from_agent_to_agent() -> None:
    nets = ("1", "1", "3", "4", "2", "2")
    day = school({i: f"10.0.{net}.{i}" for i, net in enumerate(nets)}, 6, agents=3)
    place = day.town.places["s.0"]
    assert network_of(day.town, place) == {"s-a0", "s-a1", "s-a2"}


def test_equal_addresses_of_two_schools_are_two_recorders() -> None:
    day = school(dict.fromkeys((1, 2), NVR))
    day.town.add_school("t", cameras=4, agents=2, hosts=dict.fromkeys((1, 2), NVR))
    for name in ("s.1", "s.2", "t.1", "t.2"):
        day.down(name, 30, since=0)
    day.until(HOUR)
    assert sorted(r for _, r, _ in day.messages()) == [
        f"recorder:s-a0/{NVR}",
        f"recorder:t-a0/{NVR}",
    ]
