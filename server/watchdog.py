"""Looks every two seconds whether something must be told, and writes alerts and letters.

``run_once`` gathers what is true now, asks ``domain.alerting`` and writes its decisions in one
transaction. A camera is looked at again only when one of its agents has reported or fallen silent:
between two looks those are few of a city's.

Of several servers only the one that holds the duty looks, and it makes sure that it still does
before it writes. Opening is a compare-and-set in the store besides, so that even one that was
stopped between the two tells each trouble once.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from server.changes import Changes
from server.clock import Clock
from server.domain import alerting
from server.domain.alerting import AgentFact, CameraFact, OpenAlert, Rule
from server.domain.interval import Interval
from server.domain.liveness import CARRY_MARGIN_S, Presence, live_state, presence
from server.domain.plan import GATE_ZONE
from server.domain.timeline import Claim
from server.domain.units import Camera, Organisation, School, Source
from server.storage import AgentSeen, AlertRow, Duty, NewAlert, Store, StoreError

log = logging.getLogger(__name__)

_EVERY_S: Final = 2.0
_LOOK_BACK: Final = timedelta(hours=1)
_OPEN_AT_MOST: Final = 100_000

_Word = tuple[Source, datetime | None, datetime | None, Presence | None]
"""An eye, and of its agent: the last report, up to when it vouches, its presence."""
_Words = tuple[str, tuple[_Word, ...]]
"""The camera's school and what its eyes say: all that a look at a camera rests on."""

ListeningSince = Callable[[], datetime | None]
"""Since when this server hears its agents; None while it has lost the broker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchdog:
    """Everything that the watch needs; ``transports`` are the names that letters are sent by."""

    store: Store
    organisation: Callable[[], Organisation]
    limits: alerting.Limits
    clock: Clock
    changes: Changes
    transports: Sequence[str]
    listening_since: ListeningSince
    duty: Duty
    _facts: dict[str, tuple[_Words, CameraFact]] = field(
        default_factory=dict, init=False, repr=False
    )

    async def run(self) -> None:
        """Look for ever."""
        while True:
            try:
                await self._look()
            except StoreError as error:
                log.warning("could not look for alerts: %s", error)
            except Exception:
                log.exception("could not look for alerts")
            await self.clock.wait(_EVERY_S)

    async def _look(self) -> None:
        """Look if it is this server's duty; one that hears nobody leaves it to another."""
        if self.listening_since() is None:
            await self.duty.release()
        elif await self.duty.held():
            await self.run_once()

    async def run_once(self) -> int:
        """Look once; return how many alerts were opened or closed."""
        now, organisation = self.clock.now(), self.organisation()
        seen = await self.store.heard()
        presences = self._presences(organisation, seen, now)
        cameras = list(gate_cameras(organisation))
        await self._look_again(cameras, seen, presences, now)
        outcome = alerting.step(
            now,
            cameras=[self._facts[camera.id][1] for _, camera in cameras],
            agents=[
                AgentFact(agent=a.id, school=s.id, presence=presences[a.id])
                for s in organisation.schools
                for a in s.agents
            ],
            open_alerts=await self._open_alerts(),
            limits=self.limits,
        )
        changed = await self._apply(outcome.decisions, cameras, now)
        if changed:
            self.changes.publish("alerts")
        return changed

    def _presences(
        self, organisation: Organisation, seen: Mapping[str, AgentSeen], now: datetime
    ) -> dict[str, Presence]:
        since = self.listening_since() or now
        return {
            agent.id: presence(
                seen.get(agent.id),
                now,
                silent_after_s=self.limits.agent_silent_s,
                listening_since=since,
            )
            for school in organisation.schools
            for agent in school.agents
        }

    async def _look_again(
        self,
        cameras: Sequence[tuple[School, Camera]],
        seen: Mapping[str, AgentSeen],
        presences: Mapping[str, Presence],
        now: datetime,
    ) -> None:
        """Renew what is known of the cameras whose agents have said something, or fallen silent."""
        words = {c.id: (school.id, _words(c, seen, presences)) for school, c in cameras}
        known = {name: said for name, (said, _) in self._facts.items()}
        stale = [x for x in cameras if known.get(x[1].id) != words[x[1].id]]
        second = now.replace(microsecond=0)
        window = Interval(second - _LOOK_BACK, second + timedelta(seconds=1))
        claims = await self.store.claims({s for _, c in stale for s in c.sources}, window)
        carry_s = self.limits.agent_silent_s + CARRY_MARGIN_S
        for school, camera in stale:
            told = _of(camera.sources, claims)
            fact = CameraFact(
                camera=camera.id,
                school=school.id,
                agents=tuple(s.agent for s in camera.sources),
                live=live_state(camera.sources, told, presences, now, carry_s=carry_s),
            )
            self._facts[camera.id] = (words[camera.id], fact)

    async def _open_alerts(self) -> list[OpenAlert]:
        rows = await self.store.alerts(open_only=True, limit=_OPEN_AT_MOST)
        return [
            OpenAlert(id=r.id, rule=Rule(r.rule), subject=_subject(r), began_at=r.began_at)
            for r in rows
            if r.rule in set(Rule)
        ]

    async def _apply(
        self,
        decisions: Sequence[alerting.Decision],
        cameras: Sequence[tuple[School, Camera]],
        now: datetime,
    ) -> int:
        zones = {camera.id: camera.zone for _, camera in cameras}
        opened = [_new_alert(d, zones) for d in decisions if isinstance(d, alerting.Open)]
        closed = [(d.alert, d.ended_at) for d in decisions if isinstance(d, alerting.Close)]
        if not opened and not closed:
            return 0
        if not await self.duty.held():
            return 0
        for decision in decisions:
            _tell_log(decision)
        return await self.store.change_alerts(
            opened=opened, closed=closed, transports=self.transports, now=now
        )


