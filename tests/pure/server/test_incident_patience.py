"""Silent gate PCs wait for each other as long as it may be a line, or the centre's own."""

from server.domain.incident.model import Step
from server.domain.incident.signals import Signal
from tests.pure.server.incident_world import Day, at, centre

OPENED = Step.OPENED
OK, TROUBLE = Signal.OK, Signal.TROUBLE
GRACE = 84


def town(schools: int = 20, two: int = 1) -> Day:
    """Schools ``s00`` ... of one unit; the first of them have two gate PCs."""
    day = Day()
    for n in range(schools):
        day.town.add_school(f"s{n:02}", agents=2 if n < two else 1)
    return day


def test_one_of_two_gate_pcs_waits_while_others_fall_silent() -> None:
    day = town()
    day.silent("s00-a0", 75, since=0)
    day.silent("s05-a0", 79, since=4)
    day.silent("s06-a0", 83, since=8)
    day.until(GRACE + 7)
    assert day.messages() == []
    day.see(centre("line"), TROUBLE, GRACE + 7, cause="centre.line")
    day.until(1000)
    assert [root for _, root, _ in day.messages()] == ["centre:line"]


def test_it_is_told_with_the_newest_of_them_if_it_is_no_line() -> None:
    day = town()
    day.silent("s00-a0", 75, since=0)
    day.silent("s05-a0", 79, since=4)
    day.silent("s06-a0", 83, since=8)
    day.until(1000)
    assert (OPENED, "agent:s00-a0", GRACE + 8) in day.messages()


def test_nobody_waits_longer_than_last_words_lie_apart() -> None:
    day = town()
    day.silent("s00-a0", 75, since=0)
    for n in range(1, 12):
        day.silent(f"s{n:02}-a0", 75 + 8 * n, since=8 * n)
    day.until(1000)
    assert day.messages()[0] == (OPENED, "agent:s00-a0", GRACE + 60)


def test_whose_last_wills_came_wait_for_nobody() -> None:
    day = town()
    day.silent("s00-a0", 75, since=0)
    for n in (5, 6):
        day.silent(f"s{n:02}-a0", 76 + n, since=40 + n)
    day.until(1000)
    assert [(root, s) for step, root, s in day.messages() if step is OPENED] == [
        ("agent:s05-a0", GRACE + 45),
        ("agent:s00-a0", GRACE + 46),
        ("agent:s06-a0", GRACE + 46),
    ]


def test_one_silence_elsewhere_is_chance_in_a_district() -> None:
    day = town(100)
    day.silent("s00-a0", 75, since=0)
    day.silent("s05-a0", 80, since=40)
    day.until(1000)
    assert (OPENED, "agent:s00-a0", GRACE) in day.messages()


def test_where_every_school_has_two_the_first_of_them_wait_for_each_other() -> None:
    day = town(20, two=20)
    for n in range(4):
        day.silent(f"s{n:02}-a0", 75 + 3 * n, since=3 * n)
    day.until(GRACE + 8)
    assert day.messages() == []
    day.see(centre("line"), TROUBLE, GRACE + 8, cause="centre.line")
    for n in range(4):
        day.heard(f"s{n:02}-a0", 500)
    day.see(centre("line"), OK, 510, cause="")
    day.until(2000)
    assert {root for _, root, _ in day.messages()} == {"centre:line"}


def test_an_agent_that_has_been_silent_for_long_makes_nobody_wait() -> None:
    day = town()
    for n in range(5, 9):
        day.silent(f"s{n:02}-a0", 75, since=0)
    day.silent("s00-a0", 1000, since=920)
    day.until(2000)
    assert (OPENED, "agent:s00-a0", 1005) in day.messages()


def test_a_school_with_one_gate_pc_left_is_no_part_of_a_line() -> None:
    day = town(10)
    for n in range(6):
        day.silent(f"s{n:02}-a0", 75, since=n)
    day.until(1000)
    assert {root for _, root, _ in day.messages()} == {"line:u", "agent:s00-a0"}
    assert len(day.last("line:u").members) == 5


def test_two_of_three_gate_pcs_are_not_their_school() -> None:
    day = Day()
    day.town.add_school("s", agents=3)
    day.silent("s-a0", 75, since=0)
    day.silent("s-a1", 75, since=0)
    day.until(1000)
    assert {root for _, root, _ in day.messages()} == {"agent:s-a0", "agent:s-a1"}


def test_a_silence_that_was_noticed_before_its_last_will_came_waits_for_that() -> None:
    day = town()
    day.silent("s00-a0", 75, since=0)
    day.silent("s00-a0", 81, since=50)
    day.until(1000)
    assert day.messages() == [(OPENED, "agent:s00-a0", 50 + GRACE)]
    (member,) = day.last("agent:s00-a0").members
    assert member.since == at(50)


def test_a_silence_that_was_told_stays_as_it_is_dated() -> None:
    day = town()
    day.silent("s00-a0", 75, since=0)
    day.silent("s00-a0", 100, since=60)
    day.until(1000)
    assert day.messages() == [(OPENED, "agent:s00-a0", GRACE)]
    assert day.last("agent:s00-a0").began_at == at(0)


def test_who_tries_to_come_back_in_vain_is_told_no_later_for_that() -> None:
    day = town()
    day.silent("s00-a0", 75, since=0)
    day.silent("s00-a0", 83, since=78)
    day.until(1000)
    assert day.messages() == [(OPENED, "agent:s00-a0", GRACE)]


def test_a_silence_that_the_centres_trouble_holds_back_is_dated_anew_and_waits_on() -> None:
    day = town()
    day.silent("s00-a0", 75, since=0)
    day.see(centre("line"), TROUBLE, 80, cause="centre.line")
    day.until(100)
    day.silent("s00-a0", 101, since=50)
    day.until(400)
    assert [root for _, root, _ in day.messages()] == ["centre:line"]
    day.see(centre("line"), OK, 400, cause="")
    day.until(1000)
    assert day.last("agent:s00-a0").began_at == at(50)
