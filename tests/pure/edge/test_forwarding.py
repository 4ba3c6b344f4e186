"""The window: nothing is deleted that is not committed, everything arrives in the end."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.forwarding import ClockOffset, Done, Limits, Window
from wire.messages import Ack, Range, Refusal

SPOOL = "0b2c3d4e-1111-4222-8333-444455556666"
LIMITS = Limits(batch=50, in_flight=4, resend_after_ms=20_000)


def ack(through: int = 0, *, ranges: tuple[Range, ...] = (), refused: tuple[int, ...] = ()) -> Ack:
    return Ack(
        v="1.0",
        spool=SPOOL,
        through=through,
        server_utc_ms=0,
        sent_utc_ms=0,
        ranges=ranges,
        refused=tuple(Refusal(seq=seq, reason="no") for seq in refused),
    )


def full() -> Window:
    window = Window(limits=LIMITS)
    for first in (1, 51, 101, 151):
        window = window.sent(range(first, first + 50), 1_000)
    return window


def test_so_many_reports_go_out_unanswered_and_no_more() -> None:
    window = Window(limits=LIMITS)
    assert window.room(0) == 50
    assert full().room(1_000) == 0
    assert full().cursor == 200


def test_an_answer_makes_room() -> None:
    window, done = full().acked(ack(50))
    assert done == Done(through=50)
    assert (window.room(2_000), window.cursor) == (50, 200)


def test_a_report_is_done_when_all_its_numbers_are() -> None:
    window, _ = full().acked(ack(40))
    assert len(window.under_way) == 4
    window, _ = window.acked(ack(40, ranges=(Range(first=41, last=49),), refused=(50,)))
    assert len(window.under_way) == 3


def test_an_ack_of_what_was_never_sent_is_cut() -> None:
    _, done = full().acked(
        ack(9_999, ranges=(Range(first=190, last=500), Range(first=300, last=400)), refused=(777,))
    )
    assert done == Done(through=200, ranges=(Range(first=190, last=200),))


def test_silence_is_taken_as_loss_and_sending_begins_again_carefully() -> None:
    window = full()
    assert not window.overdue(20_999)
    assert window.overdue(21_000)
    window = window.lost(21_000, jitter=0.5)
    assert (window.cursor, window.under_way) == (0, ())
    assert window.room(30_999) == 0
    assert window.room(31_000) == 50
    again = window.sent([1], 31_000).lost(60_000, jitter=0)
    assert again.sent([1], 60_000).room(60_000) == 0  # one at a time while trouble lasts


def test_pauses_grow_but_not_for_ever() -> None:
    window, pauses = Window(limits=LIMITS), []
    for _ in range(30):
        window = window.lost(0, jitter=0.999)
        pauses.append(window.quiet_until_ms)
    assert pauses[:4] == [19_980, 39_960, 79_920, 159_840]
    assert set(pauses[4:]) == {299_700}


def test_an_answer_ends_the_trouble() -> None:
    window = full().lost(21_000, jitter=0.9)
    window, _ = window.sent([1], 60_000).acked(ack(1))
    assert (window.trouble, window.room(60_000)) == (0, 50)


def test_a_new_connection_begins_again_at_once() -> None:
    window = full().restarted()
    assert (window.cursor, window.room(1_000), window.highest) == (0, 50, 200)


def test_an_empty_report_is_not_waited_for() -> None:
    assert Window(limits=LIMITS).sent([], 0).overdue(10**9) is False


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000), st.integers(1, 400), st.integers(0, 60))
def test_over_a_lossy_network_everything_arrives_and_nothing_is_deleted_too_early(
    seed: int, count: int, loss_percent: int
) -> None:
    rng = Random(seed)
    spool, committed = set(range(1, count + 1)), set[int]()
    window, now_ms = Window(limits=Limits(batch=20, in_flight=3, resend_after_ms=20_000)), 0
    answers: list[Ack] = []

    def is_lost() -> bool:
        return rng.randrange(100) < loss_percent

    for _ in range(3_000):
        now_ms += rng.randrange(60_000)
        if window.overdue(now_ms):
            window = window.lost(now_ms, rng.random())
        while room := window.room(now_ms):
            batch = sorted(seq for seq in spool if seq > window.cursor)[:room]
            if not batch:
                break
            window = window.sent(batch, now_ms)
            if not is_lost():
                committed |= set(batch)
                through = next(i for i in range(count + 1) if i + 1 not in committed)
                beyond = sorted(seq for seq in committed if seq > through)
                ranges = tuple(Range(first=seq, last=seq) for seq in beyond)
                answers += [ack(through, ranges=ranges)] * (not is_lost())
        rng.shuffle(answers)  # late, in any order
        while answers and rng.random() < 0.7:
            window, done = window.acked(answers.pop())
            gone = {s for s in spool if s <= done.through}
            gone |= {s for s in spool for r in done.ranges if r.first <= s <= r.last}
            assert gone <= committed
            spool -= gone
        if not spool:
            break
    assert not spool


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 1_000), st.integers(1, 300))
def test_what_the_centre_cannot_read_holds_nothing_else_up(seed: int, poison: int) -> None:
    rng = Random(seed)
    spool, window = set(range(1, 301)), Window(limits=LIMITS)
    for now_ms in range(0, 600_000, 1_000):
        if window.overdue(now_ms):
            window = window.lost(now_ms, rng.random())
        while room := window.room(now_ms):
            batch = sorted(seq for seq in spool if seq > window.cursor)[:room]
            if not batch:
                break
            window = window.sent(batch, now_ms)
            if poison not in batch:
                ranges = tuple(Range(first=seq, last=seq) for seq in batch)
                window, _ = window.acked(ack(ranges=ranges))
                spool -= set(batch)
        if now_ms % 60_000 == 0:
            window, _ = window.acked(ack())  # the answer to a watermark
    assert spool == {poison}
    assert window.trouble < 10


def timed(sent: int, server: int) -> Ack:
    return Ack(v="1.0", spool=SPOOL, through=0, server_utc_ms=server, sent_utc_ms=sent)


def test_the_offset_is_the_servers_time_less_the_middle_of_the_round_trip() -> None:
    assert ClockOffset().offset_ms is None
    assert ClockOffset().after(timed(1_000, 6_050), 1_100).offset_ms == 5_000


def test_of_several_measurements_the_quickest_is_believed() -> None:
    offset = ClockOffset().after(timed(0, 5_900), 1_000).after(timed(2_000, 7_010), 2_020)
    offset = offset.after(timed(3_000, 8_900), 4_000)
    assert offset.offset_ms == 5_000


def test_old_measurements_are_forgotten_and_impossible_ones_ignored() -> None:
    offset = ClockOffset().after(timed(0, 100), 0)
    for _ in range(8):
        offset = offset.after(timed(0, 1_050), 100)
    assert offset.offset_ms == 1_000
    assert offset.after(timed(5_000, 0), 4_000) == offset
