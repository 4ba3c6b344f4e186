"""Ninety days without a connection: how large the spool gets and how quick it stays.

``python -m tests.bench.spool [--days 90] [--json]`` fills a real file through the real code:
sixteen cameras, of which fifteen change 20 times a day and one flaps each 30 s in ten school hours,
5,000 gate events a day, a boot a day. Then it opens the file again (cleanly, and as after a power
cut), appends single events each with its sync, and reads and acknowledges everything.
"""

import argparse
import asyncio
import json
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from edge.spool import Spool
from edge.spool.file import FILE_NAME
from wire.messages import BootStory, GateEvent, Segment
from wire.vocabulary import Cause, state_of

MIB: Final = 1024 * 1024
LIMIT: Final = 512 * MIB
CAMERAS: Final = 16
CHANGES: Final = 20
EVENTS: Final = 5_000
_DAY_MS: Final = 86_400_000
_FIRST_UTC_MS: Final = 1_795_000_000_000
_FLAP_MS: Final = 30_000
_SCHOOL_MS: Final = range(7 * 3_600_000, 17 * 3_600_000, _FLAP_MS)
_AT_ONCE: Final = 1000
_BATCH: Final = 500
_SINGLE: Final = 500
_CAUSES: Final = (None, Cause.STREAM_STALLED, None, Cause.NETWORK_UNREACHABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one run gave; sizes in bytes, times in the unit of their name."""

    days: int
    events: int
    segments: int
    items: int
    used: int
    limit: int
    gaps: int
    per_event: float
    per_segment: float
    tables: dict[str, int]
    fill_s: float
    open_clean_ms: float
    open_after_cut_ms: float
    mend_s: float
    mend_saved: int
    append_p50_ms: float
    append_p99_ms: float
    peek_500_p50_ms: float
    ack_500_p50_ms: float
    drain_s: float
    file_when_drained: int


def day_of_segments(boot: str, day: random.Random) -> Iterator[tuple[Segment, ...]]:
    """Yield a day's changes of all cameras as the agent appends them: what closed, what opened."""
    starts = {f"cong-chinh-{n}": sorted(day.sample(range(_DAY_MS), CHANGES)) for n in range(1, 16)}
    starts["cong-chinh-16"] = list(_SCHOOL_MS)
    order = sorted((ms, camera) for camera, found in starts.items() for ms in found)
    last: dict[str, Segment] = {}
    for number, (ms, camera) in enumerate(order, 1):
        cause = _CAUSES[number % len(_CAUSES)] if camera in last else None
        if camera in last and last[camera].cause is None:
            cause = Cause.STREAM_STALLED
        opened = Segment(
            boot=boot,
            number=number,
            camera=camera,
            state=state_of(cause),
            cause=cause,
            start_ms=ms,
            detail="no packet for 10 s" if cause else None,
        )
        before, last[camera] = last.get(camera), opened
        yield (closed(before, ms), opened) if before else (opened,)


def closed(segment: Segment, end_ms: int) -> Segment:
    """Return the segment with its end."""
    return Segment(
        boot=segment.boot,
        number=segment.number,
        camera=segment.camera,
        state=segment.state,
        cause=segment.cause,
        start_ms=segment.start_ms,
        end_ms=end_ms,
        detail=segment.detail,
    )


def gate_event(day: int, chance: random.Random) -> GateEvent:
    """Return a passage as a card reader tells it."""
    at = _FIRST_UTC_MS + day * _DAY_MS + chance.randrange(_DAY_MS)
    return GateEvent(
        id=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        gate="thvq-cong-chinh",
        kind="passage",
        occurred_utc_ms=at,
        accepted_utc_ms=at + 120,
        direction=chance.choice(("in", "out")),
        subject=f"HS-{chance.randrange(2_000):05}",
        reader="dau-doc-1",
    )


async def fill(spool: Spool, days: int) -> tuple[int, int]:
    """Live through ``days`` offline; return how many events and segments there were."""
    chance, segments = random.Random(7), 0
    for day in range(days):
        boot = str(uuid.uuid4())
        await spool.begin(BootStory(id=boot, origin_utc_ms=_FIRST_UTC_MS + day * _DAY_MS))
        told = list(day_of_segments(boot, chance))
        segments += len(told)
        for at in range(0, len(told), _AT_ONCE):
            await asyncio.gather(*(spool.submit(each) for each in told[at : at + _AT_ONCE]))
        for _ in range(EVENTS // _AT_ONCE):
            made = [gate_event(day, chance) for _ in range(_AT_ONCE)]
            await asyncio.gather(*(spool.append_event(each) for each in made))
    return days * EVENTS, segments


async def append_singly(spool: Spool) -> list[float]:
    """Return the milliseconds that each of some events took, sync included."""
    chance, took = random.Random(8), []
    for _ in range(_SINGLE):
        began = time.perf_counter()
        await spool.append_event(gate_event(0, chance))
        took.append((time.perf_counter() - began) * 1000)
    return took


async def drain(spool: Spool) -> tuple[list[float], list[float], int]:
    """Read and acknowledge all; return the times of peeks and of acks, and how many gaps came."""
    peeks, acks, gaps = [], [], 0
    names = [*(left.spool for left in await spool.backlog()), spool.running]
    for name in names:
        after = 0
        while True:
            began = time.perf_counter()
            items = await spool.peek(name, after, _BATCH)
            read = time.perf_counter()
            if not items:
                break
            after = items[-1].seq
            gaps += sum(item.gap is not None for item in items)
            await spool.ack(name, after)
            peeks.append((read - began) * 1000)
            acks.append((time.perf_counter() - read) * 1000)
    return peeks, acks, gaps


def opening_ms(folder: Path) -> float:
    """Return how long it takes until the spool in ``folder`` is open."""
    began = time.perf_counter()
    Spool.open(folder, agent="a1", max_bytes=LIMIT).close()
    return (time.perf_counter() - began) * 1000


async def mend(folder: Path) -> tuple[float, int]:
    """Break one page; return the seconds until the spool is open again, and the items it holds."""
    with (folder / FILE_NAME).open("r+b") as file:
        file.seek(4096)
        file.write(b"rubbish" * 500)
    (folder / f"{FILE_NAME}-wal").write_bytes(b"so that it is looked through")
    began = time.perf_counter()
    spool = Spool.open(folder, agent="a1", max_bytes=LIMIT)
    took = time.perf_counter() - began
    items = (await spool.stats()).items
    spool.close()
    return took, items


def sizes(path: Path) -> dict[str, int]:
    """Return the bytes of each table and index, where SQLite can tell."""
    with closing(sqlite3.connect(path)) as connection:
        try:
            sql = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC"
            return dict(connection.execute(sql).fetchall())
        except sqlite3.OperationalError:
            return {}


def bytes_of_kinds(path: Path) -> dict[int, float]:
    """Return the mean bytes of the bodies of each kind of item."""
    with closing(sqlite3.connect(path)) as connection:
        sql = "SELECT kind, avg(length(body)) FROM items GROUP BY kind"
        return dict(connection.execute(sql).fetchall())


async def measure(folder: Path, days: int) -> Measured:
    """Fill, open, append, drain."""
    began = time.perf_counter()
    spool = Spool.open(folder, agent="a1", max_bytes=LIMIT)
    events, segments = await fill(spool, days)
    fill_s = time.perf_counter() - began
    cut = folder / "cut"
    cut.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(folder / (FILE_NAME + suffix), cut / (FILE_NAME + suffix))
    stats = await spool.stats()
    spool.close()
    tables, means = sizes(folder / FILE_NAME), bytes_of_kinds(folder / FILE_NAME)
    open_clean_ms, open_after_cut_ms = opening_ms(folder), opening_ms(cut)
    mend_s, mend_saved = await mend(cut)
    shutil.rmtree(cut)
    spool = Spool.open(folder, agent="a1", max_bytes=LIMIT)
    await spool.begin(BootStory(id=str(uuid.uuid4()), origin_utc_ms=_FIRST_UTC_MS))
    singles = statistics.quantiles(await append_singly(spool), n=100)
    began = time.perf_counter()
    peeks, acks, gaps = await drain(spool)
    drain_s = time.perf_counter() - began
    spool.close()
    return Measured(
        days=days,
        events=events,
        segments=segments,
        items=stats.items,
        used=stats.bytes,
        limit=LIMIT,
        gaps=gaps,
        per_event=means[2],
        per_segment=means[1],
        tables=tables,
        fill_s=fill_s,
        open_clean_ms=open_clean_ms,
        open_after_cut_ms=open_after_cut_ms,
        mend_s=mend_s,
        mend_saved=mend_saved,
        append_p50_ms=singles[49],
        append_p99_ms=singles[98],
        peek_500_p50_ms=statistics.median(peeks),
        ack_500_p50_ms=statistics.median(acks),
        drain_s=drain_s,
        file_when_drained=(folder / FILE_NAME).stat().st_size,
    )


def main() -> None:
    """Run once and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--folder", type=Path, help="where to make the file; a new one in /tmp")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        measured = asdict(asyncio.run(measure(Path(folder), given.days)))
    if given.json:
        print(json.dumps(measured))
        return
    for name, value in measured.items():
        print(f"{name:20} {round(value, 2) if isinstance(value, float) else value}")


if __name__ == "__main__":
    main()
