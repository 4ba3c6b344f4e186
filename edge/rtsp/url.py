"""Camera addresses, with the credentials kept apart from all that is sent or shown.

Technicians paste passwords as they are, so a URL is not held to RFC 3986: ``@``, ``/``, ``?`` and
``#`` may stand in a password. What is ambiguous then is decided so: an ``@`` before an IP address
or ``host:port`` ends the credentials, the last such one counting; else the last ``@`` before the
first ``/``; else the last ``@`` before anything that can be a host. ``%40`` in a literal is
decoded. ``${NAME}`` is put in *after* the split and never decoded, so that a password from the
environment or a secrets file may hold any character at all.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import quote, unquote

from edge.redact import STARS, Secret

DEFAULT_PORTS: Final = {"rtsp": 554, "rtsps": 322}
_MAX_CHARS: Final = 4096
_SHOWN: Final = 60
_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_HOST_PORT: Final = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]+(?:%[\w.~-]+)?\]|[\w.-]+)(?::(?P<port>\d{1,5}))?(?=[/?#]|$)"
)
_SECRET_QUERY: Final = re.compile(
    r"(?i)(?<![a-z0-9])((?:pass|passwd|password|pwd|pw|token|key)=)[^&/?#]*"
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_PATH_SAFE: Final = "%!$&'()*+,;=:@/?-._~[]|{}"


class UrlError(ValueError):
    """A camera address that cannot be used; its text never holds the address itself."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user's name and password."""

    user: str
    password: Secret


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CameraUrl:
    """Where a camera is.

    Attributes:
        scheme: ``rtsp`` or ``rtsps``.
        host: Name or address, an IPv6 address without brackets (``fe80::1%eth0`` with its zone).
        port: TCP port.
        target: Path and query, percent-encoded where needed, starting with ``/``, or empty.
        credentials: Who we say we are, or None.
    """

    scheme: str
    host: str
    port: int
    target: str = ""
    credentials: Credentials | None = field(default=None)

    @classmethod
    def parse(cls, text: str, lookup: Callable[[str], str] | None = None) -> "CameraUrl":
        """Return the address that ``text`` means; raise ``UrlError`` with what is wrong.

        ``lookup`` gives the value of a ``${NAME}``; its ``KeyError`` becomes a ``UrlError``.
        """
        scheme, separator, rest = text.strip().partition("://")
        scheme = scheme.lower()
        if not separator or scheme not in DEFAULT_PORTS:
            raise UrlError("a camera address starts with rtsp:// or rtsps://")
        if len(text) > _MAX_CHARS:
            raise UrlError(f"a camera address has at most {_MAX_CHARS} characters")
        userinfo, host_port, target = _split(rest)
        host, port = _host_port(_fill(host_port, lookup), DEFAULT_PORTS[scheme])
        return cls(
            scheme=scheme,
            host=host,
            port=port,
            target=_target(_fill(target, lookup)),
            credentials=_credentials(userinfo, lookup),
        )

    @property
    def request_uri(self) -> str:
        """The URI for request lines: everything but the credentials."""
        return f"{self.scheme}://{self.netloc}{self.target}"

    @property
    def netloc(self) -> str:
        """``host:port``, an IPv6 address in brackets and without its zone (RFC 6874 §1)."""
        host = self.host.partition("%")[0]
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    @property
    def redacted(self) -> str:
        """The address for people and logs: no password, also none in the query."""
        who = f"{self.credentials.user}:{STARS}@" if self.credentials else ""
        target = _SECRET_QUERY.sub(rf"\1{STARS}", self.target)
        return f"{self.scheme}://{who}{self.netloc}{target}"

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must not appear in any text about this camera."""
        return (self.credentials.password,) if self.credentials else ()

    def with_password(self, password: Secret) -> "CameraUrl":
        """Return this address with another password (one that was asked for at a prompt)."""
        user = self.credentials.user if self.credentials else ""
        return replace(self, credentials=Credentials(user, password))

    def redirected(self, target: "CameraUrl") -> "CameraUrl":
        """Return where a camera sends us, with our credentials only if it stays the same host.

        A stranger is not told the password, nor is it sent in the clear after TLS was asked for.
        What credentials the redirect itself holds is none of ours.
        """
        same_host = target.host.lower() == self.host.lower()
        in_the_clear = self.scheme == "rtsps" and target.scheme == "rtsp"
        keep = same_host and not in_the_clear
        return replace(target, credentials=self.credentials if keep else None)

    def __repr__(self) -> str:
        return f"CameraUrl({self.redacted!r})"


def _split(rest: str) -> tuple[str, str, str]:
    """Return userinfo, ``host:port`` and target; see the module's docstring for the rule."""
    at = _last_at(rest)
    userinfo, after = (rest[:at], rest[at + 1 :]) if at >= 0 else ("", rest)
    end = next((i for i, char in enumerate(after) if char in "/?#"), len(after))
    return userinfo, after[:end], after[end:]


