"""Free TCP ports below the range that systems give to outgoing connections.

A port that is to be closed and opened again while others connect (a camera that is unplugged, an
agent that is restarted) must not be handed to somebody else's outgoing connection meanwhile.
"""

import contextlib
import os
import socket
from collections.abc import Iterator
from typing import Final

PORTS: Final = range(20_000, 32_000)


def candidates() -> Iterator[int]:
    """Return all ports of the range, from a place that differs by process."""
    start = os.getpid() * 97 % len(PORTS)
    return iter([*PORTS[start:], *PORTS[:start]])


def is_free(host: str, port: int) -> bool:
    """Tell whether one could listen on a port now."""
    with contextlib.suppress(OSError), socket.create_server((host, port)):
        return True
    return False


def free_ports(host: str = "127.0.0.1") -> Iterator[int]:
    """Return ports that are free at the moment at which each is taken from the iterator."""
    return (port for port in candidates() if is_free(host, port))
