"""Digest and Basic authentication (RFC 2617, RFC 7616), for both ends.

MD5 stays because most cameras in the field know nothing else (RFC 2326 refers to RFC 2617); a
camera that offers SHA-256 first gets SHA-256. Among challenges the first Digest whose algorithm we
know is taken, Basic only where no Digest is offered. ``auth-int`` is spoken only where ``auth`` is
not offered, for requests without a body, which all of ours are.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.rtsp.framing import Headers
from edge.rtsp.url import Credentials

_MAX_CHALLENGES: Final = 8
_QOPS: Final = ("auth", "auth-int")
_BETWEEN: Final = re.compile(r"[\s,]*")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]*)(?=\s|,|$)(?!\s*=)")
_PARAM: Final = re.compile(r'([A-Za-z][A-Za-z0-9*-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))')


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


HASHES: Final[dict[str, Callable[[bytes], str]]] = {
    "MD5": _md5,
    "MD5-SESS": _md5,
    "SHA-256": _sha256,
    "SHA-256-SESS": _sha256,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """One ``WWW-Authenticate`` challenge; ``algorithm`` is in upper case, ``qop`` as offered."""

    scheme: str
    realm: str = ""
    nonce: str = ""
    opaque: str | None = None
    algorithm: str = "MD5"
    algorithm_given: bool = False
    qop: tuple[str, ...] = ()
    stale: bool = False

    @property
    def supported(self) -> bool:
        """Whether ``authorize`` can answer it."""
        if self.scheme == "Basic":
            return True
        known_qop = not self.qop or self.chosen_qop is not None
        return self.scheme == "Digest" and self.algorithm in HASHES and known_qop

    @property
    def chosen_qop(self) -> str | None:
        """The quality of protection to answer with, None for none (or none that we know)."""
        return next((qop for qop in _QOPS if qop in self.qop), None)


def parse_challenges(headers: Headers) -> tuple[Challenge, ...]:
    """Return the challenges of all ``WWW-Authenticate`` headers, in order; junk is left out."""
    found = []
    for value in headers.get_all("WWW-Authenticate"):
        found += [_challenge(scheme, params) for scheme, params in _schemes(value)]
    return tuple(found[:_MAX_CHALLENGES])


def choose(challenges: tuple[Challenge, ...]) -> Challenge | None:
    """Return the challenge to answer: the first Digest that we know, else Basic, else None."""
    usable = [challenge for challenge in challenges if challenge.supported]
    digests = [challenge for challenge in usable if challenge.scheme == "Digest"]
    return next(iter(digests or usable), None)


def authorize(
    challenge: Challenge,
    credentials: Credentials,
    *,
    method: str,
    uri: str,
    cnonce: str,
    nonce_count: int = 1,
) -> str:
    """Return the ``Authorization`` value for one request.

    ``cnonce`` is the caller's random text (used with ``qop=auth`` and ``-sess``); ``nonce_count``
    how often this nonce has been used, from 1. Raises ``ValueError`` for an unsupported challenge.
    """
    if not challenge.supported:
        raise ValueError(f"{challenge.scheme} {challenge.algorithm} is not supported")
    if challenge.scheme == "Basic":
        pair = f"{credentials.user}:{credentials.password.reveal()}"
        return f"Basic {base64.b64encode(_octets(pair)).decode()}"
    qop = challenge.chosen_qop
    response = digest(
        algorithm=challenge.algorithm,
        user=credentials.user,
        realm=challenge.realm,
        password=credentials.password.reveal(),
        method=method,
        uri=uri,
        nonce=challenge.nonce,
        qop=qop,
        nonce_count=f"{nonce_count:08x}",
        cnonce=cnonce,
    )
    return _digest_header(challenge, credentials.user, uri, qop, nonce_count, cnonce, response)


def digest(
    *,
    algorithm: str = "MD5",
    user: str,
    realm: str,
    password: str,
    method: str,
    uri: str,
    nonce: str,
    qop: str | None = None,
    nonce_count: str = "",
    cnonce: str = "",
) -> str:
    """Return the response hash in hex (RFC 7616 §3.4.1); ``nonce_count`` is the header's 8 digits.

    A server checks with it what a client made with it. Raises ``ValueError`` for an algorithm or
    qop that is not known.
    """
    name = algorithm.upper()
    if name not in HASHES or qop not in {None, *_QOPS}:
        raise ValueError(f"Digest with algorithm {algorithm}, qop {qop} is not supported")
    hashed = HASHES[name]
    a1 = hashed(_octets(f"{user}:{realm}:{password}"))
    if name.endswith("-SESS"):
        a1 = hashed(_octets(f"{a1}:{nonce}:{cnonce}"))
    a2_text = f"{method}:{uri}:{hashed(b'')}" if qop == "auth-int" else f"{method}:{uri}"
    a2 = hashed(_octets(a2_text))
    middle = f"{nonce}:{nonce_count}:{cnonce}:{qop}" if qop else nonce
    return hashed(_octets(f"{a1}:{middle}:{a2}"))


def parse_authorization(value: str) -> tuple[str, dict[str, str]] | None:
    """Return a request's scheme and parameters (``credentials`` holds Basic's base64), or None."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() == "basic":
        return "Basic", {"credentials": rest.strip()}
    return next(iter(_schemes(value)), None)


def _digest_header(
    challenge: Challenge,
    user: str,
    uri: str,
    qop: str | None,
    nonce_count: int,
    cnonce: str,
    response: str,
) -> str:
    parts = [
        f"username={_quoted(user)}",
        f"realm={_quoted(challenge.realm)}",
        f"nonce={_quoted(challenge.nonce)}",
        f"uri={_quoted(uri)}",
        f'response="{response}"',
    ]
    if challenge.algorithm_given:
        parts.append(f"algorithm={challenge.algorithm.replace('-SESS', '-sess')}")
    if challenge.opaque is not None:
        parts.append(f"opaque={_quoted(challenge.opaque)}")
    if qop:
        parts += [f"qop={qop}", f"nc={nonce_count:08x}"]
    if qop or challenge.algorithm.endswith("-SESS"):
        parts.append(f"cnonce={_quoted(cnonce)}")
    return "Digest " + ", ".join(parts)


def _schemes(value: str) -> list[tuple[str, dict[str, str]]]:
    """Split ``Digest a="b", c=d, Basic realm="x"`` into schemes with their parameters."""
    found: list[tuple[str, dict[str, str]]] = []
    position = 0
    while between := _BETWEEN.match(value, position):
        position = between.end()
        if scheme := _SCHEME.match(value, position):
            found.append((scheme[1].title(), {}))
            position = scheme.end()
        elif found and (param := _PARAM.match(value, position)):
            text = re.sub(r"\\(.)", r"\1", param[2]) if param[2] is not None else param[3]
            found[-1][1].setdefault(param[1].lower(), text)
            position = param.end()
        else:
            break
    return found


def _challenge(scheme: str, params: dict[str, str]) -> Challenge:
    return Challenge(
        scheme=scheme,
        realm=params.get("realm", ""),
        nonce=params.get("nonce", ""),
        opaque=params.get("opaque"),
        algorithm=params.get("algorithm", "MD5").upper(),
        algorithm_given="algorithm" in params,
        qop=tuple(
            word.strip().lower() for word in params.get("qop", "").split(",") if word.strip()
        ),
        stale=params.get("stale", "").lower() == "true",
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _octets(text: str) -> bytes:
    return text.encode(errors="surrogateescape")
