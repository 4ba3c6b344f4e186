"""What stands today: the organisation and the plan, which people change while the server runs.

``Standing`` is what everybody reads; ``Keeper`` brings it up to date when records change, whether
this server or another one wrote them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from server.changes import EVERYTHING, Changes
from server.clock import Clock
from server.config import ConfigError, Configuration
from server.domain.calendar import local_date
from server.domain.exceptions import NONE, Exceptions
from server.domain.plan import Plan
from server.domain.planbook import PlanBook, PlanVersion
from server.domain.register import Register
from server.domain.units import Organisation
from server.figuring import DAY_OFF, MAINTENANCE, load_exceptions
from server.planning import Taken, load_planbook
from server.planning import take_in as take_plan_in
from server.register.stored import Stored, load
from server.register.taking import take_in as take_units_in
from server.storage import Store, StoreError

log = logging.getLogger(__name__)

REGISTER_TOPICS: Final = frozenset({"records:unit", "records:school"})
PLAN_TOPICS: Final = frozenset({"records:plan"})
EXCEPTION_TOPICS: Final = frozenset({f"records:{DAY_OFF}", f"records:{MAINTENANCE}"})
STANDING_TOPIC: Final = "standing"
"""Told on this server after it has read what changed: pages of before are old."""
_TOPICS: Final = REGISTER_TOPICS | PLAN_TOPICS | EXCEPTION_TOPICS
_KINDS: Final = frozenset({"unit", "school", "plan"})
_LOOK_EVERY_S: Final = 15.0
_AGAIN_S: Final = 10.0
_GATHER_S: Final = 0.5
_RELAY_LISTENS_S: Final = 2.0


@dataclass(slots=True, kw_only=True)
class Standing:
    """The live register, plan versions and exceptions: what holds today, or on a day."""

    clock: Clock
    register: Register
    plans: PlanBook
    exceptions: Exceptions = NONE
    _reader: Callable[[], Awaitable[None]] | None = None
    _shown: tuple[PlanBook, dict[date, Plan]] | None = field(default=None, init=False, repr=False)

    @classmethod
    def always(cls, clock: Clock, organisation: Organisation, plan: Plan) -> "Standing":
        """Return what has stood since ever and stays: one organisation, one plan."""
        version = PlanVersion(id=plan.id, plan=plan, confirmed_at=clock.now())
        return cls(clock=clock, register=Register.of(organisation), plans=PlanBook((version,)))

    @property
    def today(self) -> date:
        """The local day."""
        return local_date(self.clock.now())

    @property
    def organisation(self) -> Organisation:
        """Today's organisation; the same object as long as nothing in it changes."""
        return self.register.on(self.today)

    @property
    def plan(self) -> Plan:
        """What pages of today show: see ``PlanBook.shown_on``; the same object while it holds."""
        return self.plan_on(self.today)

    def plan_on(self, day: date) -> Plan:
        """Return the plan of a day, stripped of its demands where none was in force."""
        if self._shown is None or self._shown[0] is not self.plans:
            self._shown = (self.plans, {})
        known = self._shown[1]
        if day not in known:
            found = self.plans.shown_on(day)
            if found is None:
                raise LookupError("no version of the plan was ever confirmed")
            known[day] = found
        return known[day]

    async def refresh(self) -> None:
        """Read what people have changed, at once: for whoever has just changed it."""
        if self._reader is not None:
            await self._reader()


class Keeper:
    """Keeps a ``Standing`` up to date. One per process."""

    def __init__(
        self, standing: Standing, stored: Stored, *, store: Store, changes: Changes
    ) -> None:
        self.standing = standing
        self._stored = stored
        self._store = store
        self._changes = changes
        self._one = asyncio.Lock()
        self._counted = -1
        standing._reader = self.refresh  # noqa: SLF001 (the two are one thing in two halves)

    async def run(self) -> None:
        """Read again whenever records change, for ever."""
        clock = self.standing.clock
        async with self._changes.subscribe() as queue:
            await clock.wait(_RELAY_LISTENS_S)
            for topic in _TOPICS:  # what the files changed at this start
                self._changes.publish(topic)
            while True:
                wanted = await self._news(queue)
                while wanted and not await self._tried(wanted):
                    await clock.wait(_AGAIN_S)

    async def _news(self, queue: asyncio.Queue[str]) -> Collection[str]:
        """Wait for what is told, or for what a command wrote beside us; return the topics."""
        try:
            async with asyncio.timeout(_LOOK_EVERY_S):
                topics = {await queue.get()}
        except TimeoutError:
            return await self._unheard()
        await self.standing.clock.wait(_GATHER_S)
        while not queue.empty():
            topics.add(queue.get_nowait())
        return await self._unheard() if EVERYTHING in topics else _TOPICS & topics

    async def _unheard(self) -> Collection[str]:
        try:
            count = await self._store.count_revisions(_KINDS)
        except StoreError:
            return ()
        before, self._counted = self._counted, count
        return () if before == count else _TOPICS

    async def refresh(self, topics: Collection[str] = _TOPICS) -> None:
        """Read again what these topics are about. Raises ``StoreError``, ``ConfigError``."""
        async with self._one:
            if not REGISTER_TOPICS.isdisjoint(topics):
                self._stored = await load(self._store, self._stored)
                self.standing.register = self._stored.register
            if not PLAN_TOPICS.isdisjoint(topics):
                book = await load_planbook(self._store)
                if book.versions:  # never from something to nothing
                    self.standing.plans = book
            if not EXCEPTION_TOPICS.isdisjoint(topics):
                self.standing.exceptions = await load_exceptions(self._store)
        self._changes.hear(STANDING_TOPIC)

    async def _tried(self, topics: Collection[str]) -> bool:
        """Read again; return whether that is done with."""
        try:
            await self.refresh(topics)
        except StoreError as error:
            log.info("could not read the register and the plan again: %s", error)
            return False
        except ConfigError:
            log.exception("could not read the plan again")
        return True


async def open_standing(
    configuration: Configuration, store: Store, *, clock: Clock, changes: Changes
) -> Keeper:
    """Take both files in and read what stands. Raises ``StoreError``, ``ConfigError``."""
    now = clock.now()
    stored = await take_units_in(store, configuration.register, now=now, today=local_date(now))
    text = configuration.plan_text
    if await take_plan_in(store, text, name=configuration.server.plan.name, now=now) is Taken.DRAFT:
        log.warning(
            "%s has changed: a second person has to confirm it on the plan's page; until then the"
            " version in force stays",
            configuration.server.plan,
        )
    standing = Standing(
        clock=clock,
        register=stored.register,
        plans=await load_planbook(store),
        exceptions=await load_exceptions(store),
    )
    return Keeper(standing, stored, store=store, changes=changes)
