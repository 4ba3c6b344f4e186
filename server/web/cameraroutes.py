"""A camera's pages: its state, what may be asked of it, and pictures from before and after."""

from typing import Final

from aiohttp import web

from server.domain.calendar import local_date
from server.domain.units import Camera, School, Source, Zone
from server.storage import Deed
from server.texts.deeds import outcome_text
from server.web import forms
from server.web.asking import PIECE, Asked, ask, ask_picture, officer
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.frame import render
from server.web.guard import refuse
from server.web.pages import camera
from server.web.pages.evidence import MOST_SHOWN, NEW_VIEW_FOR, Piece, deed_lines, pieces
from server.web.readings import READINGS
from wire.vocabulary import Verb

WISHES: Final = frozenset({Verb.LOOK, Verb.NEW_VIEW})
SIDES: Final = frozenset({"before", "after"})
_SHOWN_DEEDS: Final = (Verb.LOOK, Verb.NEW_VIEW, Verb.EVIDENCE_PICTURE)
_DEEDS_READ: Final = 100


async def get_camera(request: web.Request) -> web.Response:
    """Serve ``/cameras/{id}?zoom=&day=&asked=``."""
    school, found = camera_of(request)
    zoom, day = None, forms.day(request.query, "day")
    if request.query.get("zoom"):
        zoom = forms.choice(request.query, "zoom", camera.Zoom, default=camera.Zoom.DAY)
    survey = await request.app[READINGS].school(school)
    today = local_date(survey.now)
    view = camera.camera_page(
        survey, found.id, zoom=zoom, day=today if day is None else min(day, today)
    )
    may_act = request[SESSION].user.may_act
    return render(
        request,
        "camera.html",
        view=view,
        watch=f"see=agents&school={school.id}",
        may_act=may_act,
        new_view=view.live.cause in NEW_VIEW_FOR,
        deeds=deed_lines(await _deeds(request, found)) if may_act else (),
        asked=await _asked(request, found),
    )


async def post_command(request: web.Request) -> web.Response:
    """Ask for a look or a new view, then go back to the camera's page, which says what came."""
    user, (_, found) = officer(request), camera_of(request)
    form = forms.fields(await request.read(), request.content_type)
    verb = forms.choice(form, "verb", Verb, default=Verb.LOOK)
    if verb not in WISHES:
        raise refuse(400, request[TONGUE].text("That can't be asked for here."))
    asked = await ask(request.app[DEPS], user, found, verb)
    raise web.HTTPSeeOther(f"/cameras/{found.id}?asked={asked.deed}")


async def get_new_view(request: web.Request) -> web.Response:
    """Serve the page that asks whether it is really meant."""
    officer(request)
    school, found = camera_of(request)
    return render(
        request, "newview.html", school=school, camera=found, zone=_zone(school, found), live=False
    )


async def get_evidence(request: web.Request) -> web.Response:
    """Serve ``/cameras/{id}/evidence?piece=``: asked of the gate PCs now, and kept nowhere."""
    user, (school, found) = officer(request), camera_of(request)
    wanted = forms.text(request.query, "piece", longest=64)
    asked = await ask(request.app[DEPS], user, found, Verb.EVIDENCE)
    kept = kept_pieces(asked)
    shown = next((piece for piece in kept if piece.id == wanted), kept[0] if kept else None)
    tongue = request[TONGUE]
    return render(
        request,
        "evidence.html",
        school=school,
        camera=found,
        zone=_zone(school, found),
        pieces=kept,
        most=MOST_SHOWN,
        shown=shown,
        trouble="" if asked.is_done else outcome_text(tongue, Verb.EVIDENCE, asked.outcome),
        live=False,  # asking again by itself would fill the audit with nobody's requests
    )


async def get_picture(request: web.Request) -> web.Response:
    """Serve one JPEG, fetched from the gate PC now; it is kept neither here nor in a cache."""
    user, (_, found) = officer(request), camera_of(request)
    picture = await ask_picture(
        request.app[DEPS],
        user,
        found,
        source_of(request, found),
        piece=request.match_info["piece"],
        side=request.match_info["side"],
    )
    if isinstance(picture, str):
        why = outcome_text(request[TONGUE], Verb.EVIDENCE_PICTURE, picture)
        raise refuse(404, why)
    return jpeg(picture)


def kept_pieces(asked: Asked) -> tuple[Piece, ...]:
    """Return what the gate PCs answered that they keep; odd names are left out."""
    return pieces(
        (source, [e for e in answer.reply.evidence if PIECE.fullmatch(e.id)])
        for source, answer in asked.answers
        if answer.reply is not None
    )


def jpeg(picture: bytes) -> web.Response:
    """Return a picture that nobody may keep."""
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=picture, content_type="image/jpeg", headers=headers)


def camera_of(request: web.Request) -> tuple[School, Camera]:
    """Return the camera of the address. Raises HTTP 404."""
    found = request.app[DEPS].organisation.camera(request.match_info["id"])
    if found is None:
        raise refuse(404, request[TONGUE].text("There is no such camera."))
    return found


def source_of(request: web.Request, camera: Camera) -> Source:
    """Return which gate PC's picture the address names. Raises HTTP 404 for one that is none."""
    match = request.match_info
    found = next((s for s in camera.sources if s.agent == match["agent"]), None)
    if found is None or match["side"] not in SIDES or not PIECE.fullmatch(match["piece"]):
        raise refuse(404, request[TONGUE].text("There is no such picture."))
    return found


def _zone(school: School, camera: Camera) -> Zone:
    return next(zone for zone in school.zones if zone.id == camera.zone)


async def _deeds(request: web.Request, camera: Camera) -> list[Deed]:
    return await request.app[DEPS].store.deeds(camera.id, actions=_SHOWN_DEEDS, limit=_DEEDS_READ)


async def _asked(request: web.Request, camera: Camera) -> Deed | None:
    """Return the reader's own request that ``?asked=`` names."""
    number = forms.number(request.query, "asked", default=0, least=1, most=2**53)
    deed = await request.app[DEPS].store.deed(number) if number else None
    if deed is None or deed.camera != camera.id or deed.person != request[SESSION].user.name:
        return None
    return deed
