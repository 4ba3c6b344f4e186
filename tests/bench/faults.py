"""Real processes under faults: is every event there once, and every second what it was?

``python -m tests.bench.faults [--seconds 120] [--seed 1] [--agents 4] [--json]``

Two servers behind a shared subscription on one PostgreSQL, Mosquitto, gate PCs with scripted
cameras (all else is the product), a faulty line in front of each. Faults come at random, and may
overlap, while four events a second are posted at each gate; then all is healed and the run waits,
bounded, until the database holds everything. Prints one table; exits with 1 if anything that was
acknowledged is lost, anything is twice or invented, or any watched second is wrong or missing.
"""

import argparse
import asyncio
import json
import random
import signal
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import aiohttp

from server.domain.units import Source
from server.storage import Store
from tests.bench.faults_district import TOKEN, District, GatePc, Service, district, fill
from tests.bench.faults_judge import Events, Seconds, judge_events, judge_seconds, runs_of
from tests.bench.faults_script import script
from tests.system.fault_proxy import FaultProxy, Flow, Line

_EVENTS_EVERY_S: Final = 0.25
_NEXT_FAULT_S: Final = (1.0, 4.0)
_DRAIN_S: Final = 120
_SETTLE_S: Final = 12
_OFF_S: Final = (3600, -7200, 400 * 86_400, -2000 * 86_400)

Fault = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Posts:
    """What was posted at the gates, and what of it was acknowledged (201 or 200)."""

    posted: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found."""

    faults: dict[str, int]
    answers: dict[int, int]
    events: Events
    seconds: Seconds
    drained_s: float | None

    @property
    def good(self) -> bool:
        e, s = self.events, self.seconds
        bad = (e.lost, e.invented, e.twice, s.wrong, s.invented, s.missing)
        return not any(bad) and self.drained_s is not None


class Nemesis:
    """Makes faults and ends each after its time; never two on one thing."""

    def __init__(self, where: District, rng: random.Random, say: Callable[[str], None]) -> None:
        self._where = where
        self._rng = rng
        self._say = say
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.made: Counter[str] = Counter()

    async def run(self, seconds: float) -> None:
        """Make faults for so long, then wait for the last ones to end."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await asyncio.sleep(self._rng.uniform(*_NEXT_FAULT_S))
            kind, target, fault = self._rng.choice(self._choices())
            if target in self._busy:
                continue
            self._busy.add(target)
            self.made[kind] += 1
            self._say(f"{kind} of {target}")
            task = asyncio.create_task(self._do(target, fault))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        await asyncio.gather(*self._tasks)

    async def _do(self, target: str, fault: Fault) -> None:
        try:
            await fault()
        finally:
            self._busy.discard(target)

    def _choices(self) -> list[tuple[str, str, Fault]]:
        where = self._where
        found: list[tuple[str, str, Fault]] = []
        for service in (where.broker, where.database, *where.servers):
            found.append(("kill -9", service.name, partial(self._kill, service)))
            found.append(("stop and continue", service.name, partial(self._stop, service)))
        for name, line in where.lines.items():
            found += self._of_line(f"line to the {name}", line)
        for agent in where.agents:
            name = agent.name
            found += self._of_line(f"line of {name}", agent.line)
            found.append(("kill -9", name, partial(self._kill, agent.service)))
            found.append(("stop and continue", name, partial(self._stop, agent.service, 8)))
            found.append(("clock off", name, partial(self._clock, agent)))
            if agent.small_disk:
                found += [("disk full", name, partial(self._disk, agent))] * 4
        return found

    def _of_line(self, name: str, line: FaultProxy) -> list[tuple[str, str, Fault]]:
        slow = Line(latency_s=0.15, jitter_s=0.1)
        drip = Line(bytes_per_s=1500, slice_bytes=200)
        held = Line(flow=Flow.HELD)
        gone = Line(flow=Flow.SWALLOWED)
        return [
            ("latency", name, partial(self._lines, line, slow, slow, 8)),
            ("slow drip", name, partial(self._lines, line, drip, drip, 6)),
            ("partition", name, partial(self._lines, line, held, held, 10)),
            ("one-way loss", name, partial(self._lines, line, Line(), gone, 6)),
            ("half-open", name, partial(self._act, partial(line.forget, near=False))),
            ("connection reset", name, partial(self._act, line.reset)),
        ]

    async def _kill(self, service: Service) -> None:
        service.send(signal.SIGKILL)
        await asyncio.sleep(self._rng.uniform(0.2, 8))
        service.start()
        await asyncio.sleep(2)
        service.start()  # PostgreSQL may refuse at first: its children's memory is still there

    async def _stop(self, service: Service, most_s: float = 15) -> None:
        service.send(signal.SIGSTOP)
        await asyncio.sleep(self._rng.uniform(1, most_s))
        service.send(signal.SIGCONT)

    async def _lines(self, line: FaultProxy, up: Line, down: Line, most_s: float) -> None:
        line.set(up=up, down=down)
        await asyncio.sleep(self._rng.uniform(1, most_s))
        if Flow.SWALLOWED in (up.flow, down.flow):
            line.reset()  # a stream with a hole in it is no stream
        line.mend()

    async def _act(self, act: Callable[[], None]) -> None:
        act()
        await asyncio.sleep(1)

    async def _clock(self, agent: GatePc) -> None:
        """Set the clock wrong, and right again; the agent lives through both."""
        agent.clock.write_text(str(self._rng.choice(_OFF_S)), "ascii")
        await asyncio.sleep(self._rng.uniform(2, 10))
        agent.clock.write_text("0", "ascii")
        await asyncio.sleep(3)

    async def _disk(self, agent: GatePc) -> None:
        fill(agent, full=True)
        await asyncio.sleep(self._rng.uniform(3, 8))
        fill(agent, full=False)
        await asyncio.sleep(_SETTLE_S)  # what waited in memory must reach the disk before a kill


