"""Zalo Notification Service: templates that Zalo has approved, to telephone numbers.

What a template says is fixed there; here its parameters are filled with facts of the message. A
fact that a message does not have shows as a dash: better a gap than no message.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from server.config import ZaloZns, ZnsTemplate
from server.transports.message import GiveUpError, Message, short
from server.transports.zalo import ZaloCaller

_DEFAULT: Final = "default"
_TRACKING_AT_MOST: Final = 48
_PHONE: Final = re.compile(r"84\d{8,10}")


class ZaloZnsTransport:
    """Notifies telephone numbers."""

    def __init__(self, config: ZaloZns, caller: ZaloCaller) -> None:
        self._url = f"{config.server}/message/template"
        self._templates = config.templates
        self._caller = caller

    async def send(self, message: Message) -> str:
        """Notify each number; who had it before one failed will have it twice."""
        if not message.to:
            raise GiveUpError("the receiver has no telephone number")
        occasion = str(message.facts.get("occasion", _DEFAULT))
        template = self._templates.get(occasion) or self._templates.get(_DEFAULT)
        if template is None:
            raise GiveUpError(f"there is no template for '{occasion}', and none called default")
        for number in [phone(to) for to in message.to]:
            body = {
                "phone": number,
                "template_id": template.id,
                "template_data": filled(template, message),
                "tracking_id": tracking_id(message.id),
            }
            await self._caller.call(self._url, body, message)
        return "taken by Zalo"

    async def tend(self, now: datetime) -> None:
        """Renew the account's tokens in time."""
        await self._caller.tokens.tend(now)

    async def close(self) -> None:
        """Finish what must be, and close the connections."""
        await self._caller.close()


def phone(written: str) -> str:
    """Return a Vietnamese number as Zalo wants it, 84 first. Raises ``GiveUpError``."""
    digits = re.sub(r"[\s.()+-]", "", written)
    found = f"84{digits[1:]}" if digits.startswith("0") else digits
    if not (_PHONE.fullmatch(found) and found.isascii()):
        raise GiveUpError("the receiver's address is no Vietnamese telephone number")
    return found


def tracking_id(name: str) -> str:
    """Return a message's id, or what stands for it where Zalo would refuse one so long."""
    return (
        name if len(name) <= _TRACKING_AT_MOST else hashlib.sha256(name.encode()).hexdigest()[:32]
    )


def filled(template: ZnsTemplate, message: Message) -> dict[str, str]:
    """Return a template's parameters for a message."""
    facts = {**message.facts, "subject": message.subject, "text": message.text}
    return {
        name: short(_fact(facts, wanted.fact), wanted.longest)
        for name, wanted in template.parameters.items()
    }


def _fact(facts: Mapping[str, Any], key: str) -> str:
    value: Any = facts
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    text = "" if value is None else " ".join(str(value).split())
    return text or "-"
