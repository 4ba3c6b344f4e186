"""A loss at which nobody looked has less grace left, but as much as a camera's restart takes."""

from dataclasses import replace

import pytest

from server.domain.incident.model import Step
from tests.pure.server.incident_world import Day

OPENED = Step.OPENED


def visited(unseen_s: int) -> Day:
    day = Day()
    for name in day.town.add_school("s", cameras=5):
        day.town.places[name] = replace(day.town.places[name], unseen_s=unseen_s)
    return day


@pytest.mark.parametrize(
    ("camera", "unseen_s", "told"),
    [
        ("s.1", 0, 60),
        ("s.1", 30, 30),
        ("s.1", 60, 20),
        ("s.0", 0, 30),
        ("s.0", 15, 15),
        ("s.0", 30, 10),
    ],
)
def test_what_nobody_saw_begin_is_told_sooner(camera: str, unseen_s: int, told: int) -> None:
    day = visited(unseen_s)
    day.down(camera, 4, since=0)
    day.until(200)
    assert day.messages() == [(OPENED, f"camera:{camera}", told)]


def test_a_visited_camera_that_is_back_at_once_is_told_of_to_nobody() -> None:
    day = visited(60)
    day.down("s.1", 4, since=0)
    day.up("s.1", 19)
    day.until(200)
    assert day.messages() == []


def test_a_recorder_whose_channels_take_turns_is_one_message_in_time() -> None:
    day = Day()
    names = day.town.add_school("s", cameras=6, gates=0, hosts=dict.fromkeys(range(6), "nvr"))
    for name in names:
        day.town.places[name] = replace(day.town.places[name], unseen_s=30)
    for number, name in enumerate(names):
        day.down(name, 5 * number + 4, since=5 * number)
    day.until(200)
    assert day.messages() == [(OPENED, "recorder:s-a0/nvr", 30)]
