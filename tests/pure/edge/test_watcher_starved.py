"""A gate PC that has no time for its agent: its own trouble is no camera's."""

import itertools
import uuid
from collections.abc import Callable

import pytest

from edge.rtsp.attention import Attention
from edge.rtsp.replies import Trouble
from edge.segments import Builder, Patience
from tests.pure.edge.fake_camera import Camera, tell
from tests.pure.edge.rtp_packets import H264_P, frame, rtp
from wire.messages import Segment
from wire.vocabulary import Cause


def starved(seconds: int, *, kept: int = 0) -> Callable[[Camera], None]:
    """Put the program aside; of what is sent meanwhile the kernel keeps so many packets."""

    def happen(camera: Camera) -> None:
        camera.clock.now_ms += seconds * 1000
        feed = camera.feed
        for number in range(seconds * 10 if feed else 0):
            assert feed is not None
            feed._seq += 1
            if number < kept:
                data = frame(rtp(feed._seq, feed._seq * 9000, H264_P))
                feed.counter.feed(data, 0, len(data), camera.clock.now_ms)

    return happen


def dies(camera: Camera) -> None:
    camera.sends = camera.answers = False


@pytest.mark.parametrize("kept", [0, 30, 90])
@pytest.mark.parametrize("seconds", [3, 10, 25])
async def test_what_was_lost_while_nobody_read_is_not_the_cameras_loss(
    seconds: int, kept: int
) -> None:
    told = await tell({30_200: starved(seconds, kept=kept)}, until_ms=90_000, min_fps=9)
    assert [cause for _, _, cause in told.changes] == [None]
    assert len(told.camera.opened) == 1, "and its session stays"


async def test_put_aside_again_and_again_it_says_nothing_of_the_camera() -> None:
    story = {at_ms: starved(4, kept=5) for at_ms in range(20_200, 80_000, 9_000)}
    told = await tell(story, until_ms=120_000, min_fps=9)
    assert [cause for _, _, cause in told.changes] == [None]


async def test_a_camera_that_dies_meanwhile_is_found_and_dated_by_its_last_packet() -> None:
    told = await tell({30_000: dies, 30_200: starved(10)}, until_ms=70_000)
    _, (at_ms, began_ms, cause) = told.changes
    assert (cause, began_ms) == (Cause.STREAM_STALLED, 29_900)
    assert at_ms <= 55_000


async def test_a_camera_that_is_poor_is_poor_whatever_we_had_time_for() -> None:
    def loses(camera: Camera) -> None:
        camera.loses = 2

    story = {30_000: loses, **dict.fromkeys(range(30_200, 60_000, 14_000), starved(3))}
    told = await tell(story, until_ms=70_000)
    assert [cause for _, _, cause in told.changes] == [None, Cause.STREAM_LOSSY]


async def test_nothing_is_said_of_the_time_in_which_nobody_looked() -> None:
    told = await tell({30_200: starved(10, kept=20)}, until_ms=60_000)
    origin_ms = told.camera.clock.origin_ms
    times = [one.at_ms - origin_ms for one in told.sightings]
    (gap,) = [(a, b) for a, b in itertools.pairwise(times) if b - a > 2_000]
    assert gap[0] <= 30_200
    assert gap[1] >= 40_200


UNSURE = Trouble(Cause.NETWORK_TIMEOUT, "no answer, and we were away", unsure=True)


def unplug(camera: Camera) -> None:
    camera.trouble = UNSURE
    if camera.feed is not None:
        camera.feed.end(camera.clock.ms())


def plug(camera: Camera) -> None:
    camera.trouble = None


async def test_a_timeout_that_may_be_our_own_is_not_told_of_the_camera() -> None:
    told = await tell({30_000: unplug, 39_000: plug}, until_ms=60_000)
    assert [cause for _, _, cause in told.changes] == [None]


async def test_a_camera_that_gives_no_answer_is_told_of_however_busy_we_are() -> None:
    told = await tell({30_000: unplug}, until_ms=90_000)
    _, (at_ms, began_ms, cause) = told.changes
    assert (cause, began_ms) == (Cause.NETWORK_TIMEOUT, 30_000)
    assert at_ms <= 55_000


def test_who_was_put_aside_knows_it_before_the_loop_turns_again() -> None:
    attention = Attention(200)
    assert not attention.was_lost_since(0, 50_000), "nobody turns: nothing is known"
    for at_ms in (60_000, 60_200, 60_500):
        attention.turned(at_ms)
    assert not attention.was_lost_since(60_000, 61_000)
    assert attention.was_lost_since(60_000, 64_000), "not back yet"
    attention.turned(64_100)
    assert attention.was_lost_since(60_000, 64_200)
    assert attention.was_lost_since(64_000, 64_200)
    assert not attention.was_lost_since(64_200, 64_300), "that was before it began"


def slept(*, cut: bool) -> Callable[[Camera], None]:
    """Sleep for five minutes; the camera has given the session up, or knows nothing of it."""
    put_aside = starved(300)

    def happen(camera: Camera) -> None:
        feed = camera.feed
        put_aside(camera)
        if cut and feed is not None:
            feed.end(camera.clock.now_ms)

    return happen


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize("away_s", [0, 12])
async def test_a_gate_pc_that_slept_claims_nothing_of_the_time_and_blames_no_camera_for_it(
    cut: bool, away_s: int
) -> None:
    story = {30_200: slept(cut=cut)}
    if away_s:  # its own network takes a while to come back
        away = Trouble(Cause.NETWORK_UNREACHABLE, "no way")
        story |= {30_100: lambda c: setattr(c, "trouble", away), 330_200 + away_s * 1000: plug}
    told = await tell(story, until_ms=400_000)
    origin_ms = told.camera.clock.origin_ms
    builder = Builder(str(uuid.uuid4()), origin_ms, patience={"c1": Patience(late_after_ms=28_000)})
    final: dict[int, Segment] = {}
    for sighting in told.sightings:
        final |= {one.number: one for one in builder.step(sighting)}
    before, *after = final.values()
    assert before.cause is None
    assert before.end_ms is not None
    assert before.end_ms <= 30_200
    assert after[0].start_ms >= 330_000, "nothing is claimed of the sleep"
    causes = [one.cause for one in after]
    assert causes == ([Cause.NETWORK_UNREACHABLE, None] if cut and away_s else [None])
