"""Hikvision's own discovery, for its cameras with ONVIF switched off, as they come. Pure.

One XML datagram asks, XML datagrams answer with model, serial, firmware and MAC. It is the inquiry
alone that is spoken: the protocol's other verbs change devices.
"""

from typing import Final

from edge.onvif.markup import MarkupError, parse
from edge.onvif.probe import Match, clean, mac_of

SADP: Final = ("239.255.255.250", 37020)
BRAND: Final = "Hikvision"
_INQUIRY: Final = """<?xml version="1.0" encoding="utf-8"?>
<Probe>
<Uuid>{uuid}</Uuid>
<Types>inquiry</Types>
</Probe>
"""


def inquiry(uuid: str) -> bytes:
    """Return an inquiry."""
    return _INQUIRY.format(uuid=uuid.upper()).encode()


def read_inquiry(data: bytes, source: str) -> tuple[Match, ...]:
    """Return the device that an answer from ``source`` names; nothing for what is no answer."""
    try:
        root = parse(data)
    except MarkupError:
        return ()
    told = {node.name.lower(): clean(node.text) for node in root.children}
    if root.name.lower() != "probematch" or told.get("types", "").lower() != "inquiry":
        return ()
    serial, mac = told.get("devicesn", ""), mac_of(told.get("mac"))
    if not serial and not mac:
        return ()
    return (
        Match(
            address=source,
            hardware=told.get("devicedescription") or None,
            mac=mac,
            brand=BRAND,
            serial=serial,
            firmware=told.get("softwareversion", ""),
            has_service=False,
        ),
    )
