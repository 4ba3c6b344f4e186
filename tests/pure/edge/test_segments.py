"""The segment builder: confirmation, dating, flapping, holds, and its laws under any input."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edge.segments import Builder, Patience
from edge.sighting import Sighting, Verdict
from wire.messages import Hold, Segment
from wire.vocabulary import Cause, State

BOOT = "0b2c3d4e-1111-4222-8333-444455556666"
ORIGIN = 1_000_000
CONFIRM = 4_000
LATE = 15_000
STALLED = Cause.STREAM_STALLED
TIMEOUT = Cause.NETWORK_TIMEOUT
FROZEN = Cause.PICTURE_FROZEN
BLACK = Cause.PICTURE_BLACK


def builder() -> Builder:
    return Builder(
        BOOT, ORIGIN, patience={"patient": Patience(confirm_ms=60_000, late_after_ms=90_000)}
    )


def sighting(
    at_ms: int, cause: Cause | None = None, began_ms: int | None = None, camera: str = "c"
) -> Sighting:
    began_ms = at_ms if began_ms is None else began_ms
    return Sighting(
        camera=camera,
        at_ms=ORIGIN + at_ms,
        began_ms=ORIGIN + began_ms,
        verdict=Verdict(cause=cause, detail="d" if cause else None),
    )


def play(build: Builder, *sightings: Sighting) -> list[Segment]:
    return [segment for each in sightings for segment in build.step(each)]


def said(segments: list[Segment]) -> list[tuple[int, str | None, int, int | None]]:
    return [(s.number, s.cause, s.start_ms, s.end_ms) for s in segments]


def test_the_first_verdict_is_confirmed_and_dated_when_it_began() -> None:
    build = builder()
    assert play(build, sighting(0), sighting(3_999)) == []
    (first,) = play(build, sighting(4_000))
    assert (first.number, first.state, first.start_ms, first.end_ms) == (1, State.UP, 0, None)
    assert play(build, sighting(9_000), sighting(19_000)) == []


def test_a_change_closes_and_opens_at_the_moment_it_began() -> None:
    build = builder()
    play(build, sighting(0), sighting(4_000))
    changes = play(build, sighting(10_000, STALLED, 6_000))
    assert said(changes) == [(1, None, 0, 6_000), (2, STALLED, 6_000, None)]
    assert changes[1].detail == "d"


def test_a_freeze_that_the_judge_has_confirmed_is_said_at_once() -> None:
    build = builder()
    play(build, *(sighting(at_ms) for at_ms in range(0, 90_000, 5_000)))
    changes = play(build, sighting(90_000, FROZEN, 30_000))
    assert said(changes) == [(1, None, 0, 30_000), (2, FROZEN, 30_000, None)]


def test_a_change_never_begins_before_the_open_segment() -> None:
    build = builder()
    play(build, sighting(50_000, STALLED), sighting(54_000, STALLED))
    changes = play(build, sighting(60_000, FROZEN, 1_000))
    assert said(changes) == [(1, STALLED, 50_000, 50_001), (2, FROZEN, 50_001, None)]


def test_flapping_faster_than_confirmation_changes_nothing() -> None:
    build = builder()
    play(build, sighting(0), sighting(4_000))
    for at_ms in range(5_000, 60_000, 2_000):
        assert play(build, sighting(at_ms, TIMEOUT), sighting(at_ms + 1_000)) == []


def test_trouble_that_changes_its_name_is_dated_from_its_beginning() -> None:
    build = builder()
    play(build, sighting(0), sighting(4_000), sighting(5_000, STALLED), sighting(7_000, TIMEOUT))
    changes = play(build, sighting(9_000, TIMEOUT, 7_000))
    assert said(changes) == [(1, None, 0, 5_000), (2, TIMEOUT, 5_000, None)]


def test_recovery_through_other_trouble_is_not_counted_as_watching() -> None:
    build = builder()
    play(build, sighting(0, TIMEOUT), sighting(4_000, TIMEOUT))
    play(build, sighting(5_000, BLACK), sighting(7_000))
    changes = play(build, sighting(11_000))
    assert said(changes) == [(1, TIMEOUT, 0, 7_000), (2, None, 7_000, None)]


def test_a_camera_may_have_its_own_confirmation_time() -> None:
    build = builder()
    assert play(build, sighting(0, camera="patient"), sighting(59_999, camera="patient")) == []
    assert len(play(build, sighting(60_000, camera="patient"))) == 1


def test_numbers_run_across_cameras() -> None:
    build = builder()
    play(build, sighting(0, camera="a"), sighting(0, camera="b"))
    first = play(build, sighting(4_000, camera="b"), sighting(4_000, camera="a"))
    assert [(s.camera, s.number) for s in first] == [("b", 1), ("a", 2)]


def test_a_late_or_repeated_sighting_moves_nothing_back() -> None:
    build = builder()
    play(build, sighting(0), sighting(4_000))
    assert play(build, sighting(3_000, TIMEOUT, 0)) == []
    assert build.holds(ORIGIN + 5_000) == ()


def test_a_watermark_vouches_for_no_camera_that_is_in_doubt() -> None:
    build = builder()
    assert build.holds(ORIGIN) == ()
    play(build, sighting(0), sighting(4_000), sighting(5_000))
    assert build.holds(ORIGIN + 6_000) == ()
    play(build, sighting(8_000, STALLED, 6_500))
    assert build.holds(ORIGIN + 8_000) == (Hold(camera="c", last_good_ms=6_500),)
    play(build, sighting(9_000))
    assert build.holds(ORIGIN + 9_000) == ()


def test_a_watcher_that_hangs_is_vouched_for_until_its_last_sighting() -> None:
    build = builder()
    play(build, sighting(0), sighting(4_000))
    assert build.holds(ORIGIN + 7_000) == ()
    assert build.holds(ORIGIN + 7_001) == (Hold(camera="c", last_good_ms=4_000),)


def test_nothing_is_vouched_for_beyond_the_last_looks() -> None:
    build = builder()
    assert build.seen_until_ms(ORIGIN + 9_000) == ORIGIN + 9_000, "no camera, no doubt"
    play(build, sighting(0), sighting(4_000), sighting(0, camera="b"), sighting(4_900, camera="b"))
    assert build.seen_until_ms(ORIGIN + 5_000) == ORIGIN + 4_000
    assert build.seen_until_ms(ORIGIN + 7_500) == ORIGIN + 4_900, "the other is held"


def test_a_visited_camera_keeps_no_other_back() -> None:
    build = builder()
    play(build, sighting(0), sighting(4_000), sighting(0, camera="b"), sighting(4_500, camera="b"))
    build.step(replace(sighting(4_600, camera="b"), next_ms=ORIGIN + 30_000))
    play(build, sighting(12_000), sighting(20_000))
    assert build.seen_until_ms(ORIGIN + 20_400) == ORIGIN + 20_000
    assert build.holds(ORIGIN + 20_400) == ()


def test_a_silence_is_nobodys_time() -> None:
    build = builder()
    play(build, sighting(0), sighting(4_000), sighting(10_000))
    slept = play(build, sighting(7_200_000, began_ms=0))
    assert said(slept) == [(1, None, 0, 10_000)]
    assert build.holds(ORIGIN + 7_200_000) == ()
    woken = play(build, sighting(7_204_000, began_ms=0))
    assert said(woken) == [(2, None, 7_200_000, None)]


def test_a_silence_ends_a_doubt_where_it_began() -> None:
    build = builder()
    play(build, sighting(0), sighting(4_000), sighting(10_000, STALLED, 8_000))
    slept = play(build, sighting(100_000, STALLED, 8_000))
    assert said(slept) == [(1, None, 0, 8_000)]


def test_open_segments_are_those_that_a_watermark_vouches_for() -> None:
    build = builder()
    play(build, sighting(0), sighting(4_000), sighting(10_000, STALLED, 6_000))
    assert said(list(build.open_segments())) == [(2, STALLED, 6_000, None)]


STEP = st.tuples(
    st.sampled_from(["a", "b"]),
    st.one_of(st.integers(0, 3_000), st.integers(0, 20_000)),
    st.sampled_from([None, STALLED, TIMEOUT, BLACK]),
    st.integers(0, 6_000),
)


def as_sightings(steps: list[tuple[str, int, Cause | None, int]]) -> list[Sighting]:
    at_ms = 0
    sightings = []
    for camera, later_ms, cause, age_ms in steps:
        at_ms += later_ms
        sightings.append(sighting(at_ms, cause, max(0, at_ms - age_ms), camera))
    return sightings


def model(sightings: list[Sighting]) -> list[tuple[str | None, int]]:
    """What one camera's segments must be, told from its whole history each time anew."""
    runs: list[list[Sighting]] = []
    for each in sightings:
        if not runs or each.at_ms - runs[-1][-1].at_ms > LATE:
            runs.append([])
        runs[-1].append(each)
    floors = [0] + [run[0].at_ms - ORIGIN for run in runs[1:]]
    return [
        said for run, floor in zip(runs, floors, strict=False) for said in model_run(run, floor)
    ]


