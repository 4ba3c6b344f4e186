"""Requests to cameras through their gate PCs, and the pictures that they keep: for officers."""

from typing import Final

import msgspec
from aiohttp import web

from server.commands import Outcome
from server.texts.deeds import outcome_text
from server.web import forms
from server.web.api.camera_types import CommandIn, CommandOut
from server.web.api.camera_views import evidence
from server.web.api.handlers import json_answer
from server.web.api.types import Failure, Problem
from server.web.asking import ask, ask_picture, officer
from server.web.cameraroutes import camera_of, jpeg, kept_pieces, source_of
from server.web.deps import DEPS, TONGUE
from wire.vocabulary import Objection, Verb

_PREFIX: Final = "/api/v1"
_STATUS: Final[dict[str, int]] = {
    Outcome.UNREACHABLE: 503,
    Outcome.TIMED_OUT: 504,
    Objection.BUSY: 503,
    Objection.NOT_KEPT: 404,
}
"""Any other refusal of a gate PC is 502: what stands behind us could not."""


async def post_command(request: web.Request) -> web.Response:
    """Ask for a look or a new view; answer once the gate PC has."""
    user, (_, camera) = officer(request), camera_of(request)
    try:
        wanted = msgspec.json.decode(await request.read(), type=CommandIn)
    except (msgspec.MsgspecError, RecursionError) as failed:
        raise forms.BadInputError("body", "%(reason)s", reason=str(failed)) from None
    asked = await ask(request.app[DEPS], user, camera, Verb(wanted.verb))
    if not asked.is_any:
        return _failure(request, wanted.verb, asked.outcome)
    message = outcome_text(request[TONGUE], wanted.verb, asked.outcome)
    return json_answer(CommandOut(deed=asked.deed, outcome=asked.outcome, message=message))


async def get_evidence(request: web.Request) -> web.Response:
    """What the gate PCs keep of one camera."""
    user, (_, camera) = officer(request), camera_of(request)
    asked = await ask(request.app[DEPS], user, camera, Verb.EVIDENCE)
    if not asked.is_any:
        return _failure(request, Verb.EVIDENCE, asked.outcome)
    return json_answer(evidence(camera.id, kept_pieces(asked), _PREFIX))


async def get_picture(request: web.Request) -> web.Response:
    """One picture, fetched from the gate PC now."""
    user, (_, camera) = officer(request), camera_of(request)
    match = request.match_info
    picture = await ask_picture(
        request.app[DEPS],
        user,
        camera,
        source_of(request, camera),
        piece=match["piece"],
        side=match["side"],
    )
    if isinstance(picture, str):
        return _failure(request, Verb.EVIDENCE_PICTURE, picture)
    return jpeg(picture)


def _failure(request: web.Request, verb: str, outcome: str) -> web.Response:
    message = outcome_text(request[TONGUE], verb, outcome)
    problem = Failure(error=Problem(code=outcome, message=message))
    return json_answer(problem, _STATUS.get(outcome, 502))
