"""The web application, put together by hand."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from aiohttp import web

from server.paging.desk import make_desk
from server.reports.jobs import Jobs
from server.web import (
    accounts,
    ackroutes,
    calendarroutes,
    cameraroutes,
    channelroutes,
    evaluationroutes,
    faultroutes,
    figureroutes,
    gateroutes,
    guard,
    guardroutes,
    incidentroutes,
    inspectionroutes,
    inspectionsync,
    live,
    metricsroutes,
    pagingroutes,
    periodroutes,
    planediting,
    registerroutes,
    reminderroutes,
    reportroutes,
    resultroutes,
    routes,
    ruleroutes,
    silenceroutes,
    yearlyroutes,
)
from server.web.api import table
from server.web.auth import Brake, Passwords
from server.web.deps import BRAKE, DEPS, PASSWORDS, RENDERER, WebDeps
from server.web.directory import DESK
from server.web.previewing import PREVIEWING, Previewing
from server.web.readings import READINGS, Readings
from server.web.rendering import Renderer
from server.web.unhandled import UNHANDLED, Unhandled

STATIC: Final = Path(__file__).resolve().parent / "static"
_FILES: Final = {
    path.relative_to(STATIC).as_posix(): path
    for path in sorted(STATIC.rglob("*"))
    if path.is_file()
}
_LARGEST_BODY: Final = 64 * 1024
_STATIC_AGE: Final = "public, max-age=31536000, immutable"


def make_app(deps: WebDeps) -> web.Application:
    """Return the pages and the API as an aiohttp application."""
    app = web.Application(middlewares=[guard.errors, guard.sign_in], client_max_size=_LARGEST_BODY)
    app.on_response_prepare.append(guard.headers)
    app[DEPS] = deps
    app[RENDERER] = Renderer(_static_version())
    app[PASSWORDS] = Passwords()
    app[BRAKE] = Brake()
    app[routes.REFRESHED] = routes.Refreshed()
    app[READINGS] = Readings(deps, deps.listening_since or deps.clock.now())
    app[DESK] = make_desk(deps.store, lambda: deps.organisation, deps.config)
    app[PREVIEWING] = Previewing(
        store=deps.store, standing=deps.standing, clock=deps.clock, desk=app[DESK]
    )
    app[UNHANDLED] = Unhandled(deps.store, deps.changes)
    app[incidentroutes.MEDIANS] = incidentroutes.Medians(deps)
    app[live.STREAMS] = set()
    app[reportroutes.JOBS] = Jobs(
        store=deps.store,
        standing=deps.standing,
        clock=deps.clock,
        changes=deps.changes,
        fault_after_s=deps.config.figures.fault_after_s,
    )
    app.cleanup_ctx.append(_note_changes)
    app.on_shutdown.append(live.close_streams)
    app.on_cleanup.append(reportroutes.close_jobs)
    app.add_routes(_ROUTES)
    app.add_routes(table.routes())
    return app


async def _health(_request: web.Request) -> web.Response:
    return web.json_response({"ok": True})


async def _static(request: web.Request) -> web.StreamResponse:
    """Serve a file of this package; its address carries a version, so caches may keep it."""
    path = _FILES.get(request.match_info["name"])
    if path is None:
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={"Cache-Control": _STATIC_AGE})


def _static_version() -> str:
    """Return a short hash of all static files."""
    whole = hashlib.sha256()
    for path in _FILES.values():
        whole.update(path.read_bytes())
    return whole.hexdigest()[:10]


async def _note_changes(app: web.Application) -> AsyncIterator[None]:
    """Tell the shared reading that it is old whenever something was committed; count incidents."""
    tasks = [asyncio.create_task(_listen(app)), asyncio.create_task(app[UNHANDLED].run())]
    yield
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _listen(app: web.Application) -> None:
    async with app[DEPS].changes.subscribe() as queue:
        while True:
            app[READINGS].note(await queue.get())


_ROUTES: Final = (
    web.get("/", routes.get_overview),
    web.get("/schools", routes.get_schools),
    web.get("/schools/{id}", routes.get_school),
    web.get("/schools/{id}/figures.csv", figureroutes.get_csv),
    web.get("/cameras/{id}", cameraroutes.get_camera),
    web.post("/cameras/{id}/commands", cameraroutes.post_command),
    web.get("/cameras/{id}/new-view", cameraroutes.get_new_view),
    web.get("/cameras/{id}/evidence", cameraroutes.get_evidence),
    web.get("/cameras/{id}/evidence/{agent}/{piece}/{side}.jpg", cameraroutes.get_picture),
    web.get("/gate-log", gateroutes.get_gate_log),
    web.get("/gate-log.csv", gateroutes.get_gate_csv),
    web.get("/agents", routes.get_agents),
    web.get("/login", accounts.get_login),
    web.post("/login", accounts.post_login),
    web.post("/logout", accounts.post_logout),
    web.post("/preferences", accounts.post_preferences),
    web.get("/events", live.events),
    *planediting.ROUTES,
    *calendarroutes.ROUTES,
    *registerroutes.ROUTES,
    *inspectionroutes.ROUTES,
    *inspectionsync.ROUTES,
    *faultroutes.ROUTES,
    *reportroutes.ROUTES,
    *yearlyroutes.ROUTES,
    *reminderroutes.ROUTES,
    *evaluationroutes.ROUTES,
    *resultroutes.ROUTES,
    *guardroutes.ROUTES,
    *ackroutes.ROUTES,
    *incidentroutes.ROUTES,
    *silenceroutes.ROUTES,
    *ruleroutes.ROUTES,
    *pagingroutes.ROUTES,
    *channelroutes.ROUTES,
    web.get("/coverage", periodroutes.get_coverage),
    web.get("/health", _health),
    web.get("/metrics", metricsroutes.get_metrics),
    web.get("/static/{name:.+}", _static),
)
