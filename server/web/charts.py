"""Charts as SVG text: the ribbon, the day bars, the range bar and the passages. Pure.

Trouble stands taller: a good span is a thin band on the base line, whatever is wrong rises from it,
in its own pattern. Every span carries a title with state, times and cause, and every chart one
sentence for those who can't see it. Widths are percentages, so a chart fits any column.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Final

from markupsafe import Markup, escape

from server.domain.interval import Interval, subtract
from server.domain.timeline import Span
from server.texts.tongue import LOCALE, Tongue
from server.texts.words import verdict
from wire.vocabulary import State

_BAND_PX: Final = 9
_LEAST_LOSS_PX: Final = 6
_FILL: Final = {
    State.UP: "f-up",
    State.DEGRADED: "f-deg o-deg",
    State.DOWN: "f-down o-down",
    State.UNKNOWN: "f-unk o-unk",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBar:
    """One day of one camera in seconds; a day with nothing counted is a hairline.

    Attributes:
        day: The local date.
        seconds: Counted seconds per state.
    """

    day: date
    seconds: dict[State, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passages:
    """Gate events of one quarter of an hour, by direction."""

    start: datetime
    inward: int
    outward: int
    other: int = 0

    @property
    def end(self) -> datetime:
        """Where the next one begins."""
        return self.start + timedelta(minutes=15)


def ribbon(
    spans: Iterable[Span],
    window: Interval,
    *,
    tongue: Tongue,
    label: str,
    now: datetime | None = None,
    excluded: Sequence[Interval] = (),
    height: int = 24,
) -> Markup:
    """Draw a timeline over ``window``; what ``excluded`` covers is a hairline."""
    ruler = _Ruler(window)
    parts = [_track(height)]
    parts += [_span(span, ruler, tongue, height) for span in spans if span.interval.cut(window)]
    parts += [_hairline(gap, ruler, height, tongue) for gap in excluded if gap.cut(window)]
    if now is not None and window.contains(now):
        x = ruler.at(now)
        parts.append(f'<line class="now" x1="{x}%" x2="{x}%" y1="0" y2="{height}"/>')
    return _svg(parts, height=height, label=label)


def day_bars(
    days: Sequence[DayBar], *, label: str, tongue: Tongue, height: int = 28, link: str = ""
) -> Markup:
    """Draw one bar a day; its rise is the square root of the share that was not watched.

    ``link``: an address to which the day is added; then each bar leads to its day.
    """
    step = 100 / max(1, len(days))
    parts = []
    for i, bar in enumerate(days):
        drawn = _day(bar, i * step + step * 0.14, step * 0.72, height, tongue)
        if link:
            box = f'<rect class="hit" x="{i * step:.2f}%" width="{step:.2f}%" height="{height}"/>'
            name = escape(tongue.day(bar.day))
            href = escape(f"{link}{bar.day.isoformat()}")
            drawn = f'<a href="{href}" tabindex="-1" aria-label="{name}">{box}{drawn}</a>'
        parts.append(drawn)
    return _svg(parts, height=height, label=label)


def range_bar(sure: float, possible: float, *, label: str, mark: float | None = None) -> Markup:
    """Draw a sure share (0 to 1), the possible one beyond it hatched, and the plan's ``mark``."""
    low, high = 100 * sure, 100 * max(sure, possible)
    parts = ['<rect class="track" width="100%" height="14" rx="2"/>']
    if low:
        parts.append(f'<rect class="f-up" width="{low:.2f}%" height="14" rx="2"/>')
    if high > low:
        parts.append(
            f'<rect class="hatch" x="{low:.2f}%" width="{high - low:.2f}%" height="14"/>'
            f'<line class="upto" x1="{high:.2f}%" x2="{high:.2f}%" y1="0" y2="14"/>'
        )
    if mark is not None:
        x = f"{100 * mark:.2f}%"
        parts.append(f'<line class="mark" x1="{x}" x2="{x}" y1="-3" y2="17"/>')
    return _svg(parts, height=14, label=label, spill=True)


def nice_top(quarters: Sequence[Passages]) -> int:
    """Return an even round number that no bar exceeds: the top of the axis."""
    most = max((max(q.inward, q.outward, q.other) for q in quarters), default=0)
    steps = (2, 4, 10, 20, 40, 100, 200, 400, 1000, 2000, 4000, 10_000, 20_000)
    return next((step for step in steps if step >= most), most + most % 2)


