"""A Telegram bot. Apprise has one too, but hides how long Telegram asks to wait (429).

Plain text without previews: whoever looks at a link before a person does, could acknowledge by it.
Bot API 9: ``sendMessage``, ``parameters.retry_after``, ``parameters.migrate_to_chat_id``.
"""

from typing import Any, Final

from server.config import Telegram
from server.transports.http import Answer, Poster, asked_wait_s, json_bytes, whole_number
from server.transports.message import GiveUpError, Message, RetryError, short

_LONGEST: Final = 4000
"""Telegram takes 4,096 characters, by a count of its own."""
_REFUSES_TOKEN: Final = frozenset({401, 404})
_JSON: Final = {"Content-Type": "application/json"}


class TelegramTransport:
    """Writes to the chats that a message names, else to the configured one."""

    def __init__(self, config: Telegram) -> None:
        self._config = config
        self._http = Poster()

    async def send(self, message: Message) -> str:
        """Write to each chat; who had it before one failed will have it twice."""
        chats = message.to or ((self._config.chat,) if self._config.chat else ())
        if not chats:
            raise GiveUpError("no chat: neither the receiver nor the channel names one")
        said = [await self._write(chat, message) for chat in chats]
        return ", ".join(said)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _write(self, chat: str, message: Message) -> str:
        answer = await self._post(chat, message)
        moved = whole_number(answer.said, "parameters", "migrate_to_chat_id")
        if moved is not None:  # the group has become a supergroup, with another id
            answer = await self._post(str(moved), message)
        return _judge(answer, message)

    async def _post(self, chat: str, message: Message) -> Answer:
        body: dict[str, Any] = {
            "chat_id": chat,
            "text": short(message.text, _LONGEST),
            "link_preview_options": {"is_disabled": True},
        }
        url = f"{self._config.server}/bot{self._config.token.reveal()}/sendMessage"
        return await self._http.post(url, data=json_bytes(body), headers=_JSON)


def _judge(answer: Answer, message: Message) -> str:
    if answer.taken:
        return f"message {whole_number(answer.said, 'result', 'message_id')}"
    if answer.status in _REFUSES_TOKEN:
        raise RetryError("Telegram refuses the bot's token")
    if answer.temporary:
        asked = whole_number(answer.said, "parameters", "retry_after")
        wait = answer.retry_after if asked is None else asked
        raise RetryError(f"HTTP {answer.status}", after_s=asked_wait_s(wait, message.at))
    raise GiveUpError(f"HTTP {answer.status}: the chat is unknown, or has blocked the bot")
