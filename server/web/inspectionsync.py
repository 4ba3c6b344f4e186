"""The form of a visit, made for a phone that may lose the network, and what it sends.

The page's worker keeps the page; what is typed and photographed stays in the phone until it has
come through. Papers and photos may be sent again and again: each change is done once.
"""

import hashlib
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import web

from server.domain.calendar import local_date
from server.domain.inspection import Paper, Severity, Side, Signed, Step, WrongStepError
from server.inspecting import visits
from server.inspecting.photos import MOST_BYTES as PHOTO_BYTES
from server.inspecting.photos import PhotoError, plain_jpeg
from server.inspecting.receiving import MOST_BYTES, BadPaperError, new_photos, read, taken
from server.inspecting.visits import Kept, visit_in
from server.storage import ConflictError, Put, Record, User
from server.texts.inspections import SEVERITIES, STEPS
from server.web.asking import officer
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.frame import render
from server.web.guard import refuse
from server.web.inspectionroutes import kept_visit, school_of
from server.web.readings import READINGS

PHOTO: Final = "image/jpeg"
_JSON: Final = "application/json"
_WORKER: Final = Path(__file__).resolve().parent / "static" / "inspection-sw.js"


class Present(msgspec.Struct, frozen=True):
    """A visit as it stands here, for the phone."""

    revision: int
    change: str
    step: Step
    paper: Paper
    signed: dict[Side, Signed]
    by: str
    at: str


class Answer(msgspec.Struct, frozen=True):
    """What came of a change: ``taken``, or why not; then what stands here."""

    taken: bool
    standing: Present
    why: str = ""
    missing: tuple[str, ...] = ()


async def get_form(request: web.Request) -> web.Response:
    """Serve ``/inspections/{id}/form``."""
    officer(request)
    kept = await kept_visit(request)
    school, tongue = school_of(request, kept.visit), request[TONGUE]
    known = kept.visit.known
    return render(
        request,
        "inspectionform.html",
        id=kept.record.id,
        visit=kept.visit,
        school=school,
        known_cameras={c.camera: c for c in known.cameras} if known else {},
        known_zones={z.zone: z for z in known.zones} if known else {},
        standing=msgspec.json.encode(_standing(kept)).decode(),
        severities={k: tongue.text(v) for k, v in SEVERITIES.items()},
        steps={k: tongue.text(v) for k, v in STEPS.items()},
        middle=Severity.MODERATE,
        today=local_date(request.app[READINGS].now()),
        may_act=request[SESSION].user.may_act,
        live=False,
    )


async def get_worker(_request: web.Request) -> web.StreamResponse:
    """Serve the worker that keeps forms for times without a network; its scope is its folder."""
    return web.FileResponse(_WORKER, headers={"Cache-Control": "no-cache"})


async def put_paper(request: web.Request) -> web.Response:
    """Take a change of a visit's paper; answer 409 with what stands where it can't be taken."""
    user, kept = officer(request), await kept_visit(request)
    body = await _body(request, MOST_BYTES)
    try:
        sent = read(body, school_of(request, kept.visit))
    except BadPaperError as error:
        return _answer(Answer(taken=False, standing=_standing(kept), why=str(error)), 400)
    if await _has_been_taken(request, kept, sent.change):
        return _answer(Answer(taken=True, standing=_standing(kept)))
    missing = await _missing(request, sorted(new_photos(kept.visit, sent)))
    if missing:
        return _answer(Answer(taken=False, standing=_standing(kept), missing=missing), 422)
    if not await _rests_on_this(request, kept, sent.base):
        return _answer(Answer(taken=False, standing=_standing(kept), why="conflict"), 409)
    try:
        after = taken(kept.visit, sent, now=request.app[DEPS].clock.now())
    except WrongStepError:
        return _answer(Answer(taken=False, standing=_standing(kept), why="confirmed"), 409)
    put = visits.put_of(kept.record.id, after, expected=kept.record.revision)
    return await _write(request, put, user)


