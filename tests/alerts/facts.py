"""The database as far as the watch asks of it: what the centre has by the moment of the clock."""

from bisect import bisect_right
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from server.domain.clocks import Grade
from server.domain.incident.model import Change
from server.domain.incident.signals import Observation
from server.domain.interval import Interval
from server.domain.timeline import Claim
from server.domain.units import Source
from server.paging.rules import ALERT_RULES, THE_RULES, put_rules
from server.paging.silences import SILENCE, put_silence
from server.storage import (
    AgentSeen,
    CameraView,
    ChannelHealth,
    EngineState,
    GateCount,
    GateEventRow,
    IncidentBatch,
    Record,
    UnavailableError,
)
from tests.alerts.ears import Ears
from tests.alerts.eyes import GatePc, Turn
from tests.alerts.post import Post
from tests.alerts.town import Town
from tests.alerts.truth import Truth
from wire.messages import Vitals
from wire.vocabulary import State

_GIB: Final = 2**30
_PER_HOUR: Final = 12
_CLONE_TELLS: Final = timedelta(seconds=10)
"""So long after its start a second machine tells what it sees."""


@dataclass(slots=True)
class HandClock:
    """A clock that is set by hand."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    async def wait(self, seconds: float) -> None:
        raise NotImplementedError(f"nobody waits here, not even {seconds} s")


@dataclass(slots=True)
class Facts:
    """What ``server.storage.Store`` is for the watch.

    ``observations`` and ``changes`` are all so far.
    """

    truth: Truth
    town: Town
    pcs: Mapping[str, GatePc]
    clock: HandClock
    post: Post
    engine: EngineState = field(default_factory=EngineState)
    observations: list[Observation] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    _ears: Ears = field(init=False)

    def __post_init__(self) -> None:
        self._ears = Ears(self.truth.start, self.pcs)

    def _s(self) -> float:
        """Return the moment in seconds of the story; raises while the database is away."""
        now = self.clock.now()
        if any(start <= now < end for start, end in self.truth.away):
            raise UnavailableError("away")
        return (now - self.truth.start).total_seconds()

    def _at(self, s: float) -> datetime:
        return self.truth.start + timedelta(seconds=s)

    @asynccontextmanager
    async def reading_together(self) -> AsyncIterator[None]:
        self._s()
        yield

    async def heard(self, *, since: datetime | None = None) -> dict[str, AgentSeen]:
        found = self._ears.heard(self._s(), since)
        for name, began in self.truth.clones.items():
            told = began + _CLONE_TELLS
            if told <= self.clock.now() and (since is None or name in found or told >= since):
                pc = found.get(name) or self._ears.heard(self._s(), None)[name]
                found[name] = replace(pc, items_at=max(told, pc.items_at or told))
        return found

    async def claims(
        self, sources: Iterable[Source], window: Interval
    ) -> dict[Source, list[Claim]]:
        s, first = self._s(), (window.start - self.truth.start).total_seconds()
        return {source: self._claims(source, s, first) for source in sources}

    def _claims(self, source: Source, s: float, first: float) -> list[Claim]:
        pc = self.pcs.get(source.agent)
        if pc is None:
            return []
        turns = pc.turns.get(source.camera, [])
        known = bisect_right(turns, s, key=lambda turn: turn.given_s)
        found: list[Claim] = []
        for n in range(known - 1, -1, -1):
            after = turns[n + 1] if n + 1 < known else None
            claim = self._claim(pc, source, n, turns[n], after)
            found.append(claim)
            if (claim.end - self.truth.start).total_seconds() < first:
                break
        return found + self._of_clone(pc, source, s)

    def _claim(
        self, pc: GatePc, source: Source, number: int, turn: Turn, after: Turn | None
    ) -> Claim:
        closed = after is not None and after.boot == turn.boot
        s = (self.clock.now() - self.truth.start).total_seconds()
        until = pc.last_word(min(s, pc.boots[turn.boot][1])) or turn.start_s
        start = self._at(turn.start_s).replace(microsecond=0)
        end = self._at(after.start_s) if after is not None and closed else self._at(until)
        span = self.truth.suspect.get(pc.name)
        suspect = span is not None and span[0] <= self.clock.now() < span[1]
        return Claim(
            source=f"{source.agent}/{source.camera}",
            boot=f"{turn.boot:04}",
            number=number,
            state=turn.state,
            start=start,
            end=max(start, end.replace(microsecond=0)),
            open=not closed,
            cause=turn.cause,
            clock=Grade.SUSPECT if suspect else Grade.MEASURED,
            machine=pc.name,
        )

    def _of_clone(self, pc: GatePc, source: Source, s: float) -> list[Claim]:
        """Return what a second machine of that name says: it reaches no camera."""
        since = self.truth.clones.get(pc.name)
        if since is None or self.clock.now() < since + _CLONE_TELLS:
            return []
        return [
            Claim(
                source=f"{source.agent}/{source.camera}",
                boot="clone",
                number=1,
                state=State.DOWN,
                start=since,
                end=max(since, self._at(pc.last_word(s) or s).replace(microsecond=0)),
                open=True,
                cause="network.unreachable",
                clock=Grade.MEASURED,
                machine="another",
            )
        ]

    async def views(
        self, after: datetime | None = None
    ) -> tuple[dict[Source, CameraView], datetime]:
        found = {} if after is not None else self.town.views()
        return found, self.clock.now()

    async def door_events(self, *, since: datetime) -> list[GateEventRow]:
        now = self.clock.now()
        for start, end, lasts in self.truth.slow:
            if start <= now < end:
                self.clock.at += timedelta(seconds=lasts)
        return [
            _event(at, gate, kind)
            for at, gate, kind in self.truth.doors
            if since <= at <= now - timedelta(seconds=1)
        ]

    async def vitals_since(self, start: datetime) -> list[AgentSeen]:
        now = self.clock.now()
        spools = [(at, agent, share, 0) for at, agent, share in self.truth.spools]
        clocks = [(at, agent, 0.0, ms) for at, agent, ms in self.truth.offsets]
        told = [one for one in sorted(spools + clocks) if one[0] <= now and one[0] >= start]
        return [
            AgentSeen(
                agent=agent,
                last_report_at=at,
                clock_offset_ms=offset_ms,
                vitals=_vitals(share),
                vitals_at=at,
            )
            for at, agent, share, offset_ms in told
        ]

    async def channel_health(self) -> dict[str, ChannelHealth]:
        self._s()
        return self.post.health()

    async def gate_counts(self, *, since: datetime, until: datetime) -> list[GateCount]:
        used = [
            gate for gate, last in self.truth.gate_counts.items() if last >= since and until > since
        ]
        return [GateCount(gate=g, kind="entry", direction="in", count=_PER_HOUR) for g in used]

    async def count_revisions(self, kinds: Collection[str]) -> int:
        self._s()
        return sum(1 for s in self.truth.silences if s.start <= self.clock.now()) if kinds else 0

    async def record(self, kind: str, name: str) -> Record | None:
        assert (kind, name) == (ALERT_RULES, THE_RULES)
        self._s()
        return _record(kind, name, put_rules(self.truth.rules, expected=0).data)

    async def records(self, kind: str) -> list[Record]:
        assert kind == SILENCE
        stand = [s for s in self.truth.silences if s.start <= self.clock.now()]
        return [
            _record(kind, str(n), put_silence(str(n), s, expected=0).data)
            for n, s in enumerate(stand)
        ]

    async def engine_version(self) -> int:
        self._s()
        return self.engine.version

    async def load_engine(self) -> EngineState:
        return self.engine

    async def change_incidents(self, batch: IncidentBatch, *, expected: int, now: datetime) -> bool:
        assert expected == self.engine.version
        self.engine = EngineState(version=expected + 1, memory=batch.memory)
        self.observations += batch.observations
        self.changes += batch.changes
        self.post.take(batch.changes, now, batch.brought)
        return True

    async def drop_old_observations(self, now: datetime) -> None:
        del now


def _record(kind: str, name: str, data: bytes) -> Record:
    return Record(
        kind=kind,
        id=name,
        revision=1,
        school=None,
        unit=None,
        day=None,
        data=data,
        by="truc",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        gone=False,
    )


def _event(at: datetime, gate: str, kind: str) -> GateEventRow:
    return GateEventRow(
        agent=f"{gate.partition('/')[0]}-a",
        id=f"{gate}-{at.isoformat()}",
        gate=gate,
        kind=kind,
        direction=None,
        subject=None,
        reader=None,
        note=None,
        occurred_at=at,
        accepted_at=at,
        received_at=at,
        clock_suspect=False,
    )


def _vitals(share: float) -> Vitals:
    return Vitals(
        version="1",
        uptime_s=1,
        cpu=0,
        memory=0,
        disk_free=_GIB,
        spool_items=0,
        spool_bytes=int(share * _GIB),
        spool_max_bytes=_GIB,
    )
