"""The way to the broker as far as TLS: name, connection, certificate."""

import contextlib
import errno
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from edge.config import CentreConfig
from edge.doctor.check import Check, Topic, failed, good, warning

_EXPIRES_SOON: Final = timedelta(days=30)
_EXPIRED, _NOT_YET, _WRONG_NAME = 10, 9, frozenset({62, 64})  # OpenSSL's X509_V_ERR_*
_LOOPBACK: Final = ("127.", "::1", "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How far it goes; ``trouble`` is the code of what stopped it, or empty.

    Attributes:
        addresses: What the name stands for.
        connect_ms: How long the TCP connection took; None: there was none.
        ends: When the broker's certificate (or the authority's, if sooner) runs out.
        why: The system's own words about the trouble.
    """

    addresses: tuple[str, ...] = ()
    connect_ms: int | None = None
    ends: datetime | None = None
    trouble: str = ""
    why: str = ""


def look_at_way(centre: CentreConfig, *, within_s: float, ms: Any) -> Way:
    """Resolve, connect and shake hands; blocks for at most about ``2 * within_s``.

    ``ms`` is a clock's millisecond reading.
    """
    try:
        found = socket.getaddrinfo(centre.host, centre.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return Way(trouble="broker.no_name", why=str(getattr(error, "strerror", "") or error))
    addresses = tuple(dict.fromkeys(str(one[4][0]) for one in found))
    began_ms = ms()
    try:
        plain = socket.create_connection((centre.host, centre.port), timeout=within_s)
    except OSError as error:
        return Way(addresses=addresses, trouble=_refusal(error), why=error.strerror or str(error))
    connect_ms = ms() - began_ms
    with plain:
        if not centre.tls:
            return Way(addresses=addresses, connect_ms=connect_ms)
        trouble, why, ends = _shake_hands(plain, centre)
        return Way(addresses=addresses, connect_ms=connect_ms, trouble=trouble, why=why, ends=ends)


def _refusal(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "broker.timeout"
    return "broker.refused" if error.errno == errno.ECONNREFUSED else "broker.unreachable"


def _shake_hands(plain: socket.socket, centre: CentreConfig) -> tuple[str, str, datetime | None]:
    """Return trouble, why, and when the certificate ends."""
    context = ssl.create_default_context(cafile=centre.ca_file)
    try:
        with context.wrap_socket(plain, server_hostname=centre.host) as secured:
            certificate = secured.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return _mistrust(error.verify_code), error.verify_message, None
    except (ssl.SSLError, OSError) as error:
        return "tls.none", str(getattr(error, "reason", "") or error), None
    ends = [_end(certificate), *(_end(one) for one in _own_authorities(context, centre))]
    return "", "", min((end for end in ends if end), default=None)


def _own_authorities(context: ssl.SSLContext, centre: CentreConfig) -> list[Any]:
    """The certificates of ``ca_file``; the system's are not ours to watch."""
    return list(context.get_ca_certs()) if centre.ca_file else []


def _mistrust(code: int) -> str:
    if code == _EXPIRED:
        return "tls.expired"
    if code == _NOT_YET:
        return "tls.not_yet"
    return "tls.wrong_name" if code in _WRONG_NAME else "tls.untrusted"


def _end(certificate: Any) -> datetime | None:
    with contextlib.suppress(KeyError, ValueError):
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    return None


def grade_way(way: Way, centre: CentreConfig, now: datetime) -> list[Check]:
    """Grade each part of the way that was reached."""
    where = f"{centre.host}:{centre.port}"
    if way.connect_ms is None:
        return [failed(Topic.BROKER, way.trouble, where=where, host=centre.host, why=way.why)]
    reached = good(Topic.BROKER, "broker.reached", where=where, ms=way.connect_ms)
    return [reached, _grade_tls(way, centre, now)]


def _grade_tls(way: Way, centre: CentreConfig, now: datetime) -> Check:
    if way.trouble:
        return failed(Topic.BROKER, way.trouble, host=centre.host, why=way.why)
    if not centre.tls:
        if centre.host.startswith(_LOOPBACK):
            return good(Topic.BROKER, "tls.not_needed")
        return warning(Topic.BROKER, "tls.plain")
    if way.ends is None:
        return good(Topic.BROKER, "tls.trusted")
    days = (way.ends - now).days
    if way.ends - now < _EXPIRES_SOON:
        return warning(Topic.BROKER, "tls.ends_soon", days=days, ends=way.ends)
    return good(Topic.BROKER, "tls.ok", days=days, ends=way.ends)