async def post(agent: GatePc, posts: Posts, done: asyncio.Event) -> None:
    """Post events at one gate; one that is not answered is posted again under its id."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:
        while not done.is_set():
            event = str(uuid.uuid4())
            posts.posted.add(event)
            body = {"gate": agent.gate, "kind": "card", "id": event, "direction": "in"}
            while event not in posts.acknowledged:
                status = await _post(session, agent.url, body)
                posts.answers[status] += 1
                if status in {200, 201}:
                    posts.acknowledged.add(event)
                elif done.is_set():
                    return
                await asyncio.sleep(_EVENTS_EVERY_S)


async def _post(session: aiohttp.ClientSession, url: str, body: dict[str, str]) -> int:
    try:
        async with session.post(url, json=body) as response:
            await response.read()
            return response.status
    except (aiohttp.ClientError, OSError, TimeoutError):
        return 0


async def run(
    folder: Path, *, seconds: float, seed: int, agents: int, say: Callable[[str], None]
) -> Outcome:
    """Make a district, hurt it, heal it, and judge what its database holds."""
    plan = {"seed": seed, "begin_utc_s": int(time.time()) - 60, "seconds": int(seconds) + 600}
    async with district(folder, plan, agents=agents) as where:
        posts, done = Posts(), asyncio.Event()
        posters = [asyncio.create_task(post(a, posts, done)) for a in where.agents]
        await asyncio.sleep(5)
        nemesis = Nemesis(where, random.Random(seed), say)
        await nemesis.run(seconds)
        where.heal()
        for service in where.services:
            service.start()
        say("all is healed")
        await asyncio.sleep(_SETTLE_S)
        done.set()
        await asyncio.gather(*posters)
        drained_s = await _drained(where, posts, plan)
        for agent in where.agents:
            await agent.service.end()
        say(f"drained: {drained_s} s")
        events, found = await _judge(where, posts, plan)
        return Outcome(dict(nemesis.made), dict(posts.answers), events, found, drained_s)


async def _drained(where: District, posts: Posts, plan: dict[str, int]) -> float | None:
    """Wait until the database holds everything; return how long that took, None if it never did."""
    begin = time.monotonic()
    while time.monotonic() - begin < _DRAIN_S:
        events, seconds = await _judge(where, posts, plan, but_last_s=15)
        if not events.lost and not seconds.missing and not seconds.wrong:
            return round(time.monotonic() - begin, 1)
        await asyncio.sleep(2)
    return None


async def _judge(
    where: District, posts: Posts, plan: dict[str, int], *, but_last_s: int = 0
) -> tuple[Events, Seconds]:
    scripts = {Source(a.name, c): script(c, **plan) for a in where.agents for c in a.cameras}
    runs = {a.name: runs_of(a.journal, a.service.kills_ms) for a in where.agents}
    if but_last_s:
        runs = {n: [r.but_last(but_last_s) for r in rs] for n, rs in runs.items()}
    store = await Store.open(where.database_url)
    try:
        events = await judge_events(store, posts.acknowledged, posts.posted)
        return events, await judge_seconds(store, scripts, runs)
    finally:
        await store.close()


def table(outcome: Outcome) -> str:
    """Return the run as one table."""
    e, s = outcome.events, outcome.seconds
    rows: list[tuple[str, Any]] = [(f"fault: {k}", n) for k, n in sorted(outcome.faults.items())]
    rows += [(f"gate's answer {k or 'none'}", n) for k, n in sorted(outcome.answers.items())]
    rows += [
        ("events acknowledged", e.acknowledged),
        ("events stored (some without their answer)", e.stored),
        ("events lost", e.lost),
        ("events twice", e.twice),
        ("events invented", e.invented),
        ("camera seconds watched, exact", s.exact),
        ("  unknown, at an agent's begin or end", s.not_asked),
        ("  unknown without a reason", s.missing),
        ("  wrong", s.wrong),
        ("  claimed though nobody looked", s.invented),
        ("seconds until all was there", outcome.drained_s),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join([*(f"{name:<{width}}  {value}" for name, value in rows), *s.examples])


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--agents", type=int, default=4)
    parser.add_argument("--keep", type=Path, help="keep logs and spools in this folder")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    begin = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - begin:6.1f} s  {text}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="vg-faults-") as folder:
        where = args.keep or Path(folder)
        where.mkdir(parents=True, exist_ok=True)
        outcome = asyncio.run(
            run(where, seconds=args.seconds, seed=args.seed, agents=args.agents, say=say)
        )
    print(json.dumps(asdict(outcome), indent=2) if args.json else table(outcome))
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
