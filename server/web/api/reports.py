"""The API's reports: the same jobs and the same kept files as the page's."""

from typing import Final

import msgspec
from aiohttp import web

from server.domain.calendar import local_date
from server.reports.asking import Wish, asked
from server.reports.forms import FORMS
from server.reports.jobs import BusyError, Job
from server.reports.making import KIND, made_in
from server.reports.spans import AskError
from server.storage import Record
from server.texts.tongue import N_
from server.web import forms
from server.web.api.handlers import json_answer
from server.web.api.report_types import ReportIn, ReportOut, ReportsOut
from server.web.asking import officer
from server.web.deps import DEPS, TONGUE
from server.web.guard import refuse
from server.web.readings import READINGS
from server.web.reportroutes import JOBS

_PREFIX: Final = "/api/v1/reports"


async def get_reports(request: web.Request) -> web.Response:
    """Every report, those on their way first."""
    records = await request.app[DEPS].store.records(KIND)
    newest = sorted(records, key=lambda r: r.at, reverse=True)
    under_way = tuple(_under_way(job) for job in request.app[JOBS].latest())
    return json_answer(ReportsOut(reports=(*under_way, *map(_made, newest))))


async def get_report(request: web.Request) -> web.Response:
    """One report, made or on its way."""
    name = request.match_info["id"]
    job = next((j for j in request.app[JOBS].latest() if j.id == name), None)
    if job is not None:
        return json_answer(_under_way(job))
    record = await request.app[DEPS].store.record(KIND, name)
    if record is None or record.gone:
        raise refuse(404, request[TONGUE].text("There is no such report."))
    return json_answer(_made(record))


async def post_report(request: web.Request) -> web.Response:
    """Begin a report; its progress is asked for by its id."""
    user, standing = officer(request), request.app[DEPS].standing
    try:
        wanted = msgspec.json.decode(await request.read(), type=ReportIn)
    except (msgspec.MsgspecError, RecursionError) as failed:
        raise forms.BadInputError("body", "%(reason)s", reason=str(failed)) from None
    if not set(wanted.forms) <= set(FORMS):
        raise forms.BadInputError("forms", N_("must be one of: %(words)s"), words=", ".join(FORMS))
    wish = Wish(
        kind=wanted.kind,
        unit=wanted.unit,
        school=wanted.school,
        year=wanted.year,
        month=wanted.month,
        first=wanted.first,
        last=wanted.last,
    )
    today = local_date(request.app[READINGS].now())
    try:
        ask = asked(wish, standing.register, standing.plans, today=today)
        job = request.app[JOBS].start(ask, wanted.forms or tuple(FORMS), by=user.name)
    except AskError as error:
        raise refuse(400, request[TONGUE].text(error.msgid, **error.values)) from error
    except BusyError as error:
        text = request[TONGUE].text("Too many reports are waiting already. Try again later.")
        raise refuse(400, text) from error
    return json_answer(_under_way(job), 202)


def _under_way(job: Job) -> ReportOut:
    return ReportOut(
        id=job.id,
        kind=job.ask.kind,
        unit=job.ask.unit,
        school=job.ask.school,
        first=job.ask.span.first,
        last=job.ask.span.last,
        by=job.by,
        at=job.asked_at,
        part=round(job.part, 3),
        trouble=job.trouble,
        versions=(),
        files={},
    )


def _made(record: Record) -> ReportOut:
    made = made_in(record)
    return ReportOut(
        id=record.id,
        kind=made.kind,
        unit=made.unit,
        school=made.school,
        first=made.first,
        last=made.last,
        by=record.by,
        at=record.at,
        part=1.0,
        trouble=None,
        versions=made.versions,
        files={form: f"{_PREFIX}/{record.id}/{form}" for form in made.files},
    )
