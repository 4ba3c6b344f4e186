"""Fetch what a page needs from the store. The only place where pages meet the database.

All browsers look at the same district, so readings of the whole of it are shared: while one is
being made the others wait for it, and it serves everybody for a short moment.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from server.domain.calendar import local_date, local_day
from server.domain.interval import Interval
from server.domain.timeline import Claim
from server.domain.units import School
from server.storage.rows import CameraFacts
from server.web.deps import WebDeps
from server.web.pages.survey import Reading, Setting, Survey, survey

OVERVIEW_DAYS: Final = 14
PAGE_DAYS: Final = 30
_MOST_ALERTS: Final = 500


@dataclass(slots=True)
class Readings:
    """Makes surveys of the district or of one school."""

    deps: WebDeps
    listening_since: datetime
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _shared: Survey | None = None
    _version: int = 0
    _shared_version: int = -1

    def stale(self) -> None:
        """Note that something was committed: what was read before is old."""
        self._version += 1

    async def district(self) -> Survey:
        """Survey all schools; shared by all who ask within the same second of the same data."""
        async with self._lock:
            now = self.now()
            known = self._shared
            if known is None or known.now != now or self._shared_version != self._version:
                version = self._version
                known = await self._survey(self.deps.organisation.schools, days=OVERVIEW_DAYS)
                self._shared, self._shared_version = known, version
            return known

    async def school(self, school: School, *, days: int = PAGE_DAYS) -> Survey:
        """Survey one school."""
        return await self._survey((school,), days=days)

    def now(self) -> datetime:
        """Return now, cut to the second."""
        return self.deps.clock.now().replace(microsecond=0)

    async def _survey(self, schools: Sequence[School], *, days: int) -> Survey:
        now = self.now()
        store, first = self.deps.store, local_day(local_date(now) - timedelta(days=days - 1)).start
        window = Interval(first, now) if first < now else Interval(first - timedelta(days=1), now)
        claims = await self.claims(schools, window)
        reading = Reading(
            now=now,
            window=window,
            claims=claims,
            heard=await store.agents(),
            alerts=await store.alerts(open_only=True, limit=_MOST_ALERTS),
            facts=await self._facts(schools),
        )
        return await asyncio.to_thread(survey, self.setting(), reading, schools)

    def setting(self) -> Setting:
        """Return what does not change while the server runs."""
        return Setting(
            organisation=self.deps.organisation,
            plan=self.deps.plan,
            silent_after_s=self.deps.config.alerts.agent_silent_s,
            listening_since=self.listening_since,
        )

    async def claims(
        self, schools: Collection[School], window: Interval
    ) -> dict[str, tuple[Claim, ...]]:
        """Return all claims by camera id."""
        eyes = {s: c.id for school in schools for c in school.cameras for s in c.sources}
        found = await self.deps.store.claims(list(eyes), window)
        by_camera: dict[str, list[Claim]] = {}
        for source, claims in found.items():
            by_camera.setdefault(eyes[source], []).extend(claims)
        return {camera: tuple(claims) for camera, claims in by_camera.items()}

    async def _facts(self, schools: Collection[School]) -> dict[str, CameraFacts]:
        eyes = {s: c.id for school in schools for c in school.cameras for s in c.sources}
        newest: dict[str, CameraFacts] = {}
        for source, facts in (await self.deps.store.facts()).items():
            camera = eyes.get(source)
            if camera and (camera not in newest or newest[camera].at < facts.at):
                newest[camera] = facts
        return newest


READINGS: Final = web.AppKey("readings", Readings)
