"""What the centre, or the agent's own command line, may ask for; each answered once.

A short, fixed list of verbs (``wire.vocabulary.Verb``), none of which changes a camera. A command
of the centre is obeyed once per id and only while it is good by this agent's corrected clock; one
that would be good for longer than ids are remembered is refused. Few wait; more are told "busy".
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from wire.codec import VERSION
from wire.messages import Command, Evidence, Reply
from wire.vocabulary import Objection, Verb

log = logging.getLogger(__name__)

LONGEST_MS: Final = 600_000
"""No command may be good for longer: ids are remembered by number, not by time."""
LONGEST_S: Final = 5.0
"""So long a command may take; then it is given up."""
_IDS_KEPT: Final = 1000
_MOST_WAITING: Final = 16
_MOST_PIECES: Final = 200


class Controls(Protocol):
    """One camera's wishes; ``edge.watcher.Control`` is the real one."""

    def look_now(self) -> None:
        """Look at the camera now."""
        ...

    def new_view(self) -> None:
        """What it shows now is how it is meant to be."""
        ...


class Kept(Protocol):
    """Who has evidence; ``edge.agent.witness.Witness`` is the real one."""

    async def pieces(self, camera: str | None) -> tuple[Evidence, ...]:
        """Return what is kept, the newest first."""
        ...

    async def picture(self, camera: str, piece_id: str, side: str) -> bytes | None:
        """Return one JPEG, or None if it isn't kept."""
        ...


class Commands:
    """Takes commands, obeys them one after another. ``run`` until cancelled."""

    def __init__(
        self,
        *,
        controls: Mapping[str, Controls],
        evidence: Kept,
        on_new_view: Callable[[str], Awaitable[None]],
        reply: Callable[[Reply], None],
        utc_ms: Callable[[], int],
    ) -> None:
        self._controls = controls
        self._evidence = evidence
        self._on_new_view = on_new_view
        self._reply = reply
        self._utc_ms = utc_ms
        self._queue: asyncio.Queue[Command] = asyncio.Queue(_MOST_WAITING)
        self._ids: deque[str] = deque(maxlen=_IDS_KEPT)

    def offer(self, command: Command) -> None:
        """Take a command of the centre; one that was taken before is not taken again."""
        if command.id in self._ids:
            return
        self._ids.append(command.id)
        if not self._is_good(command):
            self._reply(refused(command, Objection.EXPIRED))
        elif self._queue.full():
            self._reply(refused(command, Objection.BUSY))
        else:
            self._queue.put_nowait(command)

    async def run(self) -> None:
        """Obey what waits, for ever."""
        while True:
            command = await self._queue.get()
            if self._is_good(command):
                self._reply(await self.obey(command))
            else:
                self._reply(refused(command, Objection.EXPIRED))

    async def obey(self, command: Command) -> Reply:
        """Do what is asked for now, and say what came of it."""
        try:
            async with asyncio.timeout(LONGEST_S):
                reply = await self._obey(command)
        except OSError as error:  # TimeoutError too: a disk that hangs holds up no other command
            log.warning("the command %s failed: %r", command.verb, error)
            return refused(command, Objection.FAILED, error.strerror or "")
        log.info("command %s %s: %s", command.verb, command.camera or "", reply.text or "done")
        return reply

    async def _obey(self, command: Command) -> Reply:
        match command.verb:
            case Verb.LOOK:
                return await self._wish(command, self._look)
            case Verb.NEW_VIEW:
                return await self._wish(command, self._new_view)
            case Verb.EVIDENCE:
                pieces = await self._evidence.pieces(command.camera)
                return _done(command, evidence=pieces[:_MOST_PIECES])
            case Verb.EVIDENCE_PICTURE:
                return await self._picture(command)
            case _:
                text = f"this version knows no {command.verb!r}"
                return refused(command, Objection.UNKNOWN_VERB, text)

    async def _wish(
        self, command: Command, act: Callable[[str, Controls], Awaitable[None]]
    ) -> Reply:
        control = self._controls.get(command.camera or "")
        if control is None or command.camera is None:
            return refused(command, Objection.UNKNOWN_CAMERA)
        await act(command.camera, control)
        return _done(command)

    async def _look(self, _camera: str, control: Controls) -> None:
        control.look_now()

    async def _new_view(self, camera: str, control: Controls) -> None:
        control.new_view()
        await self._on_new_view(camera)

    async def _picture(self, command: Command) -> Reply:
        camera, name = command.camera or "", command.evidence or ""
        picture = await self._evidence.picture(camera, name, command.side or "")
        if picture is None:
            return refused(command, Objection.NOT_KEPT)
        return _done(command, picture=picture)

    def _is_good(self, command: Command) -> bool:
        left_ms = command.expires_utc_ms - self._utc_ms()
        return 0 < left_ms <= LONGEST_MS


def refused(command: Command, objection: Objection, text: str = "") -> Reply:
    """Return the answer to a command that is not obeyed."""
    why = f"{objection}: {text}" if text else str(objection)
    return Reply(v=VERSION, id=command.id, ok=False, text=why[:500])


def _done(
    command: Command, *, evidence: tuple[Evidence, ...] = (), picture: bytes | None = None
) -> Reply:
    return Reply(v=VERSION, id=command.id, ok=True, evidence=evidence, picture=picture)
