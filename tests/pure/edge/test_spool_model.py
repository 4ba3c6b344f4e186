"""Whatever is appended, sent, lost, dropped and restarted: the centre never believes what was not.

A small agent lives through random operations on the real spool; a small centre joins what reaches
it by the rules of docs/design.md. Each moment is then right or unknown, and exactly right where
nothing was dropped and all has arrived.
"""

import asyncio
import random
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge.spool import room
from tests.pure.edge.inline_spool import opened, quick_folder
from wire.messages import BootStory, GateEvent, Hold, Item, Range, Segment, Watermark
from wire.vocabulary import State

pytestmark = pytest.mark.long

CAMERAS = ("c1", "c2")
Moment = tuple[str, str, int]
"""A camera of a boot at a millisecond."""


@dataclass(frozen=True)
class Sent:
    """A report on its way."""

    spool: str
    kept_from: int
    after: int
    items: tuple[Item, ...]
    marks: tuple[Watermark, ...]
    is_late: bool


@dataclass
class Centre:
    """What has been committed, and the join of it."""

    received: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    segments: dict[tuple[str, int], Segment] = field(default_factory=dict)
    marks: list[Watermark] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    dropped: int = 0
    gaps: set[tuple[str, int]] = field(default_factory=set)

    def take(self, report: Sent) -> tuple[int, tuple[Range, ...]]:
        got = self.received[report.spool]
        got.update(range(1, report.kept_from))
        if report.items:
            got.update(range(report.after + 1, report.items[-1].seq + 1))
        for item in report.items:
            self._take_item(report.spool, item)
        self.marks.extend(report.marks)
        through = self.through(report.spool)
        beyond = tuple(Range(first=seq, last=seq) for seq in got if seq > through)
        return through, beyond

    def _take_item(self, spool: str, item: Item) -> None:
        if item.segment:
            key = (item.segment.boot, item.segment.number)
            known = self.segments.get(key)
            if known is None or known.end_ms is None:
                self.segments[key] = item.segment
        elif item.gate_event:
            if item.gate_event.id not in self.events:
                self.events.append(item.gate_event.id)
        elif item.gap and (spool, item.seq) not in self.gaps:
            self.gaps.add((spool, item.seq))
            self.dropped += item.gap.count

    def through(self, spool: str) -> int:
        got, seq = self.received[spool], 0
        while seq + 1 in got:
            seq += 1
        return seq

    def claims(self) -> dict[Moment, State]:
        found: dict[Moment, State] = {}
        begins: dict[tuple[str, str], int] = {}
        for (boot, _), segment in sorted(self.segments.items(), reverse=True):
            key = (boot, segment.camera)
            end = self._claimed_end(segment)
            for ms in range(segment.start_ms, min(end, begins.get(key, end))):
                found[boot, segment.camera, ms] = segment.state
            begins[key] = min(segment.start_ms, begins.get(key, segment.start_ms))
        return found

    def _claimed_end(self, segment: Segment) -> int:
        if segment.end_ms is not None:
            return segment.end_ms
        through = self.through(segment.boot)
        counted = [m for m in self.marks if m.boot == segment.boot and m.after_seq <= through]
        if not counted:
            return segment.start_ms
        newest = max(counted, key=lambda mark: mark.until_ms)
        for hold in newest.held:
            if hold.camera == segment.camera:
                return hold.last_good_ms
        return newest.until_ms


