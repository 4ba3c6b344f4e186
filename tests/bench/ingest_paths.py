"""From a fleet's spools to the database and back as acks, as fast as it goes, beside the floor.

Each cell (a database with its broker, live or history, segments or gate events) is run several
times, each time followed by the floor with the very same rows; medians are compared.
"""

import asyncio
import itertools
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.forwarding import HISTORY, LIVE
from tests.bench import ingest_floor
from tests.bench.ingest_fleet import Fleet, Lane, percentile, utc_ms
from tests.bench.ingest_load import Kind, Life
from tests.bench.ingest_world import PASSWORD, Centre, Database, Rows, centre, spent
from wire.topics import Leaf

AGENTS: Final = {Database.POSTGRESQL: 200, Database.SQLITE: 67}
CAMERAS: Final = 15
_FINISH_S: Final = 300.0
_TABLES: Final = {Kind.SEGMENTS: "segment", Kind.EVENTS: "gate_event"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What is measured at a time."""

    database: Database
    leaf: Leaf
    kind: Kind

    @property
    def name(self) -> str:
        """Its name among the ratios."""
        way = "live" if self.leaf is Leaf.REPORT else "history"
        return f"{self.database}_{way}_{self.kind}"


def cells(database: Database) -> Iterator[Cell]:
    """Return a database's cells."""
    for leaf in (Leaf.REPORT, Leaf.HISTORY):
        for kind in Kind:
            yield Cell(database=database, leaf=leaf, kind=kind)


async def measure(
    database: Database, *, rows: int, repeats: int, say: Any, profile: Path | None = None
) -> list[dict[str, Any]]:
    """Measure a database's cells, ``rows`` in each run."""
    agents = AGENTS[database]
    serials = itertools.count(1)
    found = []
    async with centre(database, agents=agents, cameras=CAMERAS, profile=profile) as place:
        fleet = Fleet(agents)
        await fleet.connect(place.port, PASSWORD)
        try:
            await _run(place, fleet, Cell(database=database, leaf=Leaf.REPORT, kind=Kind.EVENTS),
                       serial=next(serials), rows=rows // 10)  # warms everything up  # fmt: skip
            for cell in cells(database):
                runs = []
                for _ in range(repeats):
                    serial = next(serials)
                    with place.profiled():
                        run = await _run(place, fleet, cell, serial=serial, rows=rows)
                    runs.append(run | await _floor(place, cell, serial))
                    say(f"  {cell.name}: {runs[-1]}")
                found.append(_median(cell, runs))
        finally:
            await fleet.close()
    return found


async def _run(
    place: Centre, fleet: Fleet, cell: Cell, *, serial: int, rows: int
) -> dict[str, float]:
    """Send everything and wait for the last ack; raise ``AssertionError`` unless all is stored."""
    count = max(rows // len(fleet.agents), 1)
    limits = LIVE if cell.leaf is Leaf.REPORT else HISTORY
    lanes = [
        Lane(_life(cell, serial, agent.index, count), cell.leaf, limits) for agent in fleet.agents
    ]
    for lane in lanes:
        lane.prepare()
    before, own = place.cpu_s(), time.process_time()
    began = time.perf_counter()
    for agent, lane in zip(fleet.agents, lanes, strict=True):
        agent.add(lane)
    await fleet.finish(lanes, _FINISH_S)
    took_s = time.perf_counter() - began
    cpu = spent(before, place.cpu_s()) | {"fleet": time.process_time() - own}
    for agent in fleet.agents:
        agent.lanes.clear()
    sent = count * len(lanes)
    stored = await _stored(place.rows, cell, serial)
    assert stored == sent, f"{cell.name}: {sent} sent, {stored} stored"
    assert not fleet.lost, f"{fleet.lost} connections were lost"
    waited = [ms for lane in lanes for ms in lane.answers_ms]
    return {
        "rows": sent,
        "rows_per_s": sent / took_s,
        "ack_p50_ms": percentile(waited, 0.5),
        "ack_p99_ms": percentile(waited, 0.99),
        "resent": sum(lane.resent for lane in lanes),
        **{f"{name}_us_per_row": seconds / sent * 1e6 for name, seconds in cpu.items()},
    }


def _life(cell: Cell, serial: int, index: int, count: int) -> Life:
    return Life(
        serial=serial,
        index=index,
        cameras=CAMERAS,
        origin_utc_ms=utc_ms() - 8 * 3_600_000,
        count=count,
        segments=count if cell.kind is Kind.SEGMENTS else 0,
    )


async def _stored(rows: Rows, cell: Cell, serial: int) -> int:
    like = f"'{serial:08x}-%'"
    whose = (
        f"id LIKE {like}"
        if cell.kind is Kind.EVENTS
        else f"boot_id IN (SELECT id FROM boot WHERE uuid LIKE {like})"
    )
    return int(await rows.one(f"SELECT count(*) FROM {_TABLES[cell.kind]} WHERE {whose}"))


async def _floor(place: Centre, cell: Cell, serial: int) -> dict[str, float]:
    """Put the same rows in without logic; CPU is that of the client and of PostgreSQL."""
    parents, own = await ingest_floor.take(place.rows, serial)
    before, client = place.cpu_s(), time.process_time()
    took_s = await ingest_floor.put(cell.database, place.spare_url, parents, own)
    await asyncio.sleep(0.2)  # until PostgreSQL has counted what its ended process has spent
    cpu = spent(before, place.cpu_s()).get("postgresql", 0.0) + time.process_time() - client
    rows = sum(len(taken.rows) for taken in own)
    return {"floor_rows_per_s": rows / took_s, "floor_us_per_row": cpu / rows * 1e6}


def _median(cell: Cell, runs: list[dict[str, float]]) -> dict[str, Any]:
    middle = {key: round(statistics.median(run[key] for run in runs), 1) for key in runs[0]}
    ratio = round(middle["floor_rows_per_s"] / middle["rows_per_s"], 2)
    return {"path": cell.name, "floor_over_ours": ratio, **middle}
