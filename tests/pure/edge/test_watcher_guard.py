"""The lockout guard: who may show which password, and what of it outlives a restart."""

from hypothesis import given
from hypothesis import strategies as st

from edge.watcher.guard import (
    FRESH_MS,
    MAX_REFUSALS,
    SETTLE_MS,
    WINDOW_MS,
    Answer,
    Guard,
    Leave,
    Login,
)
from edge.watcher.guard import device_of as device

PAUSE_MS = 600_000


def login(channel: str = "c1", mark: str = "old", device: str = "nvr") -> Login:
    return Login(device=device, channel=channel, mark=mark)


def ask(guard: Guard, who: Login, now_ms: int) -> Leave:
    return guard.ask(who, now_ms, pause_ms=PAUSE_MS)


def refuse(guard: Guard, who: Login, now_ms: int) -> None:
    assert ask(guard, who, now_ms) is Leave.PASSWORD
    guard.answered(who, Answer.REFUSED, now_ms)


def accept(guard: Guard, who: Login, now_ms: int) -> None:
    assert ask(guard, who, now_ms) is Leave.PASSWORD
    guard.answered(who, Answer.ACCEPTED, now_ms)
    guard.joined(who)


def test_one_channel_tries_and_the_others_wait_for_its_answer() -> None:
    guard = Guard()
    assert ask(guard, login("c1"), 0) is Leave.PASSWORD
    assert [ask(guard, login(f"c{n}"), 1) for n in range(2, 17)] == [Leave.WAIT] * 15
    guard.answered(login("c1"), Answer.REFUSED, 50)
    assert [ask(guard, login(f"c{n}"), 60) for n in range(1, 17)] == [Leave.BARE] * 16
    assert ask(guard, login("c9"), 50 + PAUSE_MS) is Leave.PASSWORD


def test_a_right_password_lets_the_others_in_at_once() -> None:
    guard = Guard()
    accept(guard, login("c1"), 0)
    for n in range(2, 17):
        assert ask(guard, login(f"c{n}"), 60) is Leave.PASSWORD
        guard.answered(login(f"c{n}"), Answer.ACCEPTED, 60)


def test_four_at_once_show_even_a_right_password() -> None:
    guard = Guard()
    accept(guard, login("c1"), 0)
    asked = [ask(guard, login(f"c{n}"), 60) for n in range(2, 17)]
    assert asked == [Leave.PASSWORD] * 4 + [Leave.WAIT] * 11
    guard.answered(login("c2"), Answer.FULL, 70)
    assert ask(guard, login("c9"), 80) is Leave.WAIT
    guard.answered(login("c3"), Answer.ACCEPTED, 90)
    assert ask(guard, login("c9"), 100) is Leave.PASSWORD


def test_after_the_pause_another_channel_tries_first() -> None:
    guard = Guard()
    ask(guard, login("c1"), 0)
    assert ask(guard, login("c2"), 0) is Leave.WAIT
    refuse(guard, login("c1"), 0)  # its user may not view this one, but the others
    assert ask(guard, login("c1"), PAUSE_MS) is Leave.BARE
    accept(guard, login("c2"), PAUSE_MS)
    assert ask(guard, login("c3"), PAUSE_MS + 1) is Leave.PASSWORD
    alone = Guard()
    refuse(alone, login("c1"), 0)
    assert ask(alone, login("c1"), PAUSE_MS) is Leave.PASSWORD


def test_a_changed_password_is_tried_at_once() -> None:
    guard = Guard()
    refuse(guard, login(mark="old"), 0)
    assert ask(guard, login(mark="new"), 1) is Leave.PASSWORD


def test_another_device_is_another_matter() -> None:
    guard = Guard()
    refuse(guard, login(device="a"), 0)
    assert ask(guard, login(device="b"), 1) is Leave.PASSWORD


def test_a_password_that_was_right_is_tried_by_one_channel_once_nobody_plays() -> None:
    guard = Guard()
    accept(guard, login("c1"), 0)
    accept(guard, login("c2"), 10)
    guard.left(login("c1"), 20)
    assert ask(guard, login("c1"), 10 * FRESH_MS) is Leave.PASSWORD
    guard.answered(login("c1"), Answer.UNSHOWN, 10 * FRESH_MS)
    guard.left(login("c2"), 20 * FRESH_MS)
    assert ask(guard, login("c1"), 20 * FRESH_MS) is Leave.PASSWORD
    assert ask(guard, login("c2"), 20 * FRESH_MS) is Leave.WAIT


def test_once_the_last_channel_has_stopped_one_alone_tries_again() -> None:
    guard = Guard()
    accept(guard, login("c1"), 0)
    guard.left(login("c1"), 100)
    assert ask(guard, login("c1"), 101) is Leave.PASSWORD
    assert ask(guard, login("c2"), 101) is Leave.WAIT


def test_accepted_though_there_is_no_stream_is_right_for_a_while() -> None:
    guard = Guard()
    assert ask(guard, login("c1"), 0) is Leave.PASSWORD
    guard.answered(login("c1"), Answer.ACCEPTED, 0)  # and then: no such stream
    assert [ask(guard, login(f"c{n}"), 1) for n in (2, 3)] == [Leave.PASSWORD] * 2
    for n in (2, 3):
        guard.answered(login(f"c{n}"), Answer.UNSHOWN, 2)
    asked = [ask(guard, login(f"c{n}"), FRESH_MS) for n in (2, 3)]
    assert asked == [Leave.PASSWORD, Leave.WAIT]


