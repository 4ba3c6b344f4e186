import itertools

import pytest

from edge.rtsp.handshake import Limits, Timing
from edge.rtsp.replies import Trouble
from edge.rtsp.url import CameraUrl
from tests.pure.edge.fake_camera import Camera, FakeFeed, tell
from wire.vocabulary import Cause

REFUSED = Trouble(Cause.NETWORK_REFUSED, "refused")
TIMEOUT = Trouble(Cause.NETWORK_TIMEOUT, "it accepts the connection but does not answer RTSP")
WRONG = Trouble(Cause.RTSP_AUTH, "wrong", refused_login=True)


def unplug(camera: Camera) -> None:
    camera.trouble = REFUSED
    if camera.feed is not None:
        camera.feed.end(camera.clock.ms())


def plug(camera: Camera) -> None:
    camera.trouble = None


async def test_a_good_camera_is_said_up_each_second_by_its_packets() -> None:
    told = await tell({}, until_ms=30_000)
    assert [cause for _, _, cause in told.changes] == [None]
    times = [one.at_ms for one in told.sightings]
    assert max(b - a for a, b in itertools.pairwise(times)) <= 1500
    assert all(one.at_ms % 100 == 0 for one in told.sightings)
    assert told.camera.teardowns == 1


async def test_a_killed_camera_is_down_within_seconds_since_it_was_lost() -> None:
    told = await tell({20_300: unplug}, until_ms=40_000)
    (_, _, up), (at_ms, began_ms, cause) = told.changes
    assert (up, cause) == (None, Cause.NETWORK_REFUSED)
    assert began_ms == 20_300
    assert at_ms <= 22_500


async def test_while_down_the_verdict_is_said_again_each_second() -> None:
    told = await tell({0: unplug}, until_ms=60_000)
    times = [one.at_ms for one in told.sightings]
    assert max(b - a for a, b in itertools.pairwise(times)) <= 1100
    assert {one.began_ms for one in told.sightings} == {told.camera.clock.origin_ms}
    assert len(told.camera.opened) < 15


async def test_a_camera_that_comes_back_is_up_since_its_first_packet() -> None:
    told = await tell({0: unplug, 5_050: plug}, until_ms=30_000)
    at_ms, began_ms, cause = told.changes[-1]
    assert cause is None
    assert 5_050 < began_ms <= 8_000
    assert at_ms - began_ms <= 3_000


async def test_a_stall_is_dated_by_the_last_packet_and_said_while_rtsp_answers() -> None:
    def stall(camera: Camera) -> None:
        camera.sends = False

    def go_on(camera: Camera) -> None:
        camera.sends = True

    told = await tell({20_050: stall, 40_050: go_on}, until_ms=60_000)
    _, (at_ms, began_ms, cause), (_, up_ms, up) = told.changes
    assert (cause, began_ms) == (Cause.STREAM_STALLED, 20_000)
    assert at_ms <= 26_000
    assert up is None
    assert 40_050 < up_ms <= 42_500
    last_up = [one for one in told.sightings if one.verdict.cause is None and one.at_ms % 1 == 0]
    before = [one.at_ms - told.camera.clock.origin_ms for one in last_up]
    assert max(at for at in before if at < 30_000) == 20_000
    stalled = next(one for one in told.sightings if one.verdict.cause)
    assert "RTSP still answers" in (stalled.verdict.detail or "")


async def test_a_camera_gone_mute_is_the_networks_trouble_since_the_last_packet() -> None:
    def cable(camera: Camera) -> None:
        camera.sends = camera.answers = False
        camera.trouble = TIMEOUT

    told = await tell({20_050: cable}, until_ms=40_000)
    _, (at_ms, began_ms, cause) = told.changes
    assert (cause, began_ms) == (Cause.NETWORK_TIMEOUT, 20_000)
    assert at_ms <= 33_000


async def test_play_without_packets_is_a_stall_even_over_many_sessions() -> None:
    def silent(camera: Camera) -> None:
        camera.sends = False

    told = await tell({0: silent}, until_ms=90_000)
    assert [cause for _, _, cause in told.changes] == [Cause.STREAM_STALLED]
    assert len(told.camera.opened) > 3
    assert told.changes[0][1] == 0


