"""Every route of the API in one table; the OpenAPI document is made of it."""

from collections.abc import Awaitable, Callable
from importlib import metadata
from typing import Final

from aiohttp import web

from server.figuring.told_types import PeriodTold, ProofsTold, RepairTold
from server.web.api import camera_types as c
from server.web.api import day_types as d
from server.web.api import plan_types as n
from server.web.api import register_types as g
from server.web.api import report_types as r
from server.web.api import requests
from server.web.api import types as t
from server.web.api.handlers import (
    delete_session,
    get_agents,
    get_alerts,
    get_availability,
    get_camera,
    get_cameras,
    get_coverage,
    get_gate_events,
    get_schools,
    get_timeline,
    get_units,
    json_answer,
    post_acknowledge,
    post_sessions,
)
from server.web.api.inspections import INSPECTIONS
from server.web.api.openapi import Operation, Parameter, document
from server.web.api.plans import get_plan, get_versions, post_check
from server.web.api.register import post_import
from server.web.api.reports import get_report, get_reports, post_report
from server.web.deps import TONGUE
from server.web.figureroutes import get_days
from server.web.guard import refuse
from server.web.periodroutes import get_period, get_proofs, get_repair
from server.web.registerroutes import XLSX, get_workbook
from server.web.reportroutes import get_file

PREFIX: Final = "/api/v1"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_FROM_TO: Final = (
    Parameter(
        name="from", text="Start, RFC 3339; a day before the end by default", form="date-time"
    ),
    Parameter(name="to", text="End, RFC 3339; now by default and at most", form="date-time"),
)
_SCHOOL: Final = Parameter(name="school", text="Only this school's")
_LIMIT: Final = Parameter(name="limit", text="At most so many", kind="integer")

