"""The loop from the broker to the database: many reports, one transaction, then the acks.

While one batch is being committed the next is read. An ack leaves only after the commit has
returned, and only then is the broker told that the delivery is dealt with: where the broker keeps a
receive window, a slow database therefore pushes back as far as the agents. Where it keeps none,
what finds no room here is dropped unacknowledged, and its agent sends it again.

A database that is away keeps its batch waiting. Everything is idempotent and order-independent, so
a batch whose fate is unknown is simply committed again. Whoever listens is told when that lasts: of
several servers one may be cut off from the database alone, and what goes to it is not answered.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from server.changes import Changes
from server.clock import Clock
from server.domain.register import Register
from server.ingest.batch import Batch
from server.ingest.halving import Commit, Committed, commit_by_halves, commit_each
from server.ingest.screening import GateKeepers, gate_keepers
from server.ingest.waiting import Delivery, Received, Waiting
from server.metrics import Meter
from server.storage import Intake, Progress, RefusalRow, Store, UnavailableError
from wire.codec import VERSION
from wire.messages import Ack

log = logging.getLogger(__name__)

SendAck = Callable[[str, Ack], None]
"""Takes the agent's name and the ack; never waits."""

Attend = Callable[[bool], None]
"""Is told whether this server can answer for what it is given; never waits."""

_LINGER_S: Final = 0.2
_ENOUGH: Final = (100, 512 * 1024)
"""Deliveries, or their bytes, that make lingering pointless: a commit's worth is there."""
_READ_AT_ONCE: Final = 500  # items, some milliseconds: then others get their turn
_CALM_S: Final = 60.0
_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 15.0
_AWAY_FOR: Final = timedelta(seconds=10)
"""A database that is away for so long may be there for other servers."""
_DOUBT_AFTER: Final = timedelta(minutes=5)
"""A database that is away for so long may be away for one of the batch's reports alone."""
_DOUBTFUL_FOR: Final = timedelta(hours=1)
"""So long after such a report was found the next one is looked for at once: it is sent again."""


