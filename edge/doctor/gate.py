"""The gate input's port: free, ours, or somebody else's."""

import asyncio
import contextlib
import errno
import os
import socket
from enum import Enum
from typing import Final

from edge.config import GateInputConfig
from edge.doctor.check import Check, Topic, failed, good, skipped, warning

_ANSWER_S: Final = 2.0
_MAX_ANSWER: Final = 4096


class Port(Enum):
    """Whose a port is."""

    FREE = "free"
    OURS = "ours"
    OTHER_TOKEN = "other_token"  # noqa: S105 (a word, no secret)
    TAKEN = "taken"
    FORBIDDEN = "forbidden"


async def look_at_gate(gate: GateInputConfig | None, *, running: bool) -> Check:
    """Ask the port who it is, or try to take it."""
    if gate is None:
        return skipped(Topic.GATE, "gate.none")
    try:
        async with asyncio.timeout(_ANSWER_S):
            port = await _whose(gate)
    except TimeoutError:
        port = Port.TAKEN
    return grade_gate(port, f"{gate.host}:{gate.port}", running=running)


async def _whose(gate: GateInputConfig) -> Port:
    if gate.port == 0:
        return Port.FREE
    try:
        reader, writer = await asyncio.open_connection(gate.host, gate.port)
    except OSError:
        return _take(gate)
    try:
        # An empty event is refused, but only after the token was found right: nothing is kept.
        writer.write(
            b"POST /v1/gate-events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            b"Content-Type: application/json\r\nContent-Length: 2\r\nAuthorization: Bearer "
            + gate.token.reveal().encode()
            + b"\r\n\r\n{}"
        )
        answer = await reader.read(_MAX_ANSWER)
    except OSError:
        return Port.TAKEN
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    return whose(answer)


def whose(answer: bytes) -> Port:
    """Tell by the answer to an empty gate event whether an agent of ours listens."""
    status = answer[9:12]
    if not answer.startswith(b"HTTP/1.") or b'"error"' not in answer:
        return Port.TAKEN
    if status == b"401":
        return Port.OTHER_TOKEN
    return Port.OURS if status == b"422" else Port.TAKEN


def _take(gate: GateInputConfig) -> Port:
    """Try to listen, as the agent will, and let go again."""
    family = socket.AF_INET6 if ":" in gate.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((gate.host, gate.port))
        except OSError as error:
            return Port.TAKEN if error.errno == errno.EADDRINUSE else Port.FORBIDDEN
    return Port.FREE


def grade_gate(port: Port, where: str, *, running: bool) -> Check:
    """Grade whose the port is; ``running``: an agent holds the spool."""
    match port:
        case Port.OURS if running:
            return good(Topic.GATE, "gate.ours", where=where)
        case Port.FREE if running:
            return warning(Topic.GATE, "gate.not_listening", where=where)
        case Port.FREE:
            return good(Topic.GATE, "gate.free", where=where)
        case Port.OTHER_TOKEN:
            return failed(Topic.GATE, "gate.other_token", where=where)
        case Port.FORBIDDEN:
            return failed(Topic.GATE, "gate.forbidden", where=where)
        case Port.OURS | Port.TAKEN:
            return failed(Topic.GATE, "gate.taken", where=where)