async def test_play_without_packets_or_answers_is_said_too() -> None:
    def mute(camera: Camera) -> None:
        camera.sends = camera.answers = False

    told = await tell({0: mute}, until_ms=90_000)
    assert [cause for _, _, cause in told.changes] == [Cause.STREAM_STALLED]


async def test_after_a_refused_login_no_password_is_sent_for_a_while() -> None:
    def change_password(camera: Camera) -> None:
        camera.trouble = WRONG

    def cut_cable(camera: Camera) -> None:
        camera.trouble = REFUSED

    told = await tell(
        {0: change_password, 200_000: cut_cable, 240_000: change_password},
        until_ms=700_000,
        auth_retry_s=600,
    )
    with_password = [at_ms for at_ms, known in told.camera.opened if known]
    assert with_password[0] == 0
    assert all(at_ms >= 600_000 for at_ms in with_password[1:])
    assert len(with_password) == 2
    causes = [cause for _, _, cause in told.changes]
    assert causes == [Cause.RTSP_AUTH, Cause.NETWORK_REFUSED, Cause.RTSP_AUTH]


async def test_a_picture_verdict_stays_until_a_later_picture_clears_it() -> None:
    def dark(camera: Camera) -> None:
        camera.black_since_ms = camera.clock.ms()

    def light(camera: Camera) -> None:
        camera.black_since_ms = None

    told = await tell({20_000: dark, 50_000: light}, until_ms=80_000)
    _, (_, began_ms, cause), (_, up_ms, up) = told.changes
    assert (cause, began_ms) == (Cause.PICTURE_BLACK, 20_000)
    assert up is None
    assert 50_000 <= up_ms <= 63_000
    pictures = [at_ms - 1_000_000 for at_ms in told.camera.judged_ms]
    assert up_ms == next(at_ms for at_ms in pictures if at_ms >= 50_000)


async def test_a_stream_that_turns_to_rubbish_is_a_protocol_fault_though_it_opens_again() -> None:
    def rubbish(camera: Camera) -> None:
        assert camera.feed is not None
        camera.feed.trouble = Trouble(Cause.RTSP_PROTOCOL, "not RTSP")
        camera.feed.ended_ms = camera.clock.ms()

    told = await tell({20_000: rubbish}, until_ms=40_000)
    assert [cause for _, _, cause in told.changes] == [None, Cause.RTSP_PROTOCOL, None]
    assert told.changes[1][1] == 20_000


async def test_key_frames_that_do_not_decode() -> None:
    def break_encoder(camera: Camera) -> None:
        camera.decodes = False

    def mend(camera: Camera) -> None:
        camera.decodes = True

    told = await tell({20_000: break_encoder, 50_000: mend}, until_ms=70_000)
    _, (_, began_ms, cause), (_, up_ms, up) = told.changes
    assert cause is Cause.STREAM_UNDECODABLE
    assert 20_000 <= began_ms <= 33_000
    assert up is None
    assert 50_000 <= up_ms <= 53_000, "an undecodable key frame is followed by the next one at once"


async def test_no_key_frames() -> None:
    def no_keys(camera: Camera) -> None:
        camera.key_frames = False

    told = await tell({20_000: no_keys}, until_ms=60_000)
    _, (_, began_ms, cause) = told.changes
    assert cause is Cause.STREAM_NO_KEYFRAME
    assert 17_000 <= began_ms <= 20_000


async def test_lost_packets_are_lossy_and_then_over() -> None:
    def lose(camera: Camera) -> None:
        camera.loses = 1

    def keep(camera: Camera) -> None:
        camera.loses = 0

    told = await tell({20_000: lose, 50_000: keep}, until_ms=80_000)
    _, (_, began_ms, cause), (_, up_ms, up) = told.changes
    assert cause is Cause.STREAM_LOSSY
    assert 19_000 <= began_ms <= 21_500
    assert up is None
    assert 49_000 <= up_ms <= 51_000


