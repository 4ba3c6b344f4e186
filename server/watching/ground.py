"""What the engine goes by, as people last wrote it: rules, silences, and the world around them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from server.domain.incident.quiet import Silence
from server.domain.incident.rules import Rules
from server.domain.units import Source
from server.paging.rules import ALERT_RULES, load_rules
from server.paging.silences import SILENCE, load_silences, told
from server.standing import Standing
from server.storage import CameraView, Store
from server.watching.world import Ground, StandingWorld

_KINDS: Final = (ALERT_RULES, SILENCE)
_READ_EVERY: Final = timedelta(seconds=6)
_VIEWS_EVERY: Final = timedelta(seconds=30)


@dataclass(slots=True, kw_only=True)
class Grounds:
    """Keeps ``world`` and ``rules`` up to date. Both stay the same objects while nothing changes.

    ``world`` is one object for ever: it is what answers that changes.
    """

    store: Store
    standing: Standing
    rules: Rules = field(default_factory=Rules, init=False)
    world: StandingWorld = field(init=False)
    _counted: int = field(default=-1, init=False)
    _counted_at: datetime | None = field(default=None, init=False)
    _silences: tuple[Silence, ...] = field(default=(), init=False)
    _views: dict[Source, CameraView] = field(default_factory=dict, init=False)
    _views_from: datetime | None = field(default=None, init=False)
    _views_at: datetime | None = field(default=None, init=False)
    _spoken: set[str] = field(default_factory=set, init=False)
    _stands_on: tuple[object, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        """Stand on what stands now."""
        self.world = StandingWorld(self._ground())

    async def refresh(self, spoken: set[str], now: datetime) -> None:
        """Read what has changed. ``spoken``: agents that ever reported. Raises ``StoreError``."""
        await self._read(now)
        if self._views_at is None or now - self._views_at >= _VIEWS_EVERY:
            found, self._views_from = await self.store.views(self._views_from)
            self._views_at = now
            if not found.items() <= self._views.items():
                self._views = self._views | found
        if spoken != self._spoken:
            self._spoken = spoken
        if self._signs() != self._stands_on:
            self.world.stand_on(self._ground())

    async def _read(self, now: datetime) -> None:
        """Read what people have written, if they have."""
        if self._counted_at is not None and timedelta(0) <= now - self._counted_at < _READ_EVERY:
            return
        counted = await self.store.count_revisions(_KINDS)
        if counted != self._counted:
            self.rules = (await load_rules(self.store)).rules
            self._silences = told(await load_silences(self.store))
            self._counted = counted
        self._counted_at = now

    def _signs(self) -> tuple[object, ...]:
        """Return what the answers rest on: values that are replaced, never changed.

        The ground holds all of them, so none of their identities can be another's meanwhile.
        """
        standing = self.standing
        parts = (standing.organisation, standing.plans, standing.exceptions, self._silences)
        identities = (id(part) for part in (*parts, self._views, self._spoken))
        return (standing.today, *identities)

    def _ground(self) -> Ground:
        self._stands_on = self._signs()
        standing = self.standing
        return Ground(
            today=standing.today,
            organisation=standing.organisation,
            plans=standing.plans,
            exceptions=standing.exceptions,
            silences=self._silences,
            views=self._views,
            spoken=self._spoken,
        )
