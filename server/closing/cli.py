"""``vonggac-server figures``: closed days as lines of text, and closing by hand."""

import argparse
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from server.clock import SystemClock
from server.closing.closer import Closer
from server.closing.due import last_closable
from server.config import Configuration
from server.domain.calendar import local_date
from server.domain.figures import ClosedDay
from server.domain.uptime import Availability
from server.standing import Standing
from server.storage import Duty, Store
from server.texts.tongue import Tongue, load

_DAYS: Final = timedelta(days=29)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    command.add_argument("--school", metavar="ID", help="chỉ một trường / one school only")
    command.add_argument("--from", dest="first", type=date.fromisoformat, metavar="YYYY-MM-DD")
    command.add_argument("--to", dest="last", type=date.fromisoformat, metavar="YYYY-MM-DD")
    command.add_argument(
        "--close",
        action="store_true",
        help="chốt ngay mọi ngày đã qua / close every day that is over now, without waiting",
    )


async def show(
    configuration: Configuration, store: Store, standing: Standing, options: argparse.Namespace
) -> None:
    """Print the closed days that are asked for, after closing what is over if that is wished."""
    now, tongue = SystemClock().now(), load(configuration.server.language)
    if options.close:
        await _closer(store, standing).close_through(last_closable(now, timedelta()))
    schools = {s: standing.register.school_name(s) for s in standing.register.schools}
    wanted = [s for s in schools if options.school in {None, s}]
    last = options.last or local_date(now)
    days = await store.closed_days(wanted, options.first or last - _DAYS, last)
    for day in days:
        print("  ".join(_cells(tongue, schools[day.school], day)))
    if not days:
        print(tongue.text("No day has been closed yet."))


def _closer(store: Store, standing: Standing) -> Closer:
    """Return a closer that asks nobody: a day that a server closes at once is closed once."""
    return Closer(
        store=store,
        standing=standing,
        clock=SystemClock(),
        listening_since=lambda: None,
        duty=Duty(None, "closing"),
        close_after=timedelta(),
    )


def _cells(tongue: Tongue, school: str, day: ClosedDay) -> Iterator[str]:
    yield f"{day.day}"
    yield f"{school}:"
    yield _value(tongue, day.figures.total)
    yield f"({tongue.exact(day.closed_at)})"
    if day.amendments:
        yield f"→ {_value(tongue, day.known.total)}"
        yield f"({tongue.exact(day.amendments[-1].at)})"


def _value(tongue: Tongue, some: Availability) -> str:
    if some.low is None or some.high is None:
        return "–"
    return tongue.percent_range(float(some.low), float(some.high))
