"""The loop: looks, tells the engine what is news, and writes what comes of it as a whole.

The engine runs ahead of the database only within one look. If that look can't be written, be it
that the database is away or that another server was first, the engine is thrown away and read back,
and everything is held against it anew: nothing is lost, and nothing told twice.

Of several servers only the one that holds the duty looks. One that has lost the broker leaves it to
another; if there is none, it says for itself that it is deaf.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import msgspec

from server.changes import Changes
from server.clock import Clock
from server.domain.incident.engine import Engine
from server.domain.incident.memory import Memory
from server.domain.incident.model import Change
from server.domain.incident.rules import Rules
from server.domain.incident.signals import Observation
from server.domain.paging.directory import Directory
from server.standing import Standing
from server.storage import Duty, IncidentBatch, Store, StoreError
from server.watching.absence import Absence, Alarm
from server.watching.gathering import Gathering, deaf_findings
from server.watching.ground import Grounds
from server.watching.heard import Finding, Heard

log = logging.getLogger(__name__)

_EVERY_S: Final = 2.0
_DEAF_FOR: Final = timedelta(seconds=20)
"""So long a server without a broker leaves the duty to whoever has one."""
_AWAY_FOR: Final = timedelta(seconds=20)
"""After so long without the database what it holds is old: everybody gets their time anew."""
_BOOK_EVERY: Final = timedelta(seconds=20)
_TIDY_EVERY: Final = timedelta(hours=6)

ListeningSince = Callable[[], datetime | None]
"""Since when this server hears its agents; None while it has lost the broker."""


@dataclass(slots=True)
class _Mind:
    """The engine as it was last written, and what it has been told."""

    engine: Engine
    heard: Heard
    rules: Rules
    version: int
    is_fresh: bool = True
    """It was read back, so what was seen before must be held against it again."""


@dataclass(slots=True, kw_only=True)
class Watch:
    """Everything that the watch needs. ``directory``: who is told, as people last wrote it."""

    store: Store
    standing: Standing
    gathering: Gathering
    directory: Callable[[], Awaitable[Directory]]
    clock: Clock
    changes: Changes
    listening_since: ListeningSince
    duty: Duty
    absence: Absence = field(default_factory=Absence, init=False)
    looked_at: datetime | None = field(default=None, init=False)
    """When the last look was written or found nothing to write, which proves that this goes on;
    None while it is another server's duty."""
    _grounds: Grounds = field(init=False)
    _mind: _Mind | None = field(default=None, init=False)
    _deaf_since: datetime | None = field(default=None, init=False)
    _away_since: datetime | None = field(default=None, init=False)
    _whole_since: datetime | None = field(default=None, init=False)
    _book_read_at: datetime | None = field(default=None, init=False)
    _tidied_at: datetime | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Stand on what stands."""
        self._grounds = Grounds(store=self.store, standing=self.standing)

    async def run(self) -> None:
        """Look for ever."""
        while True:
            try:
                await self._look()
            except StoreError as error:
                log.warning("could not look for incidents: %s", error)
            except Exception:
                log.exception("could not look for incidents")
            await self.clock.wait(_EVERY_S)

    async def _look(self) -> None:
        """Look if it is this server's duty; one that hears nobody leaves it to another."""
        if not self._leaves_it_to_others():
            now = _whole_ms(self.clock.now())
            self.absence.asked(now)
            if not self.absence.gives_way(now) and await self.duty.held():
                await self.run_once()
            elif not await self._is_anothers():
                return
            self.absence.answered(self.clock.now(), mine=self._mind is not None)
            if self._deaf_since is None:
                return
        await self.duty.release()

    def alarm(self) -> Alarm | None:
        """Return what people are to be told although there is no database; None: nothing."""
        return self.absence.look(self._grounds.rules, self._grounds.world, self.clock.now())

    async def _is_anothers(self) -> bool:
        """Tell whether the duty is another server's; without a database it is nobody's."""
        self.looked_at = self._mind = None
        try:
            await self.store.engine_version()
        except StoreError:
            return False
        return True

    def _leaves_it_to_others(self) -> bool:
        now = self.clock.now()
        if self.listening_since() is not None:
            self._deaf_since = None
            return False
        self._deaf_since = self._deaf_since or now
        return now - self._deaf_since < _DEAF_FOR

    async def run_once(self) -> int:
        """Look once; return how many incidents were changed. Raises ``StoreError``."""
        try:
            changes = await self._step()
        except BaseException:
            self._mind = None  # it may be ahead of what is written
            self._away_since = self._away_since or self.clock.now()
            raise
        self._away_since = None
        self.looked_at = self.clock.now()
        return len({change.incident.id for change in changes})

    async def _step(self) -> list[Change]:
        now = _whole_ms(self.clock.now())
        async with self.store.reading_together():
            mind = await self._minded()
            await self._read_book(now)
            findings = await self._findings(mind, now)
        observations = self.absence.news(mind.heard, now)
        observations += mind.heard.news(findings, now)
        due_at = mind.engine.next_at()
        if not observations and (due_at is None or due_at > now):
            return []
        changes = [change for seen in observations for change in mind.engine.observe(seen)]
        changes += mind.engine.advance(now)
        if not await self._write(mind, observations, changes, now):
            return []
        for change in changes:
            _tell_log(change)
        if changes:
            self.changes.publish("incidents")
        await self._tidy(now)
        return changes

    async def _read_book(self, now: datetime) -> None:
        """Keep who is told within reach of a database that goes away."""
        read_at = self._book_read_at
        if read_at is None or not timedelta(0) <= now - read_at < _BOOK_EVERY:
            self.absence.book, self._book_read_at = await self.directory(), now

    async def _findings(self, mind: _Mind, now: datetime) -> list[Finding]:
        since = self.listening_since()
        if since is None:
            return deaf_findings(self._deaf_since or now)
        if self._away_since is not None and now - self._away_since > _AWAY_FOR:
            self._whole_since = now
        since = max(since, self._whole_since or since)
        organisation = self.standing.organisation
        word = await self.gathering.heard_of(organisation, since)
        spoken = {name for name, agent in word.seen.items() if agent.last_report_at is not None}
        await self._grounds.refresh(spoken, now)
        if mind.rules is not self._grounds.rules:
            self._minded_by(mind)
        found = await self.gathering.findings(
            organisation, word, world=self._grounds.world, heard=mind.heard, now=now
        )
        if mind.is_fresh:
            found += self.gathering.eyes.known()
            mind.is_fresh = False
        return found

    async def _minded(self) -> _Mind:
        """Return the engine as it stands in the database, the one from before if it is that."""
        version = await self.store.engine_version()
        if self._mind is None or self._mind.version != version:
            state = await self.store.load_engine()
            memory = _read(state.memory)
            self.absence.memory = None if memory is None else state.memory
            rules = self._grounds.rules
            engine = Engine(rules, self._grounds.world, memory)
            self._mind = _Mind(engine, Heard(engine.memory), rules, state.version)
        return self._mind

    def _minded_by(self, mind: _Mind) -> None:
        """Go on by the rules that hold now."""
        mind.rules = self._grounds.rules
        mind.engine = Engine(mind.rules, self._grounds.world, mind.engine.memory)

    async def _write(
        self, mind: _Mind, observations: list[Observation], changes: list[Change], now: datetime
    ) -> bool:
        """Write one look; False if another server was first, or has the duty now."""
        batch = IncidentBatch(
            memory=mind.engine.memory.encode(),
            directory=await self.directory(),
            observations=tuple(observations),
            changes=tuple(changes),
            brought=self.absence.brought(),
        )
        held = await self.duty.held()
        if not held or not await self.store.change_incidents(batch, expected=mind.version, now=now):
            self._mind = None
            return False
        mind.version += 1
        self.absence.memory = batch.memory
        return True

    async def _tidy(self, now: datetime) -> None:
        if self._tidied_at is None or now - self._tidied_at >= _TIDY_EVERY:
            self._tidied_at = now
            await self.store.drop_old_observations(now)


def _read(body: bytes | None) -> Memory | None:
    """Return a memory; one that another version wrote is given up, and all is looked at anew."""
    if body is None:
        return None
    try:
        return Memory.decode(body)
    except msgspec.MsgspecError as error:
        log.warning("the engine's memory can't be read and begins anew: %s", error)
        return None


def _whole_ms(moment: datetime) -> datetime:
    """Return a moment as the database keeps it: what is replayed is what was."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _tell_log(change: Change) -> None:
    incident = change.incident
    log.info(
        "incident %s %s: %s %s of %s since %s: %s",
        change.step,
        incident.id,
        incident.severity,
        incident.root,
        incident.school or "-",
        incident.began_at.isoformat(),
        ", ".join(sorted({m.cause for m in incident.members})),
    )
