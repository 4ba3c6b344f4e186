"""What may answer at a camera's port without being a camera: servers of something else, silence.

Each is a coroutine for ``asyncio.start_server``; ``STRANGERS`` has them by name.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

from sim.clock import SystemClock

Stranger: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_PAGE: Final = b"<html><head><title>Login</title></head></html>"


async def web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A web server, as on a camera's port 80."""
    await reader.read(1)
    head = b"HTTP/1.1 400 Bad Request\r\nServer: App-webs/\r\nContent-Length: %d\r\n\r\n"
    writer.write(head % len(_PAGE) + _PAGE)
    await reader.read()


async def ssh(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An SSH server, which greets first."""
    writer.write(b"SSH-2.0-dropbear_2019.78\r\n")
    await reader.read()


async def maker(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A maker's own protocol, in octets (port 8000 or 37777 of recorders)."""
    await reader.read(1)
    writer.write(bytes.fromhex("b000006800000000000000005c00000001010100"))
    await reader.read()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """It takes the connection and says nothing."""
    del writer
    await reader.read()
    await SystemClock().wait(3600)


async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """It hangs up at the first octet."""
    await reader.read(1)
    writer.close()


async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An answer that never ends, an octet each 20 ms."""
    del reader
    clock = SystemClock()
    writer.write(b"RTSP/1.0 200 OK\r\nX: ")
    while not writer.is_closing():
        writer.write(b"a")
        await clock.wait(0.02)


async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An answer that never ends, as fast as it is taken."""
    del reader
    writer.write(b"RTSP/1.0 200 OK\r\nX: ")
    while not writer.is_closing():
        writer.write(b"a" * 65536)
        await writer.drain()


STRANGERS: Final[Mapping[str, Stranger]] = {
    "web": web,
    "ssh": ssh,
    "maker": maker,
    "silent": silent,
    "closing": closing,
    "trickle": trickle,
    "flood": flood,
}