class Agent:
    """Cameras that change, gate events, a spool, and a net that loses, doubles and shuffles."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.folder = folder
        self.centre = Centre()
        self.truth: dict[Moment, State] = {}
        self.vouched: dict[str, int] = {}
        self.dropped = 0
        self.accepted: list[str] = []
        self.net: list[Sent] = []
        self.cursors: dict[str, int] = {}

    async def boot(self) -> None:
        self.spool = opened(self.folder)
        await self.turn_over()

    async def turn_over(self) -> None:
        self.now, self.numbers = 0, 0
        self.id = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        self.open: dict[str, Segment] = {}
        self.doubt: dict[str, int] = {}
        await self.spool.begin(BootStory(id=self.id, origin_utc_ms=1))
        for camera in CAMERAS:
            await self.change(camera, self.now)

    async def change(self, camera: str, at: int) -> None:
        before = self.open.get(camera)
        state = self.chance.choice([s for s in State if s is not State.UNKNOWN])
        self.numbers += 1
        opened_now = Segment(
            boot=self.id, number=self.numbers, camera=camera, state=state, start_ms=at
        )
        self.open[camera] = opened_now
        told = [opened_now]
        if before:
            told.insert(0, ended(before, at))
        for ms in range(at, self.now):  # it was noticed late
            self.truth[self.id, camera, ms] = state
        await self.spool.append(told)

    def pass_time(self, ms: int) -> None:
        for camera, segment in self.open.items():
            for at in range(self.now, self.now + ms):
                self.truth[self.id, camera, at] = segment.state
        self.now += ms

    async def step(self, name: str, value: int) -> None:
        if name in {"time", "change", "doubt", "again", "event", "mark"}:
            await self.watch(name, value, CAMERAS[value % len(CAMERAS)])
        elif name in {"send", "deliver", "lose", "rewind"}:
            await self.forward(name, value)
        elif name == "drop":
            running, former = self.spool.running, self.spool._former
            await self.spool._runner.submit(lambda c: room._drop_some(c, running, former))
        elif name == "turn":
            await self.end_boot()
            await self.turn_over()
        elif name == "kill":
            self.spool.close()
            self.cursors.clear()
            await self.boot()

    async def watch(self, name: str, value: int, camera: str) -> None:
        if name == "time":
            self.pass_time(value % 5 + 1)
        elif name == "change":
            at = self.doubt.get(camera, self.now)
            if self.open[camera].start_ms < at <= self.now:
                self.doubt.pop(camera, None)
                await self.change(camera, at)
        elif name == "doubt":
            self.doubt.setdefault(camera, max(self.now, self.open[camera].start_ms + 1))
        elif name == "again":
            await self.spool.append(list(self.open.values()))
        elif name == "event":
            event = str(uuid.UUID(int=value % 50, version=4))
            saved = await self.spool.append_event(gate_event(event))
            assert saved.is_new == (event not in self.accepted)
            self.accepted += [event] * saved.is_new
        else:
            await self.mark()

    async def forward(self, name: str, value: int) -> None:
        if name == "send":
            await self.send(value)
        elif name == "deliver":
            await self.deliver(value, is_acked=bool(value % 3), stays=not value % 4)
        elif name == "lose" and self.net:
            self.net.pop(value % len(self.net))
        elif name == "rewind":
            self.cursors.clear()

    async def end_boot(self) -> None:
        """Close what is open, vouch for it, and go on in another boot."""
        await self.mark()
        for camera in CAMERAS:
            end = min(self.doubt.get(camera, self.now), self.now)
            segment = self.open[camera]
            if end > segment.start_ms:
                await self.spool.append([ended(segment, end)])
        self.open.clear()

    async def mark(self, sent: int = 0) -> Watermark:
        self.pass_time(1)  # no two of the same moment
        held = tuple(
            Hold(camera=camera, last_good_ms=ms) for camera, ms in sorted(self.doubt.items())
        )
        held = tuple(hold for hold in held if hold.last_good_ms < self.now)
        mark = await self.spool.save_watermark(
            BootStory(id=self.id, origin_utc_ms=1), until_ms=self.now, held=held, sent=sent
        )
        for camera in CAMERAS:
            good = min(self.doubt.get(camera, self.now), self.now)
            self.vouched[self.id + camera] = good
        return mark

    async def send(self, value: int) -> None:
        former = {left.spool: left.watermarks for left in await self.spool.backlog()}
        names = [self.spool.running, *former]
        name = names[value % len(names)]
        after = self.cursors.get(name, 0)
        items = await self.spool.peek(name, after, value % 4 + 1)
        sent = items[-1].seq if items else 0
        if name in former:
            await self.spool.mark_sent(name, sent)
            marks = former[name]
        else:
            marks = (await self.mark(sent),)
        self.cursors[name] = max(after, sent)
        kept_from = await self.spool.kept_from(name)
        self.net.append(Sent(name, kept_from, after, items, marks, name in former))

    async def deliver(self, value: int, *, is_acked: bool, stays: bool) -> None:
        if not self.net:
            return
        at = value % len(self.net)
        report = self.net[at] if stays else self.net.pop(at)
        through, ranges = self.centre.take(report)
        if is_acked:
            await self.spool.ack(report.spool, through, ranges)
            if report.is_late:  # else it may not have been the last
                await self.spool.watermarks_delivered(report.marks)

    async def drain(self) -> None:
        self.net.clear()
        self.cursors.clear()
        await self.mark()
        for _ in range(1000):
            left = await self.spool.backlog()
            for each in range(len(left) + 1):
                await self.send(each + 3 * (len(left) + 1))
            while self.net:
                await self.deliver(1, is_acked=True, stays=False)
            self.cursors.clear()
            if not (await self.spool.stats()).items and not await self.spool.backlog():
                return
        raise AssertionError("it never ended")

    def check(self) -> None:
        for moment, state in self.centre.claims().items():
            assert self.truth.get(moment) == state, moment


def ended(segment: Segment, end_ms: int) -> Segment:
    return Segment(
        boot=segment.boot,
        number=segment.number,
        camera=segment.camera,
        state=segment.state,
        start_ms=segment.start_ms,
        end_ms=end_ms,
    )


def gate_event(name: str) -> GateEvent:
    return GateEvent(id=name, gate="g", kind="k", occurred_utc_ms=1, accepted_utc_ms=1)


STEPS = (
    *("time", "time", "time", "change", "change", "doubt", "again", "event", "mark"),
    *("send", "send", "send", "deliver", "deliver", "lose", "rewind"),
)
LIVES = 60
LENGTH = 150


async def live(folder: Path, seed: int, *, drops: bool) -> Agent:
    agent = Agent(folder, seed)
    await agent.boot()
    for number in range(LENGTH):
        name = agent.chance.choice(STEPS)
        if agent.chance.random() < 0.04:
            name = agent.chance.choice(("turn", "kill"))
        elif drops and agent.chance.random() < 0.1:
            name = "drop"
        await agent.step(name, agent.chance.randrange(10_000))
        if not number % 5:
            agent.check()
    await agent.drain()
    agent.check()
    agent.spool.close()
    assert sorted(agent.centre.events) == sorted(agent.accepted)
    return agent


@pytest.mark.parametrize("seed", range(LIVES))
def test_what_the_centre_believes_is_never_wrong(seed: int) -> None:
    with quick_folder() as folder:
        asyncio.run(live(folder, seed, drops=True))


@pytest.mark.parametrize("seed", range(LIVES))
def test_where_nothing_is_dropped_it_is_exactly_right(seed: int) -> None:
    with quick_folder() as folder:
        agent = asyncio.run(live(folder, seed, drops=False))
    claims = agent.centre.claims()
    for (boot, camera, ms), state in agent.truth.items():
        if ms < agent.vouched.get(boot + camera, 0):
            assert claims.get((boot, camera, ms)) == state
