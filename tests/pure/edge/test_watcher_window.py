"""What the last seconds of a stream tell: glitches, loss, slowness, the last minute's figures."""

from collections.abc import Callable

import pytest

from edge.rtsp.health import Demand
from edge.rtsp.rtp import Counts
from edge.watcher.watch import SPREAD_S, starts_s
from edge.watcher.window import Window
from wire.vocabulary import Cause

LOOK_MS = 500
PACKETS = 100  # each look
DEMAND = Demand(min_fps=10, described_fps=25)


def played(
    seconds: float,
    *,
    lost: Callable[[int], int] = lambda _: 0,
    fps: Callable[[int], float] = lambda _: 25,
) -> tuple[Window, dict[int, Cause | None]]:
    """Look twice a second; ``lost`` and ``fps`` tell what each look finds, by its number.

    Returns the window and what it said at each look, in milliseconds, as one who remembers.
    """
    window, said = Window(), dict[int, Cause | None]()
    packets = all_lost = 0
    frames, cause = 0.0, None
    for number in range(round(seconds * 1000 / LOOK_MS) + 1):
        missing = lost(number)
        packets, all_lost = packets + PACKETS - missing, all_lost + missing
        frames += fps(number) * LOOK_MS / 1000
        counts = Counts(
            packets=packets,
            octets=packets * 1000,
            lost=all_lost,
            frames=int(frames),
            key_frames=0,
            malformed=0,
            media_s=0.0,
        )
        window.add(number * LOOK_MS, counts)
        found = window.trouble(DEMAND, cause)
        cause = found[0].cause if found else None
        said[number * LOOK_MS] = cause
    return window, said


def changes(said: dict[int, Cause | None]) -> list[Cause | None]:
    causes = list(said.values())
    return [now for before, now in zip([None, *causes], causes, strict=False) if now != before]


def test_one_great_burst_of_loss_is_a_glitch() -> None:
    _, said = played(40, lost=lambda n: 90 if n in {20, 21} else 0)
    assert changes(said) == []


def test_loss_that_goes_on_is_said_within_seconds_and_dated_where_it_began() -> None:
    window, said = played(30, lost=lambda n: 5 if n >= 20 else 0)
    first_ms = next(ms for ms, cause in said.items() if cause)
    assert 10_000 < first_ms <= 15_000
    found = window.trouble(DEMAND)
    assert found is not None
    assert found[0].cause is Cause.STREAM_LOSSY


def test_loss_about_the_limit_does_not_flap() -> None:
    _, said = played(300, lost=lambda n: (2, 3, 2, 1 + n % 2)[n // 20 % 4])
    assert changes(said) == [Cause.STREAM_LOSSY]


def test_loss_that_was_said_before_the_window_was_full_is_not_taken_back() -> None:
    window, _ = played(4, lost=lambda _: 15)
    assert window.trouble(DEMAND) is None
    found = window.trouble(DEMAND, Cause.STREAM_LOSSY)
    assert found is not None
    assert found[0].cause is Cause.STREAM_LOSSY


def test_a_rate_about_the_limit_does_not_flap() -> None:
    _, said = played(300, fps=lambda n: 8.9 + (n // 20 % 3) * 0.2)
    assert changes(said) == [Cause.STREAM_SLOW]


def test_both_end_when_all_is_well_again() -> None:
    _, said = played(60, lost=lambda n: 10 if 20 <= n < 40 else 0)
    assert changes(said) == [Cause.STREAM_LOSSY, None]
    _, said = played(60, fps=lambda n: 4 if 20 <= n < 60 else 25)
    assert changes(said) == [Cause.STREAM_SLOW, None]


def test_a_pause_of_three_seconds_is_not_slow() -> None:
    _, said = played(40, fps=lambda n: 0 if 20 <= n < 26 else 25)
    assert changes(said) == []


def test_the_figures_are_those_of_the_last_minute() -> None:
    window, _ = played(120, fps=lambda n: 5 if n < 60 else 25)
    found = window.last_minute()
    assert found is not None
    assert found.fps == pytest.approx(25, abs=0.1)
    assert found.kbit_s == pytest.approx(1600, rel=0.01)
    short, _ = played(2)
    assert short.last_minute() is not None
    assert played(0.5)[0].last_minute() is None


def test_a_short_window_is_doubtful_while_anything_may_be_poor_and_a_long_one_never() -> None:
    assert played(0.5)[0].is_doubtful(DEMAND)
    assert not played(3)[0].is_doubtful(DEMAND)
    assert played(3, lost=lambda _: 5)[0].is_doubtful(DEMAND)
    assert played(3, fps=lambda _: 5)[0].is_doubtful(DEMAND)
    assert not played(12, lost=lambda _: 5)[0].is_doubtful(DEMAND)


@pytest.mark.parametrize("cameras", [0, 1, 3, 50, 200])
def test_starts_are_spread_the_first_at_once_and_none_after_ten_seconds(cameras: int) -> None:
    starts = starts_s(cameras)
    assert len(starts) == cameras
    assert starts[:1] in ([], [0.0])
    assert max(starts, default=0) < SPREAD_S
