"""Links that take an incident on without a password: signed, good once, for a day.

A link names the letter that it was sent in and the second at which it ends, with an HMAC-SHA256 of
both under a key that is kept in the database and shown nowhere. Whoever has the link has what its
receiver has: the first line, and the one button. It is used by a POST alone, since messengers open
links to preview them. Once used, it stays used (a record of kind ``link_used``).
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from server.storage import ConflictError, Put, Store

LIFE: Final = timedelta(hours=24)
USED: Final = "link_used"
_KEY: Final = "ack.key"
_KEY_BYTES: Final = 32
_MAC_BYTES: Final = 16
_PURPOSE: Final = b"vonggac acknowledge 1\0"


class LinkError(Exception):
    """A link that opens nothing; ``expired``: it once did."""

    def __init__(self, why: str, *, expired: bool = False) -> None:
        super().__init__(why)
        self.expired = expired


async def load_key(store: Store) -> bytes:
    """Return the key; the first server to ask makes it. Raises ``StoreError``."""
    found = await store.keepsake(_KEY)
    if found is None:
        await store.keep(_KEY, secrets.token_bytes(_KEY_BYTES), expected=0)
        found = await store.keepsake(_KEY)
    if found is None:
        raise RuntimeError("a key that was kept is gone")
    return found[1]


def token_of(key: bytes, letter: str, ends_at: datetime) -> str:
    """Return the text that goes into the link of a letter."""
    told = UUID(letter).bytes + int(ends_at.timestamp()).to_bytes(5, "big")
    return base64.urlsafe_b64encode(told + _mac(key, told)).decode().rstrip("=")


def letter_of(key: bytes, token: str, now: datetime) -> str:
    """Return the letter that a link was sent in. Raises ``LinkError``."""
    try:
        whole = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError) as error:
        raise LinkError("not a link of ours") from error
    told, mac = whole[:-_MAC_BYTES], whole[-_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(key, told)):
        raise LinkError("not a link of ours")
    if now >= datetime.fromtimestamp(int.from_bytes(told[16:], "big"), UTC):
        raise LinkError("the link has ended", expired=True)
    return str(UUID(bytes=told[:16]))


async def is_used(store: Store, letter: str) -> bool:
    """Tell whether a letter's link was used. Raises ``StoreError``."""
    return await store.record(USED, letter) is not None


async def use(store: Store, letter: str, *, by: str, now: datetime) -> None:
    """Note that a letter's link was used; it may have been already. Raises ``StoreError``."""
    put = Put(kind=USED, id=letter, expected=0, data=msgspec.json.encode({}))
    try:
        await store.put_records([put], by=by, now=now)
    except ConflictError:
        return


def _mac(key: bytes, told: bytes) -> bytes:
    return hmac.new(key, _PURPOSE + told, hashlib.sha256).digest()[:_MAC_BYTES]