def model_run(sightings: list[Sighting], floor: int) -> list[tuple[str | None, int]]:
    """The same, for sightings with no silence among them."""
    said_so_far: list[tuple[str | None, int]] = []
    since = 0
    for i, last in enumerate(sightings):
        cause = last.verdict.cause
        if said_so_far and said_so_far[-1][0] == cause:
            since = i + 1
            continue
        run = sightings[since : i + 1]
        while any((s.verdict.cause is None) != (cause is None) for s in run):
            run = run[1:]  # from the latest turn between up and trouble on
        began = max(floor, min(s.began_ms for s in run) - ORIGIN)
        start = max(began, said_so_far[-1][1] + 1) if said_so_far else began
        if last.at_ms - ORIGIN - began >= CONFIRM and start <= last.at_ms - ORIGIN:
            said_so_far.append((cause, start))
            since = i + 1
    return said_so_far


@given(st.lists(STEP, max_size=60))
def test_segments_are_what_the_whole_history_says(
    steps: list[tuple[str, int, Cause | None, int]],
) -> None:
    sightings = as_sightings(steps)
    changes = play(builder(), *sightings)
    for camera in ("a", "b"):
        opened = [(s.cause, s.start_ms) for s in changes if s.camera == camera and s.end_ms is None]
        assert opened == model([s for s in sightings if s.camera == camera])


