"""Boots and spools: how they are asked for, read and written."""

import json
from dataclasses import dataclass, field
from typing import Any, Final

from server.storage.folding import clean
from server.storage.merging import Boot, Mark
from server.storage.rows import Progress
from server.storage.schema import boot, spool
from server.storage.statements import Change, Into, Query, Values
from wire.messages import BootStory, Range

BootKey = tuple[str, str]
"""An agent and the uuid of one of its boots."""

SpoolKey = tuple[str, str]
"""An agent and the uuid of one of its spools."""

Waiting = frozenset[tuple[str, Mark]]
"""Watermarks that do not count yet: the boot's uuid and the mark."""

_STORY: Final = ("origin_utc_ms", "offset_ms", "steps", "told_utc_ms", "zero_ms", "last_ms")
_MARK: Final = ("until_ms", "until_seq", "held", "machine", "latest_zero_ms")

KNOWN: Final = Query(
    boot,
    ("agent", "uuid"),
    "SELECT {agent}, {uuid}, b.id, b.origin_utc_ms, b.offset_ms, b.steps, b.told_utc_ms, b.last_ms,"
    " b.until_ms, b.until_seq, b.held, b.machine, b.latest_zero_ms, s.through, s.ranges, s.waiting"
    " FROM (SELECT 1) AS one"
    " LEFT JOIN boot b ON b.agent = {agent} AND b.uuid = {uuid}"
    " LEFT JOIN spool s ON s.agent = {agent} AND s.uuid = {uuid}",
)
"""A boot and the spool of the same name (as a rule each boot has a spool of its own)."""

NEW_BOOT: Final = Into(boot, ("agent", "uuid", *_STORY, *_MARK))
BOOT: Final = Change(boot, "id", (*_STORY, *_MARK))
SPOOL: Final = Into(
    spool,
    ("agent", "uuid", "through", "ranges", "waiting"),
    "ON CONFLICT (agent, uuid) DO UPDATE SET through = excluded.through,"
    " ranges = excluded.ranges, waiting = excluded.waiting",
)

_NONE: Final = "[]"


@dataclass(frozen=True, slots=True)
class Spool:
    """How much of a spool is committed, and the watermarks that wait for more of it."""

    progress: Progress = field(default_factory=Progress)
    waiting: Waiting = frozenset()


def read_boot(row: Values) -> Boot | None:
    """Return the boot in a row of ``KNOWN``."""
    agent, uuid, number, origin, offset, steps, told, last, until, seq, held, machine, latest = row[
        :13
    ]
    if number is None:
        return None
    return Boot(
        id=number,
        agent=agent,
        uuid=uuid,
        story=BootStory(
            id=uuid, origin_utc_ms=origin, offset_ms=offset, steps=steps, machine=machine
        ),
        told_utc_ms=told,
        last_ms=last,
        latest_zero_ms=latest,
        mark=None if until is None else Mark(until, seq, held),
    )


def read_spool(row: Values) -> Spool | None:
    """Return the spool in a row of ``KNOWN``."""
    through, ranges, waiting = row[13:]
    if through is None:
        return None
    if ranges == waiting == _NONE:
        return Spool(Progress(through=through))
    return Spool(
        Progress(
            through=through,
            ranges=tuple(Range(first=f, last=t) for f, t in json.loads(ranges)),
        ),
        frozenset((uuid, Mark(until, seq, held)) for uuid, until, seq, held in json.loads(waiting)),
    )


def boot_values(value: Boot) -> Values:
    """Return what stands behind a boot's key in ``NEW_BOOT`` and ``BOOT``."""
    story, mark = value.story, value.mark
    return (
        story.origin_utc_ms,
        story.offset_ms,
        story.steps,
        value.told_utc_ms,
        value.zero_ms,
        value.last_ms,
        *((mark.until_ms, mark.after_seq, mark.held) if mark else (None, None, None)),
        clean(story.machine),
        value.latest_zero_ms,
    )


def spool_row(key: SpoolKey, value: Spool) -> Values:
    """Return the row of ``SPOOL``."""
    marks = sorted((m.until_ms, m.after_seq, m.held, uuid) for uuid, m in value.waiting)
    waiting: list[list[Any]] = [[u, until, seq, held] for until, seq, held, u in marks]
    ranges = [[r.first, r.last] for r in value.progress.ranges]
    return (
        *key,
        value.progress.through,
        json.dumps(ranges, separators=(",", ":")),
        json.dumps(waiting, separators=(",", ":")),
    )
