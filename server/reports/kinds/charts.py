"""Charts that several papers share: horizontal bars of sure, unknown and missing shares."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from server.domain.period import DaySums, SchoolPeriod
from server.domain.points import MetSeconds
from server.domain.uptime import sum_of
from server.reports.document import Bar, Chart, Share
from server.reports.facts import from_worst, met_share, up_share
from server.reports.wording import day as day_text

PARTS: Final = ("Có đủ camera", "Chưa rõ", "Không đủ camera")
WATCHED: Final = ("Có hình", "Chưa rõ", "Không có hình tốt")
MOST_BARS: Final = 20


def school_chart(schools: Sequence[SchoolPeriod]) -> Chart | None:
    """Return a bar a school; of many the worst ones. None where nothing was required."""
    ranked = from_worst(schools)
    if not ranked:
        return None
    shown = ranked[:MOST_BARS]
    what = f"{len(shown)} trường thấp nhất" if len(ranked) > len(shown) else "theo trường"
    bars = ((s.school.name, met_share(s.sums.seconds)) for s in shown)
    return Chart(title=f"Độ phủ theo thời gian, {what}", bars=_bars(bars), parts=PARTS)


def zone_chart(school: SchoolPeriod) -> Chart | None:
    """Return a bar a place; of many those that were watched least."""
    shares = [(z.zone.name, met_share(z.seconds)) for z in school.zones if z.seconds]
    bars = sorted(_bars(shares), key=lambda b: (b.share.low, b.share.high, b.label))[:MOST_BARS]
    if not bars:
        return None
    return Chart(title="Độ phủ theo thời gian, theo khu vực", bars=tuple(bars), parts=PARTS)


def week_chart(schools: Iterable[SchoolPeriod], *, met: bool) -> Chart | None:
    """Return a bar a week (from Monday): places that were covered, or cameras that watched."""
    weeks: dict[date, list[DaySums]] = {}
    for day in (d for s in schools for d in s.by_day):
        weeks.setdefault(day.day - timedelta(days=day.day.weekday()), []).append(day)
    shares = [
        (f"Tuần từ {day_text(monday)}", _week_share(days, met=met))
        for monday, days in sorted(weeks.items())
    ]
    bars = _bars(shares)
    if not bars:
        return None
    title = "Độ phủ theo thời gian, theo tuần" if met else "Tỷ lệ hoạt động của camera, theo tuần"
    return Chart(title=title, bars=bars, parts=PARTS if met else WATCHED)


def _week_share(days: Sequence[DaySums], *, met: bool) -> Share | None:
    if met:
        return met_share(sum((d.seconds for d in days), MetSeconds()))
    return up_share(sum_of(d.uptime for d in days))


def _bars(shares: Iterable[tuple[str, Share | None]]) -> tuple[Bar, ...]:
    return tuple(Bar(label, share) for label, share in shares if share is not None)


def drawn(*charts: Chart | None) -> Iterator[Chart]:
    """Yield the charts that have something to show."""
    return (chart for chart in charts if chart is not None)
