"""The centre under a clock that jumps from one recorded moment to the next.

Nothing is written past the real parts: reports go through ``Ingest``, versions of the plan through
``planning``, each night the ``Closer`` closes and amends as it would have. So the figures that were
closed are those of then, and what came late stands beside them.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from server.changes import Changes
from server.closing.closer import Closer
from server.config import Configuration
from server.domain.calendar import local_date, local_day
from server.figuring import DAY_OFF, MAINTENANCE, DayOffEntry, WorkEntry
from server.figuring.prices import PRICE, PriceEntry
from server.ingest import Delivery, Ingest
from server.inspecting.registrar import Registrar
from server.planning import book
from server.replaying.lines import Line, RecordingError, Typed
from server.standing import Keeper, open_standing
from server.storage import Duty, Put, Store
from wire.messages import Ack

_AFTER: Final = timedelta(minutes=5)
"""Closing is due at ``close_after``; the nightly look comes so much later."""
_STILL: Final = timedelta(seconds=11)
"""Late marks have come to rest after so long."""
_LOOKS: Final = 3
_REGISTER_DAYS: Final = frozenset({1, 16})
"""The fault register looks a month back, so twice a month is enough for every fault to be found."""
_ENTRIES: Final[Mapping[str, type]] = {
    DAY_OFF: DayOffEntry,
    MAINTENANCE: WorkEntry,
    PRICE: PriceEntry,
}
"""What people may type in, and how it is read."""


class NotEmptyError(Exception):
    """The database has been reported to: a recording must not mix with it."""


@dataclass(slots=True)
class RecordedClock:
    """Stands at the moment of what is being replayed; nobody waits."""

    moment: datetime

    def now(self) -> datetime:
        """Return the recorded moment."""
        return self.moment

    async def wait(self, _seconds: float) -> None:
        """Let others run."""
        await asyncio.sleep(0)


@dataclass(slots=True)
class Lived:
    """What came of it: lines by kind, and items that were refused, by reason."""

    lines: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, kw_only=True)
class _Centre:
    """The parts that live through the recording."""

    store: Store
    clock: RecordedClock
    keeper: Keeper
    ingest: Ingest
    closer: Closer
    registrar: Registrar
    folder: Path

    async def take(self, line: Line) -> None:
        """Let one thing happen."""
        self.clock.moment = line.at
        if line.agent is not None and line.leaf is not None:
            delivery = Delivery(agent=line.agent, leaf=line.leaf, payload=bytes(line.report))
            if not self.ingest.offer(delivery):
                await self.ingest.drain()
                self.ingest.offer(delivery)
            return
        await self.ingest.drain()
        if line.record is not None:
            await self._record(line)
        elif line.plan is not None:
            await self._plan(line, line.plan)
        await self.keeper.refresh()

    async def night(self, moment: datetime) -> None:
        """Close what is over and amend what history has changed."""
        await self.ingest.drain()
        self.clock.moment = moment
        for _ in range(_LOOKS):
            await self.closer.run_once()
            if not await self.store.late_marks(1):
                break
            self.clock.moment += _STILL
        if local_date(moment).day in _REGISTER_DAYS:
            await self.registrar.run_once()

    async def _record(self, line: Line) -> None:
        typed = line.record
        assert typed is not None
        _must_be_readable(typed)
        known = await self.store.record(typed.kind, typed.id)
        put = Put(
            kind=typed.kind,
            id=typed.id,
            expected=0 if known is None else known.revision,
            data=bytes(typed.data),
        )
        await self.store.put_records([put], by=typed.by, now=line.at)

    async def _plan(self, line: Line, name: str) -> None:
        text = await asyncio.to_thread((self.folder / name).read_text, "utf-8")
        draft = await book.save(self.store, text, before=None, by=line.typed_by, now=line.at)
        await book.submit(
            self.store, await book.open_paper(self.store, draft), by=line.typed_by, now=line.at
        )
        filed = await book.open_paper(self.store, draft)
        await book.confirm(self.store, filed, by=line.confirmed_by, now=line.at)


async def live_through(
    configuration: Configuration,
    store: Store,
    lines: Iterable[Line],
    *,
    folder: Path,
    told: Callable[[datetime], None],
) -> Lived:
    """Replay a recording; ``told`` hears of each night. Raises ``NotEmptyError``, ``StoreError``.

    Raises ``RecordingError`` and ``PlanningError`` where the recording is wrong.
    """
    if await store.first_told():
        raise NotEmptyError
    waiting, lived = iter(lines), Lived()
    first = next(waiting, None)
    if first is None:
        return lived
    centre = await _open_centre(configuration, store, lived, begin=first.at, folder=folder)
    close_after = centre.closer.close_after
    task = asyncio.create_task(centre.ingest.run(), name="ingest")
    try:
        night = _night_after(first.at, close_after)
        for line in (first, *waiting):
            while night <= line.at:
                await centre.night(night)
                told(night)
                night = _night_after(night, close_after)
            await centre.take(line)
            lived.lines["plan" if line.plan else "record" if line.record else "report"] += 1
        await centre.night(night)
        await centre.registrar.run_once()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    return lived


async def _open_centre(
    configuration: Configuration, store: Store, lived: Lived, *, begin: datetime, folder: Path
) -> _Centre:
    """Build the parts, with the clock at the recording's first moment."""
    clock, changes, figures = RecordedClock(begin), Changes(), configuration.server.figures
    keeper = await open_standing(configuration, store, clock=clock, changes=changes)

    def acked(_agent: str, ack: Ack) -> None:
        lived.refused.update(refusal.reason for refusal in ack.refused)

    return _Centre(
        store=store,
        clock=clock,
        keeper=keeper,
        ingest=Ingest(
            store,
            register=lambda: keeper.standing.register,
            clock=clock,
            changes=changes,
            send_ack=acked,
        ),
        closer=Closer(
            store=store,
            standing=keeper.standing,
            clock=clock,
            listening_since=lambda: begin,
            duty=Duty(None, "closing"),
            close_after=timedelta(hours=figures.close_after_h),
        ),
        registrar=Registrar(
            store=store,
            standing=keeper.standing,
            clock=clock,
            changes=changes,
            duty=Duty(None, "inspecting"),
            least_s=figures.fault_after_s,
        ),
        folder=folder,
    )


def _must_be_readable(typed: Typed) -> None:
    """Refuse what the centre could not read again."""
    if typed.kind not in _ENTRIES:
        raise RecordingError(f"{typed.kind} {typed.id}: known kinds are {', '.join(_ENTRIES)}")
    try:
        msgspec.json.decode(typed.data, type=_ENTRIES[typed.kind])
    except msgspec.MsgspecError as error:
        raise RecordingError(f"{typed.kind} {typed.id}: {error}") from error


def _night_after(moment: datetime, close_after: timedelta) -> datetime:
    """Return the first nightly look after a moment."""
    due = local_day(local_date(moment)).start + close_after + _AFTER
    return due if due > moment else local_day(local_date(moment)).end + close_after + _AFTER
