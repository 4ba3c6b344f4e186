"""Passages through the gates per quarter of an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup, escape

from server.texts.tongue import Tongue
from server.web.charts.svg import svg


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
    return svg(parts, height=height, label=label)


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
