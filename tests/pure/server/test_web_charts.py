"""Charts: the shapes say it, every span has its words, nothing leaves the frame."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from server.domain.interval import Interval
from server.domain.timeline import Span
from server.texts.tongue import load
from server.web.charts.days import DayBar, day_bars
from server.web.charts.passages import Passages, nice_top, passage_bars
from server.web.charts.ribbon import counted_strip, legend_swatch, ribbon
from server.web.charts.shares import range_bar, trend, trend_floor
from wire.vocabulary import State

VI = load("vi")
T0 = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def span(begin: float, end: float, state: State, cause: str | None = None) -> Span:
    return Span(interval=Interval(T0 + begin * HOUR, T0 + end * HOUR), state=state, cause=cause)


WINDOW = Interval(T0, T0 + 10 * HOUR)


def test_trouble_stands_taller_than_a_good_span() -> None:
    drawn = ribbon(
        [span(0, 1, State.UP), span(1, 2, State.DOWN, "rtsp.auth")], WINDOW, tongue=VI, label="x"
    )
    good, bad = re.findall(r'<rect class="(f-up|f-down)[^"]*"[^>]*? height="(\d+)"', drawn)
    assert (good, bad) == (("f-up", "9"), ("f-down", "22"))


def test_every_span_says_its_state_cause_and_times() -> None:
    drawn = ribbon(
        [span(0, 1, State.DEGRADED, "picture.covered")], WINDOW, tongue=VI, label="Cổng <1>"
    )
    title = "<title>06:30:00 – 07:30:00 24/11 Hình ảnh kém: bị che khuất</title>"
    assert title in drawn
    assert 'aria-label="Cổng &lt;1&gt;"' in drawn


def test_a_hostile_cause_stays_text() -> None:
    drawn = ribbon(
        [span(0, 1, State.DOWN, '"><script>alert(1)</script>')], WINDOW, tongue=VI, label="x"
    )
    assert "<script" not in drawn


def test_a_span_is_cut_to_the_window_and_one_outside_is_not_drawn() -> None:
    spans = [span(-5, -1, State.DOWN), span(-1, 1, State.UP), span(9, 30, State.UNKNOWN)]
    drawn = ribbon(spans, WINDOW, tongue=VI, label="x")
    assert "f-down" not in drawn
    assert 'x="0.00%" width="10.00%"' in drawn
    assert 'x="90.00%" width="10.00%"' in drawn


def test_now_is_a_line_only_inside_the_window() -> None:
    inside = ribbon([], WINDOW, tongue=VI, label="x", now=T0 + 5 * HOUR)
    assert 'class="now" x1="50.00%"' in inside
    assert 'class="now"' not in ribbon([], WINDOW, tongue=VI, label="x", now=T0 + 11 * HOUR)


def bars(**seconds: int) -> str:
    bar = DayBar(day=date(2026, 11, 24), seconds={State(k): v for k, v in seconds.items()})
    return str(day_bars([bar], label="x", tongue=VI))


def heights(drawn: str, kind: str) -> float:
    return sum(float(h) for h in re.findall(rf'class="{kind}[^"]*"[^>]*? height="([\d.]+)"', drawn))


def test_the_smallest_loss_is_still_six_pixels_and_grows_with_its_square_root() -> None:
    assert heights(bars(up=99_999, down=1), "f-down") == 6
    quarter, all_of_it = bars(up=75, down=25), bars(up=1, down=99)
    assert heights(quarter, "f-down") == pytest.approx(8.5, abs=0.1)
    assert heights(all_of_it, "f-down") == pytest.approx(16.9, abs=0.1)


def test_losses_share_the_rise_by_their_seconds_with_the_worst_on_top() -> None:
    drawn = bars(up=50, down=30, unknown=10)
    assert heights(drawn, "f-down") == pytest.approx(3 * heights(drawn, "f-unk"), abs=0.2)
    assert drawn.index("f-unk") < drawn.index("f-down")


def test_a_day_without_counted_time_is_a_hairline_and_not_a_zero() -> None:
    assert "f-exc" in bars(up=0)
    assert "Không tính" in bars(up=0)
    assert "f-up" not in bars(up=0)


def test_a_day_that_was_never_up_has_no_good_band() -> None:
    assert "f-up" not in bars(unknown=100)


def test_the_possible_part_is_hatched_and_the_mark_the_plans() -> None:
    drawn = range_bar(0.84, 0.92, label="x", mark=0.9)
    assert 'class="f-up" width="84.00%"' in drawn
    assert 'class="hatch" x="84.00%" width="8.00%"' in drawn
    assert 'class="mark" x1="90.00%"' in drawn
    assert "hatch" not in range_bar(0.5, 0.5, label="x")
    assert "f-up" not in range_bar(0, 0.5, label="x")


@pytest.mark.parametrize(("most", "top"), [(0, 2), (2, 2), (3, 4), (148, 200), (25_001, 25_002)])
def test_the_axis_of_passages_ends_at_an_even_number(most: int, top: int) -> None:
    quarter = Passages(start=T0, inward=most, outward=0)
    assert nice_top([quarter]) == top
    assert "VÀO" not in passage_bars([quarter], top=top, label="x", tongue=VI)


def test_the_line_of_a_trend_is_what_is_sure_and_the_band_what_is_possible() -> None:
    drawn = trend([(1.0, 1.0), (0.8, 0.9)], floor=80, label="x", mark=0.9)
    assert 'class="ln" points="0.0,1.0 1000.0,149.0"' in drawn
    assert 'class="band" points="0.0,1.0 1000.0,149.0 1000.0,75.0 0.0,1.0"' in drawn
    assert 'class="goal" x1="0" x2="1000" y1="75.0"' in drawn


@pytest.mark.parametrize(
    ("lows", "mark", "floor"),
    [([], None, 80), ([1.0], None, 80), ([0.95, 0.61], None, 60), ([0.95], 0.5, 40), ([0.0], 1, 0)],
)
def test_the_axis_of_a_trend_holds_every_point(
    lows: list[float], mark: float | None, floor: int
) -> None:
    assert trend_floor(lows, mark) == floor


def test_passages_say_how_many_on_hover() -> None:
    quarter = Passages(start=T0, inward=148, outward=7)
    drawn = passage_bars([quarter], top=200, label="x", tongue=VI)
    assert "<title>06:30: vào 148, ra 7</title>" in drawn


def test_hours_that_count_are_a_broken_line() -> None:
    drawn = counted_strip(WINDOW, [Interval(T0 + 2 * HOUR, T0 + 4 * HOUR)], label="x")
    assert drawn.count('class="counts"') == 2


def test_each_state_has_its_own_swatch() -> None:
    assert len({str(legend_swatch(state)) for state in [*State, None]}) == 5
