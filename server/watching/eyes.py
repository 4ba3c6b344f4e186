"""Looks at cameras, and only at those of which something may have changed.

A quiet minute of an agent says that all is as it was, so its cameras that are well need no look. A
camera is looked at when an agent of it has brought items, fell silent or came back, or has not
vouched for too long; one that is not well, at every word of its agents; and each now and then
whatever was said, in case this reasoning is wrong. A look at many is spread over several.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Final, NamedTuple

from server.domain.incident.signals import Aspect, Signal, Subject
from server.domain.interval import Interval
from server.domain.liveness import CARRY_MARGIN_S, LiveState, Presence, PresenceKind, live_state
from server.domain.timeline import Claim
from server.domain.units import Camera, Organisation, Source
from server.storage import AgentSeen, Store
from server.watching.heard import Finding
from wire.vocabulary import State

AT_ONCE: Final = 3000
_GROUP: Final = 250
_SWEEPS: Final = 60
_SWEEP_EVERY: Final = 15
"""Looks from one sweep to the next: in half an hour every camera has had its turn."""
_LOOK_BACK: Final = timedelta(hours=1)
_NO_CAUSE: Final = "camera.down"


class _Word(NamedTuple):
    """What an agent's cameras rest on: a change of it is a reason to look at them."""

    items_at: datetime | None
    kind: PresenceKind
    vouches: bool


@dataclass(slots=True, kw_only=True)
class Eyes:
    """Remembers what was last seen. ``silent_s``: for how long an agent may be quiet."""

    store: Store
    silent_s: int
    _organisation: Organisation | None = field(default=None, init=False)
    _cameras: dict[str, Camera] = field(default_factory=dict, init=False)
    _by_agent: dict[str, list[str]] = field(default_factory=dict, init=False)
    _words: dict[str, _Word] = field(default_factory=dict, init=False)
    _reports: dict[str, datetime | None] = field(default_factory=dict, init=False)
    _known: dict[str, Finding] = field(default_factory=dict, init=False)
    _names: list[str] = field(default_factory=list, init=False)
    _waiting: dict[str, None] = field(default_factory=dict, init=False)
    _looks: int = field(default=0, init=False)

    async def look(
        self,
        organisation: Organisation,
        seen: Mapping[str, AgentSeen],
        presences: Mapping[str, Presence],
        now: datetime,
    ) -> list[Finding]:
        """Return how those cameras stand that were looked at. Raises ``StoreError``."""
        if organisation is not self._organisation:
            self._learn(organisation)
        self._note_words(seen, presences, now)
        self._sweep()
        found: list[Finding] = []
        for start in range(0, min(len(self._waiting), AT_ONCE), _GROUP):
            room = min(_GROUP, AT_ONCE - start)
            names = [name for name, _ in zip(self._waiting, range(room), strict=False)]
            found += await self._look_at([self._cameras[n] for n in names], presences, now)
            for name in names:
                del self._waiting[name]
        return found

    def known(self) -> Iterable[Finding]:
        """Return how each camera stood when it was last looked at: for who has forgotten it."""
        return self._known.values()

    def _learn(self, organisation: Organisation) -> None:
        """Take another register; what is new in it is looked at."""
        known, self._organisation = self._cameras, organisation
        self._cameras = {c.id: c for s in organisation.schools for c in s.cameras}
        self._by_agent = {}
        for camera in self._cameras.values():
            for agent in {source.agent for source in camera.sources}:
                self._by_agent.setdefault(agent, []).append(camera.id)
        changed = (n for n, c in self._cameras.items() if known.get(n) != c)
        kept = (n for n in self._waiting if n in self._cameras)
        self._waiting = dict.fromkeys(chain(kept, changed))
        self._known = {n: f for n, f in self._known.items() if n in self._cameras}
        self._names = list(self._cameras)

    def _note_words(
        self, seen: Mapping[str, AgentSeen], presences: Mapping[str, Presence], now: datetime
    ) -> None:
        """Put the cameras of agents that have said something, or fallen silent, into the line."""
        vouched = now - timedelta(seconds=self.silent_s + CARRY_MARGIN_S)
        for agent, cameras in self._by_agent.items():
            told, known = seen.get(agent), presences.get(agent)
            if told is None or known is None or self._is_as_before(agent, told, known):
                continue
            until = told.last_report_until
            word = _Word(told.items_at, known.kind, until is not None and until >= vouched)
            if self._words.get(agent) != word:
                self._words[agent] = word
                self._waiting.update(dict.fromkeys(cameras))
            elif self._reports.get(agent) != told.last_report_at:
                self._waiting.update(dict.fromkeys(c for c in cameras if self._is_unwell(c)))
            self._reports[agent] = told.last_report_at

    def _is_as_before(self, agent: str, told: AgentSeen, known: Presence) -> bool:
        word = self._words.get(agent)
        said = self._reports.get(agent) != told.last_report_at
        return word is not None and word.kind is known.kind and not said

    def _sweep(self) -> None:
        turn, between = divmod(self._looks, _SWEEP_EVERY)
        self._looks += 1
        if not between:
            self._waiting.update(dict.fromkeys(self._names[turn % _SWEEPS :: _SWEEPS]))

    def _is_unwell(self, camera: str) -> bool:
        known = self._known.get(camera)
        return known is not None and known.signal is not Signal.OK

    async def _look_at(
        self, cameras: list[Camera], presences: Mapping[str, Presence], now: datetime
    ) -> list[Finding]:
        second = now.replace(microsecond=0)
        window = Interval(second - _LOOK_BACK, second + timedelta(seconds=1))
        claims = await self.store.claims({s for c in cameras for s in c.sources}, window)
        carry_s = self.silent_s + CARRY_MARGIN_S
        found: list[Finding] = []
        for camera in cameras:
            told = _of(camera.sources, claims)
            live = live_state(camera.sources, told, presences, now, carry_s=carry_s)
            finding = camera_finding(camera.id, live, now)
            self._known[camera.id] = finding
            found.append(finding)
        return found


def camera_finding(camera: str, live: LiveState, now: datetime) -> Finding:
    """Return how a camera stands: a loss since it was lost, whatever its causes were since."""
    subject = Subject(Aspect.CAMERA, camera)
    match live.state:
        case State.UP:
            return Finding(subject=subject, signal=Signal.OK, since=live.since or now)
        case State.UNKNOWN:
            return Finding(subject=subject, signal=Signal.UNKNOWN, since=live.since or now)
        case State.DOWN:
            since = live.state_since or now
        case State.DEGRADED:
            since = live.since or now
    return Finding(
        subject=subject,
        signal=Signal.TROUBLE,
        since=since,
        cause=live.cause or _NO_CAUSE,
        detail=live.detail,
    )


def _of(sources: Iterable[Source], claims: Mapping[Source, list[Claim]]) -> list[Claim]:
    return list(chain.from_iterable(claims[s] for s in sources))
