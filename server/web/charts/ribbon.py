"""A timeline as a ribbon, the strip of time that counts under it, and the key of its states."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from markupsafe import Markup, escape

from server.domain.interval import Interval, subtract
from server.domain.timeline import Span
from server.texts.tongue import LOCALE, Tongue
from server.texts.words import verdict
from server.web.charts.svg import FILL, svg
from wire.vocabulary import State

_BAND_PX: Final = 9


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
    return svg(parts, height=height, label=label)


def counted_strip(window: Interval, excluded: Sequence[Interval], *, label: str) -> Markup:
    """Draw, under a ribbon, which part of it counts: a line that is broken where it does not."""
    ruler = _Ruler(window)
    parts = [
        f'<rect class="counts" {ruler.place(span)} y="1" height="3"/>'
        for span in subtract((window,), excluded)
    ]
    return svg(parts, height=6, label=label)


def legend_swatch(state: State | None) -> Markup:
    """Draw the sample of a state for the key; None is what is not counted."""
    if state is None:
        inner = '<rect class="f-exc" y="12" width="26" height="2"/>'
    elif state is State.UP:
        inner = '<rect class="f-up" y="9" width="26" height="9"/>'
    else:
        inner = f'<rect class="{FILL[state]}" x="1" y="1" width="24" height="16"/>'
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
    return f'<rect class="{FILL[span.state]}" {place} {box}><title>{escape(title)}</title></rect>'


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
