"""What quiet days cost: a district and a city that report as real agents do, for a minute or more.

Each agent sends its watermark and vitals once a minute (with what it knows of its cameras every ten
minutes), each camera's change at once (the close of one segment and the opening of the next, with
a watermark), and each gate event at once. One of a hundred cameras is bad at a time, for minutes.
The percentages are CPU seconds per second of one core, of server, broker and PostgreSQL with all
its children. Pages are not asked for; the watch runs.
"""

import asyncio
import heapq
import itertools
import random
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.bench.ingest_fleet import Agent, Fleet, percentile, utc_ms
from tests.bench.ingest_load import CAUSES, Life, open_segment, vitals
from tests.bench.ingest_world import PASSWORD, Centre, Database, centre, spent
from wire.codec import VERSION, encode
from wire.messages import Ack, Item, Report, Segment, Watermark

MINUTE_S: Final = 60.0
_FACTS_EVERY: Final = 10
BAD_SHARE: Final = 0.01
_PATIENCE_S: Final = 30.0
_SERIAL: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What is simulated. ``goal_percent`` of one core is what issue 4 allows."""

    name: str
    database: Database
    agents: int
    events_per_min: float
    goal_percent: float
    cameras: int = 15
    changing_per_min: float = 0.01


DISTRICT: Final = Size(
    name="district", database=Database.SQLITE, agents=67, events_per_min=111, goal_percent=2
)
CITY: Final = Size(
    name="city", database=Database.POSTGRESQL, agents=3000, events_per_min=5000, goal_percent=25
)


class Post:
    """One gate PC: what it has told so far, and what still waits for its answer."""

    def __init__(self, agent: Agent, life: Life) -> None:
        self.life = life
        self.waited_ms: list[float] = []
        self.pending: dict[int, float] = {}
        self.events = 0
        self.agent = agent
        self.marks: deque[tuple[int, float]] = deque()
        self._seq = itertools.count(1)
        self._last_seq = 0
        self._number = itertools.count(1)
        self._open: dict[int, Segment] = {}
        self._last_sent = 0
        self._turn = agent.index
        agent.on_ack = self._take

    @property
    def segments(self) -> int:
        """How many segments it has opened."""
        return max(segment.number for segment in self._open.values())

    def begin(self) -> None:
        """Tell what every camera does, as after a start."""
        for camera in range(self.life.cameras):
            self._open[camera] = self._opened(camera, self._elapsed_ms())
        items = [self._item(segment=s) for s in self._open.values()]
        self._send(items, mark=True, health=True, facts=True)

    def minute(self) -> None:
        """Say that everything holds."""
        self._turn += 1
        self._send([], mark=True, health=True, facts=self._turn % _FACTS_EVERY == 0)

    def change(self, camera: int) -> None:
        """One camera goes bad, or recovers."""
        now, before = self._elapsed_ms(), self._open[camera]
        closed = Segment(
            boot=before.boot, number=before.number, camera=before.camera, state=before.state,
            cause=before.cause, start_ms=before.start_ms, end_ms=max(now, before.start_ms),
        )  # fmt: skip
        self._open[camera] = self._opened(camera, now, bad=before.cause is None)
        self._send([self._item(segment=closed), self._item(segment=self._open[camera])], mark=True)

    def event(self) -> None:
        """Somebody passes the gate."""
        self.events += 1
        self._send([self._item(gate_event=self.life.event(self.events, utc_ms()))])

    def age_s(self, committed_ms: int, now: float) -> float:
        """Return for how long the oldest watermark has waited that is not committed."""
        while self.marks and self.marks[0][0] <= committed_ms:
            self.marks.popleft()
        return now - self.marks[0][1] if self.marks else 0.0

    def _opened(self, camera: int, now: int, *, bad: bool = False) -> Segment:
        number = next(self._number)
        cause = CAUSES[number % len(CAUSES)] or CAUSES[1] if bad else None
        return open_segment(self.life, number, camera, start_ms=now, cause=cause)

    def _item(self, **what: Any) -> Item:
        self._last_seq = next(self._seq)
        return Item(seq=self._last_seq, **what)

    def _send(
        self, items: list[Item], *, mark: bool = False, health: bool = False, facts: bool = False
    ) -> None:
        elapsed = self._elapsed_ms()
        self._last_sent = max(utc_ms(), self._last_sent + 1)
        marks = (Watermark(boot=self.life.boot, until_ms=elapsed, after_seq=self._last_seq),)
        report = Report(
            v=VERSION,
            spool=self.life.boot,
            sent_utc_ms=self._last_sent,
            boots=(self.life.story,),
            after=items[0].seq - 1 if items else None,
            items=tuple(items),
            watermarks=marks if mark else (),
            vitals=vitals(self.life, elapsed // 1000, with_cameras=facts) if health else None,
        )
        self.pending[self._last_sent] = time.monotonic()
        if mark:
            self.marks.append((elapsed, time.monotonic()))
        self.agent.publish(encode(report))

    def _take(self, ack: Ack) -> None:
        now = time.monotonic()
        for sent in [s for s in self.pending if s <= ack.sent_utc_ms]:
            self.waited_ms.append((now - self.pending.pop(sent)) * 1000)

    def _elapsed_ms(self) -> int:
        return utc_ms() - self.life.origin_utc_ms


@dataclass(slots=True)
class Traffic:
    """Who speaks when: each post's minute at a time of its own, the rest at random."""

    size: Size
    posts: list[Post]
    minute_s: float = MINUTE_S
    sent: int = 0
    _due: list[tuple[float, int, str, int]] = field(default_factory=list)
    _bad: deque[tuple[Post, int]] = field(default_factory=deque)

    async def run(self) -> None:
        """Speak until cancelled."""
        now, order = time.monotonic(), itertools.count()
        for index in range(len(self.posts)):
            phase = self.minute_s * index / len(self.posts)
            heapq.heappush(self._due, (now + phase, next(order), "minute", index))
        for what, per_min in self._rates():
            heapq.heappush(
                self._due, (now + random.expovariate(per_min / MINUTE_S), next(order), what, -1)
            )
        rates = dict(self._rates())
        while True:
            at, _, what, index = heapq.heappop(self._due)
            await asyncio.sleep(max(at - time.monotonic(), 0))
            post = self.posts[index] if index >= 0 else random.choice(self.posts)
            self._speak(what, post)
            self.sent += 1
            gap = self.minute_s if what == "minute" else random.expovariate(rates[what] / MINUTE_S)
            heapq.heappush(self._due, (at + gap, next(order), what, index))

    def _speak(self, what: str, post: Post) -> None:
        match what:
            case "minute":
                post.minute()
            case "event":
                post.event()
            case _ if len(self._bad) > self.size.agents * self.size.cameras * BAD_SHARE:
                bad, camera = self._bad.popleft()  # the one that has been bad for longest
                bad.change(camera)
            case _:
                camera = random.randrange(self.size.cameras)
                if (post, camera) not in self._bad:
                    post.change(camera)
                    self._bad.append((post, camera))

    def _rates(self) -> Iterator[tuple[str, float]]:
        cameras = self.size.agents * self.size.cameras
        yield "change", cameras * self.size.changing_per_min
        yield "event", self.size.events_per_min


