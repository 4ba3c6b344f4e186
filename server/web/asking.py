"""What people may ask of a camera, through the gate PCs that watch it.

Only officers may. Each request is in the audit before it is sent, and what came of it after; no
picture is kept here. A gate PC that has not reported of late is not asked: nobody waits for it.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiohttp import web

from server.commands import Answer, Outcome
from server.domain.units import Camera, Source
from server.storage import AgentSeen, User
from server.web.deps import SESSION, TONGUE, WebDeps
from server.web.guard import refuse
from wire.vocabulary import Objection, Verb

MOST_PICTURE_BYTES: Final = 120_000
_JPEG: Final = b"\xff\xd8\xff"
PIECE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What a piece of evidence may be called here: it becomes a part of an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that was made: its number in the audit, and each gate PC's answer."""

    deed: int
    outcome: str
    answers: tuple[tuple[Source, Answer], ...]

    @property
    def is_done(self) -> bool:
        """Whether everybody who was asked did it."""
        return self.outcome == Outcome.DONE

    @property
    def is_any(self) -> bool:
        """Whether anybody did it."""
        return self.outcome in {Outcome.DONE, Outcome.PARTLY}


def officer(request: web.Request) -> User:
    """Return who asks. Raises HTTP 403 for somebody who may only look at pages."""
    user = request[SESSION].user
    if not user.may_act:
        raise refuse(
            403,
            request[TONGUE].text(
                "This account may look at pages only. An administrator can give it the right to"
                " act on cameras."
            ),
        )
    return user


async def ask(deps: WebDeps, user: User, camera: Camera, verb: Verb) -> Asked:
    """Ask every gate PC that watches the camera."""
    deed = await deps.store.note_deed(
        person=user.name, action=verb, camera=camera.id, now=deps.clock.now()
    )
    heard = await deps.store.agents()
    answers = await asyncio.gather(
        *(_ask_one(deps, heard.get(source.agent), source, verb) for source in camera.sources)
    )
    outcome = summed_up(answers)
    await deps.store.note_outcome(deed, outcome)
    return Asked(
        deed=deed,
        outcome=outcome,
        answers=tuple(zip(camera.sources, answers, strict=True)),
    )


async def ask_picture(
    deps: WebDeps, user: User, camera: Camera, source: Source, *, piece: str, side: str
) -> bytes | str:
    """Fetch one picture; return the JPEG, or why there is none (an outcome's word)."""
    deed = await deps.store.note_deed(
        person=user.name,
        action=Verb.EVIDENCE_PICTURE,
        camera=camera.id,
        detail=f"{source.agent} {piece} {side}",
        now=deps.clock.now(),
    )
    heard = (await deps.store.agents()).get(source.agent)
    answer = await _ask_one(deps, heard, source, Verb.EVIDENCE_PICTURE, evidence=piece, side=side)
    picture = answer.reply.picture if answer.is_done and answer.reply else None
    is_good = picture is not None and _is_jpeg(picture)
    outcome = Objection.FAILED if answer.is_done and not is_good else answer.outcome
    await deps.store.note_outcome(deed, outcome)
    return picture if picture is not None and is_good else outcome


async def _ask_one(
    deps: WebDeps,
    seen: AgentSeen | None,
    source: Source,
    verb: Verb,
    *,
    evidence: str | None = None,
    side: str | None = None,
) -> Answer:
    silent_after = timedelta(seconds=deps.config.alerts.agent_silent_s)
    last = seen.last_report_at if seen else None
    if last is None or deps.clock.now() - last > silent_after:
        return Answer(outcome=Outcome.UNREACHABLE)
    return await deps.commands.ask(
        source.agent, verb, camera=source.camera, evidence=evidence, side=side
    )


def summed_up(answers: Sequence[Answer]) -> str:
    """Return what came of it: done, partly done, or why the first of them did not."""
    trouble = [answer.outcome for answer in answers if not answer.is_done]
    if not trouble:
        return Outcome.DONE
    return trouble[0] if len(trouble) == len(answers) else Outcome.PARTLY


def _is_jpeg(picture: bytes) -> bool:
    """An agent's bytes are shown by browsers, so they must be what they are said to be."""
    return picture.startswith(_JPEG) and len(picture) <= MOST_PICTURE_BYTES