async def test_a_watcher_that_breaks_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    def break_watcher(camera: Camera) -> None:
        camera.step = None  # type: ignore[method-assign, assignment]

    def mend(camera: Camera) -> None:
        del camera.step

    told = await tell({20_000: break_watcher, 35_000: mend}, until_ms=80_000)
    assert "its watcher failed" in caplog.text
    assert told.sightings[-1].at_ms - told.camera.clock.origin_ms > 78_000
    assert told.camera.teardowns == len(told.camera.opened)


async def test_facts_are_measured() -> None:
    told = await tell({}, until_ms=40_000)
    assert len(told.facts) >= 3
    last = told.facts[-1]
    assert (last.codec, last.width, last.height, last.loss) == ("h264", 640, 360, 0.0)
    assert last.fps == pytest.approx(10, abs=0.2)


async def test_after_a_stall_up_waits_for_a_new_picture() -> None:
    def stall(camera: Camera) -> None:
        camera.sends = False

    def go_on_without_key_frames(camera: Camera) -> None:
        camera.sends, camera.key_frames = True, False

    def key_frames(camera: Camera) -> None:
        camera.key_frames = True

    story = {20_000: stall, 30_000: go_on_without_key_frames, 36_000: key_frames}
    told = await tell(story, until_ms=50_000)
    at_ms, began_ms, cause = told.changes[-1]
    assert cause is None
    assert at_ms >= 36_000
    assert 30_000 <= began_ms <= 31_000


async def test_a_loss_that_was_repaired_at_once_does_not_date_the_next_one() -> None:
    def hang_up(camera: Camera) -> None:
        assert camera.feed is not None
        camera.feed.end(camera.clock.ms())

    told = await tell({20_000: hang_up, 30_000: unplug}, until_ms=50_000)
    assert [cause for _, _, cause in told.changes] == [None, Cause.NETWORK_REFUSED]
    assert told.changes[-1][1] == 30_000


async def test_after_a_success_the_back_off_begins_anew() -> None:
    told = await tell({0: unplug, 100_000: plug, 140_000: unplug}, until_ms=160_000)
    tries = [at_ms for at_ms, _ in told.camera.opened if at_ms > 140_000]
    assert tries[0] <= 142_000
    assert len(tries) >= 5


async def test_after_a_stall_an_old_key_frame_is_no_missing_one() -> None:
    def no_keys(camera: Camera) -> None:
        camera.key_frames = False

    def stall(camera: Camera) -> None:
        camera.sends = False

    def go_on(camera: Camera) -> None:
        camera.sends = camera.key_frames = True

    story = {10_000: no_keys, 20_000: stall, 34_000: go_on}
    told = await tell(story, until_ms=50_000)
    assert [cause for _, _, cause in told.changes] == [None, Cause.STREAM_STALLED, None]


async def test_a_bad_picture_that_outlasts_an_outage_does_not_rewrite_the_outage() -> None:
    def darken(camera: Camera) -> None:
        camera.black_since_ms = camera.clock.ms()  # and the judge keeps saying so

    told = await tell({10_050: darken, 20_300: unplug, 40_050: plug}, until_ms=70_000)
    causes = [cause for _, _, cause in told.changes]
    assert causes == [None, Cause.PICTURE_BLACK, Cause.NETWORK_REFUSED, Cause.PICTURE_BLACK]
    assert told.changes[-1][1] > 40_050


async def test_each_judged_picture_is_shown_to_who_keeps_evidence() -> None:
    told = await tell({}, until_ms=40_000)
    assert [at_ms for _, _, _, at_ms in told.pictures] == told.camera.judged_ms
    assert {(camera, finding.cause) for camera, _, finding, _ in told.pictures} == {("c1", None)}


