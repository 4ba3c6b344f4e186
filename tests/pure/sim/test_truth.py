from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sim.faults import Fault
from sim.gates import Tally
from sim.outcome import Window, camera, gate_events
from sim.record import Record, Seen
from sim.truth import Absence, Piece, Trouble, concluded_for, seconds, true_pieces
from wire.vocabulary import State

ZERO = datetime(2026, 11, 23, tzinfo=UTC)
END = ZERO + timedelta(seconds=100)


def at(second: float) -> datetime:
    return ZERO + timedelta(seconds=second)


def trouble(fault: Fault, begins: float, ends: float | None) -> Trouble:
    ended_at = None if ends is None else at(ends)
    return Trouble(camera="c", fault=fault, began_at=at(begins), ended_at=ended_at)


def test_truth_is_up_but_for_faults_and_unknown_while_the_agent_is_dead() -> None:
    pieces = true_pieces(
        [trouble(Fault.BLACK, 10, 20), trouble(Fault.AUTH, 50, None)],
        [
            Absence(agent="a", began_at=at(60), ended_at=at(80)),
            Absence(agent="a", began_at=at(15), ended_at=at(40), alive=True),
        ],
        ZERO,
        END,
    )
    assert [(p.state, p.cause) for p in pieces if p.state is not State.UP] == [
        (State.DEGRADED, "picture.black"),
        (State.DOWN, "rtsp.auth"),
        (State.UNKNOWN, None),
        (State.DOWN, "rtsp.auth"),
    ]
    assert seconds(pieces, ZERO, END) == {"up": 40, "degraded": 10, "down": 30, "unknown": 20}


@given(
    spans=st.lists(st.tuples(st.integers(-20, 120), st.integers(1, 50)), max_size=6),
    dead=st.lists(st.tuples(st.integers(-20, 120), st.integers(1, 50)), max_size=3),
)
def test_truth_fills_its_window(spans: list[tuple[int, int]], dead: list[tuple[int, int]]) -> None:
    troubles = [trouble(Fault.STALL, begin, begin + length) for begin, length in spans]
    absences = [Absence(agent="a", began_at=at(b), ended_at=at(b + n)) for b, n in dead]
    pieces = true_pieces(troubles, absences, ZERO, END)
    assert pieces[0].began_at == ZERO
    assert pieces[-1].ended_at == END
    assert all(a.ended_at == b.began_at for a, b in pairwise(pieces))
    assert sum(seconds(pieces, ZERO, END).values()) == 100


def test_what_no_piece_covers_is_unknown() -> None:
    piece = Piece(state=State.UP, began_at=at(-5), ended_at=at(30))
    assert seconds([piece], ZERO, END)["unknown"] == 70


def test_a_fault_is_concluded_by_what_fills_most_of_its_time() -> None:
    timeline = [
        Piece(state=State.UP, began_at=at(0), ended_at=at(12)),
        Piece(state=State.DOWN, cause="stream.stalled", began_at=at(12), ended_at=at(21)),
        Piece(state=State.UP, began_at=at(21), ended_at=at(100)),
    ]
    found = concluded_for(trouble(Fault.STALL, 10, 20), [], timeline, END)
    assert found == (State.DOWN, "stream.stalled")
    assert concluded_for(trouble(Fault.STALL, 10, 20), [], [], END) is None


def test_the_time_in_which_the_agent_was_dead_concludes_nothing() -> None:
    timeline = [
        Piece(state=State.DOWN, cause="rtsp.auth", began_at=at(10), ended_at=at(30)),
        Piece(state=State.UNKNOWN, began_at=at(30), ended_at=at(90)),
        Piece(state=State.DOWN, cause="rtsp.auth", began_at=at(90), ended_at=at(100)),
    ]
    dead = [Absence(agent="a", began_at=at(31), ended_at=at(89))]
    lasting = trouble(Fault.AUTH, 10, None)
    assert concluded_for(lasting, dead, timeline, END) == (State.DOWN, "rtsp.auth")
    assert concluded_for(lasting, [], timeline, END) == (State.UNKNOWN, None)


def test_a_trouble_counts_as_shown_only_with_its_own_state_and_cause() -> None:
    record = Record()
    index = record.begin_trouble(trouble(Fault.REFUSE, 10, None))
    down = {"c": Seen(state=State.DOWN, cause="stream.stalled")}
    assert record.look(down, {}, at(12)) == []
    right = {"c": Seen(state=State.DOWN, cause="network.refused")}
    assert record.look(right, {}, at(13)) == [index]
    assert record.look(right, {}, at(14)) == []
    assert record.shown[index] == at(13)


def test_a_camera_that_is_called_down_for_want_of_its_agent_is_noted() -> None:
    record, cameras = Record(), {"a": ["c", "d"]}
    up, down, unknown = (Seen(state=s) for s in (State.UP, State.DOWN, State.UNKNOWN))
    record.look({"c": down, "d": up}, cameras, at(1))
    index = record.begin_absence(Absence(agent="a", began_at=at(2)))
    record.look({"c": down, "d": up}, cameras, at(3))
    assert not record.shown_down  # c was down before
    record.look({"c": unknown, "d": unknown}, cameras, at(30))
    assert record.unknown_shown == {index: at(30)}
    record.look({"c": unknown, "d": down}, cameras, at(31))
    assert record.shown_down == {index}


def test_a_second_row_with_the_same_subject_is_a_double_even_under_another_id() -> None:
    tally = Tally(acknowledged={"1": "HS-1", "2": "HS-2", "3": "HS-3"})
    stored = [("1", "HS-1"), ("2", "HS-2"), ("9", "HS-2"), ("8", "HS-99")]
    assert gate_events(tally, stored) == {"acknowledged": 3, "stored": 2, "duplicates": 1}


def test_one_cameras_part_of_the_json() -> None:
    record = Record()
    index = record.begin_trouble(trouble(Fault.REFUSE, 10, None))
    record.end_trouble(index, at(30))
    record.shown[index] = at(14.5)
    timeline = [
        Piece(state=State.UP, began_at=at(0), ended_at=at(10)),
        Piece(state=State.DOWN, cause="network.refused", began_at=at(10), ended_at=at(31)),
        Piece(state=State.UP, began_at=at(31), ended_at=at(100)),
    ]
    part = camera("c", "a", record, timeline, Window(start=ZERO, end=END))
    (fault,) = part["faults"]
    assert fault["began_at"] == "2026-11-23T00:00:10.000Z"
    assert (fault["concluded_state"], fault["concluded_cause"]) == ("down", "network.refused")
    assert fault["detect_s"] == 4.5
    assert part["seconds"]["truth"] == {"up": 80, "degraded": 0, "down": 20, "unknown": 0}
    assert part["seconds"]["concluded"]["down"] == 21