def test_a_refusal_while_others_play_concerns_that_channel_alone() -> None:
    guard = Guard()
    accept(guard, login("c1"), 0)
    refuse(guard, login("c2"), 10)
    assert ask(guard, login("c2"), 20) is Leave.BARE
    assert ask(guard, login("c3"), 20) is Leave.WAIT
    assert ask(guard, login("c3"), 10 + SETTLE_MS) is Leave.PASSWORD


def test_a_refusal_while_the_others_are_being_cut_off_concerns_them_all() -> None:
    guard = Guard()
    accept(guard, login("c1"), 0)
    accept(guard, login("c2"), 0)
    guard.left(login("c1"), 50_000)
    refuse(guard, login("c1"), 50_100)
    assert ask(guard, login("c2"), 50_200) is Leave.WAIT
    guard.left(login("c2"), 50_400)
    assert ask(guard, login("c2"), 50_400 + PAUSE_MS - 1) is Leave.BARE


def test_a_device_refuses_us_three_times_a_minute_at_most_whatever_is_shown() -> None:
    guard = Guard()
    for n in range(MAX_REFUSALS):
        refuse(guard, login(f"c{n}", mark=f"m{n}"), n)
    assert ask(guard, login("c9", mark="m9"), 10) is Leave.BARE
    assert ask(guard, login("c9", mark="m9"), WINDOW_MS) is Leave.PASSWORD


def test_others_mistakes_do_not_keep_out_what_was_right_the_last_time() -> None:
    guard = Guard()
    accept(guard, login("c0", mark="right"), 0)
    guard.left(login("c0", mark="right"), 5)
    for n in range(MAX_REFUSALS):
        refuse(guard, login(f"c{n}", mark=f"m{n}"), 100_000 + n)
    refuse(guard, login("c0", mark="right"), 100_010)  # it was changed
    assert ask(guard, login("c9", mark="m9"), 100_020) is Leave.BARE
    assert not guard.is_proven(login("c0", mark="right"))


def test_a_password_that_was_not_shown_after_all_counts_for_nothing() -> None:
    guard = Guard()
    for n in range(10):
        assert ask(guard, login(), n) is Leave.PASSWORD
        guard.answered(login(), Answer.UNSHOWN, n)
    assert guard.snapshot().tried == ()


def test_one_that_was_shown_and_not_answered_counts() -> None:
    guard = Guard()
    for n in range(MAX_REFUSALS):
        assert ask(guard, login(), n) is Leave.PASSWORD
        guard.answered(login(), Answer.UNTOLD, n)
    assert ask(guard, login(), 10) is Leave.BARE


def test_no_session_left_is_no_wrong_password_but_counts_as_a_try() -> None:
    guard = Guard()
    accept(guard, login("c1"), 0)
    for n in range(MAX_REFUSALS + 1):
        assert ask(guard, login("c2"), n) is Leave.PASSWORD
        guard.answered(login("c2"), Answer.FULL, n)
    assert guard.snapshot().refusals == ()
    assert ask(guard, login("c2"), 10) is Leave.BARE
    assert ask(guard, login("c2"), WINDOW_MS + 3) is Leave.PASSWORD


def test_what_was_refused_outlives_a_restart_and_so_does_a_try_without_an_answer() -> None:
    guard = Guard()
    refuse(guard, login(), 0)
    again = Guard(restored=guard.snapshot())
    assert ask(again, login("c2"), 1) is Leave.BARE
    for n in range(10):  # an agent that dies in the middle of each try
        guard = Guard(restored=guard.snapshot())
        answer = ask(guard, login(mark="new"), 100 + n)
        assert answer is (Leave.PASSWORD if n < MAX_REFUSALS - 1 else Leave.BARE)


def test_an_acceptance_ends_a_refusal() -> None:
    guard = Guard()
    refuse(guard, login(), 0)
    accept(guard, login("c2"), PAUSE_MS)
    assert guard.snapshot().refusals == ()


def test_a_listed_host_is_one_device_with_all_its_ports() -> None:
    listed = {"192.168.1.20"}
    assert device("192.168.1.20", 554, listed) == device("192.168.1.20", 8554, listed)
    assert device("192.168.1.21", 554, listed) != device("192.168.1.21", 8554, listed)
    assert device("NVR.lan", 554, listed) == device("nvr.LAN", 554, listed)


STEPS = st.lists(
    st.tuples(
        st.integers(0, 5),  # channel
        st.sampled_from(["a", "b", "c", "d", "e", "right"]),
        st.integers(0, 20_000),  # time that passes
        st.integers(0, 3),  # 0: the agent dies before the answer
    ),
    max_size=80,
)


@given(STEPS)
def test_no_device_ever_counts_five_wrong_passwords_within_half_a_minute(
    steps: list[tuple[int, str, int, int]],
) -> None:
    guard, now_ms, wrong = Guard(), 0, []
    for channel, mark, passes_ms, fate in steps:
        now_ms += passes_ms
        who = login(f"c{channel}", mark)
        if ask(guard, who, now_ms) is not Leave.PASSWORD:
            continue
        if mark != "right":
            wrong.append(now_ms)
        if fate == 0:
            guard = Guard(restored=guard.snapshot())
        else:
            guard.answered(who, Answer.ACCEPTED if mark == "right" else Answer.REFUSED, now_ms)
    for at_ms in wrong:
        assert sum(at_ms <= other < at_ms + 30_000 for other in wrong) < 5
