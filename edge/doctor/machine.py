"""Whether this machine can carry so many cameras: processor, memory, network card, decoder."""

import ipaddress
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import psutil

from edge.clock import Clock
from edge.doctor.check import Check, Topic, failed, good, skipped, warning
from edge.doctor.key_frames import SIZE, TINY
from edge.picture.decoder import Decoder, Undecodable

CPU_PER_CAMERA: Final = 0.006
"""Share of a core that one 1080p camera may take, generously (see docs/measured.md)."""
MEMORY_MB: Final = 90
MEMORY_PER_CAMERA_MB: Final = 1.2
_FREE_MB: Final = 200
_MB: Final = 1 << 20
_SLOW_MBIT: Final = 100
_MBIT_PER_CAMERA: Final = 4
_BROKEN_SHARE: Final = 0.001
_MIN_PACKETS: Final = 1000
_FAMILY: Final = {4: socket.AF_INET, 6: socket.AF_INET6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the machine has: cores, the share of all that is busy (0 to 1), bytes available."""

    cores: int
    busy: float
    available_bytes: int


async def look_at_load(clock: Clock, *, over_s: float = 0.7) -> Load:
    """Measure for a moment."""
    psutil.cpu_percent()
    await clock.wait(over_s)
    return Load(
        cores=psutil.cpu_count() or 1,
        busy=psutil.cpu_percent() / 100,
        available_bytes=psutil.virtual_memory().available,
    )


def grade_load(load: Load, cameras: int, *, running: bool) -> Check:
    """Grade what is left for ``cameras``; a running agent has its part already."""
    needs_mb = 0 if running else MEMORY_MB + MEMORY_PER_CAMERA_MB * cameras
    needs_cores = 0 if running else CPU_PER_CAMERA * cameras
    available_mb = load.available_bytes // _MB
    idle = (1 - load.busy) * load.cores
    values = {"cores": load.cores, "busy": round(100 * load.busy), "available_mb": available_mb}
    if available_mb < needs_mb + _FREE_MB:
        return warning(Topic.MACHINE, "machine.memory", needs_mb=round(needs_mb), **values)
    if idle < needs_cores + 0.1:
        return warning(Topic.MACHINE, "machine.busy", **values)
    return good(Topic.MACHINE, "machine.ok", **values)


# ---------------------------------------------------------------- the decoder


async def look_at_decoder(decoder: Decoder, clock: Clock) -> Check:
    """Decode a small key frame of each codec, the way that the agent decodes."""
    began_ms = clock.ms()
    for codec, key_frame in TINY.items():
        try:
            picture = await decoder.decode(codec, key_frame)
        except Undecodable as error:
            return failed(Topic.DECODER, "decoder.failed", codec=codec, why=str(error))
        if (picture.width, picture.height) != SIZE:
            why = f"{picture.width}x{picture.height} instead of {SIZE[0]}x{SIZE[1]}"
            return failed(Topic.DECODER, "decoder.failed", codec=codec, why=why)
    return good(Topic.DECODER, "decoder.ok", codecs=list(TINY), ms=clock.ms() - began_ms)


# ---------------------------------------------------------------- the network card


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """A network interface that is up: its speed (0: not known) and its packets so far."""

    name: str
    mbit: int
    half_duplex: bool = False
    packets: int = 0
    broken: int = 0


def look_at_interfaces(hosts: Iterable[str]) -> tuple[dict[str, Interface], frozenset[str]]:
    """Return the interfaces that are up, by name, and those that lead to ``hosts`` (addresses)."""
    counts = psutil.net_io_counters(pernic=True)
    up = {
        name: _interface(name, stats, counts)
        for name, stats in psutil.net_if_stats().items()
        if stats.isup
    }
    names = {
        address.address: name
        for name, addresses in psutil.net_if_addrs().items()
        for address in addresses
    }
    used = {names.get(ours, "") for host in hosts if (ours := _our_address(host))}
    return up, frozenset(used - {""})


def _interface(name: str, stats: object, counts: Mapping[str, object]) -> Interface:
    count = counts.get(name)
    return Interface(
        name=name,
        mbit=getattr(stats, "speed", 0),
        half_duplex=getattr(stats, "duplex", None) == psutil.NIC_DUPLEX_HALF,
        packets=getattr(count, "packets_recv", 0),
        broken=getattr(count, "errin", 0),
    )


def _our_address(host: str) -> str | None:
    """Return the address that this machine would speak to an address from; sends nothing.

    None for a name: it would have to be resolved, and that may take long.
    """
    try:
        family = _FAMILY[ipaddress.ip_address(host).version]
    except ValueError:
        return None
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, 9))
        except OSError:
            return None
        return str(probe.getsockname()[0])


def grade_network(up: Mapping[str, Interface], used: frozenset[str], cameras: int) -> Check:
    """Grade the cards that lead to cameras and centre, or all but loopback if none is known."""
    looked_at = [up[name] for name in sorted(used) if name in up]
    looked_at = looked_at or [one for one in up.values() if one.name != "lo"]
    if not looked_at:
        return failed(Topic.NETWORK, "network.none")
    for one in looked_at:
        if one.half_duplex:
            return warning(Topic.NETWORK, "network.half", name=one.name)
        if 0 < one.mbit < min(_SLOW_MBIT, max(10.1, _MBIT_PER_CAMERA * cameras)):
            return warning(Topic.NETWORK, "network.slow", name=one.name, mbit=one.mbit)
        if one.packets > _MIN_PACKETS and one.broken > _BROKEN_SHARE * one.packets:
            return warning(Topic.NETWORK, "network.broken", name=one.name, count=one.broken)
    return good(Topic.NETWORK, "network.ok", names=[_described(one) for one in looked_at])


def _described(one: Interface) -> str:
    return f"{one.name} ({one.mbit} Mbit/s)" if one.mbit > 0 else one.name


def no_network_known() -> Check:
    """Say that nothing can be told of the network card."""
    return skipped(Topic.NETWORK, "network.unknown")
