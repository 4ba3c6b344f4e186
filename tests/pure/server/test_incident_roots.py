"""One root, one incident: what several troubles have in common, and what stays behind."""

from dataclasses import replace

import pytest

from server.domain.incident.model import Kind, Phase, Severity, Step
from server.domain.incident.signals import Aspect, Signal, Subject
from tests.pure.server.incident_world import Day, at, centre

OPENED, RECOVERED = Step.OPENED, Step.RECOVERED
HOUR = 3600


def school(cameras: int = 9, nvr: tuple[int, ...] = ()) -> Day:
    day = Day()
    day.town.add_school("s", cameras=cameras, hosts=dict.fromkeys(nvr, "10.0.0.200"))
    return day


def test_channels_of_one_address_are_their_recorder() -> None:
    day = school(nvr=(1, 2, 3, 4))
    for i in (1, 2, 3, 4):
        day.down(f"s.{i}", 30 + i, since=i)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "recorder:s-a0/10.0.0.200", 61)]
    why = dict(day.last("recorder:s-a0/10.0.0.200").why)
    assert why == {"cameras": 4, "of": 4, "within_s": 3, "host": "10.0.0.200"}


def test_cameras_of_several_addresses_are_their_network() -> None:
    day = school()
    for i in (1, 2, 3):
        day.down(f"s.{i}", 30, since=0)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "network:s-a0", 60)]
    incident = day.last("network:s-a0")
    assert not incident.sure
    assert incident.severity is Severity.URGENT
    assert dict(incident.why) == {
        "cameras": 3,
        "of": 9,
        "within_s": 0,
        "gates": 0,
        "gates_of": 1,
    }
    assert (incident.affected, incident.required) == (("s.1", "s.2", "s.3"), ("s/yard",))


def test_two_addresses_are_too_few_for_a_network() -> None:
    day = school()
    day.down("s.1", 30, since=0)
    day.down("s.2", 30, since=0)
    day.until(HOUR)
    assert [r for _, r, _ in day.messages()] == ["camera:s.1", "camera:s.2"]


def test_failures_further_apart_than_a_minute_have_roots_of_their_own() -> None:
    day = school()
    for i in (1, 2, 3):
        day.down(f"s.{i}", i * 61, since=i * 61 - 30)
    day.until(HOUR)
    assert len(day.messages()) == 3


def test_an_old_failure_is_no_part_of_a_new_network_trouble() -> None:
    day = school()
    day.down("s.5", 0)
    for i in (1, 2, 3):
        day.down(f"s.{i}", 5000)
    day.until(3 * HOUR)
    assert day.messages() == [(OPENED, "camera:s.5", 60), (OPENED, "network:s-a0", 5060)]
    assert len(day.last("network:s-a0").members) == 3


def test_many_refused_passwords_at_once_are_a_change_of_them() -> None:
    day = school(nvr=(1, 2))
    for i in (1, 2, 3):
        day.down(f"s.{i}", 30, since=0, cause="rtsp.auth")
    day.until(HOUR)
    assert day.messages() == [(OPENED, "credentials:s-a0", 60)]
    assert day.last("credentials:s-a0").kind is Kind.CREDENTIALS


def test_one_refusal_among_lost_cameras_is_part_of_their_network_trouble() -> None:
    day = school()
    day.down("s.1", 30, since=0, cause="rtsp.auth")
    for i in (2, 3, 4):
        day.down(f"s.{i}", 30, since=0)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "network:s-a0", 60)]
    assert len(day.last("network:s-a0").members) == 4


def test_siblings_that_come_late_join_and_widen_what_was_told_once() -> None:
    day = school(nvr=(0, 1, 2))
    day.down("s.0", 20, since=0)
    day.until(35)
    day.down("s.1", 40, since=10)
    day.down("s.2", 70, since=20)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "camera:s.0", 30)]
    assert (Step.WIDENED, "recorder:s-a0/10.0.0.200") in day.steps()
    assert len(day.last("recorder:s-a0/10.0.0.200").members) == 3
    assert day.changes[0].incident.id == day.changes[-1].incident.id
    for i in range(3):
        day.up(f"s.{i}", HOUR + i)
    day.until(2 * HOUR)
    assert day.messages()[1:] == [(RECOVERED, "recorder:s-a0/10.0.0.200", HOUR + 62)]