@given(st.lists(STEP, max_size=60))
def test_segments_of_a_camera_are_ordered_gapless_and_never_empty(
    steps: list[tuple[str, int, Cause | None, int]],
) -> None:
    sightings = as_sightings(steps)
    changes = play(builder(), *sightings)
    numbers = [s.number for s in changes if s.end_ms is None]
    assert numbers == list(range(1, len(numbers) + 1))
    for camera in ("a", "b"):
        final = {s.number: s for s in changes if s.camera == camera}  # closed comes after open
        ordered = [final[number] for number in sorted(final)]
        moments = [s.at_ms - ORIGIN for s in sightings if s.camera == camera]
        woken = {b for a, b in pairwise(moments) if b - a > LATE}
        for earlier, later in pairwise(ordered):
            assert earlier.end_ms is not None
            assert earlier.start_ms < earlier.end_ms <= later.start_ms
            if earlier.end_ms < later.start_ms:
                assert any(earlier.end_ms < moment <= later.start_ms for moment in woken)
            else:
                assert earlier.cause != later.cause


@given(st.lists(st.tuples(STEP, st.integers(0, 60_000)), max_size=40))
def test_with_visits_segments_are_ordered_and_never_empty(
    steps: list[tuple[tuple[str, int, Cause | None, int], int]],
) -> None:
    sightings = as_sightings([step for step, _ in steps])
    visits = [
        replace(one, next_ms=one.at_ms + rest_ms) if rest_ms > 30_000 else one
        for one, (_, rest_ms) in zip(sightings, steps, strict=True)
    ]
    for camera in ("a", "b"):
        final = {s.number: s for s in play(builder(), *visits) if s.camera == camera}
        ordered = [final[number] for number in sorted(final)]
        for earlier, later in pairwise(ordered):
            assert earlier.end_ms is not None
            assert earlier.start_ms < earlier.end_ms <= later.start_ms


