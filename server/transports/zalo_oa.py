"""Text messages of a Zalo Official Account, OpenAPI v3.0 ``message/cs``.

Zalo lets an account write so only to people who have written to it within a week; whoever is to be
told at any time is told by ZNS (``zalo_zns``).
"""

from datetime import datetime
from typing import Final

from server.config import ZaloOa
from server.transports.message import GiveUpError, Message, short
from server.transports.zalo import ZaloCaller

_LONGEST: Final = 2000


class ZaloOaTransport:
    """Writes to Zalo user ids."""

    def __init__(self, config: ZaloOa, caller: ZaloCaller) -> None:
        self._url = f"{config.server}/v3.0/oa/message/cs"
        self._caller = caller

    async def send(self, message: Message) -> str:
        """Write to each user; who had it before one failed will have it twice."""
        if not message.to:
            raise GiveUpError("the receiver has no Zalo user id")
        text = {"text": short(message.text, _LONGEST)}
        for user in message.to:
            body = {"recipient": {"user_id": user}, "message": text}
            await self._caller.call(self._url, body, message)
        return "taken by Zalo"

    async def tend(self, now: datetime) -> None:
        """Renew the account's tokens in time."""
        await self._caller.tokens.tend(now)

    async def close(self) -> None:
        """Finish what must be, and close the connections."""
        await self._caller.close()