def test_two_incidents_of_one_root_become_one_and_the_other_is_not_told_to_be_over() -> None:
    day = school()
    day.down("s.1", 0)
    day.down("s.2", 5)
    day.until(66)
    assert len(day.messages()) == 2
    day.down("s.3", 90, since=50)
    day.until(HOUR)
    assert len(day.messages()) == 2 + 1  # it is urgent now, and that is told
    absorbed = [c for c in day.changes if c.step is Step.ABSORBED]
    assert [(c.incident.root, c.into) for c in absorbed] == [
        ("camera:s.2", day.changes[0].incident.id)
    ]


def test_what_stays_behind_has_an_incident_of_its_own() -> None:
    day = school()
    for i in range(9):
        day.down(f"s.{i}", 10)
    day.until(HOUR)
    for i in range(8):
        day.up(f"s.{i}", HOUR + i)
    day.until(2 * HOUR)
    assert day.messages() == [
        (OPENED, "network:s-a0", 40),
        (RECOVERED, "network:s-a0", HOUR + 67),
        (OPENED, "camera:s.8", HOUR + 97),
    ]


def test_who_follows_soon_is_not_told_apart() -> None:
    day = school()
    for i in range(9):
        day.down(f"s.{i}", 10)
    for i in range(9):
        day.up(f"s.{i}", HOUR + 10 * i)
    day.until(2 * HOUR)
    assert [r for _, r, _ in day.messages()] == ["network:s-a0"] * 2


def test_pictures_of_one_cause_at_once_are_one_incident() -> None:
    day = school()
    for i in range(1, 6):
        day.down(f"s.{i}", 30, since=0, cause="picture.black")
    day.until(HOUR)
    assert day.messages() == [(OPENED, "picture:s-a0/picture.black", 45)]


def test_a_camera_that_is_lost_while_all_are_fogged_is_told() -> None:
    day = school()
    for i in range(9):
        day.down(f"s.{i}", 30, since=0, cause="picture.blurred")
    day.until(HOUR)
    day.down("s.0", HOUR, cause="network.timeout")
    day.until(2 * HOUR)
    assert [r for _, r, _ in day.messages()] == ["picture:s-a0/picture.blurred", "camera:s.0"]


def test_a_covered_camera_that_then_gives_no_picture_is_one_incident() -> None:
    day = school()
    day.down("s.0", 30, since=0, cause="picture.covered")
    day.until(60)
    day.down("s.0", 100, cause="stream.stalled")
    day.until(HOUR)
    assert day.messages() == [(OPENED, "camera:s.0", 35)]
    assert day.last("camera:s.0").kind is Kind.CAMERA
    day.down("s.0", HOUR, cause="stream.lossy")
    day.until(2 * HOUR)
    assert day.messages()[1:] == [(RECOVERED, "camera:s.0", HOUR + 120)]
    assert day.last("stream:s.0").severity is Severity.NOTED


def test_channels_whose_recordings_have_gaps_are_one_incident_though_looked_at_in_turn() -> None:
    day = school(nvr=(1, 2, 3))
    for i in (1, 2, 3):
        day.down(f"s.{i}", i * 1000, cause="recording.missing")
    day.until(8 * HOUR)
    assert [r for _, r, _ in day.messages()] == ["recording:s-a0/10.0.0.200"]
    assert day.last("recording:s-a0/10.0.0.200").kind is Kind.RECORDING


def test_agents_of_one_school_that_fall_silent_one_after_the_other_are_the_school() -> None:
    day = Day()
    day.town.add_school("s", agents=2)
    day.silent("s-a0", 75)
    day.until(100)
    day.silent("s-a1", 125, since=50)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "agent:s-a0", 84), (OPENED, "school:s", 134)]
    assert day.last("school:s").kind is Kind.SCHOOL
    assert len(day.last("school:s").members) == 2


def test_a_gate_pc_that_has_been_away_for_long_is_no_part_of_the_schools_silence() -> None:
    day = Day()
    day.town.add_school("s", agents=2)
    day.silent("s-a0", 75)
    day.silent("s-a1", 5000)
    day.until(3 * HOUR)
    assert [r for _, r, _ in day.messages()] == ["agent:s-a0", "agent:s-a1"]


