"""Gathers how everything stands: what may have changed each time, the rest now and then."""

import asyncio
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from server.clock import Clock
from server.domain.incident.signals import Aspect, Signal, Subject
from server.domain.incident.world import World
from server.domain.liveness import Presence, presence
from server.domain.units import Organisation
from server.storage import AgentSeen, Store
from server.watching.agents import presence_findings, vitals_findings
from server.watching.centre import (
    BROKER,
    DATABASE,
    SLOW_S,
    Word,
    channel_findings,
    disk_finding,
    is_speaking,
    line_finding,
    trouble,
    well,
)
from server.watching.certificates import Secured, certificate_findings, ends_of
from server.watching.eyes import Eyes
from server.watching.gates import NEWS_FOR, QUIET_FOR, WEEKS, door_findings, dumb_findings
from server.watching.heard import Finding, Heard

_NOW_AND_THEN: Final = timedelta(seconds=30)
_ALL_EVERY: Final = timedelta(seconds=20)
_COMMITTED_WITHIN: Final = timedelta(seconds=4)
_CERTIFICATES_EVERY: Final = timedelta(hours=6)
_DUMB_EVERY: Final = timedelta(minutes=5)
_WEEK: Final = timedelta(days=7)


@dataclass(slots=True, kw_only=True)
class Gathering:
    """Everything that is looked at.

    ``channels``: names of the configured ways out; ``certificates``: where they are asked for.
    """

    store: Store
    clock: Clock
    data_dir: Path
    silent_s: int
    channels: Sequence[str]
    certificates: Sequence[Secured] = ()
    eyes: Eyes = field(init=False)
    _seen: dict[str, AgentSeen] = field(default_factory=dict, init=False)
    _quiet: set[str] = field(default_factory=set, init=False)
    _heard_at: datetime | None = field(default=None, init=False)
    _heard_all_at: datetime | None = field(default=None, init=False)
    _vitals_from: datetime | None = field(default=None, init=False)
    _next_at: datetime | None = field(default=None, init=False)
    _dumb_at: datetime | None = field(default=None, init=False)
    _certified_at: datetime | None = field(default=None, init=False)
    _ends: "asyncio.Task[Mapping[str, datetime]] | None" = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Open the eyes."""
        self.eyes = Eyes(store=self.store, silent_s=self.silent_s)

    async def heard_of(self, organisation: Organisation, listening_since: datetime) -> Word:
        """Return what was heard of each agent, and whether it is silent. Raises ``StoreError``.

        Only what has just arrived is read, and everything now and then. What was committed late may
        be passed over by the first; so before anybody new is called silent all is read.
        """
        now = self.clock.now()
        is_whole = await self._hear(now)
        presences = self._presences(organisation, listening_since, now)
        quiet = {name for name, known in presences.items() if not known.reporting}
        if not is_whole and not quiet <= self._quiet:
            await self._hear_all(now)
            presences = self._presences(organisation, listening_since, now)
            quiet = {name for name, known in presences.items() if not known.reporting}
        self._quiet = quiet
        return Word(
            seen=self._seen,
            presences=presences,
            listening_since=listening_since,
            silent_s=self.silent_s,
        )

    async def _hear(self, now: datetime) -> bool:
        """Read what has arrived; tell whether that was all that there is."""
        at, whole_at = self._heard_at, self._heard_all_at
        if at is None or whole_at is None or not timedelta(0) <= now - whole_at < _ALL_EVERY:
            await self._hear_all(now)
            return True
        self._seen.update(await self.store.heard(since=at - _COMMITTED_WITHIN))
        self._heard_at = now
        return False

    async def _hear_all(self, now: datetime) -> None:
        self._seen = await self.store.heard()
        self._heard_all_at = self._heard_at = now

    def _presences(
        self, organisation: Organisation, listening_since: datetime, now: datetime
    ) -> dict[str, Presence]:
        return {
            agent.id: presence(
                self._seen.get(agent.id),
                now,
                silent_after_s=self.silent_s,
                listening_since=listening_since,
            )
            for school in organisation.schools
            for agent in school.agents
        }

    async def findings(
        self,
        organisation: Organisation,
        word: Word,
        *,
        world: World,
        heard: Heard,
        now: datetime,
    ) -> list[Finding]:
        """Return how everything stands that was looked at, what explains more first."""
        began = self.clock.now()
        found = [well(BROKER, now), line_finding(word, organisation, heard, now)]
        found += presence_findings(word.presences, heard, now)
        found += await self.eyes.look(organisation, word.seen, word.presences, now)
        found += door_findings(await self.store.door_events(since=now - NEWS_FOR), heard, now)
        if self._next_at is None or now >= self._next_at:
            self._next_at = now + _NOW_AND_THEN
            found += await self._now_and_then(heard, now)
        if self._dumb_at is None or now >= self._dumb_at:
            self._dumb_at = now + _DUMB_EVERY
            found += await self._dumb(organisation, word.presences, world, heard, now)
        slow = (self.clock.now() - began).total_seconds() >= SLOW_S
        found.insert(0, trouble(DATABASE, began) if slow else well(DATABASE, now))
        return [*found, *_gone(organisation, heard, now)]

    async def _now_and_then(self, heard: Heard, now: datetime) -> list[Finding]:
        since = self._vitals_from or now - _DUMB_EVERY
        self._vitals_from = now - _NOW_AND_THEN  # one that was committed late is not passed over
        usage = await asyncio.to_thread(shutil.disk_usage, self.data_dir)
        return [
            disk_finding(usage.free, usage.total, heard, now),
            *vitals_findings(await self.store.vitals_since(since), heard, now),
            *channel_findings(await self.store.channel_health(), self.channels, heard, now),
            *self._certified(now),
        ]

    def _certified(self, now: datetime) -> Iterable[Finding]:
        """Return what the certificates said when they were asked for; ask again when it is time."""
        asked, found = self._ends, []
        if asked is not None and asked.done():
            self._ends = None
            found = list(certificate_findings(asked.result(), now))
        at = self._certified_at
        if self.certificates and (at is None or now - at >= _CERTIFICATES_EVERY):
            self._certified_at = now
            self._ends = asyncio.create_task(ends_of(self.certificates))
        return found

    async def _dumb(
        self,
        organisation: Organisation,
        presences: Mapping[str, Presence],
        world: World,
        heard: Heard,
        now: datetime,
    ) -> Iterable[Finding]:
        """Compare the last hour's gate events with the same hour of the weeks before."""
        start = now - QUIET_FOR
        speaking = [
            gate
            for school in organisation.schools
            if world.is_required(school.id, start) and world.is_required(school.id, now)
            for agent in school.agents
            if is_speaking(presences.get(agent.id))
            for gate in agent.gates
        ]
        if not speaking:
            return ()
        counts = await self.store.gate_counts(since=start, until=now)
        before = [
            await self.store.gate_counts(since=start - week * _WEEK, until=now - week * _WEEK)
            for week in range(1, WEEKS + 1)
        ]
        return dumb_findings(counts, before, speaking=speaking, start=start, heard=heard)


def deaf_findings(since: datetime) -> list[Finding]:
    """Return what is known by a server that hears nobody since then: just that."""
    return [trouble(BROKER, since)]


def _gone(organisation: Organisation, heard: Heard, now: datetime) -> Iterable[Finding]:
    """Yield who is not well and no longer registered."""
    for subject in heard.subjects():
        if not _is_registered(organisation, subject):
            yield Finding(subject=subject, signal=Signal.GONE, since=now)


def _is_registered(organisation: Organisation, subject: Subject) -> bool:
    match subject.aspect:
        case Aspect.CAMERA:
            return organisation.camera(subject.id) is not None
        case Aspect.AGENT | Aspect.SPOOL | Aspect.CLOCK:
            return organisation.agent(subject.id) is not None
        case Aspect.GATE_STREAM | Aspect.GATE_DOOR:
            return any(g.id == subject.id for s in organisation.schools for g in s.gates)
        case Aspect.CERTIFICATE | Aspect.CENTRE | Aspect.CHANNEL:
            return True
