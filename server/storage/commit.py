"""One transaction for a batch of reports, as steps: all of it is committed, or none.

Everything is idempotent: a report that comes twice changes nothing. What needs comparing (stories,
watermarks, progress) is fetched under a lock, joined by ``joining`` and written back; segments,
gate events and gaps are upserts in the database. A batch of quiet reports costs one lock, one query
and two writes, however many agents it is of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.storage import commit_rows as rows_
from server.storage.boots import (
    BOOT,
    KNOWN,
    NEW_BOOT,
    SPOOL,
    BootKey,
    Spool,
    SpoolKey,
    boot_values,
    read_boot,
    read_spool,
    spool_row,
)
from server.storage.commit_rows import SourceKey
from server.storage.joining import Standing, join, keys_of, strangers
from server.storage.noting import refusal_steps
from server.storage.rows import Intake, Progress
from server.storage.statements import Lock, Rows, Steps, Values, fetch, put
from server.storage.touching import LATE_DAY, touch_steps


@dataclass(frozen=True, slots=True)
class Committed:
    """What came of a commit.

    Attributes:
        progress: How far each spool of the reports is committed now.
        sources: Numbers of the reports' sources; they never change.
    """

    progress: dict[SpoolKey, Progress]
    sources: dict[SourceKey, int]


def commit_steps(
    intakes: Sequence[Intake], known_sources: Mapping[SourceKey, int], *, now_ms: int = 0
) -> Steps[Committed]:
    """Commit reports. Drive it in one transaction.

    ``now_ms``: UTC; needed only where the reports may have come on an earlier day.
    """
    yield Lock(sorted({i.agent for i in intakes}))
    before = yield from _load(intakes)
    after = join(before, intakes)
    numbers = yield from _write_boots(before, after)
    sources = yield from _number_sources(intakes, known_sources)
    segments = rows_.segment_rows(intakes, numbers, sources)
    late_days = yield from touch_steps(
        intakes, segments, before, after, numbers=numbers, now_ms=now_ms
    )
    yield from put(rows_.SEGMENT, segments)
    yield from put(rows_.GATE_EVENT, rows_.gate_event_rows(intakes, after.boots))
    yield from put(SPOOL, _changed_spools(before, after))
    yield from put(rows_.AGENT_SEEN, rows_.seen_rows(intakes, after.boots))
    yield from put(rows_.AGENT_FACTS, rows_.facts_rows(intakes))
    yield from _write_gaps(intakes)
    yield from refusal_steps(rows_.refusal_rows(intakes))
    yield from put(LATE_DAY, late_days)
    keys = {(i.agent, i.spool) for i in intakes}
    return Committed({key: after.spools[key].progress for key in keys}, sources)


def _load(intakes: Sequence[Intake]) -> Steps[Standing]:
    standing = Standing()
    _read(standing, (yield from fetch(KNOWN, keys_of(intakes))))
    _read(standing, (yield from fetch(KNOWN, strangers(standing))))
    return standing


def _read(standing: Standing, rows: Rows) -> None:
    for row in map(tuple, rows):
        boot, spool = read_boot(row), read_spool(row)
        if boot is not None:
            standing.boots[row[0], row[1]] = boot
        if spool is not None:
            standing.spools[row[0], row[1]] = spool


def _write_boots(before: Standing, after: Standing) -> Steps[dict[BootKey, int]]:
    """Write what is new of boots; return the numbers of all of them."""
    numbers = {key: b.id for key, b in before.boots.items() if b.id is not None}
    new = sorted(after.boots.keys() - before.boots.keys())
    yield from put(NEW_BOOT, [(*key, *boot_values(after.boots[key])) for key in new])
    for row in (yield from fetch(KNOWN, new)):
        numbers[row[0], row[1]] = row[2]
    changed = [
        (b.id, *boot_values(after.boots[key]))
        for key, b in sorted(before.boots.items())
        if after.boots[key] != b
    ]
    yield from put(BOOT, changed)
    return numbers


def _number_sources(
    intakes: Sequence[Intake], known: Mapping[SourceKey, int]
) -> Steps[dict[SourceKey, int]]:
    """Return the numbers of the reports' sources; ``known`` ones need not be asked for."""
    wanted = {
        (i.agent, x.segment.camera) for i in intakes for x in i.items if x.segment is not None
    }
    wanted |= {(i.agent, f.camera) for i in intakes if i.vitals for f in i.vitals.cameras}
    numbers = {key: known[key] for key in wanted if key in known}
    missing = sorted(wanted - numbers.keys())
    yield from put(rows_.SOURCE, missing)
    rows = yield from fetch(rows_.SOURCES, missing)
    return numbers | {(agent, camera): number for agent, camera, number in rows}


def _changed_spools(before: Standing, after: Standing) -> list[Values]:
    return [
        spool_row(key, spool)
        for key, spool in sorted(after.spools.items())
        if spool != before.spools.get(key, Spool())
    ]


def _write_gaps(intakes: Sequence[Intake]) -> Steps[None]:
    """Keep gaps, and count anew: adding up would count a repeat twice."""
    gaps = rows_.gap_rows(intakes)
    if gaps:
        yield from put(rows_.GAP, gaps)
        counts = yield from fetch(rows_.GAPS, sorted({(row[0],) for row in gaps}))
        yield from put(rows_.GAP_COUNT, [(agent, int(count)) for agent, count in counts])
