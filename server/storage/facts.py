"""What agents last measured of each camera."""

from datetime import datetime

import msgspec
from sqlalchemy import select

from server.domain.units import Source
from server.storage.database import Database
from server.storage.rows import CameraFacts, CameraView
from server.storage.schema import agent_facts
from server.storage.times import moment_of, ms_of
from wire import messages


class Facts(Database):
    """The store's part for measurements."""

    async def facts(self) -> dict[Source, CameraFacts]:
        """Return the newest measurements of every camera of which anything was measured."""
        async with self.reading() as connection:
            rows = (await connection.execute(select(agent_facts))).all()
        return {
            Source(row.agent, told.camera): _facts(told, moment_of(row.at_ms))
            for row in rows
            for told in _read(row.cameras)
            if told != messages.CameraFacts(camera=told.camera, host=told.host)
        }

    async def views(
        self, after: datetime | None = None
    ) -> tuple[dict[Source, CameraView], datetime]:
        """Return where each camera is and how it is looked at, as its agent tells it.

        ``after``: only of agents that have told since then. The second value is what to ask with
        the next time.
        """
        query = select(agent_facts)
        if after is not None:
            query = query.where(agent_facts.c.at_ms >= ms_of(after))
        async with self.reading() as connection:
            rows = (await connection.execute(query)).all()
        found = {
            Source(row.agent, told.camera): _view(told)
            for row in rows
            for told in _read(row.cameras)
        }
        newest = max((moment_of(row.at_ms) for row in rows), default=after or moment_of(0))
        return found, newest


_told = msgspec.json.Decoder(tuple[messages.CameraFacts, ...])


def _read(text: str) -> tuple[messages.CameraFacts, ...]:
    try:
        return _told.decode(text)
    except msgspec.MsgspecError:  # written by another version of this program: wait for the next
        return ()


def _view(told: messages.CameraFacts) -> CameraView:
    host = told.host
    good = bool(host and host.isprintable())  # it will be part of an incident's root
    return CameraView(host=host if good else None, unseen_s=told.unseen_s or 0)


def _facts(told: messages.CameraFacts, at: datetime) -> CameraFacts:
    return CameraFacts(
        at=at,
        codec=told.codec,
        width=told.width,
        height=told.height,
        fps=told.fps,
        kbit_s=told.kbit_s,
        loss=None if told.loss is None else min(max(told.loss, 0.0), 1.0),
        jitter_ms=told.jitter_ms,
        unchecked=told.unchecked,
        clock_offset_ms=told.clock_offset_ms,
        recording=told.recording,
        unseen_s=told.unseen_s,
    )