def test_a_silence_after_one_lost_camera_is_told_although_the_camera_was() -> None:
    day = school(cameras=9)
    day.down("s.0", 20, since=0)
    day.until(60)
    day.silent("s-a0", 120, since=45)
    day.until(HOUR)
    assert [(s, r) for s, r, _ in day.messages()] == [
        (OPENED, "camera:s.0"),
        (OPENED, "agent:s-a0"),
    ]
    assert len(day.engine.open) == 1


@pytest.mark.parametrize(
    ("dark", "told"),
    [
        (2, {"agent:s00-a0", "agent:s01-a0"}),  # two schools may well be dark by chance
        (3, {"line:ward0"}),
        (12, {"line:district"}),
    ],
)
def test_a_line_is_named_by_the_unit_that_holds_its_schools(dark: int, told: set[str]) -> None:
    day = Day()
    for n in range(24):
        day.town.add_school(f"s{n:02}", cameras=1, unit=f"ward{n // 6}", above=("district",))
    for n in range(dark):
        day.silent(f"s{n:02}-a0", 75)
    day.until(HOUR)
    assert {r for _, r, _ in day.messages()} == told


def test_a_narrow_line_is_not_named_by_the_wider_unit() -> None:
    day = Day()
    for n in range(24):
        day.town.add_school(f"s{n:02}", cameras=1, unit=f"ward{n // 6}", above=("district",))
    for n in range(6):
        day.silent(f"s{n:02}-a0", 75)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "line:ward0", 84)]
    assert day.last("line:ward0").unit == "ward0"


def test_gate_pcs_that_are_switched_off_one_by_one_in_the_evening_are_no_line() -> None:
    day = Day()
    for n in range(40):
        day.town.add_school(f"s{n:02}", cameras=1)
    evening = 10 * HOUR + 1800
    for n in range(40):
        day.silent(f"s{n:02}-a0", evening + 40 * n)
    day.changes += day.engine.advance(at(evening + 2 * HOUR))
    assert {i.kind for i in day.engine.open} == {Kind.AGENT}
    assert {t for _, _, t in day.messages()} == {24 * HOUR}


def test_schools_that_stay_dark_after_a_line_are_told_then() -> None:
    day = Day()
    for n in range(30):
        day.town.add_school(f"s{n:02}", cameras=1)
    for n in range(30):
        day.silent(f"s{n:02}-a0", 75)
    for n in range(28):
        day.heard(f"s{n:02}-a0", HOUR + n)
    day.until(2 * HOUR)
    assert [(s, r) for s, r, _ in day.messages()] == [
        (OPENED, "line:u"),
        (RECOVERED, "line:u"),
        (OPENED, "agent:s28-a0"),
        (OPENED, "agent:s29-a0"),
    ]


def test_the_centres_troubles_of_one_moment_are_one() -> None:
    day = school()
    day.see(centre("database"), Signal.TROUBLE, 0, cause="centre.database")
    day.see(centre("broker"), Signal.TROUBLE, 10, cause="centre.broker")
    day.until(HOUR)
    assert day.messages() == [(OPENED, "centre:database", 60)]


def test_a_disk_that_is_nearly_full_blinds_nobody() -> None:
    day = school()
    day.see(centre("disk"), Signal.TROUBLE, 0, cause="centre.disk")
    day.down("s.0", 10)
    day.until(HOUR)
    assert [r for _, r, _ in day.messages()] == ["camera:s.0", "centre:disk"]


def test_what_is_gone_from_the_register_is_closed_and_not_told() -> None:
    day = school()
    day.down("s.0", 0)
    day.until(100)
    day.see(Subject(Aspect.CAMERA, "s.0"), Signal.GONE, 200, cause="")
    day.until(HOUR)
    assert day.messages() == [(OPENED, "camera:s.0", 30)]
    assert day.last("camera:s.0").phase is Phase.CLOSED
    assert day.engine.open == []


