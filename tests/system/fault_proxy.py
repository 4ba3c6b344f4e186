"""A TCP proxy that fails as networks do, switched at run time, from Python or by a command port.

Each direction has a ``Line``: how late, how slow, how torn, how much in all, and whether anything
passes. What happens to whole connections is an act: ``reset`` (RST), ``finish`` (FIN), ``forget``
(one side has lost power: the other side is told nothing), ``refuse`` (nobody listens) and
``accept``. A *black hole* is two lines with ``Flow.SWALLOWED`` and no far side: connections are
taken, nothing is ever answered.

``Flow.HELD`` is a partition: what was sent waits, and arrives once the line flows again, as with
TCP's own resending. ``Flow.SWALLOWED`` is worse than any network (what was taken is gone), and is
what a proxy or firewall that has forgotten a connection does. Bytes of one direction never change
their order.

``python -m tests.system.fault_proxy TARGET_PORT [--port P] [--commands P]`` prints its two ports.
The command port takes a JSON object per line, ``{"up": {"latency_s": 0.2}, "down": {...}, "act":
"reset"}``, all parts optional, and answers ``ok`` or ``error: why``.
"""

import argparse
import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self

import msgspec

_CHUNK: Final = 1 << 14
_CHUNKS_UNDER_WAY: Final = 64
_NO_LINGER: Final = struct.pack("ii", 1, 0)


class Flow(StrEnum):
    """What becomes of the bytes that a direction takes."""

    FORWARDED = "forwarded"
    HELD = "held"
    SWALLOWED = "swallowed"


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One direction. ``limit_bytes``: each connection is reset once so many have passed."""

    latency_s: float = 0.0
    jitter_s: float = 0.0
    bytes_per_s: float | None = None
    slice_bytes: int = _CHUNK
    limit_bytes: int | None = None
    flow: Flow = Flow.FORWARDED


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the command port."""

    up: Line | None = None
    down: Line | None = None
    act: str | None = None


