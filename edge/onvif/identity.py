"""Who is who: a camera is known by serial, MAC or endpoint, never by its address. Pure.

The surest that both sides know decides: serial, then MAC, then endpoint. So two cheap cameras that
were sold with one endpoint are told apart by their MACs, and a camera whose MAC differs is not
taken for ours on its endpoint's word: better not to follow than to watch somebody else's gate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edge.onvif.answers import Target

_LONG_ENOUGH: Final = 8


class Standing(StrEnum):
    """What a found device is to a configuration."""

    KNOWN = "known"
    MOVED = "moved"
    NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """A camera of a configuration: its id, its host, and what it is known by."""

    id: str
    host: str
    target: Target


def same(one: Target, other: Target) -> bool:
    """Tell whether both are one device, by the surest thing that both know."""
    serials = one.serial.strip().lower(), other.serial.strip().lower()
    if all(serials):
        return _is_one_serial(*serials)
    pairs = ((one.mac, other.mac), (one.endpoint, other.endpoint))
    return next((a == b for a, b in pairs if a and b), False)


def _is_one_serial(one: str, other: str) -> bool:
    """Some tell it over one protocol with the model before it, over another without."""
    shorter, longer = sorted((one, other), key=len)
    return shorter == longer or (len(shorter) >= _LONG_ENOUGH and longer.endswith(shorter))


def place(
    seen: Target, address: str, configured: Iterable[Configured]
) -> tuple[Standing, str | None]:
    """Return what a device at ``address`` is to a configuration, and the camera's id."""
    cameras = tuple(configured)
    ours = [camera for camera in cameras if same(camera.target, seen)]
    at_home = next((camera for camera in ours if camera.host == address), None)
    if at_home:
        return Standing.KNOWN, at_home.id
    if ours:
        return Standing.MOVED, ours[0].id
    nameless = [camera for camera in cameras if camera.target == Target()]
    here = next((camera for camera in nameless if camera.host == address), None)
    return (Standing.KNOWN, here.id) if here else (Standing.NEW, None)


def absent(configured: Iterable[Configured], found: Sequence[str | None]) -> tuple[str, ...]:
    """Return the ids of configured cameras that were not found."""
    return tuple(camera.id for camera in configured if camera.id not in found)
