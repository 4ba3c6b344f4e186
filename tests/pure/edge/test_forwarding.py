"""The window: nothing is deleted that is not committed, everything arrives in the end."""

from dataclasses import dataclass, field, replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.forwarding import (
    HISTORY,
    LIVE,
    LONELY_TRIES,
    Ask,
    CentreClock,
    Done,
    Limits,
    Measured,
    Window,
)
from wire.messages import Ack, Range, Refusal

SPOOL = "0b2c3d4e-1111-4222-8333-444455556666"
LIMITS = Limits(batch=50, in_flight=4, begin_with=4, resend_after_ms=20_000)
SLOW = Limits(batch=50, in_flight=4, begin_with=1, resend_after_ms=20_000)


def ack(
    through: int = 0,
    *,
    ranges: tuple[Range, ...] = (),
    refused: tuple[int, ...] = (),
    token: int = 0,
) -> Ack:
    return Ack(
        v="1.2",
        spool=SPOOL,
        through=through,
        server_utc_ms=0,
        sent_utc_ms=token,
        ranges=ranges,
        refused=tuple(Refusal(seq=seq, reason="no") for seq in refused),
    )


def send(window: Window, seqs: range, now_ms: int, token: int = 0) -> Window:
    ask = window.next(now_ms)
    assert ask is not None
    return window.sent(ask, list(seqs), token=token or seqs[0], now_ms=now_ms)


def full(limits: Limits = LIMITS) -> Window:
    window = Window.begin(limits)
    for first in (1, 51, 101, 151):
        window = send(window, range(first, first + 50), 1_000)
    return window


def test_so_many_reports_go_out_unanswered_and_no_more() -> None:
    assert Window.begin(LIMITS).next(0) == Ask(after=0, limit=50)
    assert full().next(1_000) is None
    assert full().cursor == 200


def test_a_lane_of_history_begins_with_one_and_grows_with_each_answer() -> None:
    window = send(Window.begin(SLOW), range(1, 51), 0)
    assert window.next(0) is None
    window, _ = window.acked(ack(50, token=1), 100)
    window = send(send(window, range(51, 101), 100), range(101, 151), 100)
    assert window.next(100) is None
    for _ in range(9):
        window, _ = window.acked(ack(50, token=51), 200)
        window = send(window, range(151, 152), 200, token=51) if window.next(200) else window
    assert len(window.under_way) == 4


def test_an_answer_makes_room() -> None:
    window, done = full().acked(ack(50, token=1), 2_000)
    assert (done.through, done.count) == (50, 50)
    assert window.next(2_000) == Ask(after=200, limit=50)


def test_a_report_is_done_when_all_its_numbers_are() -> None:
    window, _ = full().acked(ack(40), 2_000)
    assert len(window.under_way) == 4
    window, _ = window.acked(ack(40, ranges=(Range(first=41, last=49),), refused=(50,)), 2_000)
    assert len(window.under_way) == 3


def test_an_ack_of_what_was_never_sent_is_cut() -> None:
    ranges = (Range(first=190, last=500), Range(first=300, last=400))
    _, done = full().acked(ack(9_999, ranges=ranges, refused=(777,)), 2_000)
    assert done == Done(through=200, ranges=(Range(first=190, last=200),), count=200)


def test_silence_is_taken_as_loss_and_sending_begins_again_carefully() -> None:
    window = full()
    assert window.due_ms(1_000) == 21_000
    assert not window.overdue(20_999)
    assert len(window.overdue(21_000)) == 4
    window, poison = window.lost(21_000, jitter=0.5)
    assert (poison, window.under_way, window.due_ms(21_000)) == ((), (), 31_000)
    assert window.next(30_999) is None
    ask = window.next(31_000)
    assert ask == Ask(after=0, until=50, limit=50)
    again = window.sent(ask, [1, 2], token=9, now_ms=31_000)
    assert again.next(31_000) is None  # one at a time while trouble lasts
    assert again.again[0] == Ask(after=2, until=50, limit=50)  # what did not fit comes next


