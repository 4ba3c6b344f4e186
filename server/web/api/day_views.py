"""From closed days to the API's types. Pure."""

from collections.abc import Iterable
from datetime import datetime

from server.domain.basis import Basis
from server.domain.figures import ClosedDay, DayFigures
from server.domain.uptime import Availability
from server.web.api import day_types as t
from server.web.api.views import share


def closed_days(school: str, days: Iterable[ClosedDay]) -> t.ClosedDaysOut:
    """Return a school's closed days."""
    return t.ClosedDaysOut(school=school, days=tuple(_day(day) for day in days))


def _day(day: ClosedDay) -> t.ClosedDayOut:
    return t.ClosedDayOut(
        day=day.day,
        plan=day.basis.plan,
        version=day.basis.version,
        closed=_value(day.basis, day.closed_at, (), day.figures),
        amended=tuple(_value(day.basis, a.at, a.agents, a.figures) for a in day.amendments),
    )


def _value(
    basis: Basis, at: datetime, agents: tuple[str, ...], figures: DayFigures
) -> t.DayValueOut:
    met = figures.met
    return t.DayValueOut(
        at=at,
        agents=agents,
        cameras={
            camera: _seconds(some)
            for (camera, _), some in zip(basis.cameras, figures.cameras, strict=True)
        },
        total=_seconds(figures.total),
        places=t.PlacesMetOut(
            met=met.met,
            not_met=met.not_met,
            cannot_tell=met.cannot_tell,
            low=share(met.low),
            high=share(met.high),
        ),
    )


def _seconds(some: Availability) -> t.SecondsOut:
    return t.SecondsOut(
        up=some.up,
        degraded=some.degraded,
        down=some.down,
        unknown=some.unknown,
        excluded=some.excluded,
        low=share(some.low),
        high=share(some.high),
    )
