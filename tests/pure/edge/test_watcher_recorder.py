"""Many channels of one recorder: one try of a wrong password, sessions within the limit."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from edge.config.values import WatchConfig
from edge.rtsp.replies import Trouble
from edge.watcher import LoginBook
from tests.pure.edge.fake_recorder import Recorder, SharedClock, tell_all
from wire.vocabulary import Cause

pytestmark = pytest.mark.long

REFUSED = Trouble(Cause.NETWORK_REFUSED, "refused")


def change_password(recorder: Recorder) -> None:
    """As when it restarts with another one: every session ends."""
    recorder.password = "other"
    for feed in recorder.feeds.values():
        feed.end(recorder.clock.ms())


async def test_sixteen_channels_with_a_wrong_password_are_one_try() -> None:
    world = await tell_all({}, until_ms=300_000, passwords=dict.fromkeys(range(16), "wrong"))
    assert len(world.recorder.tries) == 1
    causes = {c: {one.verdict.cause for one in seen} for c, seen in world.sightings.items()}
    assert causes == {f"c{n}": {Cause.RTSP_AUTH} for n in range(16)}
    bare = [at_ms for at_ms, _, known in world.recorder.asked if not known]
    assert len(bare) < 300_000 / 10_000, "asking without a password is shared"


async def test_all_are_up_within_seconds_with_the_right_one() -> None:
    world = await tell_all({}, until_ms=20_000)
    for seen in world.sightings.values():
        assert seen[0].at_ms - world.recorder.clock.origin_ms < 8_000
    assert world.recorder.open == 0, "every session was given back"


async def test_a_password_that_is_changed_while_all_play_is_one_try() -> None:
    world = await tell_all({60_000: change_password}, until_ms=400_000)
    assert len(world.recorder.tries) == 1
    for seen in world.sightings.values():
        assert seen[-1].verdict.cause is Cause.RTSP_AUTH


async def at_once(act: Callable[..., None], *arguments: Any) -> None:
    act(*arguments)


async def test_restarts_try_nothing_anew_until_the_password_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The clock that moves by itself would run away from a thread that writes to a real disk.
    monkeypatch.setattr(asyncio, "to_thread", at_once)
    clock, wrong = SharedClock(), dict.fromkeys(range(16), "wrong")
    tries = 0
    for _ in range(5):
        book = LoginBook(tmp_path / "logins.json", clock)
        world = await tell_all({}, until_ms=5_000, clock=clock, book=book, passwords=wrong)
        tries += len(world.recorder.tries)
    assert tries == 1
    book = LoginBook(tmp_path / "logins.json", clock)
    world = await tell_all({}, until_ms=9_000, clock=clock, book=book)
    assert {seen[-1].verdict.cause for seen in world.sightings.values()} == {None}


async def test_one_channel_with_a_wrong_password_keeps_no_other_back() -> None:
    world = await tell_all({}, until_ms=30_000, passwords={0: "wrong"})
    assert len(world.recorder.tries) == 1
    assert [seen[-1].verdict.cause for seen in world.sightings.values()] == [
        Cause.RTSP_AUTH,
        *[None] * 15,
    ]


async def test_a_recorder_that_was_away_is_back_for_all_channels_soon() -> None:
    def unplug(recorder: Recorder) -> None:
        recorder.trouble = REFUSED
        for feed in recorder.feeds.values():
            feed.end(recorder.clock.ms())

    def plug(recorder: Recorder) -> None:
        recorder.trouble = None

    world = await tell_all({30_000: unplug, 90_000: plug}, until_ms=120_000)
    for camera in world.sightings:
        up, down, again = world.final(camera)
        assert (up.cause, down.cause, again.cause) == (None, Cause.NETWORK_REFUSED, None)
        assert (up.end_ms, down.start_ms) == (30_000, 30_000)
        assert 90_000 <= again.start_ms <= 106_000


async def visits(sessions: int, until_ms: int = 200_000) -> None:
    world = await tell_all({}, until_ms=until_ms, sessions=sessions)
    assert world.recorder.most_open <= sessions
    for camera, seen in world.sightings.items():
        (segment,) = world.final(camera)
        assert (segment.cause, segment.end_ms) == (None, None)
        assert max(b.at_ms - a.at_ms for a, b in pairwise(seen)) < 100_000, camera
    assert world.builder.holds(world.recorder.clock.ms() - 3_000) == ()


@pytest.mark.parametrize("sessions", [4, 15])
async def test_a_limit_is_kept_and_everyone_is_seen_in_turn(sessions: int) -> None:
    await visits(sessions)


async def test_one_session_for_sixteen_channels() -> None:
    world = await tell_all({}, until_ms=300_000, sessions=1)
    assert world.recorder.most_open == 1
    for camera in world.sightings:
        assert [s.cause for s in world.final(camera)] == [None]


@pytest.mark.parametrize("busy_is_401", [False, True])
async def test_a_limit_that_nobody_told_is_learned_and_no_camera_is_blamed(
    *, busy_is_401: bool
) -> None:
    def few(recorder: Recorder) -> None:
        recorder.sessions, recorder.busy_is_401 = 4, busy_is_401

    def restart(recorder: Recorder) -> None:
        for feed in recorder.feeds.values():
            feed.end(recorder.clock.ms())

    world = await tell_all({0: few, 60_000: restart}, until_ms=250_000)
    assert all(
        sum(at_ms <= other < at_ms + 30_000 for other in world.recorder.counted_ms) < 5
        for at_ms in world.recorder.counted_ms
    )
    assert world.recorder.most_open <= 4
    for camera in world.sightings:
        assert {s.cause for s in world.final(camera)} == {None}, camera
    asked = [at_ms for at_ms, _, _ in world.recorder.asked]
    assert len(asked) < 16 * 12


async def test_old_news_of_the_network_is_not_told_of_a_password_that_is_refused_later() -> None:
    def hang(recorder: Recorder) -> None:
        recorder.trouble = Trouble(Cause.NETWORK_TIMEOUT, "hangs")
        recorder.takes_ms = 4_000
        for feed in recorder.feeds.values():
            feed.end(recorder.clock.ms())

    def refuse(recorder: Recorder) -> None:
        recorder.trouble, recorder.takes_ms = None, 40
        change_password(recorder)

    world = await tell_all({30_000: hang, 44_000: refuse}, until_ms=62_000, cameras=4)
    assert len(world.recorder.tries) == 1
    for seen in world.sightings.values():
        assert seen[-1].verdict.cause is Cause.RTSP_AUTH


async def test_one_channel_that_gives_no_session_is_busy_and_the_others_stay() -> None:
    def busy(recorder: Recorder) -> None:
        recorder.full.add("c3")
        recorder.feeds["c3"].end(recorder.clock.ms())

    world = await tell_all({30_000: busy}, until_ms=200_000)
    *_, last = world.final("c3")
    assert last.cause is Cause.RTSP_BUSY
    for camera in sorted(world.sightings.keys() - {"c3"}):
        assert [s.cause for s in world.final(camera)] == [None]
    late = [name for at_ms, name, _ in world.recorder.asked if at_ms > 120_000]
    assert set(late) == {"c3"}


async def test_channels_are_let_in_soon_once_one_has_shown_that_the_password_is_right() -> None:
    def wrong(recorder: Recorder) -> None:
        recorder.password = "other"

    def right(recorder: Recorder) -> None:
        recorder.password = "right"

    watched = WatchConfig(auth_retry_s=60)
    world = await tell_all({0: wrong, 10_000: right}, until_ms=90_000, watched=watched)
    assert len(world.recorder.tries) == 1
    began_ms = [world.final(camera)[-1].start_ms for camera in world.sightings]
    assert max(began_ms) - min(began_ms) < 3_000


async def test_visited_cameras_are_up_between_two_visits_and_each_is_a_short_one() -> None:
    watched = WatchConfig(mode="visit", visit_every_s=60)
    world = await tell_all({}, until_ms=330_000, cameras=4, watched=watched)
    for camera in world.sightings:
        assert [(s.cause, s.end_ms) for s in world.final(camera)] == [(None, None)]
    assert 4 * 5 <= len(world.recorder.asked) <= 4 * 7
    assert world.recorder.open == 0
    assert {one.camera for one in world.facts} == set(world.sightings)
    assert all(one.fps == pytest.approx(10, rel=0.1) for one in world.facts)


async def test_a_visited_camera_that_fails_is_dated_by_the_try_and_unclaimed_before() -> None:
    def unplug(recorder: Recorder) -> None:
        recorder.trouble = REFUSED

    def plug(recorder: Recorder) -> None:
        recorder.trouble = None

    watched = WatchConfig(mode="visit", visit_every_s=60)
    world = await tell_all(
        {30_000: unplug, 90_000: plug}, until_ms=200_000, cameras=1, watched=watched
    )
    up, down, again = world.final("c0")
    assert up.end_ms is not None
    assert up.end_ms < 10_000, "sure to the last good look"
    assert 47_000 < down.start_ms <= 60_000, "down since the try, never later than it was due"
    assert 90_000 <= again.start_ms < 106_000
    assert again.end_ms is None


async def test_trouble_of_a_visit_is_told_from_a_glitch_before_it_leaves() -> None:
    def darken(recorder: Recorder) -> None:
        recorder.cameras["c0"].black_since_ms = recorder.clock.ms()

    watched = WatchConfig(mode="visit", visit_every_s=60)
    world = await tell_all({30_000: darken}, until_ms=100_000, cameras=1, watched=watched)
    _, black = world.final("c0")
    assert (black.cause, black.start_ms) == (Cause.PICTURE_BLACK, 30_000)
    assert len(world.recorder.cameras["c0"].forgotten_ms) == 1, "visits tell of one another"


async def test_a_visit_stays_until_loss_is_told_from_a_glitch() -> None:
    def lose(recorder: Recorder) -> None:
        recorder.cameras["c0"].loses = 1

    watched = WatchConfig(mode="visit", visit_every_s=60)
    world = await tell_all({30_000: lose}, until_ms=100_000, cameras=1, watched=watched)
    assert [s.cause for s in world.final("c0")] == [None, Cause.STREAM_LOSSY]


async def test_a_visit_ends_though_what_it_sees_never_settles() -> None:
    def flicker(recorder: Recorder) -> None:
        camera = recorder.cameras["c0"]
        camera.black_since_ms = None if camera.black_since_ms else recorder.clock.ms()

    story = dict.fromkeys(range(1_000, 120_000, 2_000), flicker)
    watched = WatchConfig(mode="visit", visit_every_s=60, picture_every_s=1)
    world = await tell_all(story, until_ms=120_000, cameras=1, watched=watched)
    assert 2 <= len(world.recorder.asked) <= 3
