"""Answers WS-Discovery probes for any number of devices, over real UDP.

It listens on one socket for all: joined to a multicast group on the interface of ``host``, and
reachable there directly too. Without a group it is at ``host`` alone, and answers from there.
"""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from edge.onvif.markup import MarkupError, parse
from sim.onvif import envelopes
from sim.onvif.face import Face
from sim.onvif.quirks import Quirk

_GARBAGE: Final = b"\x00\xff<<<not xml"


@dataclass
class Responder(asyncio.DatagramProtocol):
    """Answers for ``faces``, which may change while it runs.

    Attributes:
        probes: How many probes came.
        silent: Ids of devices that don't answer.
        to_group: Answer inquiries of Hikvision's discovery to the whole group, as older ones do.
    """

    faces: Callable[[], tuple[Face, ...]]
    host: str = "127.0.0.1"
    group: str = "239.255.255.250"
    port: int = 0
    probes: int = 0
    silent: set[str] = field(default_factory=set)
    to_group: bool = False
    _transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        """Listen; ``port`` 0 becomes the one that was free."""
        listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listening.setblocking(False)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("" if self.group else self.host, self.port))
        self.port = listening.getsockname()[1]
        if self.group:
            here = socket.inet_aton(self.host)
            listening.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, here)
            member = socket.inet_aton(self.group) + socket.inet_aton(self.host)
            listening.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=listening)
        self._transport = transport

    def stop(self) -> None:
        """Listen no more."""
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer a probe, once for each device."""
        try:
            question = parse(data)
        except MarkupError:
            return
        if self._transport is None:
            return
        if question.name == "Probe" and question.said("Types") == "inquiry":
            self._inquired(question.said("Uuid") or "", addr)
        if question.find("Probe") is None:
            return
        self.probes += 1
        for face in self.faces():
            if face.spec.id not in self.silent:
                self._transport.sendto(_answer(face, question.said("MessageID") or ""), addr)

    def _inquired(self, uuid: str, addr: tuple[str, int]) -> None:
        assert self._transport is not None
        for face in self.faces():
            spec = face.spec
            answer = envelopes.sadp_match(
                uuid=uuid,
                model=spec.model,
                serial=spec.serial,
                mac=spec.mac,
                firmware=spec.firmware,
                address=face.host,
            )
            self._transport.sendto(answer, (self.group, self.port) if self.to_group else addr)


def _answer(face: Face, relates_to: str) -> bytes:
    spec = face.spec
    if Quirk.GARBAGE in spec.quirks:
        return _GARBAGE
    scopes = {
        "type": "video_encoder",
        "hardware": spec.model,
        "name": spec.title or f"{spec.brand} {spec.model}",
        "MAC": spec.mac,
    }
    return envelopes.probe_matches(
        relates_to=relates_to,
        endpoint=spec.endpoint,
        xaddr=face.believed(),
        scopes=scopes,
        declared=Quirk.UNDECLARED_PREFIX not in spec.quirks,
    )
