"""The loop from the broker to the database: many reports, one transaction, then the acks.

An ack leaves only after the commit has returned. A database that is away keeps its batch waiting
and the queue bounded: what doesn't fit is dropped here unacknowledged, and its agent sends it
again. A batch that the database will never take is committed by halves, until the one item that is
at fault stands alone and is refused.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from server.changes import Changes
from server.clock import Clock
from server.domain.units import Organisation
from server.ingest.reading import read_report
from server.ingest.screening import gate_keepers, screen
from server.storage import (
    Intake,
    PoisonError,
    Progress,
    RefusalRow,
    Store,
    UnavailableError,
)
from wire.codec import VERSION, WireError, decode_status
from wire.messages import Ack, Refusal
from wire.topics import Leaf

log = logging.getLogger(__name__)

SendAck = Callable[[str, Ack], None]
"""Takes the agent's name and the ack; never waits."""

_LINGER_S: Final = 0.005
_MAX_ITEMS: Final = 1000
_MAX_REPORTS: Final = 200
_MAX_BOOTS: Final = 2000  # they become parameters of one query, and databases limit those
_QUEUE_REPORTS: Final = 4000
_QUEUE_BYTES: Final = 64 * 1024 * 1024
_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A payload as it came from the broker; ``agent`` is the topic's, hence authenticated."""

    agent: str
    leaf: Leaf
    payload: bytes


class Ingest:
    """Takes deliveries from the broker's side and commits them. One per process."""

    def __init__(
        self,
        store: Store,
        *,
        organisation: Organisation,
        clock: Clock,
        changes: Changes,
        send_ack: SendAck,
    ) -> None:
        self._store = store
        self._keepers = gate_keepers(organisation)
        self._clock = clock
        self._changes = changes
        self._send_ack = send_ack
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue(_QUEUE_REPORTS)
        self._bytes = 0
        self.dropped = 0

    def offer(self, delivery: Delivery) -> bool:
        """Take a delivery, or drop it (it will be sent again) when there is no room."""
        if self._queue.full() or self._bytes + len(delivery.payload) > _QUEUE_BYTES:
            self.dropped += 1
            if self.dropped.bit_count() == 1:  # at 1, 2, 4, 8 ...: not a line per report
                log.warning("no room: %d deliveries dropped so far; agents resend", self.dropped)
            return False
        self._bytes += len(delivery.payload)
        self._queue.put_nowait(delivery)
        return True

    async def run(self) -> None:
        """Commit batches for ever."""
        while True:
            try:
                await self.run_once()
            except Exception:
                log.exception("a batch failed; its agents will send it again")
                await self._clock.wait(_FIRST_WAIT_S)

    async def run_once(self) -> None:
        """Wait for a delivery, gather its neighbours, commit them all, then acknowledge."""
        batch = _Batch()
        self._sort(await self._take(), batch)
        await self._clock.wait(_LINGER_S)
        while not self._queue.empty() and not batch.full:
            self._sort(await self._take(), batch)
        if batch.statuses or batch.refused:  # first, so that an ack means "all before it is known"
            await self._until_available(lambda: self._note(batch))
        if batch.intakes:
            await self._until_available(lambda: self._commit(batch.intakes))

    async def _take(self) -> Delivery:
        delivery = await self._queue.get()
        self._bytes -= len(delivery.payload)
        return delivery

    def _sort(self, delivery: Delivery, batch: "_Batch") -> None:
        now = self._clock.now()
        try:
            if delivery.leaf is Leaf.STATUS:
                batch.statuses[delivery.agent] = decode_status(delivery.payload).online
            elif delivery.leaf is Leaf.REPORT:
                report, unreadable = read_report(delivery.payload)
                intake = screen(
                    delivery.agent,
                    report,
                    unreadable,
                    keepers=self._keepers,
                    received_utc_ms=_ms(now),
                )
                batch.intakes.append(intake)
        except WireError as error:
            log.warning("refused a %s of agent %s: %s", delivery.leaf, delivery.agent, error)
            batch.refused.append(
                RefusalRow(agent=delivery.agent, at=now, what=delivery.leaf, reason=str(error))
            )

    async def _until_available(self, act: Callable[[], Awaitable[None]]) -> None:
        """Repeat ``act`` for as long as the database is away, ever more slowly."""
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                await act()
            except UnavailableError as error:
                log.warning("the database is not available, nothing is acknowledged: %s", error)
                await self._clock.wait(wait_s)
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
            else:
                return

    async def _note(self, batch: "_Batch") -> None:
        """Keep presence hints and refusals of whole payloads."""
        for agent, online in list(batch.statuses.items()):
            if await self._store.note_status(agent, online=online, now=self._clock.now()):
                self._changes.publish(f"agent/{agent}")
            del batch.statuses[agent]
        await self._store.note_refused(batch.refused)

    async def _commit(self, intakes: list[Intake]) -> None:
        """Commit, then acknowledge, then tell who listens."""
        for intake, progress in await self._commit_by_halves(intakes):
            self._send_ack(intake.agent, _ack(intake, progress, self._clock.now()))
            for refused in intake.refused:
                log.warning("refused item %d of %s: %s", refused.seq, intake.agent, refused.reason)
        topics = {f"agent/{i.agent}" for i in intakes}
        topics |= {f"gate/{x.gate_event.gate}" for i in intakes for x in i.items if x.gate_event}
        for topic in sorted(topics):
            self._changes.publish(topic)

    async def _commit_by_halves(self, intakes: list[Intake]) -> list[tuple[Intake, Progress]]:
        try:
            progress = await self._store.commit(intakes)
        except PoisonError as error:
            committed: list[tuple[Intake, Progress]] = []
            for part in _split(intakes, str(error)):
                committed += await self._commit_by_halves(part)
            return committed
        return [(i, progress[i.agent, i.spool]) for i in intakes]


@dataclass(slots=True)
class _Batch:
    """What one round works on."""

    intakes: list[Intake] = field(default_factory=list)
    refused: list[RefusalRow] = field(default_factory=list)
    statuses: dict[str, bool] = field(default_factory=dict)

    @property
    def full(self) -> bool:
        """Whether one transaction should hold no more."""
        items = sum(len(i.items) for i in self.intakes)
        boots = sum(len(i.boots) for i in self.intakes)
        return len(self.intakes) >= _MAX_REPORTS or items >= _MAX_ITEMS or boots >= _MAX_BOOTS


def _split(intakes: list[Intake], reason: str) -> list[list[Intake]]:
    """Return the parts in which poison is looked for; the last single item is refused."""
    if len(intakes) > 1:
        half = len(intakes) // 2
        return [intakes[:half], intakes[half:]]
    (intake,) = intakes
    if len(intake.items) > 1:
        half = len(intake.items) // 2
        first = replace(intake, items=intake.items[:half], watermarks=(), vitals=None, refused=())
        return [[first], [replace(intake, items=intake.items[half:])]]
    if intake.vitals is not None:
        return [[replace(intake, vitals=None)]]
    if intake.items:
        refusal = Refusal(
            seq=intake.items[0].seq, reason=f"the database refuses it: {reason}"[:500]
        )
        return [[replace(intake, items=(), refused=(*intake.refused, refusal))]]
    log.error("the database refuses what is left of a report of %s: %s", intake.agent, reason)
    return []


def _ack(intake: Intake, progress: Progress, now: datetime) -> Ack:
    return Ack(
        v=VERSION,
        spool=intake.spool,
        through=progress.through,
        ranges=progress.ranges,
        refused=intake.refused,
        server_utc_ms=_ms(now),
        sent_utc_ms=intake.sent_utc_ms,
    )


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
