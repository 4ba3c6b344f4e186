"""The join of what agents say: order and repeats don't matter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.storage import Progress
from server.storage.folding import clean, fold
from server.storage.merging import (
    RANGES_KEPT,
    Boot,
    Mark,
    first_told,
    reach,
    received,
    settle,
    tell,
)
from tests.pure.server.reports import BOOT, ORIGIN_MS
from wire.messages import BootStory, Range

SEQS = st.lists(st.integers(1, 60), max_size=60)


def _told(progress: Progress) -> set[int]:
    beyond = {n for r in progress.ranges for n in range(r.first, r.last + 1)}
    return set(range(1, progress.through + 1)) | beyond


@given(SEQS, st.randoms())
def test_progress_is_the_set_of_what_came(seqs: list[int], rng: object) -> None:
    progress = Progress()
    for seq in seqs:
        progress = received(progress, [(seq, seq)])
    assert _told(progress) == set(seqs)
    shuffled = [*seqs, *seqs]
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert received(Progress(), [(s, s) for s in shuffled]) == progress


@given(SEQS)
def test_ranges_are_sorted_apart_and_beyond_the_prefix(seqs: list[int]) -> None:
    progress = received(Progress(), [(s, s) for s in seqs])
    edges = [progress.through, *(x for r in progress.ranges for x in (r.first, r.last))]
    assert edges == sorted(edges)
    for before, after in zip(
        [Range(first=1, last=max(progress.through, 1)), *progress.ranges],
        progress.ranges,
        strict=False,
    ):
        assert after.first > before.last + 1 or (progress.through == 0 and after.first > 1)


def test_ranges_are_bounded_and_the_lowest_are_kept() -> None:
    progress = received(Progress(), [(n, n) for n in range(2, 4 * RANGES_KEPT, 2)])
    assert len(progress.ranges) == RANGES_KEPT
    assert progress.ranges[0] == Range(first=2, last=2)


def test_a_gap_fills_its_span() -> None:
    assert received(Progress(through=4), [(5, 900), (901, 901)]).through == 901


def test_a_reversed_span_adds_nothing() -> None:
    assert received(Progress(through=4), [(9, 7)]) == Progress(through=4)


MARKS = st.lists(
    st.builds(Mark, st.integers(0, 9), st.integers(0, 9), st.sampled_from(["{}", '{"a": 1}'])),
    max_size=12,
)


@given(MARKS, st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_the_largest_ripe_watermark_counts_in_whatever_order(
    marks: list[Mark], throughs: list[int]
) -> None:
    current, waiting = None, frozenset[Mark]()
    for mark in marks:  # they come one by one before anything is ripe
        current, waiting = settle(current, {*waiting, mark}, through=-1)
    assert current is None
    for through in sorted(throughs):
        current, waiting = settle(current, waiting, through=through)
    ripe = [m for m in marks if m.after_seq <= max(throughs)]
    assert current == max(ripe, default=None)
    assert all(m.after_seq > max(throughs) for m in waiting)


STORIES = st.lists(
    st.tuples(
        st.builds(
            BootStory,
            id=st.just(BOOT),
            origin_utc_ms=st.integers(0, 5),
            offset_ms=st.none() | st.integers(-3000, 3000),
            steps=st.integers(0, 2),
        ),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=8,
)


def _tell_all(stories: list[tuple[BootStory, int]]) -> Boot:
    boot = first_told("a", stories[0][0], told_utc_ms=stories[0][1])
    for story, told in stories[1:]:
        boot = tell(boot, story, told_utc_ms=told)
    return boot


@given(STORIES, st.randoms())
def test_stories_join_in_any_order(stories: list[tuple[BootStory, int]], rng: object) -> None:
    shuffled = [*stories, *stories]
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert _tell_all(shuffled).zero_ms == _tell_all(stories).zero_ms


def test_only_an_offset_over_two_seconds_moves_a_boot() -> None:
    for offset, moved in ((2000, 0), (-2000, 0), (2001, 2001), (-2001, -2001), (None, 0)):
        story = BootStory(id=BOOT, origin_utc_ms=ORIGIN_MS, offset_ms=offset)
        assert first_told("a", story, told_utc_ms=0).zero_ms == ORIGIN_MS + moved


def test_after_a_clock_step_the_offset_that_was_measured_after_it_counts() -> None:
    before = BootStory(id=BOOT, origin_utc_ms=0, offset_ms=90_000)
    after = BootStory(id=BOOT, origin_utc_ms=91_000, offset_ms=-2_500, steps=1)
    assert _tell_all([(before, 2), (after, 1)]).zero_ms == 88_500


def test_a_clock_that_somebody_sets_wrong_does_not_undo_what_was_measured() -> None:
    before = BootStory(id=BOOT, origin_utc_ms=0, offset_ms=90_000)
    set_wrong = BootStory(id=BOOT, origin_utc_ms=86_400_000, steps=1)
    assert _tell_all([(before, 1), (set_wrong, 2)]).zero_ms == 90_000


def test_a_story_whose_offset_is_absurd_tells_the_rest() -> None:
    absurd = BootStory(id=BOOT, origin_utc_ms=5, offset_ms=10**14, steps=2, machine="pc")
    told = _tell_all([(absurd, 1)]).story
    assert (told.offset_ms, told.steps, told.machine) == (None, 2, "pc")


@given(st.permutations([(9, 100), (5, 90), (20, 130)]))
def test_a_boots_origin_is_no_later_than_any_report_allows(seen: list[tuple[int, int]]) -> None:
    boot = first_told("a", BootStory(id=BOOT, origin_utc_ms=0), told_utc_ms=0)
    for ms, received_ms in [*seen, *seen]:
        boot = reach(boot, ms, received_utc_ms=received_ms)
    assert (boot.last_ms, boot.latest_zero_ms) == (20, 85)


def test_folding_finds_vietnamese_without_marks() -> None:
    assert fold("Nguyễn Đức ĐÓN trẻ") == "nguyen duc don tre"
    assert fold(clean("Đu\u031bc") or "") == "duc"


def test_cleaning_composes_and_drops_nul() -> None:
    assert clean("a\x00e\u0301") == "a\ufffdé"
    assert clean(None) is None


@pytest.mark.parametrize(
    ("offset_ms", "origin_utc_ms", "wrong"),
    [
        (None, ORIGIN_MS, False),
        (2000, ORIGIN_MS, False),
        (-2001, ORIGIN_MS, True),
        (0, 1_262_304_000_000, False),
        (None, 1_262_304_000_000, True),
        (None, ORIGIN_MS + 61_000, True),
    ],
)
def test_events_of_a_clock_that_is_known_to_be_wrong_are_marked(
    offset_ms: int | None, origin_utc_ms: int, wrong: bool
) -> None:
    story = BootStory(id=BOOT, origin_utc_ms=origin_utc_ms, offset_ms=offset_ms)
    boot = reach(first_told("a", story, told_utc_ms=0), 0, received_utc_ms=ORIGIN_MS)
    assert boot.clock_is_wrong is wrong
