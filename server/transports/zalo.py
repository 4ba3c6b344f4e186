"""One call to Zalo's OpenAPI: the token that goes with it, and what its error numbers mean.

Zalo answers HTTP 200 and says in the body's ``error`` how it went. The numbers are those of its
documents on ``message/cs`` and ZNS as they were in 2026; one that is not listed is tried again.
None of it was ever tried on the real service from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from server.transports.http import Answer, Poster, asked_wait_s, json_bytes, whole_number
from server.transports.message import GiveUpError, Message, RetryError
from server.transports.zalo_tokens import ZaloTokens

_BAD_TOKEN: Final = frozenset({-216, -220, -124})
_LIMITED_WAIT_S: Final = 60.0
_QUOTA_WAIT_S: Final = 3600.0

LATER: Final[Mapping[int, tuple[float | None, str]]] = {
    -32: (_LIMITED_WAIT_S, "too many calls a minute"),
    -211: (_QUOTA_WAIT_S, "the account's quota is used up"),
    -218: (None, "this person has had as many as Zalo allows"),  # others have not
    -321: (_QUOTA_WAIT_S, "the Zalo Cloud account has no money"),
    -115: (_QUOTA_WAIT_S, "the ZNS account has no money"),
    -126: (_QUOTA_WAIT_S, "the ZNS account has no money"),
    -133: (_QUOTA_WAIT_S, "this template is not sent at night"),
    -144: (_QUOTA_WAIT_S, "the day's quota of ZNS is used up"),
    -147: (_QUOTA_WAIT_S, "the day's quota of this template is used up"),
}
NEVER: Final[Mapping[int, str]] = {
    -201: "Zalo does not take this user id, or this text",
    -210: "the text is too long",
    -213: "this person does not follow the Official Account",
    -217: "this person has blocked the Official Account",
    -227: "this person's Zalo account is locked or idle",
    -230: "this person has not written to the Official Account for a week; use zalo_zns",
    -232: "this person has not written to the Official Account of late; use zalo_zns",
    -244: "this person does not want such messages",
    -108: "this is no telephone number",
    -111: "the template's parameters are missing",
    -112: "a parameter does not fit the template",
    -114: "this person's Zalo takes no ZNS",
    -117: "the account may not use this template",
    -118: "there is no Zalo account for this number",
    -119: "this Zalo account can't take ZNS",
    -132: "a parameter does not fit the template",
    -139: "this person does not want such notifications",
    -140: "this person does not want such notifications",
    -141: "this person does not want notifications of this account",
}


@dataclass(frozen=True, slots=True)
class ZaloCaller:
    """Calls one of Zalo's servers with an account's token."""

    tokens: ZaloTokens
    http: Poster

    async def call(self, url: str, body: Mapping[str, Any], message: Message) -> Answer:
        """Post; if the token is refused, once more with a new one. Returns what was taken."""
        access = await self.tokens.access(message.at)
        answer = await self._post(url, body, access)
        if whole_number(answer.said, "error") in _BAD_TOKEN:
            access = await self.tokens.access(message.at, refused=access)
            answer = await self._post(url, body, access)
        _judge(answer, message)
        return answer

    async def close(self) -> None:
        """Finish what must be, and close the connections."""
        await self.tokens.close()
        await self.http.close()

    async def _post(self, url: str, body: Mapping[str, Any], access: str) -> Answer:
        headers = {"Content-Type": "application/json", "access_token": access}
        return await self.http.post(url, data=json_bytes(body), headers=headers)


def _judge(answer: Answer, message: Message) -> None:
    """Return if it was taken; raise what is to be done if it was not."""
    number = whole_number(answer.said, "error")
    if number == 0 and answer.taken:
        return
    if number is not None and number in NEVER:
        raise GiveUpError(f"Zalo error {number}: {NEVER[number]}")
    if number is not None and number in LATER:
        wait_s, why = LATER[number]
        raise RetryError(f"Zalo error {number}: {why}", after_s=wait_s)
    told = f"HTTP {answer.status}" if number is None else f"error {number}"
    raise RetryError(f"Zalo {told}", after_s=asked_wait_s(answer.retry_after, message.at))
