"""What one transaction is made of: read, screened, and with a reason for all that is not taken."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from server.ingest.reading import read_report
from server.ingest.screening import GateKeepers, screen
from server.ingest.waiting import Received
from server.storage import Intake, RefusalRow
from wire.codec import WireError, decode_status
from wire.topics import Leaf

_MAX_ITEMS: Final = 5000
_MAX_REPORTS: Final = 500
_MAX_BOOTS: Final = 2000  # they become parameters of one query, and databases limit those


@dataclass(slots=True, eq=False)
class Batch:
    """Deliveries of some moments, in the order of their taking.

    Attributes:
        intakes: Reports that can be committed.
        refused: Payloads that can't be read at all, and numberless items.
        statuses: Each agent's last presence.
        done: What the deliveries' senders are to be told once this batch is dealt with.
        oldest_live_ms: When the oldest delivery of the present came, None without one.
    """

    intakes: list[Intake] = field(default_factory=list)
    refused: list[RefusalRow] = field(default_factory=list)
    statuses: dict[str, bool] = field(default_factory=dict)
    done: list[Callable[[], None]] = field(default_factory=list)
    oldest_live_ms: int | None = None
    items: int = 0
    boots: int = 0

    @property
    def is_full(self) -> bool:
        """Whether one transaction should hold no more."""
        return (
            len(self.done) >= _MAX_REPORTS or self.items >= _MAX_ITEMS or self.boots >= _MAX_BOOTS
        )

    def add(self, received: Received, keepers: GateKeepers) -> None:
        """Read one delivery; whatever it is, it finds its place here."""
        delivery = received.delivery
        self.done.append(delivery.done)
        if delivery.leaf is not Leaf.HISTORY and self.oldest_live_ms is None:
            self.oldest_live_ms = received.utc_ms
        try:
            match delivery.leaf:
                case Leaf.STATUS:
                    self.statuses[delivery.agent] = decode_status(delivery.payload).online
                case Leaf.REPORT | Leaf.HISTORY:
                    self._add_report(received, keepers)
                case _:
                    pass
        except WireError as error:
            self._refuse(received, str(error))

    def _add_report(self, received: Received, keepers: GateKeepers) -> None:
        agent, leaf = received.delivery.agent, received.delivery.leaf
        read = read_report(received.delivery.payload)
        if read.numberless is not None:
            self._refuse(received, read.numberless)
        self.items += len(read.report.items)
        self.boots += len(read.report.boots)
        self.intakes.append(
            screen(
                agent,
                read,
                keepers=keepers,
                received_utc_ms=received.utc_ms,
                late=leaf is Leaf.HISTORY,
            )
        )

    def _refuse(self, received: Received, reason: str) -> None:
        agent, leaf = received.delivery.agent, received.delivery.leaf
        at = datetime.fromtimestamp(received.utc_ms / 1000, UTC)
        self.refused.append(RefusalRow(agent=agent, at=at, what=leaf, reason=reason))
