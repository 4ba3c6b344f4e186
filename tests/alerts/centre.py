"""Plays a course of events through the product's own watch, look by look.

The watch looks every two seconds. Only those looks are played at which something can be news:
something arrived, an agent has become silent, the engine or the post has something due, and every
look for some minutes where many are cut off at once. ``dense`` plays every look, to show that this
leaves nothing out.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from math import ceil
from pathlib import Path
from random import Random
from typing import Final, NamedTuple, cast
from unittest.mock import patch

from server.changes import Changes
from server.config import Address
from server.domain.incident.model import Change
from server.domain.incident.signals import Observation
from server.domain.incident.world import World
from server.domain.paging.directory import Directory
from server.standing import Standing
from server.storage import Duty, Store, StoreError
from server.watching.certificates import Secured
from server.watching.gathering import Gathering
from server.watching.watch import Watch
from tests.alerts.eyes import GatePc, Maker
from tests.alerts.facts import Facts, HandClock
from tests.alerts.looks import LOOK_S, SILENT_S, look_after, looks_of
from tests.alerts.post import Post, Sent
from tests.alerts.town import PLAN, Town
from tests.alerts.truth import Cut, Truth

_DISK: Final = 100 * 2**30
_BEFORE_S: Final = 7200.0


class Usage(NamedTuple):
    """What ``shutil.disk_usage`` tells, in bytes."""

    total: int
    used: int
    free: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of a course of events."""

    sent: tuple[Sent, ...]
    changes: tuple[Change, ...]
    observations: tuple[Observation, ...]
    looks: int


@dataclass(slots=True, kw_only=True)
class Play:
    """One course of events at one centre.

    Attributes:
        seed: Of all that is left to chance: delays, phases of reports.
        at: Things that are done at a moment, to ``standing`` and ``post``: a school is merged ...
        channels: Names of the ways out.
        dense: Play every look from then to then.
    """

    truth: Truth
    town: Town
    seed: int = 1
    directory: Directory | None = None
    at: list[tuple[datetime, Callable[["Play"], None]]] = field(default_factory=list)
    channels: tuple[str, ...] = ("email",)
    per_minute: dict[str, int] = field(default_factory=dict)
    daily: bool = False
    dense: tuple[datetime, datetime] | None = None
    progress: Callable[[datetime], None] | None = None
    clock: HandClock = field(init=False)
    standing: Standing = field(init=False)
    facts: Facts = field(init=False)
    post: Post = field(init=False)
    pcs: dict[str, GatePc] = field(init=False)
    _watch: Watch = field(init=False)
    _listening: datetime | None = field(init=False)
    _heap: list[float] = field(default_factory=list, init=False)
    _looks: int = field(default=0, init=False)

    def run(self) -> Played:
        """Play it all."""
        self._make()
        where = "server.watching.gathering"
        with (
            patch(f"{where}.shutil.disk_usage", self._disk),
            patch(f"{where}.asyncio.to_thread", _at_once),
            patch(f"{where}.ends_of", self._ends),
        ):
            asyncio.run(self._run())
        return Played(
            sent=tuple(self.post.sent),
            changes=tuple(self.facts.changes),
            observations=tuple(self.facts.observations),
            looks=self._looks,
        )

    @property
    def world(self) -> World:
        """What the engine's questions are answered from, as it stands at the end."""
        return self._watch._grounds.world

    def _make(self) -> None:
        truth = self.truth
        self.clock = HandClock(truth.start - timedelta(seconds=600))
        self.standing = Standing.always(self.clock, self.town.organisation, PLAN)
        self.pcs = _gate_pcs(truth, self.town, Random(self.seed))
        self.post = Post(
            directory=self.directory or self.town.directory,
            broken=truth.broken,
            per_minute=self.per_minute,
            acknowledged=truth.acknowledged,
            daily=self.daily,
        )
        self.facts = Facts(truth, self.town, self.pcs, self.clock, self.post)
        self._listening = truth.start - timedelta(days=1)
        self._start_server()

    def _start_server(self) -> None:
        """Start the server's watch: it knows what is in the database, and nothing else."""
        store = cast("Store", self.facts)
        self._watch = Watch(
            store=store,
            standing=self.standing,
            gathering=Gathering(
                store=store,
                clock=self.clock,
                data_dir=Path(),
                silent_s=SILENT_S,
                channels=self.channels,
                certificates=self._secured(),
            ),
            directory=self._told,
            clock=self.clock,
            changes=Changes(),
            listening_since=lambda: self._listening,
            duty=Duty(None, "watching"),
        )

    async def _told(self) -> Directory:
        return self.post.directory

    def _disk(self, path: Path) -> Usage:
        del path
        left = [share for at, share in self.truth.disk if at <= self.clock.now()]
        free = int(_DISK * (left[-1] if left else 0.5))
        return Usage(_DISK, _DISK - free, free)

    def _secured(self) -> tuple[Secured, ...]:
        names = dict.fromkeys(name for _, name, _ in self.truth.certificates)
        parts = (name.rpartition(":") for name in names)
        return tuple(Secured(address=Address(host=h, port=int(p))) for h, _, p in parts)

    async def _ends(self, places: Sequence[Secured]) -> Mapping[str, datetime]:
        """Return what the addresses show now, as whoever asks over the network hears it."""
        shown = {n: end for at, n, end in self.truth.certificates if at <= self.clock.now()}
        asked = {str(place.address) for place in places}
        return {n: end for n, end in shown.items() if n in asked and end is not None}

    async def _run(self) -> None:
        truth = self.truth
        restarts = sorted(truth.restarts, reverse=True)
        deeds = sorted(self.at, key=lambda deed: deed[0], reverse=True)
        deeds_at = [at for at, _ in self.at]
        looks = looks_of(truth, self.pcs, deeds_at, dense=self.dense)
        self._heap = list(set(looks))
        heapify(self._heap)
        last, end_s = -1e9, (truth.end - truth.start).total_seconds()
        while self._heap:
            s = heappop(self._heap)
            if s <= last or s > end_s:
                continue
            last = s
            now = truth.start + timedelta(seconds=s)
            self.clock.at = now
            while deeds and deeds[-1][0] <= now:
                deeds.pop()[1](self)
            while restarts and restarts[-1] <= now:
                self._listening = restarts.pop() + timedelta(seconds=truth.restart_s)
                self._start_server()
            if s % LOOK_S == 0:
                await self._look(now)
            self.clock.at = now
            alarm = self._watch.alarm()
            if alarm is not None:
                self.post.tell(alarm, now)
            self.post.run(now)
            self._push_due(s)
            if self.progress is not None:
                self.progress(now)

    async def _look(self, now: datetime) -> None:
        """Look as the watch does, unless its program is just being started."""
        if self._listening is not None and now < self._listening:
            return
        self._listening = _listening(self.truth, now, self._listening)
        self._looks += 1
        if self.truth.certificates:
            await asyncio.sleep(0)  # who asks for them is a task
        try:
            await self._watch._look()
        except StoreError:
            return

    def _push_due(self, s: float) -> None:
        """Come back when the engine has something due, and the post."""
        mind = self._watch._mind
        due = None if mind is None else mind.engine.next_at()
        if due is not None:
            heappush(self._heap, max(look_after(self._s(due)), s + LOOK_S - s % LOOK_S))
        letter = self.post.next_at()
        if letter is not None:
            heappush(self._heap, max(float(ceil(self._s(letter))), s + 1))
        if self.post.sent and self.post.sent[-1].at == self.clock.at:
            for after_s in self.post.stages():
                heappush(self._heap, s + after_s + 1)
        if self._watch._deaf_since is not None:
            heappush(self._heap, look_after(s + 1))

    def _s(self, moment: datetime) -> float:
        return (moment - self.truth.start).total_seconds()


