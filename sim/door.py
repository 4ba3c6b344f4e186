"""How a camera asks for its password, and whether what it is given opens. Pure.

Digest (RFC 2617, 7616) and Basic. How one asks is ``Asking``; what it counts is ``sim.login``.
"""

import base64
import binascii
import secrets
from dataclasses import dataclass
from enum import Enum
from typing import Final

from edge.rtsp.auth import digest, parse_authorization
from edge.rtsp.framing import Request

REALM: Final = "Vong Gac camera"


class Nonces(Enum):
    """How long a nonce is good.

    ``ONCE``: each answer wants a new one, and it does not say that the old one was stale.
    ``STALE_FIRST``: the first is stale by the time that it is used. ``ALWAYS_STALE``: all are.
    """

    CONNECTION = "connection"
    ONCE = "once"
    STALE_FIRST = "stale first"
    ALWAYS_STALE = "always stale"


class Offer(Enum):
    """What a request brought."""

    NOTHING = "nothing"
    STALE = "stale"
    WRONG = "wrong"
    RIGHT = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a camera asks for its password.

    Attributes:
        schemes: What it offers, in this order.
        algorithm: Of Digest; None does not say.
        qop: Of Digest; None does not say.
        realm: As it stands between the quotes.
        more: Further parameters of the Digest challenge, with their comma.
        options: Whether OPTIONS wants a login too.
        nonces: How long a nonce is good.
    """

    schemes: tuple[str, ...] = ("Digest",)
    algorithm: str | None = "MD5"
    qop: str | None = None
    realm: str = REALM
    more: str = ""
    options: bool = False
    nonces: Nonces = Nonces.CONNECTION


class Door:
    """One connection's nonces."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self._nonce = secrets.token_hex(16)
        self._used = False
        self._stale = False

    def challenges(self) -> list[tuple[str, str]]:
        """Return the headers that ask for a password."""
        return [("WWW-Authenticate", self._challenge(scheme)) for scheme in self.asking.schemes]

    def offered(self, request: Request, user: str, password: str) -> Offer:
        """Tell what ``request`` brought, measured with the right ``user`` and ``password``."""
        self._stale = False
        parsed = parse_authorization(request.headers.get("Authorization") or "")
        if parsed is None or parsed[0] not in self.asking.schemes:
            return Offer.NOTHING
        if parsed[0] == "Basic":
            right = _basic(parsed[1]["credentials"]) == f"{user}:{password}"
            return Offer.RIGHT if right else Offer.WRONG
        if not self._is_right(request.method, parsed[1], user, password):
            return Offer.WRONG
        return self._judge(fresh=parsed[1].get("nonce") == self._nonce)

    def _judge(self, *, fresh: bool) -> Offer:
        """Tell what the right password is worth with this nonce."""
        used, self._used = self._used, True
        match self.asking.nonces:
            case Nonces.STALE_FIRST if not used:
                self._renew(stale=True)
                return Offer.STALE
            case Nonces.ALWAYS_STALE:
                self._renew(stale=True)
                return Offer.STALE
            case Nonces.ONCE if fresh:
                self._renew()
                return Offer.RIGHT
            case _:
                return Offer.RIGHT if fresh else Offer.STALE

    def _renew(self, *, stale: bool = False) -> None:
        self._nonce, self._stale = secrets.token_hex(16), stale

    def _is_right(self, method: str, given: dict[str, str], user: str, password: str) -> bool:
        asking = self.asking
        wanted = digest(
            algorithm=asking.algorithm or "MD5",
            user=user,
            realm=asking.realm.replace('\\"', '"').replace("\\\\", "\\"),
            password=password,
            method=method,
            uri=given.get("uri", ""),
            nonce=given.get("nonce", ""),
            qop=asking.qop,
            nonce_count=given.get("nc", ""),
            cnonce=given.get("cnonce", ""),
        )
        return given.get("username") == user and secrets.compare_digest(
            given.get("response", "").encode(), wanted.encode()
        )

    def _challenge(self, scheme: str) -> str:
        asking = self.asking
        if scheme != "Digest":
            return f'{scheme} realm="{asking.realm}"'
        algorithm = f", algorithm={asking.algorithm}" if asking.algorithm else ""
        qop = f', qop="{asking.qop}"' if asking.qop else ""
        stale = ", stale=true" if self._stale else ""
        head = f'Digest realm="{asking.realm}", nonce="{self._nonce}"'
        return f"{head}{algorithm}{qop}{stale}{asking.more}"


def _basic(credentials: str) -> str:
    try:
        return base64.b64decode(credentials).decode(errors="replace")
    except (binascii.Error, ValueError):
        return ""
