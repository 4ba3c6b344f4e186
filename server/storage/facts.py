"""What agents last measured of each camera."""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.domain.units import Source
from server.storage.database import Database, many, moment_of
from server.storage.folding import clean
from server.storage.rows import CameraFacts, Intake
from server.storage.schema import camera_facts, source
from wire.messages import Recording


class Facts(Database):
    """The store's part for measurements."""

    async def facts(self) -> dict[Source, CameraFacts]:
        """Return the newest measurements of every camera."""
        query = select(source.c.agent, source.c.camera, camera_facts).join(
            camera_facts, camera_facts.c.source_id == source.c.id
        )
        async with self.reading() as connection:
            return {
                Source(r.agent, r.camera): CameraFacts(
                    at=moment_of(r.at_ms),
                    codec=r.codec,
                    width=r.width,
                    height=r.height,
                    fps=r.fps,
                    kbit_s=r.kbit_s,
                    loss=r.loss,
                    jitter_ms=r.jitter_ms,
                    unchecked=tuple((r.unchecked or "").split()),
                    clock_offset_ms=r.clock_offset_ms,
                    recording=_recording(r.recording),
                )
                for r in await connection.execute(query)
            }


async def note_facts(
    database: Database,
    connection: AsyncConnection,
    intakes: Sequence[Intake],
    numbers: Mapping[Source, int],
) -> None:
    """Keep the newest measurements of each camera."""
    rows = {
        numbers[Source(i.agent, f.camera)]: {
            "source_id": numbers[Source(i.agent, f.camera)],
            "at_ms": i.received_utc_ms,
            "codec": clean(f.codec),
            "width": f.width,
            "height": f.height,
            "fps": f.fps,
            "kbit_s": f.kbit_s,
            "loss": f.loss,
            "jitter_ms": f.jitter_ms,
            "unchecked": clean(" ".join(f.unchecked)),
            "clock_offset_ms": f.clock_offset_ms,
            "recording": _json(f.recording),
        }
        for i in intakes
        if i.vitals is not None
        for f in i.vitals.cameras
    }
    new = database.upsert(camera_facts)
    names = [c.name for c in camera_facts.columns if c.name != "source_id"]
    statement = new.on_conflict_do_update(
        index_elements=["source_id"], set_={k: new.excluded[k] for k in names}
    )
    await many(connection, statement, list(rows.values()))


def _json(recording: Recording | None) -> str | None:
    return None if recording is None else clean(msgspec.json.encode(recording).decode())


def _recording(text: str | None) -> Recording | None:
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=Recording)
    except msgspec.MsgspecError:  # written by another version of this program: wait for the next
        return None
