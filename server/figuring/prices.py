"""The authority's price list in the book of records: kind ``price``, one record for each work."""

from dataclasses import dataclass
from typing import Final

import msgspec

from server.domain.remedies import Fund, Price, Work
from server.storage import Record, Store

PRICE: Final = "price"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceEntry:
    """A price as typed in; its record's id is the kind of work. See ``domain.remedies.Price``."""

    amount_vnd: int
    source: str
    fund: Fund
    note: str = ""


async def load_prices(store: Store) -> dict[Work, Price]:
    """Return the prices that stand now. Raises ``StoreError``."""
    return {price.work: price for r in await store.records(PRICE) if (price := price_in(r))}


def price_in(record: Record) -> Price | None:
    """Return the price that a record holds; None for work that this version does not know."""
    if record.id not in set(Work):
        return None
    entry = msgspec.json.decode(record.data, type=PriceEntry)
    return Price(
        work=Work(record.id),
        amount_vnd=entry.amount_vnd,
        source=entry.source,
        fund=entry.fund,
        note=entry.note,
    )