async def test_what_is_wrong_beside_the_stream_counts_while_nothing_worse_does() -> None:
    def clock_is_wrong(camera: Camera) -> None:
        camera.aside = Trouble(Cause.CLOCK_DRIFT, "its clock is 10 minutes slow")

    def clock_is_set(camera: Camera) -> None:
        camera.aside = None

    told = await tell({20_050: clock_is_wrong, 30_050: unplug, 40_050: plug}, until_ms=60_000)
    causes = [cause for _, _, cause in told.changes]
    assert causes == [None, Cause.CLOCK_DRIFT, Cause.NETWORK_REFUSED, Cause.CLOCK_DRIFT]
    told = await tell({0: clock_is_wrong, 30_050: clock_is_set}, until_ms=60_000)
    _, (_, began_ms, cause) = told.changes
    assert cause is None
    assert began_ms >= 30_000, "it was not up while its clock was wrong"


async def test_a_look_that_is_wished_for_ends_the_pause_between_two_tries() -> None:
    def look(camera: Camera) -> None:
        camera.control.look_now()

    without = await tell({0: unplug}, until_ms=90_000)
    tried_ms = next(at_ms for at_ms, _ in without.camera.opened if at_ms > 60_000)
    told = await tell({0: unplug, tried_ms + 1_050: look}, until_ms=90_000)
    assert next(at_ms for at_ms, _ in told.camera.opened if at_ms > tried_ms) <= tried_ms + 2_100


async def test_a_look_that_is_wished_for_while_it_plays_is_a_picture_at_once() -> None:
    def look(camera: Camera) -> None:
        camera.control.look_now()

    told = await tell({20_100: look}, until_ms=59_000, picture_every_s=100)
    assert len(told.camera.judged_ms) == 2
    assert told.camera.judged_ms[1] - told.camera.clock.origin_ms <= 23_000


async def test_a_wish_for_a_look_sends_no_password_that_was_refused() -> None:
    def change_password(camera: Camera) -> None:
        camera.trouble = WRONG

    def look(camera: Camera) -> None:
        camera.control.look_now()

    told = await tell({0: change_password, 60_050: look}, until_ms=80_000)
    assert [known for _, known in told.camera.opened].count(True) == 1


async def test_a_new_view_is_the_judges_and_is_looked_at_at_once() -> None:
    def new_view(camera: Camera) -> None:
        camera.control.new_view()

    told = await tell({20_100: new_view}, until_ms=59_000, picture_every_s=100)
    assert told.camera.new_views == 1
    assert len(told.camera.judged_ms) == 2


async def test_a_new_stream_is_told_to_the_judge_and_what_it_can_not_check_is_a_fact() -> None:
    def plain(camera: Camera) -> None:
        camera.unchecked = (Cause.PICTURE_FROZEN,)

    told = await tell({0: plain, 20_000: unplug, 22_000: plug}, until_ms=60_000)
    assert len(told.camera.forgotten_ms) == 2
    assert told.facts[-1].unchecked == (Cause.PICTURE_FROZEN,)


async def test_a_handshake_that_breaks_in_an_unknown_way_may_have_shown_the_password() -> None:
    def break_it(camera: Camera) -> None:
        camera.breaks = True

    told = await tell({0: break_it}, until_ms=58_000)
    assert [known for _, known in told.camera.opened].count(True) == 3


async def test_the_second_stream_is_watched_and_not_replaced_in_silence() -> None:
    def gone(camera: Camera) -> None:
        camera.trouble = Trouble(Cause.RTSP_NOT_FOUND, "DESCRIBE was answered 404")

    told = await tell({0: gone}, until_ms=60_000, sub_url="rtsp://u:x@10.0.0.1/sub")
    assert told.camera.asked_for == {"/sub"}
    detail = told.sightings[-1].verdict.detail
    assert detail == "the second stream (sub_url): DESCRIBE was answered 404"


async def test_a_camera_that_takes_three_seconds_for_each_request_is_watched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quick = Camera.open

    async def slow(
        camera: Camera, url: CameraUrl, limits: Limits, timing: Timing | None = None
    ) -> FakeFeed | Trouble:
        assert limits.reply_s > 3
        await camera.clock.wait(min(5 * 3, limits.handshake_s))
        camera.trouble = TIMEOUT if limits.handshake_s < 5 * 3 else None
        return await quick(camera, url, limits, timing)

    monkeypatch.setattr(Camera, "open", slow)
    told = await tell({}, until_ms=60_000)
    assert [cause for _, _, cause in told.changes] == [None]