def test_a_group_goes_on_without_a_camera_that_was_removed() -> None:
    day = school()
    for i in range(4):
        day.down(f"s.{i}", 0)
    day.until(100)
    day.town.remove_camera("s.1")
    day.see(Subject(Aspect.CAMERA, "s.1"), Signal.GONE, 200, cause="")
    day.down("s.1", 300)
    for i in (0, 2, 3):
        day.up(f"s.{i}", HOUR)
    day.until(2 * HOUR)
    assert day.messages() == [
        (OPENED, "network:s-a0", 30),
        (RECOVERED, "network:s-a0", HOUR + 60),
    ]
    assert day.engine.memory.ailments == ()


def test_a_forced_gate_is_told_at_once_and_each_time() -> None:
    day = school()
    door = Subject(Aspect.GATE_DOOR, "s/door")
    for n in range(3):
        day.see(door, Signal.TROUBLE, n * 600, cause="gate.forced")
        day.until(n * 600)
        day.see(door, Signal.OK, n * 600 + 30, cause="")
    day.until(HOUR)
    assert [(s, t) for s, _, t in day.messages()] == [
        (step, n * 600 + late) for n in range(3) for step, late in ((OPENED, 0), (RECOVERED, 30))
    ]
    assert at() == day.changes[0].at


def test_a_camera_lost_while_its_agent_was_awaited_is_told_when_the_agent_speaks() -> None:
    day = school()
    day.see(Subject(Aspect.AGENT, "s-a0"), Signal.UNKNOWN, 0, cause="")
    day.down("s.0", 1, since=-60)
    day.until(30)
    day.heard("s-a0", 30)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "camera:s.0", 35)]


def test_what_an_agent_held_back_is_looked_at_when_it_is_removed() -> None:
    day = Day()
    day.town.add_school("s", agents=2)
    day.town.places["s.0"] = replace(day.town.places["s.0"], agents=("s-a0", "s-a1"))
    day.silent("s-a0", 75)
    day.silent("s-a1", 75)
    day.down("s.0", 76)
    day.until(HOUR)
    day.town.places["s.0"] = replace(day.town.places["s.0"], agents=("s-a1",))
    day.heard("s-a1", HOUR)
    day.see(Subject(Aspect.AGENT, "s-a0"), Signal.GONE, HOUR, cause="")
    day.until(2 * HOUR)
    assert (OPENED, "camera:s.0", HOUR + 90) in day.messages()


def test_a_wider_root_takes_all_of_the_narrower_incident_along() -> None:
    day = school(nvr=(1, 2))
    day.down("s.1", 0)
    day.down("s.2", 55)
    day.until(62)
    assert [i.root for i in day.engine.open] == ["recorder:s-a0/10.0.0.200"]
    for i in (3, 4):
        day.down(f"s.{i}", 80, since=80)
    day.until(HOUR)
    (network,) = day.engine.open
    assert network.kind is Kind.NETWORK
    assert {m.subject.id for m in network.members} == {"s.1", "s.2", "s.3", "s.4"}


def test_who_joins_an_incident_takes_nobody_along_from_another() -> None:
    day = school()
    for i in (1, 2, 3):
        day.down(f"s.{i}", 0)
    day.down("s.4", 90)
    day.until(200)
    day.down("s.5", 201, since=45)
    day.until(HOUR)
    held = [m.subject for i in day.engine.open for m in i.members]
    assert len(held) == len(set(held)) == 5


def test_many_schools_at_once_in_school_hours_are_a_line_whatever_their_share() -> None:
    day = Day()
    for n in range(250):
        day.town.add_school(f"s{n}", cameras=0, unit=f"ward{n % 25}", above=("city",))
    for n in range(45):
        day.silent(f"s{n}-a0", 75 + n)
    day.until(HOUR)
    assert (
        len(day.messages()) <= 4
    )  # the line and those who were due before anybody could suspect a line
    (line,) = day.engine.open
    assert (line.root, len(line.members)) == ("line:city", 45)


def test_as_many_in_the_evening_have_been_switched_off() -> None:
    day = Day()
    for n in range(250):
        day.town.add_school(f"s{n}", cameras=0, unit=f"ward{n % 25}", above=("city",))
    for n in range(45):
        day.silent(f"s{n}-a0", 11 * HOUR + n)
    day.until(12 * HOUR)
    assert {i.kind for i in day.engine.open} == {Kind.AGENT}


