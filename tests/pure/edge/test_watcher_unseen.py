"""For how long nobody looks at a camera: the centre is told, and it is kept."""

import pytest

from edge.config.values import WatchConfig
from edge.watcher.budget import Budget
from tests.pure.edge.fake_recorder import Recorder, World, tell_all

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
