"""One lane: what is under way of one spool, and the next batch of it."""

from dataclasses import dataclass
from typing import Final

from edge.forwarding import Ask, Window
from edge.spool import Spool
from wire.codec import MAX_BYTES, encode
from wire.messages import Item
from wire.topics import Leaf

PAUSE_MS: Final = 60_000
"""A spool that can't be written is left alone for so long."""

_ITEMS_MAX_BYTES: Final = MAX_BYTES * 2 // 5


@dataclass(slots=True, kw_only=True)
class Lane:
    """A spool on its way to the centre."""

    spool: str
    leaf: Leaf
    window: Window

    async def batch(self, spool: Spool, now_ms: int) -> tuple[Ask, tuple[Item, ...]] | None:
        """Return what to send now, at least one item; None if nothing is due."""
        while ask := self.window.next(now_ms):
            items = await spool.peek(self.spool, ask.after, ask.limit)
            if ask.until is not None:
                items = tuple(item for item in items if item.seq <= ask.until)
            if items:
                return ask, fitting(items)
            if ask.until is None:
                return None
            self.window = self.window.nothing_there(ask)
        return None

    def sent(self, ask: Ask, items: tuple[Item, ...], *, token: int, now_ms: int) -> None:
        """Note a report that went."""
        seqs = [item.seq for item in items]
        self.window = self.window.sent(ask, seqs, token=token, now_ms=now_ms)


def fitting(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Return the first items that fit one report; at least one, if there is one."""
    count, size = 0, 0
    for item in items:
        size += len(encode(item)) + 1
        if count and size > _ITEMS_MAX_BYTES:
            break
        count += 1
    return items[:count]
