"""What users of other monitors curse (their groups 24 to 31), told here by number."""

from server.domain.incident.model import Kind, Phase, Severity, Step
from server.domain.incident.signals import Aspect, Signal, Subject
from tests.pure.server.incident_world import Day, at, centre

OPENED, RECOVERED, UNSTABLE = Step.OPENED, Step.RECOVERED, Step.UNSTABLE
HOUR, DAY = 3600, 86_400


def school(cameras: int = 4, agents: int = 1) -> Day:
    day = Day()
    day.town.add_school("s", cameras=cameras, agents=agents)
    return day


def test_24_a_school_that_loses_its_power_is_one_message_not_thirty() -> None:
    day = school(cameras=30, agents=2)
    for agent in ("s-a0", "s-a1"):
        day.silent(agent, 77, since=0)
    for i in range(30):
        day.unknown(f"s.{i}", 78)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "school:s", 84)]
    assert len(day.last("school:s").affected) == 30


def test_24_children_that_failed_first_are_the_same_incident() -> None:
    day = school(cameras=4)
    for i in range(4):
        day.down(f"s.{i}", 35 + i, since=2)
    day.silent("s-a0", 100, since=40)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "network:s-a0", 40)]
    assert day.steps(Step.WIDENED) == [(Step.WIDENED, "agent:s-a0")]
    day.heard("s-a0", HOUR)
    for i in range(4):
        day.up(f"s.{i}", HOUR + 20)
    day.until(2 * HOUR)
    assert day.messages()[1:] == [(RECOVERED, "agent:s-a0", HOUR + 60)]


def test_24_a_line_of_three_thousand_schools_is_one_message() -> None:
    day = Day()
    for n in range(60):
        day.town.add_school(f"s{n}", cameras=1)
    for n in range(60):
        day.silent(f"s{n}-a0", 20 + n)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "line:u", 88)]
    assert dict(day.last("line:u").why) == {"schools": 60, "of": 60, "within_s": 59}
    assert not day.last("line:u").sure


def test_25_a_gate_pc_that_stops_is_told_and_its_cameras_are_not() -> None:
    day = school()
    day.silent("s-a0", 77, since=0)
    for i in range(4):
        day.unknown(f"s.{i}", 77)
    day.until(DAY)
    assert [root for _, root, _ in day.messages()] == ["agent:s-a0"]


def test_25_what_remains_when_the_gate_pc_is_back_is_told_then() -> None:
    day = school()
    day.silent("s-a0", 77, since=0)
    day.unknown("s.0", 77)
    day.heard("s-a0", HOUR)
    day.down("s.0", HOUR + 30, since=HOUR - 600)
    day.until(2 * HOUR)
    assert day.messages() == [
        (OPENED, "agent:s-a0", 84),
        (RECOVERED, "agent:s-a0", HOUR + 60),
        (OPENED, "camera:s.0", HOUR + 90),
    ]


def test_25_children_keep_no_stale_state_and_are_not_recovered_by_their_parents_fall() -> None:
    day = school()
    day.down("s.0", 38, since=0)
    day.until(200)
    day.silent("s-a0", 1000)
    day.unknown("s.0", 1000)
    day.until(HOUR)
    assert [i.root for i in day.engine.open] == ["camera:s.0", "agent:s-a0"]
    assert RECOVERED not in [s for s, _, _ in day.messages()]


def test_26_who_comes_and_goes_is_told_once_to_be_unstable_and_once_to_be_well() -> None:
    day = school()
    for n in range(20):
        day.down("s.0", n * 100)
        day.up("s.0", n * 100 + 70)
    day.until(DAY)
    assert day.messages() == [
        (OPENED, "camera:s.0", 30),
        (UNSTABLE, "camera:s.0", 300),
        (RECOVERED, "camera:s.0", 19 * 100 + 70 + 1800),
    ]


def test_26_what_never_fails_for_long_enough_is_told_as_unstable_all_the_same() -> None:
    day = school()
    for n in range(6):
        day.down("s.1", n * 120)
        day.up("s.1", n * 120 + 20)
    day.until(DAY)
    assert [(s, r) for s, r, _ in day.messages()] == [
        (OPENED, "camera:s.1"),
        (RECOVERED, "camera:s.1"),
    ]
    assert day.changes[0].incident.phase is Phase.UNSTABLE


def test_26_nothing_is_resolved_that_was_not_told_and_nothing_told_is_left_unresolved() -> None:
    day = school()
    day.down("s.1", 10 * HOUR + 30)  # 17:00:30 local: it would wait for the morning
    day.up("s.1", 12 * HOUR)
    day.until(2 * DAY)
    assert day.messages() == []
    assert day.steps() == [(OPENED, "camera:s.1"), (RECOVERED, "camera:s.1")]
    assert day.last("camera:s.1").tell_at is None


def test_26_who_fails_again_soon_after_it_was_told_to_be_well_is_unstable_at_once() -> None:
    day = school()
    day.down("s.0", 0)
    day.up("s.0", 300)
    day.down("s.0", 900)
    day.until(950)
    assert day.last("camera:s.0").phase is Phase.UNSTABLE
    day.up("s.0", 1000)
    day.until(1000 + 1799)
    assert len(day.messages()) == 3
    day.until(1000 + 1801)
    assert day.messages()[-1][0] is RECOVERED