def test_what_is_not_overdue_is_not_sent_again() -> None:
    window = send(Window.begin(LIMITS), range(1, 51), 0)
    window = send(window, range(51, 101), 19_000)
    window, _ = window.lost(20_000, jitter=0)
    assert [min(report.seqs) for report in window.under_way] == [51]
    assert window.next(20_001) is None


def test_pauses_grow_but_not_for_ever() -> None:
    window, pauses = Window.begin(LIMITS), []
    for turn in range(30):
        now_ms = turn * 10**6
        ask = window.next(now_ms)
        assert ask is not None
        window = window.sent(ask, [1], token=1, now_ms=now_ms)
        window, _ = window.lost(now_ms + 20_000, jitter=0.999)
        pauses.append(window.quiet_until_ms - now_ms - 20_000)
    assert pauses[:4] == [19_980, 39_960, 79_920, 159_840]
    assert set(pauses[4:]) == {299_700}


def test_an_answer_ends_the_trouble() -> None:
    window, _ = full().lost(21_000, jitter=0.9)
    window, _ = window.acked(ack(1), 22_000)
    assert window.trouble == 0
    assert window.next(22_000) is not None


def test_a_slow_centre_is_waited_for_longer() -> None:
    window = send(Window.begin(LIMITS), range(1, 51), 0)
    window, _ = window.acked(ack(50, token=1), 15_000)
    assert window.resend_after_ms == 60_000
    for turn in range(60):
        window = window.empty_sent(token=1_000 + turn, now_ms=turn * 100)
        window, _ = window.acked(ack(50, token=1_000 + turn), turn * 100 + 10)
    assert window.resend_after_ms == 20_000


def test_a_new_connection_sends_what_was_under_way_again_at_once() -> None:
    window = full().restarted()
    assert (window.cursor, window.highest, window.under_way) == (200, 200, ())
    assert window.next(1_000) == Ask(after=0, until=50, limit=50)


def test_what_is_gone_from_the_spool_is_not_asked_for_again() -> None:
    window = full().restarted()
    for _ in range(4):
        ask = window.next(1_000)
        assert ask is not None
        window = window.nothing_there(ask)
    assert window.next(1_000) == Ask(after=200, limit=50)


def test_an_answer_without_account_of_its_numbers_is_no_refusal() -> None:
    window = send(Window.begin(LIMITS), range(1, 2), 0)
    for _ in range(3 * LONELY_TRIES):
        window, _ = window.acked(ack(0, token=1), 10)
        window, poison = window.lost(30_000, jitter=0)
        assert poison == ()
        ask = window.next(30_000)
        assert ask is not None
        assert not ask.alone
        window = window.sent(ask, [1], token=1, now_ms=0)


