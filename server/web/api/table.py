"""Every route of the API in one table; the OpenAPI document is made of it."""

from importlib import metadata
from typing import Final

from aiohttp import web

from server.web.api import camera_types as c
from server.web.api import day_types as d
from server.web.api import requests
from server.web.api import types as t
from server.web.api.alerting_table import ALERTING
from server.web.api.guards import GUARDS
from server.web.api.handlers import (
    delete_session,
    get_agents,
    get_availability,
    get_camera,
    get_cameras,
    get_coverage,
    get_gate_events,
    get_schools,
    get_timeline,
    get_units,
    json_answer,
    post_sessions,
)
from server.web.api.incidents import INCIDENTS
from server.web.api.inspections import INSPECTIONS
from server.web.api.openapi import Operation, Parameter, document
from server.web.api.owed import OWED
from server.web.api.route import SCHOOL, Handler
from server.web.api.yearly_table import YEARLY
from server.web.deps import TONGUE
from server.web.figureroutes import get_days
from server.web.guard import refuse

PREFIX: Final = "/api/v1"

_FROM_TO: Final = (
    Parameter(
        name="from", text="Start, RFC 3339; a day before the end by default", form="date-time"
    ),
    Parameter(name="to", text="End, RFC 3339; now by default and at most", form="date-time"),
)
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
            method="GET", path="/cameras", text="Cameras now", answer=t.Cameras, query=(SCHOOL,)
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
    (Operation(method="GET", path="/agents", text="Gate PCs now", answer=t.Agents), get_agents),
    (
        Operation(
            method="GET",
            path="/gate-events",
            text="The gate log, newest first",
            answer=t.GateEventsOut,
            query=(
                *_FROM_TO,
                SCHOOL,
                Parameter(name="gate", text="Only this gate's"),
                Parameter(name="text", text="Each word must occur; marks and case don't matter"),
                _LIMIT,
                Parameter(name="before", text="The next of the page before"),
            ),
        ),
        get_gate_events,
    ),
    *INCIDENTS,
    *ALERTING,
    *OWED,
    *INSPECTIONS,
    *GUARDS,
    *YEARLY,
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
