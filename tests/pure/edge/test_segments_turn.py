"""Going over into another boot: the two boots together say what one would have said."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.segments import Builder, Patience
from edge.sighting import Sighting, Verdict
from wire.messages import Hold, Segment
from wire.vocabulary import Cause

A = "0b2c3d4e-1111-4222-8333-444455556666"
ORIGIN = 1_000_000
STALLED = Cause.STREAM_STALLED
FROZEN = Cause.PICTURE_FROZEN
PATIENCE = {"c": Patience(confirm_ms=4_000, late_after_ms=15_000)}

Said = list[tuple[str | None, int, int]]


def boot(number: int) -> str:
    return A[:-1] + str(number)


def look(
    at_ms: int, cause: Cause | None = None, began_ms: int | None = None, next_ms: int | None = None
) -> Sighting:
    return Sighting(
        camera="c",
        at_ms=ORIGIN + at_ms,
        began_ms=ORIGIN + (at_ms if began_ms is None else began_ms),
        verdict=Verdict(cause=cause),
        next_ms=None if next_ms is None else ORIGIN + next_ms,
    )


class Centre:
    """What the centre would join of what it was told, in milliseconds since the first origin."""

    def __init__(self) -> None:
        self.zeros = {boot(0): 0}
        self.told: dict[str, dict[int, Segment]] = {}
        self.marks: dict[str, tuple[int, tuple[Hold, ...]]] = {}

    def hear(self, segments: Sequence[Segment]) -> None:
        for segment in segments:
            known = self.told.setdefault(segment.boot, {}).get(segment.number)
            assert known is None or known.end_ms is None or known == segment
            assert segment.end_ms is None or segment.end_ms >= segment.start_ms
            self.told[segment.boot][segment.number] = segment

    def claims(self) -> Said:
        found: Said = []
        for name, segments in self.told.items():
            until_ms, holds = self.marks[name]
            good_ms = {hold.camera: hold.last_good_ms for hold in holds}
            cut_ms = 10**9
            for number in sorted(segments, reverse=True):
                one = segments[number]
                end_ms = one.end_ms
                if end_ms is None:
                    end_ms = good_ms.get("c", until_ms)
                end_ms = min(end_ms, cut_ms)
                cut_ms = min(cut_ms, one.start_ms)
                if end_ms > one.start_ms:
                    zero = self.zeros[name]
                    found.append((one.cause, one.start_ms + zero, end_ms + zero))
        return joined(sorted(found, key=lambda claim: claim[1]))


def joined(claims: Said) -> Said:
    """Join what touches; nothing may overlap."""
    out: Said = []
    for cause, start_ms, end_ms in claims:
        if out and start_ms < out[-1][2]:
            raise AssertionError(f"overlap at {start_ms}: {claims}")
        if out and out[-1][0] == cause and out[-1][2] == start_ms:
            out[-1] = (cause, out[-1][1], end_ms)
        else:
            out.append((cause, start_ms, end_ms))
    return out


def tell(sightings: Sequence[Sighting], turns: Sequence[tuple[int, int]], end_ms: int) -> Said:
    """Return what the centre joins; ``turns`` are (when, origin before it)."""
    build, centre, name = Builder(boot(0), ORIGIN, patience=PATIENCE), Centre(), boot(0)
    waiting, former = list(turns), ""
    for sighting in [*sightings, None]:
        while waiting and (sighting is None or ORIGIN + waiting[0][0] <= sighting.at_ms):
            at_ms, before_ms = waiting.pop(0)
            now = ORIGIN + at_ms
            zero = at_ms - before_ms
            former, until_ms = name, at_ms - centre.zeros[name]
            name = boot(len(turns) - len(waiting))
            centre.zeros[name] = zero
            centre.hear(build.turn_over(name, ORIGIN + zero, at_ms=now))
            centre.marks[former] = (until_ms, build.former_holds())
        if sighting:
            centre.hear(build.step(sighting))
            if former:
                centre.marks[former] = (until_ms, build.former_holds())
    centre.marks[name] = (end_ms - centre.zeros[name], build.holds(ORIGIN + end_ms))
    return centre.claims()


STEP = st.tuples(
    st.one_of(st.integers(0, 3_000), st.integers(0, 20_000)),
    st.sampled_from([None, None, STALLED, FROZEN]),
    st.one_of(st.just(0), st.integers(0, 60_000)),
    st.sampled_from([None, None, None, 10_000, 40_000]),
)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(STEP, max_size=30),
    st.lists(st.tuples(st.integers(0, 200_000), st.integers(0, 50)), max_size=1),
)
def test_two_boots_say_together_what_one_would_say(
    steps: list[tuple[int, Cause | None, int, int | None]], turns: list[tuple[int, int]]
) -> None:
    sightings, at_ms = [look(0)], 0
    for later_ms, cause, age_ms, rest_ms in steps:
        at_ms += later_ms
        next_ms = None if rest_ms is None else at_ms + rest_ms
        sightings.append(look(at_ms, cause, max(0, at_ms - age_ms), next_ms))
    at_ms = max([at_ms, *(turn[0] for turn in turns)])
    last = sightings[-1].verdict.cause
    sightings += [look(at_ms + 5_000 * i, last) for i in range(1, 31)]
    one = tell(sightings, (), at_ms + 151_000)
    assert tell(sightings, turns, at_ms + 151_000) == one


def test_what_is_open_touches_its_continuation_and_costs_one_item_a_camera() -> None:
    build = Builder(boot(0), ORIGIN, patience=PATIENCE)
    for at_ms in (0, 4_000, 10_000):
        build.step(look(at_ms))
    (begun,) = build.turn_over(boot(1), ORIGIN + 12_000, at_ms=ORIGIN + 12_000)
    assert (begun.boot, begun.number, begun.start_ms, begun.end_ms) == (boot(1), 1, 0, None)
    assert build.holds(ORIGIN + 12_000) == ()
    assert build.step(look(15_000)) == ()


def test_a_freeze_that_began_before_the_turn_ends_what_the_former_boot_left_open() -> None:
    build = Builder(boot(0), ORIGIN, patience=PATIENCE)
    for at_ms in range(0, 60_000, 5_000):
        build.step(look(at_ms))
    build.turn_over(boot(1), ORIGIN + 60_000, at_ms=ORIGIN + 60_000)
    build.step(look(61_000))
    said = build.step(look(90_000 - 15_000, FROZEN, 30_000))
    assert [(s.boot, s.number, s.cause, s.start_ms, s.end_ms) for s in said] == [
        (boot(0), 1, None, 0, 30_000),
        (boot(1), 1, None, 0, 0),
        (boot(0), 2, FROZEN, 30_000, None),
        (boot(1), 2, FROZEN, 0, None),
    ]


def test_a_doubt_at_the_turn_is_held_until_it_is_settled() -> None:
    build = Builder(boot(0), ORIGIN, patience=PATIENCE)
    for at_ms in (0, 4_000, 10_000):
        build.step(look(at_ms))
    build.step(look(11_000, STALLED))
    build.turn_over(boot(1), ORIGIN + 12_000, at_ms=ORIGIN + 12_000)
    assert build.former_holds() == (Hold(camera="c", last_good_ms=11_000),)
    assert build.holds(ORIGIN + 12_000) == (Hold(camera="c", last_good_ms=0),)
    assert build.step(look(13_000)) == ()
    assert build.former_holds() == ()


def test_a_change_that_was_a_doubt_at_the_turn_is_told_of_both_boots() -> None:
    build = Builder(boot(0), ORIGIN, patience=PATIENCE)
    for at_ms in (0, 4_000, 10_000):
        build.step(look(at_ms))
    build.step(look(10_500, STALLED))
    build.turn_over(boot(1), ORIGIN + 12_000, at_ms=ORIGIN + 12_000)
    said = build.step(look(14_886, STALLED))
    assert [(s.boot, s.number, s.cause, s.start_ms, s.end_ms) for s in said] == [
        (boot(0), 1, None, 0, 10_500),
        (boot(1), 1, None, 0, 0),
        (boot(0), 2, STALLED, 10_500, None),
        (boot(1), 2, STALLED, 0, None),
    ]
    assert build.former_holds() == ()  # so that the former boot's watermark vouches for its 2


def test_a_camera_that_nobody_sees_at_the_turn_begins_anew_with_its_next_sighting() -> None:
    build = Builder(boot(0), ORIGIN, patience=PATIENCE)
    for at_ms in (0, 4_000, 10_000):
        build.step(look(at_ms))
    (closed,) = build.turn_over(boot(1), ORIGIN + 60_000, at_ms=ORIGIN + 60_000)
    assert (closed.boot, closed.end_ms) == (boot(0), 10_000)
    build.step(replace(look(80_000), began_ms=ORIGIN))
    (begun,) = build.step(replace(look(85_000), began_ms=ORIGIN))
    assert (begun.boot, begun.start_ms) == (boot(1), 20_000)