@dataclass
class World:
    """A spool and a centre with a lossy, reordering network between them."""

    rng: Random
    spool: set[int]
    loss_percent: int = 0
    poison: frozenset[int] = frozenset()
    window: Window = field(default_factory=lambda: Window.begin(LIMITS))
    committed: set[int] = field(default_factory=set)
    aside: set[int] = field(default_factory=set)
    answers: list[Ack] = field(default_factory=list)
    sent_at: dict[int, int] = field(default_factory=dict)
    token: int = 0
    most: int = 0
    through: int = 0

    def step(self, now_ms: int, *, reconnects: bool = False) -> None:
        if reconnects:
            self.window = self.window.restarted()
            self.sent_at.clear()
        if self.window.overdue(now_ms):
            self.window, poison = self.window.lost(now_ms, self.rng.random())
            assert set(poison) <= self.poison
            self.aside |= set(poison)
            self.spool -= set(poison)
        while (ask := self.window.next(now_ms)) and self.send(ask, now_ms):
            pass
        self.most = max(self.most, len(self.window.under_way))
        self.rng.shuffle(self.answers)  # late, in any order
        while self.answers and self.rng.random() < 0.7:
            self.hear(self.answers.pop(), now_ms)

    def send(self, ask: Ask, now_ms: int) -> bool:
        held = sorted(s for s in self.spool if s > ask.after and (not ask.until or s <= ask.until))
        if not held:
            self.window = self.window.nothing_there(ask)
            return ask.until is not None
        seqs = held[: ask.limit]
        for seq in seqs:
            assert now_ms - self.sent_at.get(seq, -(10**9)) >= LIMITS.resend_after_ms
            self.sent_at[seq] = now_ms
        self.token += 1
        self.window = self.window.sent(ask, seqs, token=self.token, now_ms=now_ms)
        self.reach(set(seqs), self.token)
        if ask.until is not None:
            self.token += 1
            self.window = self.window.empty_sent(token=self.token, now_ms=now_ms)
            self.reach(set(), self.token)
        return True

    def reach(self, seqs: set[int], token: int) -> None:
        if seqs & self.poison or self.rng.randrange(100) < self.loss_percent:
            return
        self.committed |= seqs
        while self.through + 1 in self.committed:
            self.through += 1
        through = self.through
        beyond = sorted(seq for seq in self.committed if seq > through)
        ranges = tuple(Range(first=seq, last=seq) for seq in beyond)
        if self.rng.randrange(100) >= self.loss_percent:
            self.answers.append(ack(through, ranges=ranges, token=token))

    def hear(self, answer: Ack, now_ms: int) -> None:
        self.window, done = self.window.acked(answer, now_ms)
        gone = {s for s in self.spool if s <= done.through}
        gone |= {s for s in self.spool for r in done.ranges if r.first <= s <= r.last}
        assert gone <= self.committed
        self.spool -= gone


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 250), st.integers(0, 60), st.integers(0, 20))
def test_over_a_lossy_network_everything_arrives_and_nothing_is_deleted_too_early(
    seed: int, count: int, loss_percent: int, breaks_percent: int
) -> None:
    world = World(Random(seed), set(range(1, count + 1)), loss_percent)
    now_ms = 0
    for _ in range(3_000):
        due_ms = world.window.due_ms(now_ms)
        assert world.answers or due_ms is not None or world.window.next(now_ms)
        later_ms = world.rng.randrange(60_000)
        now_ms = now_ms + later_ms if world.answers or due_ms is None else max(now_ms, due_ms)
        world.step(now_ms, reconnects=world.rng.randrange(100) < breaks_percent)
        if not world.spool:
            break
    assert not world.spool
    assert world.most <= LIMITS.in_flight
    assert world.aside == set()


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 1_000), st.sets(st.integers(1, 300), min_size=1, max_size=3))
def test_what_the_centre_cannot_read_holds_nothing_else_up_and_is_set_aside(
    seed: int, poison: set[int]
) -> None:
    world = World(Random(seed), set(range(1, 301)), poison=frozenset(poison))
    now_ms = 0
    while world.spool - poison:
        world.step(now_ms := now_ms + 1_000)
        assert now_ms < 600_000
    while world.spool:
        world.step(now_ms := now_ms + 1_000)
        assert now_ms < 1_200_000
    assert world.aside == poison


def test_poison_first_in_a_lane_that_begins_with_one_report_blocks_nothing() -> None:
    world = World(Random(1), set(range(1, 301)), poison=frozenset({1}))
    world.window = Window.begin(SLOW)
    for now_ms in range(0, 600_000, 1_000):
        world.step(now_ms)
    assert world.aside == {1}
    assert not world.spool


def test_an_item_is_set_aside_only_after_it_went_alone_so_often() -> None:
    world = World(Random(1), {1}, poison=frozenset({1}))
    alone = 0
    for now_ms in range(0, 10**6, 1_000):
        before = world.token
        world.step(now_ms)
        alone += world.token > before and any(r.alone for r in world.window.under_way)
        if world.aside:
            break
    assert alone == LONELY_TRIES