async def _at_once(function: Callable[[Path], Usage], path: Path) -> Usage:
    """Do what the watch leaves to a thread: no thread knows of the made-up disk."""
    return function(path)


def _listening(truth: Truth, now: datetime, before: datetime | None) -> datetime | None:
    """Return since when the server hears its broker."""
    for start, end in truth.deaf:
        if start <= now < end:
            return None
        if before is None and end <= now:
            before = end
    ends = [end for _, end in truth.deaf if end <= now]
    return before if not ends or before is None else max(before, *ends)


def _gate_pcs(truth: Truth, town: Town, rng: Random) -> dict[str, GatePc]:
    end_s = (truth.end - truth.start).total_seconds()

    def s(moment: datetime) -> float:
        return (moment - truth.start).total_seconds()

    restart = timedelta(seconds=truth.restart_s)
    shared = [*truth.deaf, *truth.away, *((at, at + restart) for at in truth.restarts)]
    centre = [(s(start), s(end), Cut.CENTRE) for start, end in shared]
    found = {}
    for school in town.organisation.schools:
        for agent in school.agents:
            ills = [
                (source.camera, sorted((s(i.start), s(i.end), i) for i in truth.ills[camera.id]))
                for camera in school.cameras
                for source in camera.sources
                if source.agent == agent.id
            ]
            offs = [(s(o.start), s(o.end), o.how) for o in truth.offs[agent.id]]
            maker = Maker(Random(rng.random()), -_BEFORE_S, end_s)
            found[agent.id] = maker.pc(agent.id, [*offs, *centre], ills)
    return found
