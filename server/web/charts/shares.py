"""Shares as ranges, sure and possible: the bar of now and the trend of days."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from server.web.charts.svg import svg


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
    return svg(parts, height=14, label=label, spill=True)


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
