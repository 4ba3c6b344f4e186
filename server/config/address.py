"""``host:port`` and URLs, checked while the configuration is read."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from server.config.document import Field

MAX_PORT: Final = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen or to connect: a host (name, IPv4 or IPv6 without brackets) and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def listen_address(field: Field) -> Address:
    """Return where to listen; port 0 is any free one."""
    return _address(field, lowest_port=0)


def remote_address(field: Field) -> Address:
    """Return where to connect."""
    return _address(field, lowest_port=1)


def _address(field: Field, *, lowest_port: int) -> Address:
    if field.kind != "str":
        raise field.error(f"host:port is expected, found {field.found()}")
    value = field.text()
    host, _, port = value.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not bare or ("[" in bare or "]" in bare) or (":" in bare and bare == host):
        raise field.error(f"host:port is expected ([host]:port for IPv6), found '{value}'")
    if not port.isascii() or not port.isdigit():
        raise field.error(f"host:port is expected, found '{value}'")
    if not lowest_port <= int(port) <= MAX_PORT:
        raise field.error(f"port {port} is not between {lowest_port} and {MAX_PORT}")
    return Address(host=bare, port=int(port))


def url_parts(field: Field, text: str, schemes: tuple[str, ...]) -> SplitResult:
    """Split a URL of one of ``schemes``. Its text is kept out of errors: it may hold a secret."""
    wanted = " or ".join(f"{s}://" for s in schemes)
    try:
        parts = urlsplit(text)
        port_fits = parts.port is None or parts.port > 0
    except ValueError as exc:
        raise field.error(f"not a URL: {_harmless(exc)}") from exc
    if parts.scheme not in schemes:
        raise field.error(f"a URL that begins with {wanted} is expected")
    if not parts.hostname or not port_fits:
        raise field.error("the URL has no host, or port 0")
    return parts


def _harmless(exc: ValueError) -> str:
    """Name the trouble with a URL without quoting the URL."""
    return "its port is not a number up to 65535" if "ort" in str(exc) else "its host is malformed"
