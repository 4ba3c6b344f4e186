"""``vonggac-server coverage``: how far the plan was met over a period, as lines or as JSON."""

import argparse
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from server.domain.calendar import local_date
from server.domain.period import SchoolPeriod, UnitPeriod, ZonePeriod
from server.domain.planbook import PlanBook
from server.domain.points import Met, MetSeconds
from server.domain.register import Register
from server.domain.remedies import Action, Remedy, remedies
from server.domain.trends import Step, TrendPoint, stretches, trend
from server.domain.uptime import Availability
from server.figuring.period import period
from server.figuring.prices import load_prices
from server.figuring.told import told
from server.storage import Store
from server.texts.tongue import N_, Tongue

_DAYS: Final = timedelta(days=29)
_MOST: Final = 20
_VERDICTS: Final = {
    Met.MET: N_("met"),
    Met.NOT_MET: N_("not met"),
    Met.CANNOT_TELL: N_("cannot tell"),
}
_ACTIONS: Final = {Action.REPAIR: N_("repair"), Action.INSTALL: N_("install")}


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    whom = command.add_mutually_exclusive_group()
    whom.add_argument("--unit", metavar="ID", help="đơn vị và mọi cấp dưới / a unit and all below")
    whom.add_argument("--school", metavar="ID", help="chỉ một trường / one school only")
    command.add_argument("--from", dest="first", type=date.fromisoformat, metavar="YYYY-MM-DD")
    command.add_argument("--to", dest="last", type=date.fromisoformat, metavar="YYYY-MM-DD")
    command.add_argument(
        "--step", type=Step, choices=list(Step), help="xu hướng theo / trend by (with --json)"
    )
    command.add_argument(
        "--exact",
        action="store_true",
        help="đếm lại từ dữ liệu gốc / count every day anew, without the closed days",
    )
    command.add_argument("--json", action="store_true", help="JSON, mọi khu vực / with all zones")


async def show(
    store: Store,
    register: Register,
    plans: PlanBook,
    options: argparse.Namespace,
    *,
    tongue: Tongue,
    now: datetime,
) -> None:
    """Print what is asked for."""
    last = options.last or local_date(now)
    first = options.first or last - _DAYS
    found = await period(
        store,
        register,
        plans,
        unit=options.unit,
        schools=None if options.school is None else [options.school],
        first=first,
        last=last,
        now=now,
        rollups=not options.exact,
    )
    if not options.json:
        print("\n".join(_lines(tongue, found)))
        return
    plan = plans.shown_on(min(last, local_date(now)))
    steps: tuple[TrendPoint, ...] = ()
    if options.step is not None and plan is not None:
        steps = tuple(trend(found.schools, stretches(options.step, first, last, plan.calendar)))
    prices = await load_prices(store)
    print(msgspec.json.encode(told(found, at=now, prices=prices, steps=steps, zones=True)).decode())


def _lines(tongue: Tongue, found: UnitPeriod) -> Iterator[str]:
    """Say a period in words: the whole, then each school with what it is short of."""
    span = f"{tongue.day(found.first, year=True)} – {tongue.day(found.last, year=True)}"
    yield f"{span}  {_figures(tongue, found.sums.seconds, found.uptime)}"
    for school in found.schools:
        yield f"{school.school.name}: {_figures(tongue, school.sums.seconds, school.uptime)}"
        yield from (f"  {line}" for line in _school(tongue, school))
    work = remedies(found.schools)
    if work:
        yield tongue.text("To do first:")
        yield from (f"  {_remedy(tongue, remedy)}" for remedy in work[:_MOST])
    if len(work) > _MOST:
        yield "  " + tongue.text("and %(count)s more", count=tongue.number(len(work) - _MOST))


def _figures(tongue: Tongue, seconds: MetSeconds, uptime: Availability) -> str:
    met = _percent(tongue, seconds)
    return tongue.text(
        "places watched %(met)s, cameras %(uptime)s", met=met, uptime=_percent(tongue, uptime)
    )


def _percent(tongue: Tongue, some: MetSeconds | Availability) -> str:
    if some.low is None or some.high is None:
        return "–"
    return tongue.percent_range(float(some.low), float(some.high))


def _school(tongue: Tongue, school: SchoolPeriod) -> Iterator[str]:
    if school.unset_days:
        yield tongue.count(
            "Not set by the plan: the hours of %(num)s day",
            "Not set by the plan: the hours of %(num)s days",
            school.unset_days,
        )
    for zone in school.zones:
        yield f"{zone.zone.name}: {_zone(tongue, zone)}"


def _zone(tongue: Tongue, zone: ZonePeriod) -> str:
    if zone.need is None:
        return tongue.text("Not set by the plan")
    verdict = "" if zone.met is None else f" ({tongue.text(_VERDICTS[zone.met])})"
    seconds = zone.seconds or MetSeconds()
    return f"{zone.installed}/{zone.need} camera, {_percent(tongue, seconds)}{verdict}"


def _remedy(tongue: Tongue, remedy: Remedy) -> str:
    cameras = ", ".join(c.camera.name for c in remedy.cameras)
    causes = ", ".join(c for c in remedy.causes if c)
    return " ".join(
        part
        for part in (
            f"{remedy.school.school.name}, {remedy.zone.zone.name}:",
            tongue.text(_ACTIONS[remedy.action]),
            f"{remedy.count} camera",
            f"({cameras}; {causes})" if cameras else "",
        )
        if part
    )