def _last_at(rest: str) -> int:
    """Return the index of the ``@`` that ends the credentials, or -1."""
    ats = [i for i, char in enumerate(rest) if char == "@"]
    for at in reversed(ats):
        if _is_certain_host(rest, at + 1):
            return at
    first_slash = next((i for i, char in enumerate(rest) if char in "/?"), len(rest))
    in_authority = [at for at in ats if at < first_slash]
    if in_authority or _HOST_PORT.match(_VARIABLE.sub("v", rest)):
        return in_authority[-1] if in_authority else -1
    candidates = [at for at in ats if _HOST_PORT.match(_VARIABLE.sub("v", rest[at + 1 :]))]
    return candidates[-1] if candidates else -1


def _is_certain_host(rest: str, start: int) -> bool:
    """Tell whether an IP address, or any ``host:port``, stands at ``start``."""
    match = _HOST_PORT.match(rest, start)
    return match is not None and (match["port"] is not None or _is_address(match["host"]))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _host_port(text: str, default_port: int) -> tuple[str, int]:
    match = _HOST_PORT.fullmatch(text)
    if match is None:
        raise UrlError("the host or port of the camera address is missing or malformed")
    host = match["host"].replace("%25", "%")  # RFC 6874 writes a zone's percent sign so
    if host.startswith("[") and not _is_address(host):
        raise UrlError("the camera address holds a malformed IPv6 address")
    port = int(match["port"]) if match["port"] else default_port
    if not 0 < port < 1 << 16:
        raise UrlError(f"the camera address has port {port}; a port is 1 to 65535")
    return host.strip("[]"), port


def _credentials(userinfo: str, lookup: Callable[[str], str] | None) -> Credentials | None:
    if not userinfo:
        return None
    user, _, password = userinfo.partition(":")
    return Credentials(
        _fill(user, lookup, decode=True), Secret(_fill(password, lookup, decode=True))
    )


def _target(text: str) -> str:
    if _CONTROL.search(text):
        raise UrlError("the path of the camera address holds a control character")
    # A camera that redirects us may use any octets.
    quoted = quote(text.partition("#")[0], safe=_PATH_SAFE, errors="surrogateescape")
    return f"/{quoted}" if quoted.startswith("?") else quoted


def _fill(text: str, lookup: Callable[[str], str] | None, *, decode: bool = False) -> str:
    """Put values in for ``${NAME}``; percent-decode (if asked) only what stood in the text."""
    parts = _VARIABLE.split(text)
    for i, part in enumerate(parts):
        if i % 2:
            parts[i] = _value(part, lookup)
        elif decode:
            parts[i] = unquote(part)
    return "".join(parts)


def _value(name: str, lookup: Callable[[str], str] | None) -> str:
    if lookup is None:
        return f"${{{name}}}"
    try:
        return lookup(name)
    except KeyError:
        raise UrlError(f"${{{name[:_SHOWN]}}} in the camera address is not set") from None
