"""For how long nobody looks at a camera: the centre is told, and it is kept."""

import pytest

from edge.clock import SystemClock
from edge.config.values import CameraConfig, HostConfig, WatchConfig
from edge.doctor.unseen import grade_unseen
from edge.rtsp.url import CameraUrl
from edge.watcher import Devices, LoginBook
from edge.watcher.budget import Budget
from edge.watcher.unseen import unseen_s
from tests.pure.edge.fake_recorder import Recorder, World, tell_all

pytestmark = pytest.mark.long

FOUR = ("c0", "c5", "c10", "c15")


async def lost(at_ms: int, *, sessions: int | None, cameras: int, watched: WatchConfig) -> World:
    """Watch until some cameras are unplugged from their recorder, and a while longer."""

    def unplug(recorder: Recorder) -> None:
        recorder.gone.update(FOUR)
        for name in FOUR:
            if name in recorder.feeds:
                recorder.feeds[name].end(recorder.clock.ms())

    return await tell_all(
        {at_ms: unplug},
        until_ms=at_ms + 70_000,
        cameras=cameras,
        sessions=sessions,
        watched=watched,
    )


def told_s(world: World) -> int | None:
    """Return what is told last."""
    (unseen_s,) = {facts.unseen_s for facts in world.facts[-4:]}
    return unseen_s


@pytest.mark.parametrize("at_ms", [104_000, 113_000, 121_000])
@pytest.mark.parametrize(
    ("sessions", "cameras", "mode"), [(4, 16, "hold"), (2, 6, "hold"), (None, 6, "visit")]
)
async def test_a_loss_is_dated_within_the_time_that_the_centre_was_told(
    sessions: int | None, cameras: int, mode: str, at_ms: int
) -> None:
    watched = WatchConfig(mode="visit") if mode == "visit" else WatchConfig()
    world = await lost(at_ms, sessions=sessions, cameras=cameras, watched=watched)
    unseen_s = told_s(world)
    assert unseen_s is not None
    assert unseen_s <= 30, "so that a gate camera's loss can be told within 45 s"
    for name in sorted(world.sightings.keys() & set(FOUR)):
        *_, down = world.final(name)
        assert down.cause is not None
        assert 0 <= down.start_ms - at_ms <= unseen_s * 1000, name


async def test_nothing_is_told_of_cameras_that_are_held_alone() -> None:
    world = await tell_all({}, until_ms=30_000, cameras=4)
    assert told_s(world) is None


def test_one_session_for_many_is_said_to_leave_each_unseen_for_long() -> None:
    budget = Budget(limits={"10.0.0.1": 1})
    for number in range(16):
        budget.belongs("10.0.0.1", f"c{number}")
    assert budget.unseen_ms("10.0.0.1", 0, every_ms=30_000) == 15 * 9_000


def test_nobody_waits_where_there_is_a_session_for_each() -> None:
    budget = Budget(limits={"10.0.0.1": 2})
    for name in ("a", "b"):
        budget.belongs("10.0.0.1", name)
    assert budget.unseen_ms("10.0.0.1", 0, every_ms=30_000) == 0


@pytest.mark.parametrize(
    ("watch", "shared_ms", "seconds"),
    [
        (WatchConfig(), 0, 0),
        (WatchConfig(mode="visit"), 0, 30),
        (WatchConfig(mode="visit", visit_every_s=60), 0, 60),
        (WatchConfig(mode="visit", visit_every_s=600, visit_s=60), 0, 540),
        (WatchConfig(), 27_000, 30),
        (WatchConfig(mode="visit"), 135_000, 135),
    ],
)
def test_what_lies_between_two_looks(watch: WatchConfig, shared_ms: int, seconds: int) -> None:
    assert unseen_s(watch, shared_ms=shared_ms) == seconds


def test_it_is_known_from_the_configuration_as_far_as_that_tells_of_limits() -> None:
    hosts = [HostConfig(address="10.0.0.1", sessions=1)]
    devices = Devices(LoginBook(None, SystemClock()), hosts=hosts)
    cameras = [
        CameraConfig(id=f"c{n}", name=f"C{n}", url=CameraUrl.parse(f"rtsp://10.0.0.{host}/{n}"))
        for n, host in enumerate((1, 1, 1, 2))
    ]
    found = devices.expected_unseen_s(cameras, 0)
    assert found == {"c0": 25, "c1": 25, "c2": 25, "c3": 0}


def test_the_doctor_says_whose_loss_is_told_late() -> None:
    assert list(grade_unseen({"a": 0, "b": 30})) == []
    (gate,) = grade_unseen({"Cổng": 35, "Sân": 60})
    assert (gate.code, gate.values["cameras"]) == ("config.unseen_gate", "Cổng, Sân")
    (late,) = grade_unseen({f"C{n}": 135 for n in range(16)})
    assert (late.code, late.values["cameras"], late.values["told_s"]) == (
        "config.unseen", "C0, C1, C2 +13", 165
    )  # fmt: skip