@given(st.lists(STEP, max_size=40))
def test_a_hold_lies_in_the_open_segment_and_not_in_the_future(
    steps: list[tuple[str, int, Cause | None, int]],
) -> None:
    build = builder()
    for each in as_sightings(steps):
        build.step(each)
        opened = {s.camera: s for s in build.open_segments()}
        for hold in build.holds(each.at_ms):
            assert opened[hold.camera].start_ms <= hold.last_good_ms <= each.at_ms - ORIGIN


def rest(at_ms: int, next_ms: int, cause: Cause | None = None) -> Sighting:
    """Say something for the last time before ``next_ms``."""
    return replace(sighting(at_ms, cause), next_ms=ORIGIN + next_ms)


def visited() -> Builder:
    build = builder()
    play(build, sighting(0), sighting(4_000), rest(5_000, 65_000))
    return build


def test_between_two_good_visits_a_camera_is_up_and_vouched_for() -> None:
    build = visited()
    assert build.holds(ORIGIN + 79_000) == ()
    assert play(build, sighting(70_000), sighting(75_000), rest(76_000, 136_000)) == []
    assert build.holds(ORIGIN + 136_000) == ()


def test_a_visit_that_fails_is_dated_by_its_try_and_nothing_is_claimed_before() -> None:
    build = visited()
    assert play(build, sighting(66_000, TIMEOUT, 64_000)) == []
    assert build.holds(ORIGIN + 67_000) == (Hold(camera="c", last_good_ms=5_000),)
    changes = play(build, sighting(69_000, TIMEOUT, 64_000))
    assert said(changes) == [(1, None, 0, 5_000), (2, TIMEOUT, 64_000, None)]


def test_a_visit_that_fails_once_and_then_agrees_changes_nothing() -> None:
    build = visited()
    assert play(build, sighting(66_000, TIMEOUT, 64_000), sighting(68_000), sighting(80_000)) == []
    assert build.holds(ORIGIN + 81_000) == ()


def test_other_trouble_after_a_failed_visit_leaves_the_unseen_time_unclaimed() -> None:
    build = visited()
    play(build, sighting(66_000, TIMEOUT, 64_000))
    changes = play(build, sighting(69_000, STALLED, 67_000))
    assert said(changes) == [(1, None, 0, 5_000), (2, STALLED, 64_000, None)]


def test_a_visit_that_does_not_come_is_carried_for_its_patience_and_no_longer() -> None:
    build = visited()
    assert build.holds(ORIGIN + 65_000 + LATE) == ()
    assert build.holds(ORIGIN + 65_001 + LATE) == (Hold(camera="c", last_good_ms=5_000),)
    changes = play(build, sighting(90_000), sighting(94_000))
    assert said(changes) == [(1, None, 0, 5_000), (2, None, 90_000, None)]


def test_trouble_told_by_a_visit_may_have_begun_at_an_earlier_one() -> None:
    build = visited()
    changes = play(build, sighting(70_000, FROZEN, 1_000))
    assert said(changes) == [(1, None, 0, 1_000), (2, FROZEN, 1_000, None)]
