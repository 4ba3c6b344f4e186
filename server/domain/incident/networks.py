"""Which agents of a school look into one network: their cameras may fail by one root.

Two gate PCs that stand at one switch look at addresses of one net, often at channels of one
recorder. Two that stand in houses apart have nets of their own, and are kept apart. Addresses mean
nothing beyond a school: all the world's recorders stand at 192.168.1.108.
"""

from collections.abc import Set as AbstractSet
from ipaddress import AddressValueError, IPv4Address
from typing import Final

from server.domain.incident.world import CameraPlace, World

_NET_BITS: Final = 8
"""Addresses that differ in their last byte alone stand in one net."""


def network_of(world: World, place: CameraPlace) -> AbstractSet[str]:
    """Return the agents of the network that a camera stands in, its own among them."""
    school = world.school(place.school)
    if school is None or len(school.agents) <= 1:
        return frozenset(place.agents)
    found = (world.camera(camera) for camera in school.cameras)
    views = [(set(p.agents), _marks(p)) for p in found if p is not None]
    return _grown(frozenset(place.agents), views)


def _grown(
    agents: frozenset[str], views: list[tuple[set[str], frozenset[str | int]]]
) -> frozenset[str]:
    """Return agents with all that share a camera, an address or a net with one of them."""
    marks = {mark for own, at in views if own & agents for mark in at}
    wider = agents.union(*(own for own, at in views if own & agents or at & marks))
    return agents if wider == agents else _grown(wider, views)


def _marks(place: CameraPlace) -> frozenset[str | int]:
    """Return its address, which may end in a port, and its net if that is told by the address."""
    if place.host is None:
        return frozenset()
    try:
        address = IPv4Address(place.host.partition(":")[0])
    except AddressValueError:
        return frozenset((place.host,))
    return frozenset((place.host, int(address) >> _NET_BITS))
