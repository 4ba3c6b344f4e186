"""``python -m tests.bench.closing``: what it takes to close, and to amend, a day of many cameras.

Each school has 16 cameras of one agent; one camera in eight flaps. The figures are the seconds for
the whole day and for 1,000 cameras, and the longest time for which the loop did nothing else.
"""

import argparse
import asyncio
import json
import random
import time
import uuid
from collections.abc import Awaitable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, timedelta
from typing import Final

import asyncpg

from server.closing import Closer
from server.domain.calendar import DayWindow, SchoolHours, local_day
from server.domain.citation import Citation
from server.domain.plan import Plan, Requirement, ZoneKind
from server.domain.units import Agent, Camera, Organisation, School, Source, Unit, Zone
from server.standing import Standing
from server.storage import Duty, Intake, Store
from tests.bench.commit import NewUrl, postgresql_urls, sqlite_urls
from wire.messages import BootStory, Item, Segment, Watermark
from wire.vocabulary import State

DAY: Final = date(2026, 11, 23)
CAMERAS: Final = 16
FLAPS: Final = 60
HOURS: Final = SchoolHours(
    days=(0, 1, 2, 3, 4), windows=(DayWindow(390, 690), DayWindow(810, 1020))
)


class Clock:
    """Two hours and a bit after the day's end, going on as real time does."""

    def __init__(self) -> None:
        self.first = local_day(DAY).end + timedelta(hours=2, minutes=1)
        self.began = time.monotonic()

    def now(self) -> datetime:
        return self.first + timedelta(seconds=time.monotonic() - self.began)

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def plan() -> Plan:
    by = Citation(id="p", kind="commune_plan", ref="x")
    need = Requirement(kind="cong_truong", required=True, min_cameras=2, source=by)
    return Plan(
        id="bench",
        title="bench",
        version="1",
        zones={"cong_truong": ZoneKind(id="cong_truong", vi="Cổng")},
        requirements={"thcs": {"cong_truong": need}},
        school_hours={"thcs": HOURS},
    )


def organisation(schools: int) -> Organisation:
    return Organisation(
        units=(Unit(id="u", name="u", level="xa"),),
        schools=tuple(_school(n) for n in range(schools)),
    )


def _school(n: int) -> School:
    zones = tuple(Zone(id=f"z{i}", name="z", kind="cong_truong") for i in range(4))
    return School(
        id=f"s{n}",
        name=f"s{n}",
        kind="thcs",
        unit="u",
        zones=zones,
        agents=(Agent(id=f"a{n}", name="a"),),
        cameras=tuple(
            Camera(id=f"s{n}c{i}", name="c", zone=f"z{i % 4}", sources=(Source(f"a{n}", f"c{i}"),))
            for i in range(CAMERAS)
        ),
    )


def reports(schools: int, rng: random.Random) -> Iterator[Intake]:
    """Each agent's day, from an hour before it to an hour after it, in one boot."""
    begin = local_day(DAY).start - timedelta(hours=1)
    length = 26 * 3_600_000
    zero = round(begin.timestamp() * 1000)
    for n in range(schools):
        boot, items = str(uuid.UUID(int=rng.getrandbits(128), version=4)), []
        for camera in range(CAMERAS):
            flaps = FLAPS if camera % 8 == 7 else rng.randrange(4)
            edges = [0, *sorted(rng.sample(range(1, length), flaps))]
            for i, (start, end) in enumerate(zip(edges, [*edges[1:], None], strict=True)):
                items.append(
                    Segment(
                        boot=boot,
                        number=camera * 1000 + i,
                        camera=f"c{camera}",
                        state=State.UP if i % 2 == 0 else State.DOWN,
                        cause=None if i % 2 == 0 else "network.timeout",
                        start_ms=start,
                        end_ms=end,
                    )
                )
        yield Intake(
            agent=f"a{n}",
            spool=boot,
            sent_utc_ms=zero + length,
            received_utc_ms=zero + length,
            boots=(BootStory(id=boot, origin_utc_ms=zero, offset_ms=0),),
            items=tuple(Item(seq=s, segment=g) for s, g in enumerate(items, 1)),
            watermarks=(Watermark(boot=boot, until_ms=length, after_seq=len(items)),),
        )


class Heart:
    """Notes the longest time between two beats that should be 5 ms apart."""

    worst_s = 0.0

    async def beat(self) -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(0.005)
            now = time.monotonic()
            self.worst_s, last = max(self.worst_s, now - last - 0.005), now


async def measure(url: str, schools: int) -> dict[str, float]:
    store, rng = await Store.open(url), random.Random(4)
    found = list(reports(schools, rng))
    for start in range(0, len(found), 20):
        await store.commit(found[start : start + 20])
    clock = Clock()
    closer = Closer(
        store=store,
        standing=Standing.always(clock, organisation(schools), plan()),
        clock=clock,
        listening_since=lambda: clock.first - timedelta(days=1),
        duty=Duty(None, "closing"),
        close_after=timedelta(hours=2),
    )
    closing = await _timed(closer.close_through(DAY))
    await closer.amend()  # sees the marks, and lets them rest
    clock.first += timedelta(seconds=10)
    amending = await _timed(closer.amend())
    await store.close()
    cameras = schools * CAMERAS
    segments = sum(len(i.items) for i in found)
    return {
        "cameras": cameras,
        "segments": segments,
        "close_s": closing[0],
        "close_s_per_1000_cameras": closing[0] / cameras * 1000,
        "close_loop_held_ms": closing[1] * 1000,
        "recount_s_per_1000_cameras": amending[0] / cameras * 1000,
        "recount_loop_held_ms": amending[1] * 1000,
    }


async def _timed(work: Awaitable[object]) -> tuple[float, float]:
    heart = Heart()
    beating = asyncio.create_task(heart.beat())
    await asyncio.sleep(0.05)
    heart.worst_s, began = 0.0, time.monotonic()
    await work
    took = time.monotonic() - began
    beating.cancel()
    return took, heart.worst_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=63, help="of 16 cameras (63: 1,008)")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="both by default")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    kinds = {"sqlite": sqlite_urls, "postgresql": postgresql_urls}
    found = {
        name: asyncio.run(_measured(urls(), asked.schools))
        for name, urls in kinds.items()
        if asked.only in {None, name}
    }
    if asked.json:
        print(json.dumps(found))
        return
    for database, figures in found.items():
        print(database)
        for name, value in figures.items():
            print(f"  {name:32} {value:12.2f}")
        city_s = figures["close_s_per_1000_cameras"] * 45
        print(f"  45,000 cameras at this rate: {city_s / 60:.1f} min")


async def _measured(urls: AbstractAsyncContextManager[NewUrl], schools: int) -> dict[str, float]:
    async with urls as new:
        return await measure(await _ready(new), schools)


async def _ready(new: NewUrl) -> str:
    """Return an address; a cluster's port answers a little before the cluster does."""
    for _ in range(100):
        try:
            return await new()
        except asyncpg.CannotConnectNowError:
            await asyncio.sleep(0.1)
    raise TimeoutError("PostgreSQL does not get up")


if __name__ == "__main__":
    main()
