"""A gate PC of the mock district that answers commands, without a broker between."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from edge.picture.stills import jpeg_of, picture_of
from server.commands import Commands
from sim.scene import Size, frame, make_scene
from wire.codec import VERSION, encode
from wire.messages import Command, Evidence, Reply
from wire.vocabulary import Verb


@dataclass
class GatePc:
    """Obeys at once, keeps ``evidence``, and can be told to be silent or to refuse."""

    evidence: tuple[Evidence, ...] = ()
    obeyed: list[tuple[str, Command]] = field(default_factory=list)
    silent: bool = False
    refuses: str = ""
    shows: bytes | None = None
    commands: Commands | None = None

    def send(self, agent: str, command: Command) -> bool:
        """Take a command as the broker would, and answer soon."""
        self.obeyed.append((agent, command))
        if not self.silent and self.commands is not None:
            reply = encode(self._reply(command))
            asyncio.get_running_loop().call_soon(self.commands.take, agent, reply)
        return True

    def _reply(self, command: Command) -> Reply:
        if self.refuses:
            return Reply(v=VERSION, id=command.id, ok=False, text=self.refuses)
        own = tuple(e for e in self.evidence if e.camera == command.camera)
        match command.verb:
            case Verb.EVIDENCE:
                return Reply(v=VERSION, id=command.id, ok=True, evidence=own)
            case Verb.EVIDENCE_PICTURE if command.evidence in {e.id for e in own}:
                picture = self.shows or drawing("moved" if command.side == "after" else "normal")
                return Reply(v=VERSION, id=command.id, ok=True, picture=picture)
            case Verb.EVIDENCE_PICTURE:
                return Reply(v=VERSION, id=command.id, ok=False, text="not_kept")
            case _:
                return Reply(v=VERSION, id=command.id, ok=True)


def kept(camera: str, changes: Iterable[tuple[datetime, str | None]]) -> tuple[Evidence, ...]:
    """Return what a gate PC says that it keeps of some changes."""
    return tuple(
        Evidence(
            id=f"{round(at.timestamp() * 1000)}_{cause or 'end'}_1",
            camera=camera,
            after_utc_ms=round(at.timestamp() * 1000),
            cause=cause,
            before_utc_ms=round(at.timestamp() * 1000) - 10_000,
        )
        for at, cause in changes
    )


@cache
def drawing(variant: str) -> bytes:
    """Return a JPEG of a drawn gate; see ``sim.scene.VARIANTS``."""
    size = Size(width=640, height=360, fps=5, frames=50)
    begins = datetime(2026, 11, 23, 23, 46, tzinfo=UTC)
    place = make_scene("gate", "TH VĨNH QUỲNH", seed=3, size=size, begins=begins)
    return jpeg_of(picture_of(frame(place, 30, variant)))
