"""Certificates as the network shows them."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from server.clock import SystemClock
from server.config import Address
from server.domain.incident.signals import Signal
from server.watching.certificates import NEAR_FOR, Secured, certificate_findings, ends_of
from tests.system.fixtures_server import free_port
from tests.system.tls_files import make_certificate


@pytest.mark.parametrize(
    ("days", "signal"), [(30, Signal.OK), (5, Signal.TROUBLE), (0, Signal.TROUBLE)]
)
async def test_a_certificate_that_ends_soon_is_told_of(
    tmp_path: Path, days: int, signal: Signal
) -> None:
    files = make_certificate(tmp_path, "127.0.0.1", days=days)

    async def nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(nothing, "127.0.0.1", 0, ssl=files.server_context())
    address = Address(host="127.0.0.1", port=server.sockets[0].getsockname()[1])
    async with server:
        ends = await ends_of([Secured(address=address, ca_file=files.certificate)])
    now = SystemClock().now() + timedelta(seconds=2)
    [found] = certificate_findings(ends, now)
    assert (found.subject.id, found.signal) == (str(address), signal)
    assert now - NEAR_FOR <= found.since <= now


async def test_who_does_not_answer_or_is_not_known_says_nothing(tmp_path: Path) -> None:
    files = make_certificate(tmp_path, "127.0.0.1")
    server = await asyncio.start_server(
        lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=files.server_context()
    )
    known = Address(host="127.0.0.1", port=server.sockets[0].getsockname()[1])
    nobody = Address(host="127.0.0.1", port=free_port())
    async with server:
        assert await ends_of([Secured(address=known), Secured(address=nobody)]) == {}
