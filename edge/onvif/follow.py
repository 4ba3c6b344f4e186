"""A camera whose address was changed by DHCP is found again, and is no new camera.

When a camera with a known endpoint or MAC has been unreachable for ``LOST_S``, the network is asked
by WS-Discovery, every ``PROBE_EVERY_S`` at most, where it is now. Only a device that is surely the
same one is followed (``identity``), only to a private address, and where this machine knows the MAC
behind that address, it has to be the camera's. Nothing is kept through a restart: an address that
was right yesterday may be another camera's today.

Two cameras may also have changed places, and each is then watched as the other. So every
``SWAP_EVERY_S`` the MAC that this machine has learned for a camera's address is compared; if it is
another's, the camera is looked for. It is followed if it is found elsewhere; if not, a technician
has probably put a new camera in its place, and that is watched as before.
"""

import asyncio
import ipaddress
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from edge.clock import Clock
from edge.config.values import CameraConfig
from edge.onvif.answers import Target
from edge.onvif.identity import same
from edge.onvif.probe import Match
from edge.rtsp.url import CameraUrl
from edge.sighting import Sighting
from wire.vocabulary import Cause

LOST_S: Final = 60.0
PROBE_EVERY_S: Final = 180.0
LOOK_EVERY_S: Final = 15.0
SWAP_EVERY_S: Final = 300.0
_LOST: Final = frozenset({Cause.NETWORK_UNREACHABLE, Cause.NETWORK_REFUSED, Cause.NETWORK_TIMEOUT})
_log: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class _Followed:
    camera: CameraConfig
    target: Target
    lost_ms: int | None = None
    address: str | None = None
    foreign: str | None = None

    @property
    def host(self) -> str:
        """Where it is believed to be now."""
        return self.address or self.camera.url.host


class Follower:
    """Knows where each camera is now. ``probe`` asks the network, ``macs`` this machine."""

    def __init__(
        self,
        cameras: Iterable[CameraConfig],
        *,
        clock: Clock,
        probe: Callable[[], Awaitable[tuple[Match, ...]]],
        macs: Callable[[], Mapping[str, str]],
    ) -> None:
        self._clock = clock
        self._probe = probe
        self._macs = macs
        self._followed = {
            camera.id: _Followed(camera, target)
            for camera in cameras
            if (target := _target(camera)) != Target()
        }
        self._probed_ms: int | None = None
        self._compared_ms: int | None = None

    def see(self, sighting: Sighting) -> Sighting:
        """Take note of a sighting; return it, with the camera's new address in its detail."""
        one = self._followed.get(sighting.camera)
        if one is None:
            return sighting
        if sighting.verdict.cause not in _LOST:
            one.lost_ms = None
        elif one.lost_ms is None:
            one.lost_ms = sighting.at_ms
        if one.address is None:
            return sighting
        where = f"at its new address {one.address}, formerly {one.camera.url.host}"
        detail = f"{sighting.verdict.detail}; {where}" if sighting.verdict.detail else where
        return replace(sighting, verdict=replace(sighting.verdict, detail=detail))

    def camera_url(self, camera: str, url: CameraUrl) -> CameraUrl:
        """Return a stream's URL at the address that the camera has now."""
        one = self._followed.get(camera)
        if one is None or one.address is None or url.host != one.camera.url.host:
            return url
        return replace(url, host=one.address)

    def service_url(self, camera: str, url: str) -> str:
        """Return a web address of the camera at the address that it has now."""
        one, parts = self._followed.get(camera), urlsplit(url)
        if one is None or one.address is None or parts.hostname != one.camera.url.host.lower():
            return url
        host = f"[{one.address}]" if ":" in one.address else one.address
        netloc = f"{host}:{parts.port}" if parts.port else host
        return urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))

    async def run_once(self) -> None:
        """Look for what is lost or has been swapped, if it is time to."""
        now_ms = self._clock.ms()
        lost = [
            one
            for one in self._followed.values()
            if one.lost_ms is not None and now_ms - one.lost_ms >= LOST_S * 1000
        ]
        has_macs = any(one.target.mac for one in self._followed.values())
        if has_macs and _is_due(self._compared_ms, now_ms, SWAP_EVERY_S):
            self._compared_ms = now_ms
            lost += self._swapped(await asyncio.to_thread(self._macs))
        if not lost or not _is_due(self._probed_ms, now_ms, PROBE_EVERY_S):
            return
        self._probed_ms = now_ms
        matches = await self._probe()
        macs = await asyncio.to_thread(self._macs)
        for one in lost:
            self._move(one, matches, macs)

    def _swapped(self, macs: Mapping[str, str]) -> list[_Followed]:
        """Return the cameras at whose address this machine has seen another device's MAC."""
        swapped = []
        for one in self._followed.values():
            mac = macs.get(one.host)
            foreign = mac if one.target.mac and mac != one.target.mac else None
            if foreign and foreign != one.foreign:
                _log.warning("camera %s: at %s answers %s", one.camera.id, one.host, foreign)
            one.foreign = foreign
            if foreign:
                swapped.append(one)
        return swapped

    def _move(self, one: _Followed, matches: Sequence[Match], macs: Mapping[str, str]) -> None:
        addresses = {match.address for match in matches if is_it(one.target, match, macs)}
        now_at = one.host
        if len(addresses) != 1 or now_at in addresses:
            return  # not found, where it was, or two that both say they are it
        address = addresses.pop()
        one.address = None if address == one.camera.url.host else address
        one.lost_ms = None
        _log.warning("camera %s has a new address: %s, formerly %s", one.camera.id, address, now_at)


def _is_due(last_ms: int | None, now_ms: int, every_s: float) -> bool:
    return last_ms is None or now_ms - last_ms >= every_s * 1000


def is_it(target: Target, match: Match, macs: Mapping[str, str]) -> bool:
    """Tell whether a device that answered is surely the camera."""
    if not ipaddress.ip_address(match.address).is_private:
        return False
    known_mac = macs.get(match.address, "")
    if target.mac and known_mac and known_mac != target.mac:
        return False
    return same(target, Target(endpoint=match.endpoint, mac=match.mac or known_mac))


class Following:
    """An opener that opens a camera where it is now."""

    def __init__(self, opener: Any, follower: Follower, camera: str) -> None:
        self._opener = opener
        self._follower = follower
        self._camera = camera

    async def open(self, url: CameraUrl, *args: Any, **options: Any) -> Any:
        """Open, as the opener does."""
        now = self._follower.camera_url(self._camera, url)
        return await self._opener.open(now, *args, **options)


def _target(camera: CameraConfig) -> Target:
    known = camera.onvif
    return Target(endpoint=known.endpoint, mac=known.mac) if known else Target()
