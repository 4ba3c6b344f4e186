"""One bar a day: how much of the counted time was lost, and to what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import sqrt
from typing import Final

from markupsafe import Markup, escape

from server.domain.uptime import Availability
from server.texts.tongue import Tongue
from server.texts.words import verdict
from server.web.charts.svg import FILL, svg
from wire.vocabulary import State

_LEAST_LOSS_PX: Final = 6
_LOSSES: Final = (State.UNKNOWN, State.DEGRADED, State.DOWN)
"""From the base line upwards; the worst is on top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A closed day that late history has changed: as it was closed, and as it is known since."""

    closed: Availability
    closed_at: datetime
    known: Availability
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBar:
    """One day of one camera in seconds; a day with nothing counted is a hairline.

    Attributes:
        day: The local date.
        seconds: Counted seconds per state.
        late: Set where the day was closed with another value; a dot marks it.
    """

    day: date
    seconds: dict[State, int]
    late: Late | None = None


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
        if bar.late is not None:
            drawn += f'<circle class="late" cx="{(i + 0.5) * step:.2f}%" cy="4" r="3"/>'
        if link:
            box = f'<rect class="hit" x="{i * step:.2f}%" width="{step:.2f}%" height="{height}"/>'
            name = escape(tongue.day(bar.day))
            href = escape(f"{link}{bar.day.isoformat()}")
            drawn = f'<a href="{href}" tabindex="-1" aria-label="{name}">{box}{drawn}</a>'
        parts.append(drawn)
    return svg(parts, height=height, label=label)


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
    now = f"{tongue.day(bar.day)}: {', '.join(spent) or tongue.text('Not counted')}"
    return now if bar.late is None else f"{now}. {_late_text(bar.late, tongue)}"


def _late_text(late: Late, tongue: Tongue) -> str:
    return tongue.text(
        "Closed as %(was)s at %(closed)s; %(known)s since %(since)s",
        was=_share(late.closed, tongue),
        closed=tongue.dated(late.closed_at),
        known=_share(late.known, tongue),
        since=tongue.dated(late.since),
    )


def _share(some: Availability, tongue: Tongue) -> str:
    if some.low is None or some.high is None:
        return tongue.text("Not counted")
    return tongue.percent_range(float(some.low), float(some.high))


def _rises(lost: dict[State, int], place: str, floor: float, rise: float) -> list[str]:
    total, y, drawn = sum(lost.values()), floor, []
    for state, seconds in lost.items():
        tall = rise * seconds / total
        y -= tall
        drawn.append(f'<rect class="{FILL[state]}" {place} y="{y:.1f}" height="{tall:.1f}"/>')
    return drawn