def gate_cameras(organisation: Organisation) -> Iterator[tuple[School, Camera]]:
    """Yield the cameras that watch a zone of the gates' kind."""
    for school in organisation.schools:
        gates = {z.id for z in school.zones if z.kind == GATE_ZONE}
        yield from ((school, camera) for camera in school.cameras if camera.zone in gates)


def _tell_log(decision: alerting.Decision) -> None:
    match decision:
        case alerting.Open():
            log.info(
                "alert %s: %s of %s is %s (%s) since %s: %s",
                decision.rule,
                decision.subject,
                decision.school,
                decision.state,
                decision.cause or "-",
                decision.began_at.isoformat(),
                decision.reason,
            )
        case alerting.Close():
            over = decision.ended_at.isoformat()
            log.info(
                "over %s: %s since %s: %s", decision.rule, decision.subject, over, decision.reason
            )
        case alerting.Hold():
            log.debug("held %s: %s: %s", decision.rule, decision.subject, decision.reason)


def _words(
    camera: Camera, seen: Mapping[str, AgentSeen], presences: Mapping[str, Presence]
) -> tuple[_Word, ...]:
    return tuple(
        (
            source,
            None if (agent := seen.get(source.agent)) is None else agent.last_report_at,
            None if agent is None else agent.last_report_until,
            presences.get(source.agent),
        )
        for source in camera.sources
    )


def _of(sources: Sequence[Source], claims: Mapping[Source, list[Claim]]) -> list[Claim]:
    return list(chain.from_iterable(claims[s] for s in sources))


def _subject(row: AlertRow) -> str:
    return row.key.partition("/")[2]


def _new_alert(decision: alerting.Open, zones: Mapping[str, str]) -> NewAlert:
    return NewAlert(
        key=f"{decision.rule}/{decision.subject}",
        rule=decision.rule,
        school=decision.school,
        camera=decision.camera,
        agent=decision.agent,
        zone=zones.get(decision.camera or ""),
        state=decision.state,
        cause=decision.cause,
        note=decision.reason,
        began_at=decision.began_at,
    )
