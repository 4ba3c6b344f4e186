from server.domain.incident.model import Kind, Phase, Severity, Step
from server.domain.incident.world import SchoolPlace
from tests.pure.server.incident_world import Day, Town, at

HOUR = 3600
OPENED, RECOVERED = Step.OPENED, Step.RECOVERED


def school(agents: int = 1, cameras: int = 4) -> Day:
    day = Day()
    day.town.add_school("s", agents=agents, cameras=cameras)
    return day


def test_a_lost_gate_camera_is_told_in_45_seconds_and_its_recovery_after_a_calm() -> None:
    day = school()
    day.down("s.0", 38, since=0)
    day.until(300)
    day.up("s.0", 600)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "camera:s.0", 40), (RECOVERED, "camera:s.0", 720)]
    over = day.last("camera:s.0")
    assert (over.began_at, over.ended_at, over.closed_at) == (at(0), at(600), at(720))
    assert over.phase is Phase.CLOSED


def test_another_camera_has_a_longer_grace_and_a_lower_gravity() -> None:
    day = school()
    day.down("s.1", 38, since=0)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "camera:s.1", 60)]
    assert day.last("camera:s.1").severity is Severity.NORMAL


def test_trouble_that_is_over_within_its_grace_is_never_an_incident() -> None:
    day = school()
    day.down("s.1", 30, since=0)
    day.up("s.1", 55)
    day.until(HOUR)
    assert day.changes == []


def test_a_silent_agent_is_told_within_90_seconds() -> None:
    day = school()
    day.silent("s-a0", 77, since=0)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "agent:s-a0", 84)]
    assert day.last("agent:s-a0").affected == ("s.0", "s.1", "s.2", "s.3")
    assert day.last("agent:s-a0").kind is Kind.AGENT


def test_all_agents_of_a_school_are_one_incident() -> None:
    day = school(agents=2)
    day.silent("s-a0", 75)
    day.silent("s-a1", 80)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "school:s", 84)]


class Counting(Town):
    """Counts how often it is asked for a school: what a fallen line costs the engine."""

    asked = 0

    def school(self, school: str) -> SchoolPlace | None:
        type(self).asked += 1
        return super().school(school)


def questions(schools: int) -> int:
    Counting.asked = 0
    day = Day(town=Counting())
    for n in range(schools):
        day.town.add_school(f"s{n}", cameras=1)
    for n in range(schools):
        day.silent(f"s{n}-a0", 20 + 60 * n // schools)
    for second in range(84, 200, 2):
        day.until(second)
    for n in range(schools):
        day.heard(f"s{n}-a0", 1000 + n // 10)
    day.until(3000)
    assert [r for _, r, _ in day.messages()] == ["line:u", "line:u"]
    return Counting.asked


def test_a_line_of_twice_as_many_schools_costs_twice_as_much() -> None:
    assert questions(400) < 3 * questions(200)