def passage_bars(quarters: Sequence[Passages], *, top: int, label: str, tongue: Tongue) -> Markup:
    """Draw passages per quarter of an hour: inward filled, outward hollow, others in grey."""
    height = 92
    step = 100 / max(1, len(quarters))
    parts = [f'<line class="grid" x1="0" x2="100%" y1="{y}" y2="{y}"/>' for y in (1, 46)]
    for i, quarter in enumerate(quarters):
        parts.append(_quarter(quarter, i * step, step, height, top, tongue))
    parts.append(f'<line class="base" x1="0" x2="100%" y1="{height - 1}" y2="{height - 1}"/>')
    return _svg(parts, height=height, label=label)


def trend_floor(lows: Sequence[float], mark: float | None = None) -> int:
    """Return where the axis of a trend begins, in percent: a multiple of 20 below everything."""
    least = min([*lows, 1.0 if mark is None else mark], default=1.0)
    return min(80, int(100 * least) // 20 * 20)


def trend(
    shares: Sequence[tuple[float, float]], *, floor: int, label: str, mark: float | None = None
) -> Markup:
    """Draw shares (sure, possible; 0 to 1) day by day: a line, and a pale band up to possible."""
    wide, tall = 1000.0, 150.0

    def y(share: float) -> float:
        return round(1 + (tall - 2) * (1 - (100 * share - floor) / (100 - floor)), 1)

    step = wide / max(1, len(shares) - 1)
    low = [f"{i * step:.1f},{y(sure)}" for i, (sure, _) in enumerate(shares)]
    high = [f"{i * step:.1f},{y(most)}" for i, (_, most) in enumerate(shares)]
    ends = f'x1="0" x2="{wide:.0f}"'
    lines = "".join(
        f'<line class="grid" {ends} y1="{y(at)}" y2="{y(at)}"/>' for at in (1, (100 + floor) / 200)
    )
    goal = f'<line class="goal" {ends} y1="{y(mark)}" y2="{y(mark)}"/>' if mark is not None else ""
    return Markup(  # noqa: S704 - numbers, and a label that is escaped
        f'<svg viewBox="0 0 {wide:.0f} {tall:.0f}" preserveAspectRatio="none" width="100%" '
        f'height="150" role="img" aria-label="{escape(label)}">{lines}'
        f'<polygon class="band" points="{" ".join([*low, *reversed(high)])}"/>'
        f'<polyline class="ln" points="{" ".join(low)}"/>{goal}</svg>'
    )


def counted_strip(window: Interval, excluded: Sequence[Interval], *, label: str) -> Markup:
    """Draw, under a ribbon, which part of it counts: a line that is broken where it does not."""
    ruler = _Ruler(window)
    parts = [
        f'<rect class="counts" {ruler.place(span)} y="1" height="3"/>'
        for span in subtract((window,), excluded)
    ]
    return _svg(parts, height=6, label=label)


def legend_swatch(state: State | None) -> Markup:
    """Draw the sample of a state for the key; None is what is not counted."""
    if state is None:
        inner = '<rect class="f-exc" y="12" width="26" height="2"/>'
    elif state is State.UP:
        inner = '<rect class="f-up" y="9" width="26" height="9"/>'
    else:
        inner = f'<rect class="{_FILL[state]}" x="1" y="1" width="24" height="16"/>'
    return Markup(f'<svg width="26" height="18" aria-hidden="true">{inner}</svg>')  # noqa: S704


@dataclass(frozen=True, slots=True)
class _Ruler:
    window: Interval

    def at(self, moment: datetime) -> str:
        share = (moment - self.window.start).total_seconds() / self.window.seconds
        return f"{100 * min(1.0, max(0.0, share)):.2f}"

    def place(self, span: Interval) -> str:
        left = self.at(span.start)
        return f'x="{left}%" width="{float(self.at(span.end)) - float(left):.2f}%"'


def _svg(parts: Iterable[str], *, height: int, label: str, spill: bool = False) -> Markup:
    style = ' class="spill"' if spill else ""
    head = f'<svg width="100%" height="{height}"{style} role="img" aria-label="{escape(label)}">'
    return Markup(head + "".join(parts) + "</svg>")  # noqa: S704 - every text in it is escaped


def _track(height: int) -> str:
    y = height - _BAND_PX
    return f'<rect class="track" y="{y}" width="100%" height="{_BAND_PX}" rx="1.5" opacity=".75"/>'


def _span(span: Span, ruler: _Ruler, tongue: Tongue, height: int) -> str:
    cut = span.interval.cut(ruler.window)
    assert cut is not None
    title = f"{_hours(span.interval, tongue)} {verdict(tongue, span.state, span.cause)}"
    if span.state is State.UP:
        box = f'y="{height - _BAND_PX}" height="{_BAND_PX}"'
    else:
        box = f'y="1" height="{height - 2}"'
    place = ruler.place(cut)
    return f'<rect class="{_FILL[span.state]}" {place} {box}><title>{escape(title)}</title></rect>'


def _hairline(gap: Interval, ruler: _Ruler, height: int, tongue: Tongue) -> str:
    cut = gap.cut(ruler.window)
    assert cut is not None
    place = ruler.place(cut)
    title = escape(f"{_hours(gap, tongue)} {tongue.text('Not counted')}")
    return (
        f'<g><title>{title}</title><rect class="blank" {place} y="0" height="{height}"/>'
        f'<rect class="f-exc" {place} y="{height - 6}" height="2"/></g>'
    )


def _hours(span: Interval, tongue: Tongue) -> str:
    start, end = span.start.astimezone(LOCALE), span.end.astimezone(LOCALE)
    if start.date() == end.date():
        return f"{start:%H:%M:%S} – {end:%H:%M:%S} {tongue.day(start.date())}"
    return f"{start:%H:%M:%S} {tongue.day(start.date())} – {end:%H:%M:%S} {tongue.day(end.date())}"


def _day(bar: DayBar, x: float, width: float, height: int, tongue: Tongue) -> str:
    counted = sum(bar.seconds.values())
    place = f'x="{x:.2f}%" width="{width:.2f}%"'
    title = f"<title>{escape(_day_text(bar, tongue))}</title>"
    if not counted:
        return f'<g>{title}<rect class="f-exc" {place} y="{height - 3}" height="2"/></g>'
    base = round(height * 0.36)
    drawn = [f'<rect class="f-up" {place} y="{height - base}" height="{base}"/>']
    lost = {s: n for s in _LOSSES if (n := bar.seconds.get(s, 0))}
    if lost:
        share = sum(lost.values()) / counted
        rise = max(float(_LEAST_LOSS_PX), sqrt(share) * (height - base - 1))
        drawn += _rises(lost, place, height - base, rise)
        if not bar.seconds.get(State.UP, 0):
            drawn[0] = ""
            drawn[1:] = _rises(lost, place, height, float(height - 1))
    return f"<g>{title}{''.join(drawn)}</g>"


def _day_text(bar: DayBar, tongue: Tongue) -> str:
    spent = [
        f"{verdict(tongue, s, None)} {tongue.duration(n)}" for s, n in bar.seconds.items() if n
    ]
    return f"{tongue.day(bar.day)}: {', '.join(spent) or tongue.text('Not counted')}"


_LOSSES: Final = (State.UNKNOWN, State.DEGRADED, State.DOWN)
"""From the base line upwards; the worst is on top."""


def _rises(lost: dict[State, int], place: str, floor: float, rise: float) -> list[str]:
    total, y, drawn = sum(lost.values()), floor, []
    for state, seconds in lost.items():
        tall = rise * seconds / total
        y -= tall
        drawn.append(f'<rect class="{_FILL[state]}" {place} y="{y:.1f}" height="{tall:.1f}"/>')
    return drawn


def _quarter(
    quarter: Passages, x: float, step: float, height: int, top: int, tongue: Tongue
) -> str:
    bars, width = [], step * 0.38
    for i, (kind, count) in enumerate((("f-up", quarter.inward), ("hollow", quarter.outward))):
        if count:
            tall = max(2.0, (height - 4) * count / top)
            left = x + step * 0.1 + i * step * 0.42
            bars.append(_bar(kind, left, width, height - 1 - tall, tall))
    if quarter.other:
        tall = max(2.0, (height - 4) * quarter.other / top)
        bars.append(_bar("f-exc", x + step * 0.3, step * 0.2, height - 1 - tall, tall))
    words = tongue.text(
        "in %(inward)s, out %(outward)s", inward=quarter.inward, outward=quarter.outward
    )
    title = escape(f"{tongue.clock(quarter.start)}: {words}")
    return f"<g><title>{title}</title>{''.join(bars)}</g>"


def _bar(kind: str, x: float, width: float, y: float, tall: float) -> str:
    return (
        f'<rect class="{kind}" x="{x:.2f}%" y="{y:.1f}" width="{width:.2f}%" height="{tall:.1f}"/>'
    )
