"""The budget of sessions: never over a device's limit, everyone in turn."""

from hypothesis import given
from hypothesis import strategies as st

from edge.watcher.budget import FIRST_TURN_MS, LEARNED_MS, MIN_TURN_MS, Budget

EVERY_MS = 60_000
CAMERAS = [f"c{n}" for n in range(16)]


def budget(limit: int | None, cameras: list[str] = CAMERAS) -> Budget:
    made = Budget(limits={"nvr": limit})
    for camera in cameras:
        made.belongs("nvr", camera)
    return made


def enter_all(made: Budget, now_ms: int, cameras: list[str] = CAMERAS) -> set[str]:
    return {camera for camera in cameras if made.enter("nvr", camera, now_ms)}


def test_without_a_limit_all_come_in_and_nobody_leaves() -> None:
    made = budget(None)
    assert enter_all(made, 0) == set(CAMERAS)
    assert not any(made.is_over("nvr", c, 10**9, every_ms=EVERY_MS) for c in CAMERAS)
    assert made.cycle_ms("nvr", 0, every_ms=EVERY_MS) == 0


def test_with_a_limit_so_many_come_in_first_come_first_served() -> None:
    made = budget(4)
    assert enter_all(made, 0) == {"c0", "c1", "c2", "c3"}
    made.leave("nvr", "c2")
    assert enter_all(made, 1, CAMERAS[4:]) == {"c4"}
    made.leave("nvr", "c4")
    made.leave("nvr", "c5")  # gives up waiting
    assert enter_all(made, 2, ["c9", "c7", "c6"]) == {"c6"}


def all_had_a_turn(made: Budget) -> None:
    for camera in CAMERAS:
        made.enter("nvr", camera, 0)
        made.leave("nvr", camera)


def test_turns_are_short_while_one_waits_that_had_none() -> None:
    made = budget(4)
    enter_all(made, 0)
    assert not made.is_over("nvr", "c0", FIRST_TURN_MS - 1, every_ms=EVERY_MS)
    assert made.is_over("nvr", "c0", FIRST_TURN_MS, every_ms=EVERY_MS)


def test_a_turn_is_over_when_others_wait_and_no_more_leave_than_wait() -> None:
    made = budget(4)
    all_had_a_turn(made)
    enter_all(made, 0, CAMERAS[:5])  # one waits
    over = [c for c in CAMERAS[:4] if made.is_over("nvr", c, 15_000, every_ms=EVERY_MS)]
    assert over == ["c0"]
    assert made.is_over("nvr", "c0", 15_500, every_ms=EVERY_MS), "it stays over"
    assert not made.is_over("nvr", "c1", 14_999, every_ms=EVERY_MS)


def test_a_turn_lets_everyone_be_seen_in_time_and_is_never_too_short() -> None:
    assert budget(4).cycle_ms("nvr", 0, every_ms=EVERY_MS) == 60_000
    made = budget(1)
    assert made.cycle_ms("nvr", 0, every_ms=EVERY_MS) == 16 * MIN_TURN_MS
    all_had_a_turn(made)
    enter_all(made, 0)
    assert not made.is_over("nvr", "c0", MIN_TURN_MS - 1, every_ms=EVERY_MS)
    assert made.is_over("nvr", "c0", MIN_TURN_MS, every_ms=EVERY_MS)


def test_a_refusal_teaches_how_many_there_are_for_a_while() -> None:
    made = budget(None)
    enter_all(made, 0, CAMERAS[:4])
    made.leave("nvr", "c3")  # it was refused
    assert made.refused("nvr", 10)
    assert not made.enter("nvr", "c3", 20)
    assert not made.enter("nvr", "c4", 20)
    assert made.is_over("nvr", "c0", 60_000, every_ms=EVERY_MS)
    made.leave("nvr", "c0")
    assert made.enter("nvr", "c3", 60_001)
    assert not made.enter("nvr", "c4", 60_001)
    assert made.enter("nvr", "c4", 10 + LEARNED_MS), "one more is tried"
    assert not made.enter("nvr", "c5", 10 + LEARNED_MS)


def test_a_learned_limit_is_never_above_the_configured_one() -> None:
    made = budget(2)
    enter_all(made, 0)
    made.leave("nvr", "c1")
    assert made.refused("nvr", 0)
    made.leave("nvr", "c0")
    assert enter_all(made, 1) == {"c2"}
    assert len(enter_all(made, 100 * LEARNED_MS)) == 2


def test_a_camera_that_is_refused_again_in_its_turn_teaches_nothing() -> None:
    made = budget(None)
    enter_all(made, 0)
    made.leave("nvr", "c3")
    assert made.refused("nvr", 0)
    assert not made.refused("nvr", 60_000, again=True)
    assert made.enter("nvr", "c3", 60_001), "nobody needs to leave for it"


def test_a_refusal_while_none_of_ours_is_open_teaches_nothing() -> None:
    made = budget(None)
    assert not made.refused("nvr", 0)
    assert enter_all(made, 1) == set(CAMERAS)


def test_devices_have_their_own_limits_and_others_the_default() -> None:
    made = Budget(limits={"a": 1, "b": None}, limit=2)
    assert [made.enter("a", c, 0) for c in "xyz"] == [True, False, False]
    assert [made.enter("b", c, 0) for c in "xyz"] == [True, True, True]
    assert [made.enter("c", c, 0) for c in "xyz"] == [True, True, False]


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.integers(0, 15), st.sampled_from("elr"), st.integers(0, 20_000))),
)
def test_our_sessions_are_never_more_than_the_limit(
    limit: int, steps: list[tuple[int, str, int]]
) -> None:
    made, inside, now_ms = budget(limit), set[str](), 0
    for number, act, passes_ms in steps:
        camera, now_ms = f"c{number}", now_ms + passes_ms
        if act == "e" and made.enter("nvr", camera, now_ms):
            inside.add(camera)
        elif act == "l":
            made.leave("nvr", camera)
            inside.discard(camera)
        elif act == "r" and camera in inside:
            made.leave("nvr", camera)
            inside.discard(camera)
            made.refused("nvr", now_ms)
        assert len(inside) <= limit
