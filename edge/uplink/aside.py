"""What the centre can't even read: out of the queue, with its reason, so that it blocks nothing."""

import logging
from typing import Final

from edge.spool import Spool
from wire.messages import Refusal

log = logging.getLogger(__name__)

_UNREAD: Final = "sent by itself again and again, the centre answered others but never this one"


async def set_aside(spool: Spool, name: str, poison: tuple[int, ...]) -> None:
    """Take what the centre can't read out of the queue, with the reason."""
    if poison:
        log.error("items %s are set aside: %s", ", ".join(map(str, poison)), _UNREAD)
        await spool.set_aside(name, [Refusal(seq=seq, reason=_UNREAD) for seq in poison])
