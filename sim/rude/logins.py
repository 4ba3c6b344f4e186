"""Cameras that ask for their password in unusual ways. Pure."""

from collections.abc import Mapping
from typing import Final

from edge.rtsp.framing import Request, Response
from sim.door import Asking, Nonces
from sim.manners import Manner, plain
from sim.rude.kind import Rude
from wire.vocabulary import Cause


def forbidding_login(request: Request, response: Response) -> Response:
    """Take the login, but refuse SETUP with 401, as if it were wrong."""
    if request.method != "SETUP":
        return response
    return plain(401, [("WWW-Authenticate", 'Digest realm="Vong Gac camera", nonce="another"')])


def _asking(says: str, asking: Asking) -> Rude:
    return Rude(says=says, manner=Manner(asking=asking))


LOGINS: Final[Mapping[str, Rude]] = {
    "basic": _asking("asks for Basic only", Asking(schemes=("Basic",))),
    "both": _asking("offers Basic first, then Digest", Asking(schemes=("Basic", "Digest"))),
    "sha-256": _asking("asks for Digest SHA-256", Asking(algorithm="SHA-256", qop="auth")),
    "md5-sess": _asking("asks for Digest MD5-sess", Asking(algorithm="MD5-sess", qop="auth")),
    "auth-int": _asking("asks for Digest with qop=auth-int", Asking(qop="auth-int")),
    "no-algorithm": _asking("names no algorithm", Asking(algorithm=None)),
    "asking-options": _asking("wants a login for OPTIONS too", Asking(options=True)),
    "nonce-once": _asking("has a new nonce for each answer", Asking(nonces=Nonces.ONCE)),
    "nonce-stale": _asking("calls its first nonce stale", Asking(nonces=Nonces.STALE_FIRST)),
    "quoted-realm": _asking(
        "has a realm with quotes, opaque and domain",
        Asking(realm=r"IP \"Camera\" (C\\1)", more=', opaque="x=1, y", domain="/"', qop="auth"),
    ),
    "utf-8": Rude(
        says="has a user and a password in Vietnamese",
        user="bảo vệ",
        password="m@t/khẩu:?#%41",  # noqa: S106 (a simulated camera's)
    ),
    "open": _asking("asks for no password", Asking(schemes=())),
    "stale-for-ever": Rude(
        says="calls every nonce stale",
        expect=Cause.RTSP_AUTH,
        manner=Manner(asking=Asking(nonces=Nonces.ALWAYS_STALE)),
    ),
    "other-algorithm": Rude(
        says="asks for an algorithm that we don't know",
        expect=Cause.RTSP_AUTH,
        told="Digest or Basic is needed",
        manner=Manner(asking=Asking(schemes=("Negotiate",))),
    ),
    "401-busy": Rude(
        says="takes the login at DESCRIBE and answers SETUP with 401",
        expect=Cause.RTSP_BUSY,
        told="accepted a moment ago",
        manner=Manner(reword=forbidding_login),
    ),
}
