"""When the certificates end that agents and people meet: the broker's, and that of the pages.

They are asked for as anybody would, over the network, every few hours and beside the looks: an
address that does not answer says nothing, and holds nothing up.
"""

import asyncio
import ssl
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from server.config import Address, ExternalBroker, ServerConfig
from server.domain.incident.signals import Aspect, Signal, Subject
from server.watching.heard import Finding

NEAR: Final = "certificate.near"
NEAR_FOR: Final = timedelta(days=21)
_WITHIN_S: Final = 10.0
_EXPIRED: Final = 10  # OpenSSL's X509_V_ERR_CERT_HAS_EXPIRED
_HTTPS: Final = 443


@dataclass(frozen=True, slots=True, kw_only=True)
class Secured:
    """Where somebody shows a certificate. ``ca_file`` None: one of the system's vouches for it."""

    address: Address
    ca_file: Path | None = None


def secured_by(config: ServerConfig) -> tuple[Secured, ...]:
    """Return where this centre's agents and people meet a certificate."""
    found: list[Secured] = []
    if isinstance(config.mqtt, ExternalBroker) and config.mqtt.tls:
        found.append(Secured(address=config.mqtt.address, ca_file=config.mqtt.ca_file))
    pages = urlsplit(config.http.public_url or "")
    if pages.scheme == "https" and pages.hostname:
        found.append(Secured(address=Address(host=pages.hostname, port=pages.port or _HTTPS)))
    return tuple(found)


async def ends_of(places: Sequence[Secured]) -> Mapping[str, datetime]:
    """Return when the certificates end, by address; those that can't be told are missing."""
    ends = await asyncio.gather(*(_end(place) for place in places))
    return {
        str(place.address): end for place, end in zip(places, ends, strict=True) if end is not None
    }


def certificate_findings(ends: Mapping[str, datetime], now: datetime) -> Iterable[Finding]:
    """Yield how certificates stand."""
    for name, end in ends.items():
        near = end - now < NEAR_FOR
        yield Finding(
            subject=Subject(Aspect.CERTIFICATE, name),
            signal=Signal.TROUBLE if near else Signal.OK,
            since=max(min(end - NEAR_FOR, now), now - NEAR_FOR),
            cause=NEAR if near else "",
            detail=end.date().isoformat() if near else None,
        )


async def _end(place: Secured) -> datetime | None:
    try:
        context = ssl.create_default_context(cafile=place.ca_file)
        async with asyncio.timeout(_WITHIN_S):
            _, writer = await asyncio.open_connection(
                place.address.host, place.address.port, ssl=context
            )
    except ssl.SSLCertVerificationError as error:
        return datetime.fromtimestamp(0, UTC) if error.verify_code == _EXPIRED else None
    except (OSError, TimeoutError, ValueError):
        return None
    shown = writer.get_extra_info("peercert")
    writer.close()
    ends = ssl.cert_time_to_seconds(shown["notAfter"]) if shown else None
    return None if ends is None else datetime.fromtimestamp(ends, UTC)