@dataclass(slots=True, eq=False)
class _Pair:
    """One connection; ``far`` is None in a black hole."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter | None = None
    task: asyncio.Task[None] | None = None
    passed: dict[str, int] = field(default_factory=lambda: {"up": 0, "down": 0})


class FaultProxy:
    """Forwards ``127.0.0.1:port`` to ``target_port``, with faults. ``start``, then ``port``."""

    def __init__(self, target_port: int, *, port: int = 0, seed: int = 0) -> None:
        self.target_port = target_port
        self.port = port
        self.up = Line()
        self.down = Line()
        self.black_hole = False
        self.accepted = 0
        self._random = random.Random(seed)
        self._server: asyncio.Server | None = None
        self._pairs: set[_Pair] = set()
        self._forgotten: list[asyncio.StreamWriter] = []
        self._changed = asyncio.Event()
        self.acts: dict[str, Callable[[], None]] = {
            "reset": self.reset,
            "finish": self.finish,
            "forget_near": lambda: self.forget(near=True),
            "forget_far": lambda: self.forget(near=False),
            "refuse": self.refuse,
            "black_hole": lambda: setattr(self, "black_hole", True),
            "mend": self.mend,
        }

    async def __aenter__(self) -> Self:
        await self.accept()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.refuse()
        tasks = [pair.task for pair in self._pairs if pair.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in self._forgotten:
            writer.transport.abort()
        self._forgotten.clear()

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._pairs)

    def set(self, *, up: Line | None = None, down: Line | None = None) -> None:
        """Change directions from the next byte on, also of open connections."""
        self.up, self.down = up or self.up, down or self.down
        self._wake()

    def mend(self) -> None:
        """Forward everything, at once; what was held arrives."""
        self.black_hole = False
        self.set(up=Line(), down=Line())

    async def accept(self) -> None:
        """Listen (again)."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    def refuse(self) -> None:
        """Stop listening and reset what is open: nobody is there."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.reset()

    def reset(self) -> None:
        """End every connection with RST, both sides; what is held is lost."""
        for pair in tuple(self._pairs):
            if pair.task is not None:
                pair.task.cancel()
            _reset(pair.near)
            if pair.far is not None:
                _reset(pair.far)

    def finish(self) -> None:
        """End every connection with FIN, both sides, what is under way first."""
        for pair in tuple(self._pairs):
            pair.near.close()
            if pair.far is not None:
                pair.far.close()

    def forget(self, *, near: bool) -> None:
        """Reset one side and leave the other open and silent: a power cut on that side."""
        for pair in tuple(self._pairs):
            gone, left = (pair.near, pair.far) if near else (pair.far, pair.near)
            if pair.task is not None:
                pair.task.cancel()  # its end closes nothing that is forgotten
            if left is not None:
                self._forgotten.append(left)
            if gone is not None:
                _reset(gone)

    async def _serve(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        self.accepted += 1
        pair = _Pair(near, task=asyncio.current_task())
        self._pairs.add(pair)
        try:
            if self.black_hole:
                while await reader.read(_CHUNK):
                    pass
                return
            far_reader, pair.far = await asyncio.open_connection("127.0.0.1", self.target_port)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump("up", reader, pair, pair.far))
                both.create_task(self._pump("down", far_reader, pair, near))
        except* (OSError, _LimitError):  # the target is away, or either side was ended
            _reset(near)
            if pair.far is not None:
                _reset(pair.far)
        except* asyncio.CancelledError:
            pass
        finally:
            self._pairs.discard(pair)
            for writer in (near, pair.far):
                if writer is not None and writer not in self._forgotten:
                    writer.close()

    async def _pump(
        self, way: str, reader: asyncio.StreamReader, pair: _Pair, out: asyncio.StreamWriter
    ) -> None:
        """Carry one direction, latency without loss of throughput, until its FIN has passed."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_CHUNKS_UNDER_WAY)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._deliver(way, under_way, pair, out))
            due, data = 0.0, b"."
            while data:
                data = await reader.read(_CHUNK)
                line = self._line(way)
                late_s = line.latency_s + line.jitter_s * self._random.uniform(-1, 1)
                due = max(due, asyncio.get_running_loop().time() + max(late_s, 0.0))
                await under_way.put((due, data))

    async def _deliver(
        self,
        way: str,
        under_way: asyncio.Queue[tuple[float, bytes]],
        pair: _Pair,
        out: asyncio.StreamWriter,
    ) -> None:
        while True:
            due, data = await under_way.get()
            await asyncio.sleep(max(due - asyncio.get_running_loop().time(), 0))
            if not data:
                await self._flowing(way)
                out.write_eof()
                return
            while data:
                data = data[await self._slice(way, data, pair, out) :]

    async def _slice(self, way: str, data: bytes, pair: _Pair, out: asyncio.StreamWriter) -> int:
        """Send the next bytes as the line is now; return how many were dealt with."""
        await self._flowing(way)
        line = self._line(way)
        size = min(len(data), max(line.slice_bytes, 1))
        if line.flow is Flow.SWALLOWED:
            return size
        if line.limit_bytes is not None:
            size = min(size, line.limit_bytes - pair.passed[way])
            if size <= 0:
                raise _LimitError
        out.write(data[:size])
        await out.drain()
        pair.passed[way] += size
        if line.bytes_per_s is not None:
            await self._pause(size / line.bytes_per_s)
        return size

    async def _flowing(self, way: str) -> None:
        while self._line(way).flow is Flow.HELD:
            await self._changed.wait()

    async def _pause(self, seconds: float) -> None:
        """Sleep, but not past a change of the lines."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    def _line(self, way: str) -> Line:
        return self.up if way == "up" else self.down

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class _LimitError(Exception):
    """So many bytes have passed."""


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN."""
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    writer.transport.abort()


async def command_port(proxy: FaultProxy, port: int = 0) -> asyncio.Server:
    """Take orders for ``proxy`` on a port of its own."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while text := await reader.readline():
            writer.write(f"{await obey(proxy, text)}\n".encode())
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", port)


async def obey(proxy: FaultProxy, text: bytes) -> str:
    """Carry out one line of the command port; return its answer."""
    try:
        order = msgspec.json.decode(text, type=Order)
    except msgspec.MsgspecError as error:
        return f"error: {error}"
    if order.act not in (None, "accept", *proxy.acts):
        return f"error: no such act {order.act!r}"
    proxy.set(up=order.up, down=order.down)
    if order.act == "accept":
        await proxy.accept()
    elif order.act is not None:
        proxy.acts[order.act]()
    return "ok"


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("target", type=int)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--commands", type=int, default=0)
    args = parser.parse_args()
    async with FaultProxy(args.target, port=args.port) as proxy:
        commands = await command_port(proxy, args.commands)
        print(proxy.port, commands.sockets[0].getsockname()[1], flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main())
