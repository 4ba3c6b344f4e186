"""Whether what a client shows is the right user and password: WS-Security and HTTP Digest. Pure."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

from edge.onvif.markup import Node
from edge.rtsp.auth import digest, parse_authorization

_REALM: Final = "vonggac-sim"
_NONCE: Final = "5a17c0ffee"
_TOLERANCE: Final = timedelta(seconds=30)
CHALLENGE: Final = f'Digest realm="{_REALM}", qop="auth", nonce="{_NONCE}", algorithm=MD5'


def is_right_token(token: Node, *, user: str, password: str, now: datetime) -> bool:
    """Check a UsernameToken; one that was not stamped about ``now`` looks like a replay."""
    created = token.said("Created") or ""
    try:
        at = datetime.fromisoformat(created)
        nonce = base64.b64decode(token.said("Nonce") or "")
    except ValueError:
        return False
    if abs(at.astimezone(UTC) - now) > _TOLERANCE:
        return False
    made = hashlib.sha1(nonce + created.encode() + password.encode())  # noqa: S324 (the profile's)
    wanted = base64.b64encode(made.digest()).decode()
    said = token.said("Password") or ""
    return token.said("Username") == user and hmac.compare_digest(wanted, said)


def is_right_digest(authorization: str, method: str, *, user: str, password: str) -> bool | None:
    """Check an ``Authorization`` header; None if it shows no Digest."""
    parsed = parse_authorization(authorization)
    if parsed is None or parsed[0] != "Digest":
        return None
    said = parsed[1]
    wanted = digest(
        user=user,
        realm=_REALM,
        password=password,
        method=method,
        uri=said.get("uri", ""),
        nonce=_NONCE,
        qop="auth",
        nonce_count=said.get("nc", ""),
        cnonce=said.get("cnonce", ""),
    )
    return said.get("username") == user and said.get("response") == wanted