TABLE: Final[tuple[tuple[Operation, Handler], ...]] = (
    (
        Operation(
            method="POST",
            path="/sessions",
            text="Sign in: name and password against a token for 12 hours",
            answer=t.SessionOut,
            body=t.SignIn,
            status=201,
            open=True,
        ),
        post_sessions,
    ),
    (
        Operation(method="DELETE", path="/sessions", text="Sign out", answer=None, status=204),
        delete_session,
    ),
    (Operation(method="GET", path="/units", text="Units", answer=t.Units), get_units),
    (Operation(method="GET", path="/schools", text="Schools now", answer=t.Schools), get_schools),
    (
        Operation(
            method="GET",
            path="/schools/{id}/days",
            text="A school's closed days, and what history that came later made of them",
            answer=d.ClosedDaysOut,
            query=(
                Parameter(name="from", text="First local day; 30 days by default", form="date"),
                Parameter(name="to", text="Last local day; today by default", form="date"),
            ),
        ),
        get_days,
    ),
    (
        Operation(
            method="GET", path="/cameras", text="Cameras now", answer=t.Cameras, query=(_SCHOOL,)
        ),
        get_cameras,
    ),
    (
        Operation(method="GET", path="/cameras/{id}", text="A camera now", answer=t.CameraOut),
        get_camera,
    ),
    (
        Operation(
            method="GET",
            path="/cameras/{id}/timeline",
            text="A camera's timeline",
            answer=t.TimelineOut,
            query=_FROM_TO,
        ),
        get_timeline,
    ),
    (
        Operation(
            method="GET",
            path="/cameras/{id}/availability",
            text="A camera's seconds by state",
            answer=t.AvailabilityOut,
            query=(
                *_FROM_TO,
                Parameter(name="counted", text="school_hours (default) or all"),
            ),
        ),
        get_availability,
    ),
    (
        Operation(
            method="POST",
            path="/cameras/{id}/commands",
            text="Ask its gate PC for a look now, or say that this is the new view (officers)",
            answer=c.CommandOut,
            body=c.CommandIn,
        ),
        requests.post_command,
    ),
    (
        Operation(
            method="GET",
            path="/cameras/{id}/evidence",
            text="What its gate PC keeps of changes of its picture (officers)",
            answer=c.EvidenceOut,
        ),
        requests.get_evidence,
    ),
    (
        Operation(
            method="GET",
            path="/cameras/{id}/evidence/{agent}/{piece}/{side}",
            text="One picture; side is before or after (officers; each fetch is noted)",
            answer=None,
            media="image/jpeg",
        ),
        requests.get_picture,
    ),
    (
        Operation(
            method="GET", path="/coverage", text="Schools against the plan", answer=t.CoverageOut
        ),
        get_coverage,
    ),
    (
        Operation(
            method="GET",
            path="/coverage/period",
            text="How far the plan was met over some days, what to do first and what it costs",
            answer=PeriodTold,
            query=(
                Parameter(name="unit", text="This unit and all below it; else all schools"),
                _SCHOOL,
                Parameter(name="from", text="First local day; 30 days by default", form="date"),
                Parameter(name="to", text="Last local day; today by default", form="date"),
                Parameter(name="step", text="Trend by day, week, month (default), term or year"),
                Parameter(name="zones", text="all: with every zone and camera of every school"),
            ),
        ),
        get_period,
    ),
    (
        Operation(
            method="GET",
            path="/coverage/proofs",
            text="Which cameras failed which place of a school, from when to when",
            answer=ProofsTold,
            query=(
                Parameter(name="school", text="The school"),
                Parameter(name="from", text="First local day; 30 days by default", form="date"),
                Parameter(name="to", text="Last local day; today by default", form="date"),
            ),
        ),
        get_proofs,
    ),
    (
        Operation(
            method="GET",
            path="/cameras/{id}/repair",
            text="A camera and its place in the fourteen days before and after a repair",
            answer=RepairTold,
            query=(Parameter(name="day", text="The local day of the repair", form="date"),),
        ),
        get_repair,
    ),
    (
        Operation(
            method="GET",
            path="/plan",
            text="What the plan in force asks for, line by line with its sources",
            answer=n.PlanOut,
            query=(Parameter(name="on", text="In force on this day; today's", form="date"),),
        ),
        get_plan,
    ),
    (
        Operation(
            method="GET",
            path="/plan/versions",
            text="Versions of the plan, newest first",
            answer=n.PlanVersionsOut,
        ),
        get_versions,
    ),
    (
        Operation(
            method="POST",
            path="/plan/check",
            text="Check a plan's text: its first mistake, or what it says and leaves open",
            answer=n.PlanChecked,
            body=n.PlanText,
        ),
        post_check,
    ),
    (
        Operation(method="GET", path="/reports", text="Reports, newest first", answer=r.ReportsOut),
        get_reports,
    ),
    (
        Operation(
            method="POST",
            path="/reports",
            text="Begin a report; officers only",
            answer=r.ReportOut,
            body=r.ReportIn,
            status=202,
        ),
        post_report,
    ),
    (
        Operation(
            method="GET",
            path="/reports/{id}",
            text="A report, made or on its way",
            answer=r.ReportOut,
        ),
        get_report,
    ),
    (
        Operation(
            method="GET",
            path="/reports/{id}/{form}",
            text="A report's file: docx, pdf or xlsx",
            answer=None,
            media="application/octet-stream",
        ),
        get_file,
    ),
    (
        Operation(
            method="GET",
            path="/register.xlsx",
            text="Units, schools and what stands in them, as sheets",
            answer=None,
            query=(
                Parameter(name="on", text="As of this day, YYYY-MM-DD; today", form="date"),
                Parameter(name="history", text="1: all that ever held"),
            ),
            media=XLSX,
        ),
        get_workbook,
    ),
    (
        Operation(
            method="POST",
            path="/register/import",
            text="Try an XLSX or CSV file of the register's sheets, or write it; officers only",
            answer=g.ImportOut,
            query=(
                Parameter(
                    name="on", text="Rows without a day hold from this one on; today", form="date"
                ),
                Parameter(name="write", text="true: write it if nothing is wrong", kind="boolean"),
                Parameter(name="name", text="What the file is called in the answer"),
            ),
            takes=(XLSX, "text/csv"),
        ),
        post_import,
    ),
    (Operation(method="GET", path="/agents", text="Gate PCs now", answer=t.Agents), get_agents),
    (
        Operation(
            method="GET",
            path="/gate-events",
            text="The gate log, newest first",
            answer=t.GateEventsOut,
            query=(
                *_FROM_TO,
                _SCHOOL,
                Parameter(name="gate", text="Only this gate's"),
                Parameter(name="text", text="Each word must occur; marks and case don't matter"),
                _LIMIT,
                Parameter(name="before", text="The next of the page before"),
            ),
        ),
        get_gate_events,
    ),
    (
        Operation(
            method="GET",
            path="/alerts",
            text="Alerts, newest first",
            answer=t.Alerts,
            query=(Parameter(name="state", text="open (default) or all"), _LIMIT),
        ),
        get_alerts,
    ),
    (
        Operation(
            method="POST",
            path="/alerts/{id}/acknowledge",
            text="Take an alert on",
            answer=t.AlertOut,
        ),
        post_acknowledge,
    ),
    *INSPECTIONS,
)


def routes() -> list[web.RouteDef]:
    """Return the routes of the table, the document's and the one for everything else."""
    own = [web.route(op.method, PREFIX + op.path, handler) for op, handler in TABLE]
    return [
        *own,
        web.get(f"{PREFIX}/openapi.json", get_openapi),
        web.route("*", "/api{tail:.*}", nothing),
    ]


async def get_openapi(_request: web.Request) -> web.Response:
    """This document."""
    return json_answer(document((op for op, _ in TABLE), version=metadata.version("vonggac")))


async def nothing(request: web.Request) -> web.Response:
    """Answer for every other address under ``/api``."""
    raise refuse(404, request[TONGUE].text("There is nothing at this address."))