def test_a_few_silences_without_a_last_will_wait_for_each_other() -> None:
    day = Day()
    for n in range(20):
        day.town.add_school(f"s{n}", cameras=0)
    day.silent("s0-a0", 75)
    day.silent("s1-a0", 79, since=4)
    day.silent("s2-a0", 83, since=8)
    day.until(HOUR)
    told = {root: when for _, root, when in day.messages()}
    assert told == {"agent:s0-a0": 92, "agent:s1-a0": 92, "agent:s2-a0": 92}


def test_passwords_that_somebody_changes_one_after_the_other_are_one_incident() -> None:
    day = school()
    for i in range(9):
        day.down(f"s.{i}", 100 * i + 30, since=100 * i, cause="rtsp.auth")
    day.until(HOUR)
    assert [r for _, r, _ in day.messages()][:1] == ["camera:s.0"]
    (incident,) = day.engine.open
    assert (incident.kind, len(incident.members)) == (Kind.CREDENTIALS, 9)


def test_channels_whose_gaps_are_found_hours_apart_join_what_was_told() -> None:
    day = school(nvr=(1, 2, 3))
    for i in (1, 2, 3):
        day.down(f"s.{i}", i * 7000, cause="recording.missing")
    day.until(7 * HOUR)
    (incident,) = day.engine.open
    assert len(incident.members) == 3
    assert len(day.messages()) == 1


def test_an_incident_began_with_its_first_member() -> None:
    day = school(nvr=(1, 2, 3))
    for i in (1, 2, 3):
        day.down(f"s.{i}", 40, since=10 * i)
    day.until(HOUR)
    (incident,) = day.engine.open
    assert (incident.began_at, incident.sure) == (at(10), True)
    assert [m.since for m in incident.members] == [at(10), at(20), at(30)]


def test_another_cause_is_no_other_beginning() -> None:
    day = school()
    day.down("s.1", 30, since=0, cause="network.timeout")
    day.down("s.1", 50, since=45, cause="stream.stalled")
    day.until(HOUR)
    (incident,) = day.engine.open
    assert (incident.began_at, incident.members[0].cause) == (at(0), "stream.stalled")
    assert day.messages() == [(OPENED, "camera:s.1", 60)]


@pytest.mark.parametrize(("schools", "kind"), [(25, Kind.LINE), (26, Kind.AGENT)])
def test_a_fifth_of_a_units_schools_are_a_line(schools: int, kind: Kind) -> None:
    day = Day()
    for n in range(schools):
        day.town.add_school(f"s{n}", cameras=0)
    for n in range(5):
        day.silent(f"s{n}-a0", 75)
    day.until(HOUR)
    assert {i.kind for i in day.engine.open} == {kind}


def test_a_line_that_shows_after_its_first_school_was_told_is_told_too() -> None:
    day = Day()
    for n in range(20):
        day.town.add_school(f"s{n:02}", cameras=1)
    day.silent("s00-a0", 75)
    day.until(83)
    for n in range(1, 12):
        day.silent(f"s{n:02}-a0", 90, since=50)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "agent:s00-a0", 84), (OPENED, "line:u", 134)]
    assert day.steps(Step.ABSORBED) == [(Step.ABSORBED, "agent:s00-a0")]
    assert len(day.engine.open[0].members) == 12


def test_a_few_refusals_among_many_lost_cameras_are_no_change_of_passwords() -> None:
    day = school()
    for i in range(1, 7):
        day.down(f"s.{i}", 30, since=0, cause="rtsp.auth" if i < 3 else "network.timeout")
    day.until(HOUR)
    assert day.messages() == [(OPENED, "network:s-a0", 60)]
    assert len(day.last("network:s-a0").members) == 6


def test_a_camera_that_is_lost_just_after_the_centre_is_well_again_is_told_a_little_later() -> None:
    day = school()
    day.see(centre("broker"), Signal.TROUBLE, 0, cause="centre.broker")
    day.see(centre("broker"), Signal.OK, 40, cause="")
    day.down("s.0", 45)
    day.until(HOUR)
    assert day.messages() == [(OPENED, "camera:s.0", 130)]


def test_a_camera_whose_gate_pc_is_silent_is_not_told_whatever_is_known_of_it() -> None:
    day = school()
    day.silent("s-a0", 75)
    day.down("s.0", 76, since=20)
    day.until(HOUR)
    assert [r for _, r, _ in day.messages()] == ["agent:s-a0"]
