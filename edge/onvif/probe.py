"""WS-Discovery: the question, and what the answers say. Pure.

ONVIF devices answer to ``dn:NetworkVideoTransmitter``; some recorders to ``tds:Device`` alone, so
both are asked. What a device is called, where it hangs and often its model and MAC stand in its
scopes (``onvif://www.onvif.org/name/Cong%20chinh``).
"""

import re
from dataclasses import dataclass
from itertools import islice
from typing import Final
from urllib.parse import unquote, urlsplit

from edge.onvif.markup import MarkupError, Node, parse

TYPES: Final = ("dn:NetworkVideoTransmitter", "tds:Device")
_MAX_MATCHES: Final = 64
_MAX_SCOPES: Final = 64
_MAX_CHARS: Final = 200
_SCOPE: Final = re.compile(
    r"^onvif://www\.onvif\.org/(?P<kind>[\w-]+)/(?P<value>.*)$", re.IGNORECASE
)
_MAC: Final = re.compile(r"^[0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){5}$", re.IGNORECASE)
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]+")
_PROBE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"\
 xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing"\
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"\
 xmlns:dn="http://www.onvif.org/ver10/network/wsdl"\
 xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><e:Header>\
<w:MessageID>uuid:{message}</w:MessageID>\
<w:To e:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>\
<w:Action e:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</w:Action>\
</e:Header><e:Body><d:Probe><d:Types>{types}</d:Types></d:Probe></e:Body></e:Envelope>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One device's answer.

    Attributes:
        address: Where the answer came from: the address that works, whatever ``xaddrs`` say.
        endpoint: ``urn:uuid:...`` in lower case; it stays when the address changes. Or empty.
        xaddrs: Addresses of its device service, as it believes them to be.
        name: What its scopes call it.
        hardware: Its model, as its scopes have it.
        mac: Its MAC, where its scopes tell.
        brand, serial, firmware: What ``sadp`` tells besides; else empty.
        has_service: Whether it is known to speak ONVIF.
    """

    address: str
    endpoint: str = ""
    xaddrs: tuple[str, ...] = ()
    name: str | None = None
    hardware: str | None = None
    mac: str | None = None
    brand: str = ""
    serial: str = ""
    firmware: str = ""
    has_service: bool = True

    @property
    def service(self) -> str:
        """The device service's URL at ``address``: a device behind a NAT names one that isn't.

        Empty without a service.
        """
        if not self.has_service:
            return ""
        best = next((x for x in self.xaddrs if urlsplit(x).hostname == self.address), None)
        return best or _moved((*self.xaddrs, "")[0], self.address)


def probe(message_id: str, types: str) -> bytes:
    """Return a Probe datagram; ``message_id`` is a UUID, a new one for each."""
    return _PROBE.format(message=message_id, types=types).encode()


def read_matches(data: bytes, source: str) -> tuple[Match, ...]:
    """Return the devices that an answer from ``source`` names; nothing for what is no answer."""
    try:
        root = parse(data)
    except MarkupError:
        return ()
    if root.find("ProbeMatches") is None:
        return ()
    found = [_match(node, source) for node in islice(root.every("ProbeMatch"), _MAX_MATCHES)]
    return tuple(match for match in found if match.endpoint or match.xaddrs)


def endpoint_of(text: str | None) -> str:
    """Return an endpoint as ``urn:uuid:...`` in lower case, whatever way it was written."""
    found = _UUID.search(text or "")
    return f"urn:uuid:{found[0].lower()}" if found else clean(text or "").lower()


def mac_of(text: str | None) -> str | None:
    """Return a MAC as ``aa:bb:cc:dd:ee:ff``; None for what is none, or all zeros."""
    if not text or not _MAC.match(text.strip()):
        return None
    digits = re.sub(r"[^0-9a-f]", "", text.lower())
    return None if set(digits) == {"0"} else ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def clean(text: str) -> str:
    """Return what a stranger said, fit to be shown: one short line."""
    return _CONTROL.sub(" ", text).strip()[:_MAX_CHARS]


def _match(node: Node, source: str) -> Match:
    scopes = _scopes(node.said("Scopes") or "")
    xaddrs = [x for x in (node.said("XAddrs") or "").split() if _is_http(x)]
    return Match(
        address=source,
        endpoint=endpoint_of(node.said("EndpointReference", "Address")),
        xaddrs=tuple(xaddrs[:8]),
        name=scopes.get("name"),
        hardware=scopes.get("hardware"),
        mac=mac_of(scopes.get("mac")),
    )


def _scopes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for scope in text.split()[:_MAX_SCOPES]:
        if match := _SCOPE.match(scope):
            found.setdefault(match["kind"].lower(), clean(unquote(match["value"])))
    return {kind: value for kind, value in found.items() if value}


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _moved(url: str, address: str) -> str:
    """Return ``url`` with another host; the usual place where there is none."""
    parts = urlsplit(url)
    host = f"[{address}]" if ":" in address else address
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme or 'http'}://{host}{port}{parts.path or '/onvif/device_service'}"