def test_27_a_message_belongs_to_an_incident_whose_id_a_repeat_keeps() -> None:
    first, again = school(), school()
    for day in (first, again):
        day.down("s.0", 38, since=0)
    first.until(50)
    for s in range(39, 50):
        again.until(s)
        again.restart()
    assert [c.incident.id for c in first.changes] == [c.incident.id for c in again.changes]


def test_27_a_channel_that_keeps_failing_is_an_incident_of_its_own() -> None:
    day = school()
    day.see(Subject(Aspect.CHANNEL, "email"), Signal.TROUBLE, 0, cause="channel.failing")
    day.until(HOUR)
    assert day.messages() == [(OPENED, "channel:email", 300)]


def test_28_a_silence_holds_with_its_reason_ends_by_itself_and_what_remains_is_told_then() -> None:
    day = school()
    day.town.spells = [("s.0", at(0), at(7200), "đang sửa tủ mạng")]
    day.down("s.0", 60)
    day.until(3600)
    assert (day.last("camera:s.0").held, day.last("camera:s.0").tell_at) == (
        "đang sửa tủ mạng",
        at(7200),
    )
    day.until(3 * HOUR)
    assert day.messages() == [(OPENED, "camera:s.0", 7200)]


def test_28_what_is_over_when_the_silence_ends_is_never_told() -> None:
    day = school()
    day.town.spells = [("s.0", at(0), at(7200), "bảo trì")]
    day.down("s.0", 60)
    day.up("s.0", 7000)
    day.until(DAY)
    assert day.messages() == []


def test_28_works_that_follow_each_other_are_waited_for_to_their_end() -> None:
    day = school()
    day.town.spells = [("s.0", at(0), at(600), "a"), ("", at(600), at(900), "b")]
    day.down("s.0", 60)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "camera:s.0", 900)]


def test_29_a_restart_tells_nothing_again() -> None:
    day = school()
    day.down("s.0", 38, since=0)
    day.until(100)
    day.restart()
    day.down("s.0", 200, since=0)  # the same fact, seen by a server that has just started
    day.until(HOUR)
    day.restart()
    day.up("s.0", HOUR)
    day.until(2 * HOUR)
    assert day.messages() == [
        (OPENED, "camera:s.0", 40),
        (RECOVERED, "camera:s.0", HOUR + 120),
    ]


def test_29_down_and_up_in_the_same_second_are_nothing() -> None:
    day = school()
    day.down("s.0", 100, since=0)
    day.up("s.0", 100)
    day.until(HOUR)
    assert day.messages() == []


def test_29_an_agent_that_says_goodbye_and_is_then_missed_is_told_once() -> None:
    day = school()
    day.silent("s-a0", 12, since=0)
    day.silent("s-a0", 77, since=0)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "agent:s-a0", 84)]


def test_29_what_falls_due_counts_by_its_own_time_not_by_looks() -> None:
    often, seldom = school(), school()
    for day in (often, seldom):
        day.down("s.1", 38, since=0)
    for s in range(39, 400):
        often.until(s)
    seldom.until(400)
    assert often.changes == seldom.changes
    assert often.changes[0].at == at(60)


def test_30_a_monitor_whose_own_line_falls_says_so_and_nothing_of_schools() -> None:
    day = Day()
    for n in range(40):
        day.town.add_school(f"s{n}", cameras=1)
    for n in range(40):
        day.silent(f"s{n}-a0", 20 + n)
        if n == 20:
            day.see(centre("line"), Signal.TROUBLE, 41, since=20, cause="centre.line")
    day.until(HOUR)
    day.see(centre("line"), Signal.OK, HOUR, cause="")
    for n in range(39):
        day.heard(f"s{n}-a0", HOUR + n)
    day.until(2 * HOUR)
    assert day.messages() == [
        (OPENED, "centre:line", 80),
        (RECOVERED, "centre:line", HOUR + 60),
        (OPENED, "agent:s39-a0", HOUR + 90),
    ]


def test_31_nobody_is_woken_by_three_minutes_at_night_but_what_lasts_is_told_in_the_morning() -> (
    None
):
    day = school()
    night = 17 * HOUR  # midnight local
    day.down("s.1", night)
    day.up("s.1", night + 180)
    day.down("s.2", night + HOUR)
    day.silent("s-a0", night + 2 * HOUR)
    day.heard("s-a0", night + 2 * HOUR + 180)
    day.until(3 * DAY)
    assert day.messages() == [(OPENED, "camera:s.2", DAY)]


def test_31_a_gate_camera_that_fell_at_night_is_told_when_school_begins() -> None:
    day = school()
    day.down("s.0", 17 * HOUR)
    day.until(3 * DAY)
    assert day.messages() == [(Step.WORSENED, "camera:s.0", DAY - 1800)]
    assert day.last("camera:s.0").severity is Severity.URGENT


def test_31_a_sensor_that_is_silently_unavailable_is_told() -> None:
    day = school()
    day.unknown("s.0", 0)
    day.silent("s-a0", 10, since=-65)
    day.until(HOUR)
    assert [r for _, r, _ in day.messages()] == ["agent:s-a0"]
    assert day.last("agent:s-a0").kind is Kind.AGENT
