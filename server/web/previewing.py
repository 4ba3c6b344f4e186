"""What edited rules would have sent over the last thirty days, beside what was really sent.

The observations are replayed in a thread, one preview at a time. Of more than ``MOST`` only the
newest days are replayed, and the page says from when on.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from server.clock import Clock
from server.domain.incident.model import Kind
from server.domain.incident.rules import Rules
from server.domain.incident.signals import Observation
from server.domain.interval import Interval
from server.domain.paging.directory import Directory
from server.domain.paging.people import Occasion
from server.domain.paging.preview import Preview, preview
from server.paging.desk import PagingDesk
from server.standing import Standing
from server.storage import LetterRow, Store
from server.watching.ground import Grounds
from server.watching.world import StandingWorld

DAYS: Final = 30
MOST: Final = 40_000
"""Each costs about 0.3 ms where every one of them makes or ends an incident, and less else."""
_BEFORE: Final = timedelta(days=2)
_ONE_DAY: Final = timedelta(days=1)
_MOST_LETTERS: Final = 50_000
_COUNTED: Final = frozenset(
    {
        Occasion.OPENED,
        Occasion.WORSENED,
        Occasion.UNSTABLE,
        Occasion.RECOVERED,
        Occasion.HANDOVER,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Messages in number: all, by kind and by school (None: of several, or of none)."""

    messages: int
    incidents: int
    kinds: Counter[Kind]
    schools: Counter[str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The edited rules, those in force, and what was really sent of the same occasions.

    Attributes:
        start: From when on was counted.
        cut: Whether there was too much to count the whole time.
        sent: Letters that were really written; ``escalated``: those to the next in line, which no
            preview has.
    """

    start: datetime
    cut: bool
    observations: int
    asked: Sums
    standing: Sums
    sent: int
    escalated: int


@dataclass(slots=True)
class Previewing:
    """Makes previews, one at a time."""

    store: Store
    standing: Standing
    clock: Clock
    desk: PagingDesk
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def compare(self, asked: Rules, standing: Rules) -> Compared:
        """Replay the last thirty days twice. Raises ``StoreError``."""
        async with self._lock:
            store, now = self.store, self.clock.now().replace(microsecond=0)
            start = now - timedelta(days=DAYS)
            seen, known_from = await self._seen(start - _BEFORE, now)
            cut = known_from > start - _BEFORE
            start = max(start, min(now - _BEFORE, known_from + _BEFORE))
            over = Interval(start, now)
            world, directory = await self._world(now), await self.desk.directory()
            letters = await store.letters_since(start, limit=_MOST_LETTERS)
            first, second = await asyncio.to_thread(
                _both, seen, (asked, standing), world, directory, over
            )
            return Compared(
                start=start,
                cut=cut,
                observations=len(seen),
                asked=first,
                standing=second,
                sent=sum(_counts(letter) for letter in letters),
                escalated=sum(letter.occasion is Occasion.ESCALATED for letter in letters),
            )

    async def _seen(self, start: datetime, now: datetime) -> tuple[list[Observation], datetime]:
        """Return what was observed, day by day back to ``start`` or until it is too much."""
        found: list[Observation] = []
        end = now
        while end > start and len(found) <= MOST:
            begin = max(start, end - _ONE_DAY)
            found = [*await self.store.observations(begin, end), *found]
            end = begin
        return found, end

    async def _world(self, now: datetime) -> StandingWorld:
        grounds = Grounds(store=self.store, standing=self.standing)
        seen = await self.store.agents()
        spoken = {name for name, agent in seen.items() if agent.last_report_at is not None}
        await grounds.refresh(spoken, now)
        return grounds.world


def _counts(letter: LetterRow) -> bool:
    return letter.incident is not None and letter.occasion in _COUNTED


def _both(
    seen: Sequence[Observation],
    rules: tuple[Rules, Rules],
    world: StandingWorld,
    directory: Directory,
    over: Interval,
) -> tuple[Sums, Sums]:
    first, second = (_sums(preview(seen, r, world, directory, over=over)) for r in rules)
    return first, second


def _sums(found: Preview) -> Sums:
    return Sums(
        messages=len(found.calls),
        incidents=len(found.incidents),
        kinds=found.by_kind(),
        schools=found.by_school(),
    )


PREVIEWING: Final = web.AppKey("previewing", Previewing)
