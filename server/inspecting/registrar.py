"""The task that keeps the fault register and open findings true. One server's duty.

Twice an hour it looks at yesterday and today, once a day at a month: late history arrives within
days as a rule. A camera whose entry is older is looked at from its beginning on. A server that has
only just begun has more urgent things to do than a city's month, so its first look is a short one.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Final

from server.changes import Changes
from server.clock import Clock
from server.domain.calendar import local_day
from server.domain.inspection import Resolve, Step, Visit, healing_since, step
from server.domain.interval import Interval
from server.domain.timeline import Claim, Timeline, build
from server.domain.units import Camera, School, Source
from server.inspecting import faultbook, visits
from server.inspecting.faultbook import BY, KeptFault, load_faults
from server.inspecting.looking import Rules, fault_changes, healed, healing
from server.inspecting.visits import Kept, load_visits
from server.standing import Standing
from server.storage import ConflictError, Duty, Store, StoreError

log = logging.getLogger(__name__)

_EVERY_S: Final = 1800.0
_FIRST_S: Final = 20.0
_BETWEEN_S: Final = 0.02
_REST: Final = 4.0  # so many times as long as a look took: it takes a fifth of a core at most
_AT_ONCE: Final = 5
OFTEN: Final = timedelta(days=1)
DAILY: Final = timedelta(days=31)


async def _at_once() -> None:
    """Nothing is ever more urgent."""


@dataclass(slots=True, kw_only=True)
class Registrar:
    """Everything that the register needs.

    Attributes:
        least_s: From so much lost required time on something is a fault.
        calm: Returns when nothing more urgent is to be done, or after a while.
    """

    store: Store
    standing: Standing
    clock: Clock
    changes: Changes
    duty: Duty
    least_s: int
    calm: Callable[[], Awaitable[None]] = _at_once
    _whole_day: date | None = field(default=None, init=False)

    async def run(self) -> None:
        """Look for ever."""
        await self.clock.wait(_FIRST_S)
        back = OFTEN
        while True:
            try:
                if await self.duty.held():
                    await self.run_once(back)
                    back = OFTEN if self._whole_day == self.standing.today else DAILY
            except StoreError as error:
                log.warning("could not keep the fault register: %s", error)
            except Exception:
                log.exception("could not keep the fault register")
            await self.clock.wait(_EVERY_S)

    async def run_once(self, back: timedelta = DAILY) -> int:
        """Look at every school's days so far back; return how many entries and visits changed."""
        today = self.standing.today
        changed, loop = 0, asyncio.get_running_loop()
        for some in _batches(self.standing.organisation.schools):
            began = loop.time()
            changed += await self._faults(some, local_day(today - back).start)
            await self.clock.wait(max(_BETWEEN_S, _REST * (loop.time() - began)))
            await self.calm()
        for kept in await load_visits(self.store):
            changed += await self._heal(kept)
        if back >= DAILY:
            self._whole_day = today
        return changed

    @property
    def _rules(self) -> Rules:
        return Rules(plans=self.standing.plans, exceptions=self.standing.exceptions)

    async def _faults(self, schools: Sequence[School], start: datetime) -> int:
        """Hold the entries of some schools against their cameras' timelines."""
        kept = await load_faults(self.store, [s.id for s in schools])
        begins = _begins(kept, start)
        changed = 0
        lines = await self._timelines([c for s in schools for c in s.cameras], begins, start)
        for school in schools:
            own = {k.record.id: k for k in kept if k.entry.school == school.id}
            changes = await asyncio.to_thread(
                fault_changes,
                self._rules,
                school,
                {c.id: lines[c.id] for c in school.cameras},
                {name: k.entry for name, k in own.items()},
                least_s=self.least_s,
            )
            seen = {name: k.record.revision for name, k in own.items()}
            puts = [
                faultbook.put_of(name, entry, expected=seen.get(name, 0))
                for name, entry in changes.items()
            ]
            try:
                await self.store.put_records(puts, by=BY, now=self.clock.now())
            except ConflictError as error:  # somebody writes to it at this moment: next time
                log.info("%s", error)
                continue
            changed += len(puts)
        if changed:
            self.changes.publish(f"records:{faultbook.KIND}")
        return changed

    async def _heal(self, kept: Kept) -> int:
        """Close the findings of a visit whose cameras are in order again."""
        visit = kept.visit
        school = self.standing.organisation.school(visit.school)
        if school is None or visit.step is not Step.CONFIRMED or not healing(visit):
            return 0
        start = local_day(min(healing_since(visit, f) for f in healing(visit))).start
        wanted = {f.camera for f in healing(visit)}
        cameras = [c for c in school.cameras if c.id in wanted]
        lines = await self._timelines(cameras, {}, start)
        after = _closed(visit, self._rules, school, lines, self.standing.today)
        if after == visit:
            return 0
        put = visits.put_of(kept.record.id, after, expected=kept.record.revision)
        try:
            await self.store.put_records([put], by=BY, now=self.clock.now())
        except ConflictError as error:
            log.info("%s", error)
            return 0
        self.changes.publish(f"records:{visits.KIND}")
        return 1

    async def _timelines(
        self, cameras: Sequence[Camera], begins: Mapping[str, datetime], start: datetime
    ) -> dict[str, Timeline]:
        """Build each camera's timeline from ``start``, or from where ``begins`` says, up to now."""
        now = self.clock.now().replace(microsecond=0)
        found: dict[str, Timeline] = {}
        usual = [c for c in cameras if c.id not in begins]
        groups = [(start, usual), *((begins[c.id], [c]) for c in cameras if c.id in begins)]
        for begin, some in groups:
            if not some or begin >= now:
                found |= dict.fromkeys((c.id for c in some), ())
                continue
            window = Interval(begin, now)
            claims = await self.store.claims({s for c in some for s in c.sources}, window)
            found |= await asyncio.to_thread(_built, some, claims, window)
        return found


def _built(
    cameras: Sequence[Camera], claims: Mapping[Source, Sequence[Claim]], window: Interval
) -> dict[str, Timeline]:
    found: dict[str, Timeline] = {}
    for camera in cameras:
        told = list(chain.from_iterable(claims[s] for s in camera.sources))
        end = max((claim.end for claim in told), default=window.start)
        # Past the last word nothing is known: an outage that is told of up to then goes on.
        whole = Interval(window.start, min(window.end, end)) if end > window.start else None
        found[camera.id] = build(told, whole) if whole else ()
    return found


def _closed(
    visit: Visit, rules: Rules, school: School, lines: Mapping[str, Timeline], today: date
) -> Visit:
    for turn in healed(rules, school, visit, lines, today=today):
        visit = step(visit, Resolve(turn))
    return visit


def _begins(kept: Sequence[KeptFault], start: datetime) -> dict[str, datetime]:
    """Return from where the cameras are looked at whose entries reach back over ``start``."""
    found: dict[str, datetime] = {}
    for one in kept:
        seen, camera = one.entry.seen, one.entry.camera
        if seen is None or camera is None or seen.since >= start:
            continue
        if seen.until is None or seen.until > start:
            # One that had begun before anybody looked is looked at further back, until it is known.
            begin = seen.since - (OFTEN if seen.or_before else timedelta(seconds=1))
            found[camera] = min(begin, found.get(camera, begin))
    return found


def _batches(schools: Sequence[School]) -> Iterator[Sequence[School]]:
    for at in range(0, len(schools), _AT_ONCE):
        yield schools[at : at + _AT_ONCE]
