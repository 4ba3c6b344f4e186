"""The reconnect storm: every agent of a city's part comes back at once after eight hours.

``python -m tests.bench.storm [--json] [--quick] [--agents 500]``

Each agent holds the spool of a former boot: eight changes of each of its 16 cameras and 4,000 gate
events. It reconnects within the spread of the real link's waits, tells the present in a boot of its
own and replays the past beside it through the real window, while changes and gate events go on.
Its watermark comes every ten seconds instead of every minute, so that freshness is looked at often.

Measured: the seconds until the last agent has heard that its past is committed (and the database
holds exactly what was sent); and each second, from the database, how long the oldest word about
the present has been waiting that is not yet committed, over all agents.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from edge.forwarding import HISTORY
from tests.bench.ingest_fleet import Fleet, Lane, percentile, utc_ms
from tests.bench.ingest_load import Life
from tests.bench.ingest_steady import CITY, Post, Size, Traffic, check
from tests.bench.ingest_world import PASSWORD, Centre, Database, centre, spent
from wire.topics import Leaf

HOURS: Final = 8
_RECONNECT_SPREAD_S: Final = 12.0
_MARK_EVERY_S: Final = 10.0
_FINISH_S: Final = 600.0
_PAST, _PRESENT = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """How many come back, with how much."""

    agents: int
    cameras: int = 16
    changes: int = 8
    events: int = 4000
    within_s: float = 120.0
    fresh_s: float = 10.0

    @property
    def items(self) -> int:
        """How many items each spool holds."""
        return self.cameras * self.changes + self.events


WHOLE: Final = Storm(agents=500)
QUICK: Final = Storm(agents=50)


async def measure(storm: Storm) -> dict[str, Any]:
    """Let it break loose; return how it went. Raises ``AssertionError`` if anything is missing."""
    async with centre(Database.POSTGRESQL, agents=storm.agents, cameras=storm.cameras) as place:
        fleet = Fleet(storm.agents)
        lanes = [Lane(_past(storm, a.index), Leaf.HISTORY, HISTORY) for a in fleet.agents]
        posts = [Post(a, _present(storm, a.index)) for a in fleet.agents]
        before, own, began = place.cpu_s(), time.process_time(), time.monotonic()
        for agent, lane, post in zip(fleet.agents, lanes, posts, strict=True):
            agent.on_connected = _back(post, lane)
        traffic = Traffic(_traffic(storm), posts, minute_s=_MARK_EVERY_S)
        ages: list[float] = []
        looking = asyncio.create_task(_look(place, posts, ages))
        await fleet.connect(place.port, PASSWORD, spread_s=_RECONNECT_SPREAD_S)
        connected_s = time.monotonic() - began
        talking = asyncio.create_task(traffic.run())
        try:
            await fleet.finish(lanes, _FINISH_S)
            took_s = time.monotonic() - began
            cpu, own = spent(before, place.cpu_s()), time.process_time() - own
            waited = [ms for post in posts for ms in post.waited_ms]
        finally:
            talking.cancel()
            looking.cancel()
            failed = await asyncio.gather(talking, looking, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in failed), failed
        past = storm.agents * storm.items
        await check(
            place,
            posts,
            segments=storm.agents * storm.cameras * storm.changes,
            events=storm.agents * storm.events,
        )
        found = {
            "agents": storm.agents,
            "items": past,
            "connected_s": round(connected_s, 1),
            "in_database_s": round(took_s, 1),
            "goal_s": storm.within_s,
            "rows_per_s": round(past / took_s),
            "present_age_p99_s": round(percentile(ages, 0.99), 1),
            "present_age_max_s": round(max(ages), 1),
            "fresh_goal_s": storm.fresh_s,
            "live_ack_p50_ms": round(percentile(waited, 0.5)),
            "live_ack_p99_ms": round(percentile(waited, 0.99)),
            "resent": sum(lane.resent for lane in lanes),
            "lost_connections": fleet.lost,
            "cpu_s": {k: round(v, 1) for k, v in (cpu | {"fleet": own}).items()},
            "rss_mb": place.rss_mb(),
        }
        await fleet.close()
        return found


def _past(storm: Storm, index: int) -> Life:
    return Life(
        serial=_PAST,
        index=index,
        cameras=storm.cameras,
        origin_utc_ms=utc_ms() - HOURS * 3_600_000,
        count=storm.items,
        segments=storm.cameras * storm.changes,
        vouched_ms=HOURS * 3_600_000,
    )


def _present(storm: Storm, index: int) -> Life:
    return Life(serial=_PRESENT, index=index, cameras=storm.cameras, origin_utc_ms=utc_ms())


def _traffic(storm: Storm) -> Size:
    share = storm.agents / CITY.agents
    return replace(
        CITY,
        agents=storm.agents,
        cameras=storm.cameras,
        events_per_min=CITY.events_per_min * share,
    )


def _back(post: Post, lane: Lane) -> Any:
    """Return what an agent does once it is connected: first the present, then the past."""

    def begin() -> None:
        post.begin()
        post.agent.add(lane)

    return begin


async def _look(place: Centre, posts: Sequence[Post], ages: list[float]) -> None:
    """Note each second how long the oldest uncommitted word of each agent's present has waited."""
    query = f"SELECT uuid, until_ms FROM boot WHERE uuid LIKE '{_PRESENT:08x}-%'"
    while True:
        committed = {uuid: until or 0 for uuid, until in await place.rows.fetch(query)}
        now = time.monotonic()
        ages += [p.age_s(committed.get(p.life.boot, 0), now) for p in posts if p.marks]
        await asyncio.sleep(1.0)


def print_table(found: dict[str, Any]) -> None:
    """Print the figures for people."""
    print(
        f"storm: {found['agents']} agents, {found['items']} items: in the database after"
        f" {found['in_database_s']} s (goal {found['goal_s']:.0f}; all connected after"
        f" {found['connected_s']}), {found['rows_per_s']} rows/s; the present at most"
        f" {found['present_age_max_s']} s old, p99 {found['present_age_p99_s']}"
        f" (goal {found['fresh_goal_s']:.0f}); live ack p50 {found['live_ack_p50_ms']} ms,"
        f" p99 {found['live_ack_p99_ms']}; resent {found['resent']}; CPU s {found['cpu_s']};"
        f" RSS {found['rss_mb']}"
    )


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="one object on standard output")
    parser.add_argument("--quick", action="store_true", help="50 agents")
    parser.add_argument("--agents", type=int, help="how many come back")
    args = parser.parse_args()
    storm = QUICK if args.quick else WHOLE
    found = asyncio.run(measure(replace(storm, agents=args.agents or storm.agents)))
    print(json.dumps(found, indent=1)) if args.json else print_table(found)
    late = found["in_database_s"] > storm.within_s or found["present_age_max_s"] > storm.fresh_s
    sys.exit(1 if late else 0)


if __name__ == "__main__":
    main()