async def _write(request: web.Request, put: Put, user: User) -> web.Response:
    deps = request.app[DEPS]
    why = ""
    try:
        await deps.store.put_records([put], by=user.name, now=deps.clock.now())
        deps.changes.publish(f"records:{visits.KIND}")
    except ConflictError:
        why = "conflict"
    now = await kept_visit(request)
    return _answer(Answer(taken=not why, standing=_standing(now), why=why), 409 if why else 200)


async def put_photo(request: web.Request) -> web.Response:
    """Keep a photo under its SHA-256; sending it again changes nothing."""
    user = officer(request)
    await kept_visit(request)
    data, deps = await _body(request, PHOTO_BYTES), request.app[DEPS]
    digest = request.match_info["sha"]
    try:
        plain_jpeg(data)
    except PhotoError as error:
        raise refuse(400, str(error)) from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise refuse(400, request[TONGUE].text("The photo has been changed on its way."))
    await deps.store.keep_file(
        data, name=f"{digest[:12]}.jpg", media=PHOTO, by=user.name, now=deps.clock.now()
    )
    return web.json_response({"taken": True})


async def get_photo(request: web.Request) -> web.Response:
    """Serve a photo of a visit, to officers only."""
    officer(request)
    kept, digest = await kept_visit(request), request.match_info["sha"]
    store = request.app[DEPS].store
    history = await store.record_history(visits.KIND, kept.record.id)
    if not any(digest in f.photos for r in history for f in visit_in(r).paper.findings):
        raise refuse(404, request[TONGUE].text("There is no such photo."))
    found = await store.kept_file(digest)
    if found is None or found.media != PHOTO:
        raise refuse(404, request[TONGUE].text("There is no such photo."))
    return web.Response(body=found.data, content_type=PHOTO)


async def _rests_on_this(request: web.Request, kept: Kept, base: int) -> bool:
    """Tell whether the paper is still as it was at ``base``: what is known may be newer."""
    if base == kept.record.revision:
        return True
    history = await request.app[DEPS].store.record_history(visits.KIND, kept.record.id)
    seen = next((visit_in(r) for r in history if r.revision == base), None)
    visit = kept.visit
    return seen is not None and (seen.paper, seen.signed, seen.step, seen.corrections) == (
        visit.paper,
        visit.signed,
        visit.step,
        visit.corrections,
    )


async def _has_been_taken(request: web.Request, kept: Kept, change: str) -> bool:
    """Tell whether this change was done before: its answer was lost on the way."""
    if kept.visit.change == change:
        return True
    history = await request.app[DEPS].store.record_history(visits.KIND, kept.record.id)
    return any(_change(record) == change for record in history)


def _change(record: Record) -> str:
    return visit_in(record).change


async def _missing(request: web.Request, photos: list[str]) -> tuple[str, ...]:
    """Return the photos that have not come yet."""
    store = request.app[DEPS].store
    kept = [await store.kept_file(p) for p in photos]
    return tuple(p for p, k in zip(photos, kept, strict=True) if k is None or k.media != PHOTO)


async def _body(request: web.Request, most: int) -> bytes:
    """Return what was sent, at most so much: the application's own bound is for small forms."""
    found = bytearray()
    async for chunk in request.content.iter_chunked(64 * 1024):
        found += chunk
        if len(found) > most:
            raise refuse(400, request[TONGUE].text("That is too much at once."))
    return bytes(found)


def _standing(kept: Kept) -> Present:
    visit, record = kept.visit, kept.record
    return Present(
        revision=record.revision,
        change=visit.change,
        step=visit.step,
        paper=visit.paper,
        signed=dict(visit.signed or {}),
        by=record.by,
        at=record.at.isoformat(),
    )


def _answer(answer: Answer, status: int = 200) -> web.Response:
    body = msgspec.json.encode(answer)
    return web.Response(body=body, status=status, content_type=_JSON)


_ONE: Final = "/inspections/{id:[0-9a-f]{32}}"
ROUTES: Final = (
    web.get("/inspections/sw.js", get_worker),
    web.get(f"{_ONE}/form", get_form),
    web.put(f"{_ONE}/paper", put_paper),
    web.put(f"{_ONE}/photos/{{sha:[0-9a-f]{{64}}}}", put_photo),
    web.get(f"{_ONE}/photos/{{sha:[0-9a-f]{{64}}}}", get_photo),
)
