"""What pages of yearly work share: the year that is asked for, words, files."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import quote

from aiohttp import web

from server.domain.calendar import local_date
from server.domain.duties_owed import WorkYear
from server.domain.plan import Plan
from server.domain.register import Register
from server.domain.units import Organisation, School
from server.standing import Standing
from server.texts import plans, yearly
from server.texts.tongue import N_, Tongue
from server.web import forms
from server.web.deps import DEPS, TONGUE
from server.web.guard import refuse
from server.web.pages.yearly import years_to_choose
from server.web.readings import READINGS
from server.web.refusals import NothingThereError, refusing

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a page about a year stands on: the plan and the schools of that year.

    ``day``: the one by which they are told: today, or the year's nearest.
    """

    today: date
    day: date
    year: WorkYear
    years: tuple[WorkYear, ...]
    plan: Plan
    organisation: Organisation
    register: Register

    def school(self, name: str) -> School | None:
        """Return a school of that year."""
        return self.organisation.school(name)


def ground(request: web.Request) -> Ground:
    """Return the year that the address asks for, else the one of today. Raises HTTP 404."""
    today = local_date(request.app[READINGS].now())
    asked = forms.text(request.query, "year", longest=20)
    with refusing(request):
        return ground_on(request.app[DEPS].standing, today, asked)


def ground_on(standing: Standing, today: date, asked: str = "") -> Ground:
    """Return the year that is asked for, else the one of today. Raises ``NothingThereError``."""
    years = years_to_choose(standing.plan_on(today).calendar, today)
    held = next((y for y in years if y.first <= today <= y.last), years[0])
    year = next((y for y in years if y.id == asked), None) if asked else held
    if year is None:
        raise NothingThereError(N_("The plan knows no such year."))
    day = min(max(today, year.first), year.last)
    return Ground(
        today=today,
        day=day,
        year=year,
        years=years,
        plan=standing.plan_on(day),
        organisation=standing.register.on(day),
        register=standing.register,
    )


def school_of(request: web.Request, on: Ground) -> School:
    """Return the school of the address. Raises HTTP 404."""
    found = on.school(request.match_info["school"])
    if found is None:
        raise refuse(404, request[TONGUE].text("There is no such school in that year."))
    return found


def file(data: bytes, name: str, media: str) -> web.Response:
    """Return a file to be saved, never to be shown inside a page."""
    told_as = f"attachment; filename*=UTF-8''{quote(name)}"
    return web.Response(body=data, headers={"Content-Type": media, "Content-Disposition": told_as})


def words(tongue: Tongue) -> dict[str, object]:
    """Return the words that templates of yearly work use."""
    return {
        "statuses": {key: tongue.text(word) for key, word in yearly.STATUSES.items()},
        "looks": yearly.LOOKS,
        "deeds": {key: tongue.text(word) for key, word in yearly.DEEDS.items()},
        "results": {key: tongue.text(word) for key, word in yearly.RESULTS.items()},
        "result_looks": yearly.RESULT_LOOKS,
        "school_kind": lambda kind: plans.school_kind(tongue, kind),
    }