async def measure(
    size: Size, *, seconds: float, warm_up_s: float, profile: Path | None = None
) -> dict[str, Any]:
    """Run the traffic; return what it costs. Raises ``AssertionError`` if anything is missing."""
    async with centre(
        size.database, agents=size.agents, cameras=size.cameras, profile=profile
    ) as place:
        fleet = Fleet(size.agents)
        await fleet.connect(place.port, PASSWORD)
        origin = utc_ms() - 1000
        lives = [
            Life(serial=_SERIAL, index=a.index, cameras=size.cameras, origin_utc_ms=origin)
            for a in fleet.agents
        ]
        posts = [Post(agent, life) for agent, life in zip(fleet.agents, lives, strict=True)]
        for post in posts:
            post.begin()
            await asyncio.sleep(warm_up_s / 2 / len(posts))
        traffic = Traffic(size, posts)
        running = asyncio.create_task(traffic.run())
        try:
            await asyncio.sleep(warm_up_s / 2)
            with place.profiled():
                found = await _watch(place, traffic, seconds)
        finally:
            running.cancel()
        await check(place, posts)
        assert not fleet.lost, f"{fleet.lost} connections were lost"
        await fleet.close()
        return {"name": size.name, "cameras": size.agents * size.cameras, **found,
                "goal_percent": size.goal_percent}  # fmt: skip


async def _watch(place: Centre, traffic: Traffic, seconds: float) -> dict[str, Any]:
    for post in traffic.posts:
        post.waited_ms.clear()
    sent, own, before, began = traffic.sent, time.process_time(), place.cpu_s(), time.monotonic()
    await asyncio.sleep(seconds)
    took_s = time.monotonic() - began
    cpu = {k: 100 * v / took_s for k, v in spent(before, place.cpu_s()).items()}
    waited = [ms for post in traffic.posts for ms in post.waited_ms]
    return {
        "seconds": round(took_s),
        "reports_per_s": round((traffic.sent - sent) / took_s, 1),
        "cpu_percent": {k: round(v, 2) for k, v in cpu.items()},
        "cpu_percent_total": round(sum(cpu.values()), 2),
        "fleet_percent": round(100 * (time.process_time() - own) / took_s, 1),
        "rss_mb": place.rss_mb(),
        "ack_p50_ms": round(percentile(waited, 0.5)),
        "ack_p99_ms": round(percentile(waited, 0.99)),
    }


async def check(
    place: Centre, posts: Sequence[Post], *, segments: int = 0, events: int = 0
) -> None:
    """Raise ``AssertionError`` unless all is answered and stored, and so many others besides."""
    end = time.monotonic() + _PATIENCE_S
    while (waiting := sum(len(p.pending) for p in posts)) and time.monotonic() < end:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    assert not waiting, f"{waiting} reports were not answered in {_PATIENCE_S} s"
    sent = (
        segments + sum(post.segments for post in posts),
        events + sum(post.events for post in posts),
    )
    stored = (
        await place.rows.one("SELECT count(*) FROM segment"),
        await place.rows.one("SELECT count(*) FROM gate_event"),
    )
    assert stored == sent, f"sent {sent}, stored {stored} segments and gate events"
