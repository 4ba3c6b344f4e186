"""The database's absence, as the server sees it that had the duty when it last answered. Pure.

Without a database nobody can be told of anything by letters. So what the engine would make of the
absence is worked out from what was last written, and told directly; the calls have the ids that the
engine gives them when it is told of the very same observation, once the database is back. What was
brought away meanwhile is written with that look, as done, and so is told no second time. A full
disk, or whatever else keeps looks from being written, counts alike. All of this is in memory: a
server that was restarted without its database tells nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from server.domain.incident.engine import Engine
from server.domain.incident.memory import Memory
from server.domain.incident.model import Change, Incident, Phase, Step
from server.domain.incident.rules import Rules
from server.domain.incident.signals import Observation
from server.domain.incident.world import World
from server.domain.paging.calls import calls_for
from server.domain.paging.directory import Directory
from server.domain.paging.people import Call
from server.storage import Brought
from server.watching.centre import DATABASE, trouble
from server.watching.heard import Heard

AWAY_FOR: Final = timedelta(minutes=2)
"""So long nothing may be answered before it is trouble."""
AGAIN_AFTER: Final = timedelta(minutes=30)
"""A database that comes and goes is told of directly once in that time."""
_WAY: Final = timedelta(seconds=10)
"""So long after its return the database is left to the server that had the duty."""
_STOPPED: Final = timedelta(seconds=60)
"""Somebody asks every few seconds; where nobody did, it was this process that was away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """What is to be told without a database.

    Attributes:
        incident: As the engine will have it, or as it ended.
        calls: Who is told; they have the ids that the engine's will have.
        brought: What has left so far, by call id; whoever sends notes it here.
    """

    incident: Incident
    directory: Directory
    calls: tuple[Call, ...]
    brought: dict[str, Brought] = field(default_factory=dict)


@dataclass(slots=True)
class Absence:
    """What is remembered of a database that may go away.

    Attributes:
        since: When the first of the questions was put that nobody has answered; None: all are.
        mine: Whether this server had the duty when the database answered last.
        memory: The engine's, as it was last written; ``book``: who is told, as last read.
        alarm: What is being told of it; None: nothing.
    """

    since: datetime | None = None
    mine: bool = False
    memory: bytes | None = None
    book: Directory | None = None
    alarm: Alarm | None = None
    _told_at: datetime | None = None
    _way_until: datetime | None = None
    _passed_at: datetime | None = None

    def asked(self, now: datetime) -> None:
        """Note that the database is asked something."""
        self._pass(now)
        self.since = self.since or now

    def answered(self, now: datetime, *, mine: bool) -> None:
        """Note that it answers, and whether this server has the duty.

        Whoever was told, and does not find the duty with this server again, hears the end at once:
        the server that has it knows nothing of what was told.
        """
        self.since, self.mine = None, mine
        if self.alarm is None or self.alarm.incident.phase is Phase.CLOSED:
            return
        self.alarm = None if mine else _over(self.alarm, now)

    def gives_way(self, now: datetime) -> bool:
        """Tell whether this server leaves the duty to the one that had it, and has told people."""
        if not self.mine and self._lasts(now) is not None:
            self._way_until = now + _WAY
        return self._way_until is not None and now < self._way_until

    def news(self, heard: Heard, now: datetime) -> list[Observation]:
        """Return what the engine is to know of the absence: from when on it was trouble.

        Nothing where it is none yet, is not ours to tell, or is known.
        """
        since = self._lasts(now)
        if since is None or not self.mine:
            return []
        return heard.news([trouble(DATABASE, since)], since + AWAY_FOR)

    def look(self, rules: Rules, world: World, now: datetime) -> Alarm | None:
        """Return what is to be told now, if anything is."""
        is_ours = self.mine and self._lasts(now) is not None
        is_damped = self._told_at is not None and now - self._told_at < AGAIN_AFTER
        if self.book is None or not is_ours or is_damped or self._goes_on():
            return self.alarm
        memory = None if self.memory is None else Memory.decode(self.memory)
        engine = Engine(rules, world, memory)
        opened = _opened(engine, self.news(Heard(engine.memory), now), now)
        calls = () if opened is None else calls_for(opened, self.book)
        if opened is not None and calls:
            self._told_at = now
            self.alarm = Alarm(incident=opened.incident, directory=self.book, calls=calls)
        return self.alarm

    def brought(self) -> tuple[Brought, ...]:
        """Return what has left of the present absence's messages."""
        return tuple(self.alarm.brought.values()) if self.alarm and self._goes_on() else ()

    def _lasts(self, now: datetime) -> datetime | None:
        """Return since when it has been away, if that is long enough to be trouble."""
        self._pass(now)
        long = self.since is not None and now - self.since >= AWAY_FOR
        return self.since if long else None

    def _goes_on(self) -> bool:
        return self.alarm is not None and self.alarm.incident.phase is not Phase.CLOSED

    def _pass(self, now: datetime) -> None:
        """Count no time in which this process was stopped; what was told stays as it was told."""
        before, self._passed_at = self._passed_at, now
        was_away = before is not None and abs(now - before) > _STOPPED
        if was_away and self.since is not None and not self._goes_on():
            self.since = now


def _opened(engine: Engine, news: Sequence[Observation], now: datetime) -> Change | None:
    """Return how the engine will open the incident; None: it is not due by its rule yet."""
    changes = [change for seen in news for change in engine.observe(seen)]
    for change in (*changes, *engine.advance(now)):
        subjects = {member.subject for member in change.incident.members}
        if change.step is Step.OPENED and DATABASE in subjects:
            return change
    return None


def _over(alarm: Alarm, now: datetime) -> Alarm | None:
    """Return what tells the end to those who were told; None: nobody was."""
    told = [call for call in alarm.calls if call.id in alarm.brought]
    ended = replace(alarm.incident, phase=Phase.CLOSED, ended_at=now, closed_at=now)
    change = Change(at=now, step=Step.RECOVERED, incident=ended)
    calls = calls_for(change, alarm.directory, told)
    return Alarm(incident=ended, directory=alarm.directory, calls=calls) if calls else None