class Ingest:
    """Takes deliveries from the broker's side and commits them. One per process.

    ``longest_wait_s`` is the longest pause between two tries while the database is away;
    ``attend`` is told when it has been away for a while, and when it is back.
    ``meter`` counts what it does.
    """

    def __init__(
        self,
        store: Store,
        *,
        register: Callable[[], Register],
        clock: Clock,
        changes: Changes,
        send_ack: SendAck,
        longest_wait_s: float = _LONGEST_WAIT_S,
        attend: Attend = lambda _on: None,
        meter: Meter | None = None,
    ) -> None:
        self._store = store
        self._register = register
        self._keepers: tuple[Register, GateKeepers] | None = None
        self._clock = clock
        self._changes = changes
        self._send_ack = send_ack
        self._longest_wait_s = longest_wait_s
        self._attend = attend
        self.meter = Meter() if meter is None else meter
        self.meter.behind_since = self.behind_since
        self._waiting = Waiting()
        self._under_way: list[Batch] = []
        self._unsettled = 0
        self._left_at: datetime | None = None  # when a report was last left unanswered
        self._idle = asyncio.Event()
        self._idle.set()

    def offer(self, delivery: Delivery) -> bool:
        """Take a delivery, or drop it (it will be sent again) when there is no room."""
        if self._waiting.put(Received(delivery, self._now_ms())):
            self._unsettled += 1
            self._idle.clear()
            return True
        self.meter.dropped += 1
        if self.meter.dropped.bit_count() == 1:  # at 1, 2, 4, 8 ...: not a line per report
            log.warning("no room: %d deliveries dropped so far; agents resend", self.meter.dropped)
        return False

    def behind_since(self) -> datetime | None:
        """Return when the oldest delivery of the present came that is not yet dealt with."""
        known = [*(b.oldest_live_ms for b in self._under_way), self._waiting.oldest_live_ms]
        oldest = min((ms for ms in known if ms is not None), default=None)
        return None if oldest is None else datetime.fromtimestamp(oldest / 1000, UTC)

    async def run(self) -> None:
        """Commit batches for ever: one is committed while the next is read."""
        settling: asyncio.Task[None] | None = None
        try:
            while True:
                batch = await self._gather()
                if settling is not None:
                    await settling
                    await self._fill(batch)  # with what came in the meantime
                settling = asyncio.create_task(self._settle(batch), name="commit")
        finally:
            if settling is not None:
                settling.cancel()
                with suppress(asyncio.CancelledError):
                    await settling

    async def drain(self) -> None:
        """Wait until nothing waits any more and everything is dealt with; ``run`` does the work."""
        await self._idle.wait()

    async def calm(self) -> None:
        """Return when no report waits, or after a minute: for work that can wait."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), _CALM_S)

    async def _gather(self) -> Batch:
        """Wait for a delivery and a little for its neighbours; return what there is, read."""
        await self._waiting.some()
        reports, size = _ENOUGH
        if len(self._waiting) < reports and self._waiting.bytes < size:
            await self._clock.wait(_LINGER_S)
        batch = Batch()
        self._under_way.append(batch)
        await self._fill(batch)
        return batch

    def _gate_keepers(self) -> GateKeepers:
        register = self._register()
        if self._keepers is None or self._keepers[0] is not register:
            self._keepers = (register, gate_keepers(register))
        return self._keepers[1]

    async def _fill(self, batch: Batch) -> None:
        pause = batch.items + _READ_AT_ONCE
        while not batch.is_full and (received := self._waiting.take()) is not None:
            batch.add(received, self._gate_keepers())
            if batch.items >= pause:
                pause = batch.items + _READ_AT_ONCE
                await asyncio.sleep(0)

    async def _settle(self, batch: Batch) -> None:
        """Bring one batch into the database, whatever it takes, and answer for it."""
        try:
            await self._until_available(lambda: self._note(batch))
            await self._until_available(
                lambda: self._commit(batch.intakes, commit_by_halves),
                in_doubt=lambda: self._commit(batch.intakes, self._commit_each),
            )
        except Exception:
            log.exception("a batch failed; its agents will send it again")
            await self._clock.wait(_FIRST_WAIT_S)
        for done in batch.done:
            done()
        self._under_way.remove(batch)
        self._unsettled -= len(batch.done)
        if not self._unsettled:
            self._idle.set()

    async def _until_available(
        self,
        act: Callable[[], Awaitable[None]],
        *,
        in_doubt: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Repeat ``act`` for as long as the database is away, ever more slowly.

        ``in_doubt``: what to do instead once it is doubtful whether that is the reason.
        """
        wait_s, began, attends = _FIRST_WAIT_S, self._clock.now(), True
        while True:
            try:
                await act()
            except UnavailableError as error:
                log.warning("the database is not available, nothing is acknowledged: %s", error)
                if attends and self._clock.now() - began >= _AWAY_FOR:
                    attends = False
                    self._attend(attends)
                if in_doubt and self._clock.now() - began >= self._patience():
                    act = in_doubt
                await self._clock.wait(wait_s)
                wait_s = min(wait_s * 2, self._longest_wait_s)
            else:
                if not attends:
                    self._attend(True)
                return

    async def _note(self, batch: Batch) -> None:
        """Keep presence hints and refusals of whole payloads; before the acks, which mean "all"."""
        if batch.statuses:
            changed = await self._store.note_statuses(batch.statuses, now=self._clock.now())
            batch.statuses.clear()
            for agent in sorted(changed):
                self._changes.publish(f"agent/{agent}")
        if batch.refused:
            await self._store.note_refused(batch.refused)
            self.meter.refused += len(batch.refused)
            _tell_log(batch.refused)
            batch.refused.clear()

    def _patience(self) -> timedelta:
        found = self._left_at
        is_doubtful = found is not None and self._clock.now() - found < _DOUBTFUL_FOR
        return _AWAY_FOR if is_doubtful else _DOUBT_AFTER

    async def _commit_each(self, commit: Commit, intakes: Sequence[Intake]) -> Committed:
        return await commit_each(commit, intakes, leave=self._leave)

    async def _leave(self, intake: Intake, why: str) -> None:
        """Note that a report is left unanswered; its agent sets it aside in the end."""
        reason = f"the database takes others and not this one: {why}"
        row = RefusalRow(agent=intake.agent, at=self._clock.now(), what="report", reason=reason)
        await self._store.note_refused([row])
        self._left_at = self._clock.now()
        log.error("a report of agent %s is left unanswered: %s", intake.agent, reason)

    async def _commit(
        self,
        intakes: Sequence[Intake],
        way: Callable[[Commit, Sequence[Intake]], Awaitable[Committed]],
    ) -> None:
        """Commit, then acknowledge, then tell who listens."""
        if not intakes:
            return
        commit = partial(self._store.commit, now=self._clock.now())
        committed = await way(commit, intakes)
        for intake, progress in committed:
            self._send_ack(intake.agent, _ack(intake, progress, self._now_ms()))
            self._count(intake)
        _tell_log_of_items([intake for intake, _ in committed])
        topics = {f"agent/{i.agent}" for i in intakes}
        topics |= {f"gate/{gate}" for i in intakes for gate in i.gates}
        for topic in sorted(topics):
            self._changes.publish(topic)

    def _count(self, intake: Intake) -> None:
        self.meter.reports += 1
        self.meter.items += len(intake.items)
        self.meter.refused += len(intake.refused)

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)


def _tell_log(refused: Sequence[RefusalRow]) -> None:
    """Say it once for each agent: whoever sends junk must not fill the disk with our log."""
    counts = Counter(r.agent for r in refused)
    for agent, last in {r.agent: r for r in refused}.items():
        log.warning("refused %d payloads of agent %s, a %s: %s", counts[agent], agent, last.what,
                    last.reason)  # fmt: skip


def _tell_log_of_items(intakes: Sequence[Intake]) -> None:
    """Say it once for each agent, as above."""
    counts = Counter(i.agent for i in intakes for _ in i.refused)
    for agent, last in {i.agent: i.refused[-1] for i in intakes if i.refused}.items():
        log.warning("refused %d items of agent %s, number %d: %s", counts[agent], agent, last.seq,
                    last.reason)  # fmt: skip


def _ack(intake: Intake, progress: Progress, now_ms: int) -> Ack:
    """Say what is committed. The time is halfway from receipt to now.

    With it the edge's reckoning is NTP's, however long the database took: its one server time
    stands for the mean of the two.
    """
    return Ack(
        v=VERSION,
        spool=intake.spool,
        through=progress.through,
        ranges=progress.ranges,
        refused=intake.refused,
        server_utc_ms=(intake.received_utc_ms + now_ms) // 2,
        sent_utc_ms=intake.sent_utc_ms,
    )
