import struct
from itertools import pairwise

import pytest

from sim.clips import Clip
from sim.faults import Fault
from sim.packets import Burst
from sim.stream import LATE_S, Film, Stream, make_film

START = b"\x00\x00\x00\x01"
KEY = START + b"\x67" + b"S" * 8 + START + b"\x68P" + START + b"\x65" + b"K" * 3000
OTHER = START + b"\x41" + b"P" * 50
FPS = 10


def film() -> Film:
    clip = Clip(units=(KEY, *[OTHER] * 4), keys=(0,))
    return make_film(clip, codec="h264", fps=FPS)


@pytest.fixture
def films() -> dict[str, Film]:
    return {name: film() for name in ("normal", "black", "garbage")}


@pytest.fixture
def stream(films: dict[str, Film]) -> Stream:
    return Stream(films.__getitem__, seed=3, now=0.0)


def numbers(sent: list[tuple[Burst, bytes | bytearray]]) -> list[tuple[int, int]]:
    found = []
    for burst, data in sent:
        found += [struct.unpack_from(">HI", data, start + 6) for start in burst.starts]
    return found


def test_pictures_come_at_their_pace_with_running_numbers_and_times(stream: Stream) -> None:
    sent = stream.due(1.0) + stream.due(2.0) + stream.due(2.0)
    assert len(sent) in {20, 21}
    sequence = [number for number, _ in numbers(sent)]
    assert sequence == [(sequence[0] + i) & 0xFFFF for i in range(len(sequence))]
    times = sorted({time for _, time in numbers(sent)})
    assert {b - a for a, b in pairwise(times)} == {9000}


def test_time_passes_while_nobody_watches(stream: Stream) -> None:
    stream.due(1.0)
    before = stream.sequence
    stream.skip_to(50.0)
    assert stream.sequence == before
    assert len(stream.due(50.5)) in {5, 6}


def test_a_stream_that_is_far_behind_does_not_burst(stream: Stream) -> None:
    stream.due(1.0)
    assert len(stream.due(1.0 + LATE_S * 20)) <= 2


@pytest.mark.parametrize(
    ("fault", "keys", "others"),
    [
        (None, 2, 8),
        (Fault.STALL, 0, 0),
        (Fault.NO_KEY_FRAMES, 0, 8),
        (Fault.SLOW, 2, 0),
        (Fault.BLACK, 2, 8),
        (Fault.GARBAGE, 2, 8),
    ],
)
def test_what_a_fault_lets_through(
    stream: Stream, fault: Fault | None, keys: int, others: int
) -> None:
    stream.set_fault(Fault.BLACK)  # another clip begins with a key frame, so counts are exact
    stream.set_fault(fault)
    sent: list[tuple[Burst, bytes | bytearray]] = []
    for tenth in range(1, 11):
        sent += stream.due(tenth / FPS + 0.0001)
    assert sum(burst.key for burst, _ in sent) == keys
    assert sum(not burst.key for burst, _ in sent) == others


def test_loss_leaves_holes_in_the_numbers(stream: Stream) -> None:
    stream.set_fault(Fault.LOSS, share=0.5)
    sent = [data for _, data in stream.due(1.0)]
    stream.set_fault(None)
    assert 0 < sum(map(len, sent)) < sum(len(b.data) for b in film().bursts) * 2


def test_a_fault_of_the_picture_is_another_film_from_its_key_frame_on(
    stream: Stream, films: dict[str, Film]
) -> None:
    stream.set_fault(Fault.BLACK)
    (burst, _), *_ = stream.due(0.2)
    assert stream.film is films["black"]
    assert burst.key
    stream.set_fault(None)
    assert stream.film is films["normal"]