def test_a_silent_centre_makes_no_poison() -> None:
    world = World(Random(1), {1}, loss_percent=100)
    for now_ms in range(0, 10**7, 10_000):
        world.step(now_ms)
    assert world.spool == {1}


def test_a_centre_is_silent_when_even_empty_reports_stay_unanswered() -> None:
    window = Window.begin(LIMITS).empty_sent(token=1, now_ms=0)
    assert not window.is_silent(19_999)
    assert window.is_silent(20_000)
    window = window.empty_sent(token=2, now_ms=30_000)
    window, _ = window.acked(ack(0, token=2), 30_010)
    assert not window.is_silent(49_000)


def test_watermarks_without_items_are_sent_until_they_are_answered() -> None:
    window = Window.begin(HISTORY).marks_sent(token=5, now_ms=0)
    window, done = window.acked(ack(0, token=4), 10)
    assert not done.marks
    lost, _ = window.lost(70_000, jitter=0)
    assert (lost.under_way, lost.again) == ((), ())
    window, done = window.acked(ack(0, token=5), 10)
    assert done.marks
    assert window.under_way == ()


def test_a_lane_that_becomes_history_keeps_what_is_under_way() -> None:
    window = full(LIVE).under(HISTORY)
    assert len(window.under_way) == 4
    assert replace(window, under_way=()).next(0) == Ask(after=200, limit=500)


def measured(*rounds: tuple[int, int, int]) -> CentreClock:
    clock = CentreClock()
    for sent_ms, server_utc_ms, received_ms in rounds:
        clock = clock.after(sent_ms=sent_ms, server_utc_ms=server_utc_ms, received_ms=received_ms)
    return clock


def zero(clock: CentreClock) -> int | None:
    return clock.best.zero_utc_ms if clock.best else None


def test_the_zero_is_the_servers_time_less_the_middle_of_the_round_trip() -> None:
    assert CentreClock().best is None
    assert measured((1_000, 6_050, 1_100)).best == Measured(100, 5_000)


def test_of_several_measurements_the_quickest_is_believed() -> None:
    rounds = ((0, 5_900, 1_000), (2_000, 7_010, 2_020), (3_000, 8_900, 4_000))
    assert zero(measured(*rounds)) == 5_000


def test_old_measurements_are_forgotten() -> None:
    rounds = [(0, 100, 0)] + [(0, 1_050, 100)] * 8
    assert zero(measured(*rounds)) == 1_000


def test_a_slow_answer_contradicts_only_what_it_surely_contradicts() -> None:
    slow = measured((0, 10_000, 9_000))  # 5,500, give or take 4,500
    assert not slow.contradicts(0)
    assert slow.contradicts(-1_001)
    assert slow.to_tell(None, 0) is None
    assert slow.to_tell(None, -1_001) == slow.best
    good = measured((0, 10_000, 4_000))
    assert good.to_tell(None, 8_000) == good.best


@given(st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 5_000)), max_size=60))
def test_what_is_told_is_wrong_by_no_more_than_the_least_round_trip_or_a_fifth_of_a_second(
    ways: list[tuple[int, int]],
) -> None:
    truth_ms, wall_ms, now_ms = 50_000, 50_000, 0
    clock, told, least = CentreClock(), None, 10**9
    for there_ms, back_ms in ways:
        server_ms = now_ms + there_ms + truth_ms
        back_at_ms = now_ms + there_ms + back_ms
        clock = clock.after(sent_ms=now_ms, server_utc_ms=server_ms, received_ms=back_at_ms)
        told = clock.to_tell(told, wall_ms) or told
        now_ms = back_at_ms + 1_000
        least = min(least, there_ms + back_ms)
        if told:
            assert abs(told.zero_utc_ms - truth_ms) <= max(least, 200)
            assert not clock.contradicts(told.zero_utc_ms)
        else:
            assert least > 4_000
