"""What discovery knows of one device, put together from all that answered. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from edge.onvif.answers import DETAILS, Answer, ClockAnswer, Shape, StreamAnswer, Target
from edge.onvif.identity import Configured, Standing, place
from edge.onvif.probe import Match

NO_ONVIF: Final = "it does not speak ONVIF: switch it on in its settings"
_NOBODY: Final = Answer(key="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What answers at one address: RTSP ports, its device service if it has one, and a name."""

    address: str
    rtsp_ports: tuple[int, ...] = ()
    service: str | None = None
    server: str | None = None


class Eye(Shape, frozen=True):
    """One picture source of a device: its largest stream, and its smallest if there is another."""

    main: StreamAnswer
    sub: StreamAnswer | None = None


class Found(Shape, frozen=True):
    """One device.

    ``service`` is its device service, empty if it has none. ``refused``: it did not take the login.
    ``why`` tells why its streams are not known. ``standing`` and ``camera``: what it is to a
    configuration.
    """

    address: str
    service: str = ""
    endpoint: str = ""
    name: str = ""
    brand: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    mac: str = ""
    clock: ClockAnswer | None = None
    eyes: tuple[Eye, ...] = ()
    rtsp_ports: tuple[int, ...] = ()
    server: str = ""
    refused: bool = False
    why: str = ""
    standing: Standing | None = None
    camera: str | None = None

    @property
    def target(self) -> Target:
        """What it is known by."""
        return Target(endpoint=self.endpoint, mac=self.mac, serial=self.serial)


def together(matches: Iterable[Match], swept: Iterable[Swept]) -> tuple[Found, ...]:
    """Return a device for each place that answered, by address."""
    ports = {one.address: one for one in swept}
    found = [_from_match(match, ports.get(match.address)) for match in _once(matches)]
    known = {one.address for one in found}
    found += [
        Found(
            address=one.address,
            service=one.service or "",
            rtsp_ports=one.rtsp_ports,
            server=one.server or "",
        )
        for one in ports.values()
        if one.address not in known
    ]
    return tuple(sorted(found, key=lambda one: (_numbers(one.address), one.service)))


def _once(matches: Iterable[Match]) -> list[Match]:
    """Leave out what Hikvision's own discovery tells of devices that speak ONVIF anyway."""
    matches = list(matches)
    speaking = {match.address for match in matches if match.has_service}
    return [match for match in matches if match.has_service or match.address not in speaking]


def _numbers(address: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else -1 for part in address.split("."))


def _from_match(match: Match, ports: Swept | None) -> Found:
    return Found(
        address=match.address,
        service=match.service or (ports.service if ports else None) or "",
        endpoint=match.endpoint,
        name=match.name or "",
        brand=match.brand,
        model=match.hardware or "",
        firmware=match.firmware,
        serial=match.serial,
        mac=match.mac or "",
        rtsp_ports=ports.rtsp_ports if ports else (),
        server=(ports.server if ports else None) or "",
    )


def learned(one: Found, answer: Answer | None, macs: Mapping[str, str]) -> Found:
    """Return the device with what it answered, and its MAC from wherever it is known."""
    answer = answer or _NOBODY
    told = answer.details
    if told is None:
        return msgspec.structs.replace(
            one,
            clock=answer.clock,
            mac=one.mac or macs.get(one.address, ""),
            refused=DETAILS in answer.refused,
            why=answer.failed.get(DETAILS, "" if one.service else NO_ONVIF),
        )
    return msgspec.structs.replace(
        one,
        endpoint=one.endpoint or told.endpoint,
        brand=told.brand,
        model=told.model or one.model,
        firmware=told.firmware,
        serial=told.serial,
        mac=told.mac or one.mac or macs.get(one.address, ""),
        clock=answer.clock,
        eyes=eyes_of(told.streams),
    )


def eyes_of(streams: Sequence[StreamAnswer]) -> tuple[Eye, ...]:
    """Return each source's largest and smallest stream, in the order in which they were told."""
    by_source: dict[str, list[StreamAnswer]] = {}
    for stream in streams:
        by_source.setdefault(stream.source, []).append(stream)
    eyes = []
    for group in by_source.values():
        largest = max(group, key=_size)
        smallest = min((one for one in group if one.url != largest.url), key=_size, default=None)
        smaller = smallest if smallest and _size(smallest) <= _size(largest) else None
        eyes.append(Eye(main=largest, sub=smaller))
    return tuple(eyes)


def _size(stream: StreamAnswer) -> int:
    return stream.width * stream.height


def placed(found: Iterable[Found], configured: Sequence[Configured]) -> tuple[Found, ...]:
    """Return the devices with what they are to a configuration."""
    placed_ones = []
    for one in found:
        standing, camera = place(one.target, one.address, configured)
        placed_ones.append(msgspec.structs.replace(one, standing=standing, camera=camera))
    return tuple(placed_ones)
