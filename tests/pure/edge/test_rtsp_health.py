import pytest

from edge.rtsp.health import Demand, loss_trouble, rates, slow_trouble
from edge.rtsp.rtp import Counts
from wire.vocabulary import Cause


def counts(packets: int = 0, *, lost: int = 0, frames: int = 0, octets: int = 0) -> Counts:
    return Counts(
        packets=packets,
        octets=octets,
        lost=lost,
        frames=frames,
        key_frames=0,
        malformed=0,
        media_s=0.0,
    )


def test_rates_are_differences_over_seconds() -> None:
    found = rates(
        counts(100, lost=1, frames=10, octets=1000),
        counts(190, lost=11, frames=60, octets=26_000),
        2.0,
    )
    assert (found.fps, found.kbit_s, found.loss) == (25, 100, 0.1)
    with pytest.raises(ValueError, match="span of time"):
        rates(counts(), counts(), 0)


@pytest.mark.parametrize(
    ("packets", "lost", "lossy"),
    [(0, 0, False), (49, 10, False), (98, 2, False), (97, 3, True), (1000, 0, False)],
)
def test_loss_is_trouble_over_two_percent_of_enough_packets(
    packets: int, lost: int, *, lossy: bool
) -> None:
    found = loss_trouble(counts(), counts(packets, lost=lost))
    assert (found is not None) is lossy
    if found is not None:
        assert (found.cause, found.detail) == (
            Cause.STREAM_LOSSY,
            "3.0% of the packets are missing",
        )


@pytest.mark.parametrize(
    ("fps", "described", "slow"),
    [
        (2.0, None, False),
        (1.9, None, True),
        (1.9, 25.0, True),
        (2.0, 25.0, False),
        (1.0, 1.0, False),
        (0.4, 1.0, True),
    ],
)
def test_slow_is_less_than_two_a_second_unless_the_camera_means_it(
    fps: float, described: float | None, *, slow: bool
) -> None:
    assert (slow_trouble(fps, Demand(described_fps=described)) is not None) is slow


@pytest.mark.parametrize(
    ("fps", "poor", "slow"),
    [(11.9, False, False), (10.8, False, False), (10.7, False, True), (11.8, True, True)],
)
def test_what_the_plan_asks_counts_less_a_tenth_and_more_once_it_was_slow(
    fps: float, *, poor: bool, slow: bool
) -> None:
    found = slow_trouble(fps, Demand(min_fps=12, described_fps=25), poor=poor)
    assert (found is not None) is slow
    if found:
        said = f"{fps} pictures a second of the 25 it announces; 12 are asked for"
        assert found.detail == said


def test_a_lossy_stream_stays_lossy_until_half_of_the_limit() -> None:
    after = counts(985, lost=15)
    assert loss_trouble(counts(), after) is None
    assert loss_trouble(counts(), after, poor=True) is not None
    assert loss_trouble(counts(), counts(990, lost=10), poor=True) is None
    assert loss_trouble(counts(), after, limit=0.01) is not None
