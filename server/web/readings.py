"""Fetch what a page needs from the store. The only place where pages meet the database.

All browsers look at the same district, so its survey is shared and mended, never made anew: a
school is looked at again when one of its agents has reported (``changes`` says so), when an agent
fell silent, or after two minutes. While one survey is being mended the others wait for it. (Making
it anew takes 0.3 s for 168 schools and 1,000 cameras over 14 days that are closed, 1 s where none
is; every open page asks every second.)
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from server.changes import EVERYTHING
from server.domain.basis import without
from server.domain.calendar import local_date, local_day
from server.domain.dayrow import DayRow
from server.domain.exceptions import Exceptions
from server.domain.figures import since
from server.domain.interval import Interval, intersect
from server.domain.liveness import Presence
from server.domain.plan import Plan
from server.domain.planbook import PlanBook
from server.domain.register import Membership, Register
from server.domain.timeline import Claim
from server.domain.units import Camera, School
from server.figuring import Ground, school_bases, school_days, watched_since
from server.storage import IncidentFilter
from server.storage.rows import AgentSeen, CameraFacts
from server.web.deps import WebDeps
from server.web.pages.looks import Reading, SchoolLook, Setting, Survey
from server.web.pages.survey import incidents_by_school, look_at, presences_of, survey
from server.web.pages.warnings import Signs, signs_of

OVERVIEW_DAYS: Final = 14
PAGE_DAYS: Final = 30
GOOD_FOR: Final = timedelta(minutes=2)
_SAME_MOMENT: Final = timedelta(seconds=2)
_MOST_INCIDENTS: Final = 1000


@dataclass(slots=True)
class Readings:
    """Makes surveys of the district or of one school.

    What it keeps of a school is old, too, when the school's entry in the register has changed, and
    all of it when the register, the plans or what was typed in of days off have changed.
    """

    deps: WebDeps
    listening_since: datetime
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _news: int = 0
    _told: Counter[str] = field(default_factory=Counter)
    _shared: tuple[int, Survey] | None = None
    _looks: dict[str, tuple[int, SchoolLook]] = field(default_factory=dict)
    _rules: tuple[Plan, PlanBook, Register, Exceptions] | None = None

    def note(self, topic: str) -> None:
        """Take a topic of ``changes`` in: what was read before it is old.

        News is counted, and whatever is kept says up to which news it goes: news that comes while
        the database is being read, or before a read that fails, is not lost.
        """
        self._news += 1
        kind, _, name = topic.partition("/")
        if kind == "agent":
            found = self.deps.organisation.agent(name)
            if found is not None:
                self._told[found[0].id] += 1
        elif topic == EVERYTHING:
            self._told.update(s.id for s in self.deps.organisation.schools)

    async def district(self) -> Survey:
        """Survey all schools; shared by all who ask at the same moment."""
        async with self._lock:
            now, news, known = self.now(), self._news, self._shared
            if known is not None and known[0] == news and now - known[1].now < _SAME_MOMENT:
                return known[1]
            found = await self._mended(now)
            self._shared = (news, found)
            return found

    async def school(self, school: School) -> Survey:
        """Survey one school over the last thirty days."""
        reading = await self._reading((school,), self.now(), days=PAGE_DAYS, unchanged=True)
        return await asyncio.to_thread(survey, self.setting(), reading, (school,))

    def now(self) -> datetime:
        """Return now, cut to the second."""
        return self.deps.clock.now().replace(microsecond=0)

    def setting(self) -> Setting:
        """Return what a survey rests on: the organisation and the plan of today."""
        return Setting(
            organisation=self.deps.organisation,
            plan=self.deps.plan,
            exceptions=self.deps.standing.exceptions,
            silent_after_s=self.deps.config.alerts.agent_silent_s,
            listening_since=self.listening_since,
        )

    async def claims(
        self, schools: Collection[School], window: Interval
    ) -> dict[str, tuple[Claim, ...]]:
        """Return all claims by camera id."""
        eyes = {s: c.id for school in schools for c in school.cameras for s in c.sources}
        if not eyes:
            return {}
        found = await self.deps.store.claims(list(eyes), window)
        by_camera: dict[str, list[Claim]] = {}
        for source, claims in found.items():
            by_camera.setdefault(eyes[source], []).extend(claims)
        return {camera: tuple(claims) for camera, claims in by_camera.items()}

    async def required(
        self, school: School, camera: Camera, window: Interval
    ) -> tuple[Interval, ...]:
        """Return when a camera was asked for, each day as it is counted; nothing before watch."""
        ground = await self._ground(self.now())
        stay = Membership(
            school=school.id,
            first=local_date(window.start),
            last=local_date(window.end - timedelta(seconds=1)),
        )
        spans: list[Interval] = []
        for day, basis in (await school_bases(ground, stay)).items():
            off = (work for work in basis.off if camera.id in work.cameras)
            spans += without(basis.required(day), off, day)
        began = watched_since(ground.register, school.id, ground.first_told)
        return since(intersect(spans, (window,)), began)

    async def _mended(self, now: datetime) -> Survey:
        setting = self.setting()
        schools = setting.organisation.schools
        standing = self.deps.standing
        rules = (setting.plan, standing.plans, standing.register, setting.exceptions)
        if self._rules is None or any(a is not b for a, b in zip(rules, self._rules, strict=True)):
            self._rules, self._looks = rules, {}
        heard = await self.deps.store.agents()
        presences = presences_of(setting, heard, now)
        old = [s for s in schools if self._is_old(s, presences, heard, now)]
        told = {s.id: self._told[s.id] for s in old}
        reading = await self._reading(old, now, days=OVERVIEW_DAYS, heard=heard)
        fresh = await asyncio.to_thread(_look_all, setting, reading, presences, old)
        self._looks |= {school_id: (told[school_id], look) for school_id, look in fresh.items()}
        return Survey(
            setting=setting,
            now=now,
            window=reading.window,
            schools=tuple(_updated(self._looks[s.id][1], heard) for s in schools),
            incidents=tuple(reading.incidents),
            incidents_of=incidents_by_school(reading.incidents, setting.organisation),
        )

    def _is_old(
        self,
        school: School,
        presences: Mapping[str, Presence],
        heard: Mapping[str, AgentSeen],
        now: datetime,
    ) -> bool:
        told, look = self._looks.get(school.id, (-1, None))
        if look is None or told != self._told[school.id] or now - look.at >= GOOD_FOR:
            return True
        if look.school is not school and look.school != school:
            return True
        if local_date(now) != local_date(look.at):
            return True
        return any(
            presences[a.agent.id].kind is not a.presence.kind
            or _reported(heard.get(a.agent.id)) != _reported(a.seen)
            for a in look.agents
        )

    async def _reading(
        self,
        schools: Sequence[School],
        now: datetime,
        *,
        days: int,
        heard: Mapping[str, AgentSeen] | None = None,
        unchanged: bool = False,
    ) -> Reading:
        """Read all that a survey needs; ``unchanged``: closed days that no history changed, too."""
        store = self.deps.store
        first = local_day(local_date(now) - timedelta(days=days - 1)).start
        window = Interval(min(first, now - timedelta(days=1)), now)
        began, past = await self._past(schools, window) if schools else ({}, {})
        return Reading(
            now=now,
            window=window,
            claims=await self.claims(schools, window),
            heard=await store.agents() if heard is None else heard,
            incidents=await store.incidents(IncidentFilter(open=True), limit=_MOST_INCIDENTS),
            facts=await self._facts(schools) if schools else {},
            began=began,
            days=past,
            signs=await self._signs(schools, window),
            closed=await store.closed_days(
                [s.id for s in schools],
                local_date(window.start),
                local_date(now),
                unchanged=unchanged,
            ),
        )

    async def _past(
        self, schools: Sequence[School], window: Interval
    ) -> tuple[dict[str, datetime | None], dict[str, list[DayRow]]]:
        """Return since when schools have been watched, and their days; ``window`` ends at now."""
        ground = await self._ground(window.end)
        first, last = local_date(window.start), local_date(window.end)
        stays = [Membership(school=s.id, first=first, last=last) for s in schools]
        began = {s.id: watched_since(ground.register, s.id, ground.first_told) for s in schools}
        return began, await school_days(ground, stays)

    async def _ground(self, now: datetime) -> Ground:
        """Return what past days are counted on."""
        standing, store = self.deps.standing, self.deps.store
        return Ground(
            store=store,
            register=standing.register,
            plans=standing.plans,
            exceptions=standing.exceptions,
            first_told=await store.first_told(),
            now=now,
        )

    async def _signs(self, schools: Sequence[School], window: Interval) -> Signs:
        agents = [agent.id for school in schools for agent in school.agents]
        store = self.deps.store
        return signs_of(
            await store.boot_clocks(agents, window), await store.gaps(agents, since=window.start)
        )

    async def _facts(self, schools: Collection[School]) -> dict[str, CameraFacts]:
        eyes = {s: c.id for school in schools for c in school.cameras for s in c.sources}
        newest: dict[str, CameraFacts] = {}
        for source, facts in (await self.deps.store.facts()).items():
            camera = eyes.get(source)
            if camera and (camera not in newest or newest[camera].at < facts.at):
                newest[camera] = facts
        return newest


def _reported(seen: AgentSeen | None) -> datetime | None:
    """Return when an agent last reported: news that another server process took in, too."""
    return seen.last_report_at if seen else None


def _look_all(
    setting: Setting,
    reading: Reading,
    presences: Mapping[str, Presence],
    schools: Iterable[School],
) -> dict[str, SchoolLook]:
    return {school.id: look_at(setting, reading, presences, school) for school in schools}


def _updated(look: SchoolLook, heard: Mapping[str, AgentSeen]) -> SchoolLook:
    """Return a kept look with what is fetched every time: how its agents are."""
    agents = tuple(replace(a, seen=heard.get(a.agent.id)) for a in look.agents)
    return replace(look, agents=agents)


READINGS: Final = web.AppKey("readings", Readings)
