"""Sends Probe datagrams from each interface and gathers what comes back.

A socket per interface, bound to its address and told to multicast out of it: with several network
cards, or with Windows holding 239.255.255.250 itself, a socket for all hears nothing.
"""

import asyncio
import socket
import uuid
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from typing import Final

from edge.clock import Clock
from edge.onvif.probe import TYPES, Match, probe, read_matches
from edge.onvif.sadp import SADP, inquiry, read_inquiry

GROUP: Final = ("239.255.255.250", 3702)
_TTL: Final = 1
_TWICE: Final = 2
_AGAIN_S: Final = 0.5
_MAX_DEVICES: Final = 2048


Found = dict[tuple[str, str], Match]
"""By endpoint and place: cheap cameras share one endpoint, and recorders have several places."""


class _Gatherer(asyncio.DatagramProtocol):
    def __init__(self, found: Found) -> None:
        self._found = found

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        for match in read_matches(data, addr[0]) or read_inquiry(data, addr[0]):
            if len(self._found) < _MAX_DEVICES:
                place = match.service or f"{match.address} {match.mac}"
                self._found.setdefault((match.endpoint, place), match)

    def error_received(self, _: Exception) -> None:
        """An unreachable port or host is no answer, and no reason to stop listening."""


async def discover(
    addresses: Sequence[str],
    *,
    clock: Clock,
    seconds: float = 4,
    target: tuple[str, int] = GROUP,
    sadp: tuple[str, int] | None = SADP,
    hear_group: bool = False,
    on_failed: Callable[[str, OSError], None] = lambda _address, _error: None,
) -> tuple[Match, ...]:
    """Return the devices that answer within ``seconds``, each once, seen from ``addresses``.

    ``target`` is where the question goes: the multicast group, or one device; ``sadp`` where
    Hikvision's own goes, None: nowhere. ``hear_group`` listens on that port meanwhile, for older
    firmwares, which answer to the whole group; an agent never opens a port of its own. An address
    from which nothing can be sent is told to ``on_failed`` and left out.
    """
    found: Found = {}
    with ExitStack() as sockets:
        senders = []
        for address in addresses:
            try:
                senders.append((address, await _open(address, found, sockets)))
            except OSError as error:
                on_failed(address, error)
        if sadp is not None and hear_group:
            await _listen(sadp, [address for address, _ in senders], found, sockets)
        for turn in range(_TWICE):  # a datagram may be lost
            for address, sender in senders:
                for types in TYPES:
                    _send(sender, probe(str(uuid.uuid4()), types), target, address, on_failed)
                if sadp is not None:
                    _send(sender, inquiry(str(uuid.uuid4())), sadp, address, on_failed)
            await clock.wait(min(_AGAIN_S, seconds / 2) if turn + 1 < _TWICE else 0)
        await clock.wait(max(0.0, seconds - _AGAIN_S))
    return tuple(found.values())


async def _open(address: str, found: Found, sockets: ExitStack) -> asyncio.DatagramTransport:
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sender.setblocking(False)
        sender.bind((address, 0))
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _TTL)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Gatherer(found), sock=sender)
    except OSError:
        sender.close()
        raise
    sockets.callback(transport.close)
    return transport


async def _listen(
    sadp: tuple[str, int], addresses: Sequence[str], found: Found, sockets: ExitStack
) -> None:
    """Hear what is said to the whole group; where the port is taken, do without."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        listening.setblocking(False)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("", sadp[1]))
        for address in addresses:
            member = socket.inet_aton(sadp[0]) + socket.inet_aton(address)
            listening.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Gatherer(found), sock=listening)
    except OSError:
        listening.close()
        return
    sockets.callback(transport.close)


def _send(
    sender: asyncio.DatagramTransport,
    data: bytes,
    target: tuple[str, int],
    address: str,
    on_failed: Callable[[str, OSError], None],
) -> None:
    with suppress(RuntimeError):  # closed meanwhile
        try:
            sender.sendto(data, target)
        except OSError as error:
            on_failed(address, error)
