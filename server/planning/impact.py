"""What a version would change for the schools that there are. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from server.domain.plan import Plan
from server.domain.units import School, Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneChange:
    """A place and how many cameras it needs before and after; None: not scored."""

    school: School
    zone: Zone
    before: int | None
    after: int | None


class MisfitWhy(StrEnum):
    """Why a place of the register does not fit a plan."""

    UNKNOWN_KIND = "unknown_kind"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A place that a plan has no word for, or where it lets no camera be though there is one."""

    school: School
    zone: Zone
    why: MisfitWhy


def need(plan: Plan | None, school: School, zone: Zone) -> int | None:
    """Return how many cameras a place needs; None: not scored."""
    if plan is None:
        return None
    return plan.required_cameras(school.kind, zone.kind, school.levels)


def zone_changes(
    schools: Iterable[School], before: Plan | None, after: Plan
) -> tuple[ZoneChange, ...]:
    """Return the places that need another number of cameras, or become or cease to be scored."""
    changes = (
        ZoneChange(
            school=school,
            zone=zone,
            before=need(before, school, zone),
            after=need(after, school, zone),
        )
        for school in schools
        for zone in school.zones
    )
    return tuple(c for c in changes if c.before != c.after)


def misfits(schools: Iterable[School], plan: Plan) -> tuple[Misfit, ...]:
    """Return the places of the register that do not fit a plan."""
    found = []
    for school in schools:
        watched = {camera.zone for camera in school.cameras}
        for zone in school.zones:
            if zone.kind in plan.forbidden_zones and zone.id in watched:
                found.append(Misfit(school=school, zone=zone, why=MisfitWhy.FORBIDDEN))
            elif zone.kind not in plan.zones:
                found.append(Misfit(school=school, zone=zone, why=MisfitWhy.UNKNOWN_KIND))
    return tuple(found)


def strangers(schools: Iterable[School], plan: Plan) -> tuple[str, ...]:
    """Return the ids that a plan's days off name and that no school of the register has."""
    known = {school.id for school in schools}
    named = (name for entry in plan.calendar.days_off for name in entry.schools or ())
    return tuple(name for name in dict.fromkeys(named) if name not in known)
