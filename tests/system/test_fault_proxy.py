"""The network's faults do what they are called, to real sockets."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.system.fault_proxy import FaultProxy, Flow, Line, command_port

BOUND_S = 10.0
QUIET_S = 0.15


class Far:
    """A server that answers each byte with itself and notes how its connections end."""

    def __init__(self) -> None:
        self.ends: list[str] = []
        self.open = 0
        self.heard = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            while data := await reader.read(65536):
                self.heard += data
                writer.write(data)
                await writer.drain()
            self.ends.append("FIN")
        except ConnectionError:
            self.ends.append("RST")
        except asyncio.CancelledError:
            self.ends.append("test over")
        finally:
            self.open -= 1
            writer.close()


@asynccontextmanager
async def echo() -> AsyncIterator[tuple[Far, FaultProxy]]:
    far = Far()
    server = await asyncio.start_server(far.serve, "127.0.0.1", 0)
    async with FaultProxy(server.sockets[0].getsockname()[1]) as proxy:
        yield far, proxy
    server.close()


class Near:
    """A client of the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, data: bytes, *, answer: int | None = None) -> bytes:
        self.writer.write(data)
        return await asyncio.wait_for(
            self.reader.readexactly(len(data) if answer is None else answer), BOUND_S
        )

    async def is_silent(self) -> bool:
        try:
            await asyncio.wait_for(self.reader.read(1), QUIET_S)
        except TimeoutError:
            return True
        return False

    async def end(self) -> str:
        try:
            data = await asyncio.wait_for(self.reader.read(), BOUND_S)
        except ConnectionError:
            return "RST"
        return f"FIN after {len(data)}"


@asynccontextmanager
async def connected(proxy: FaultProxy) -> AsyncIterator[Near]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    yield Near(reader, writer)
    writer.close()


async def until(far: Far, ends: list[str]) -> None:
    for _ in range(int(BOUND_S / 0.01)):
        if far.ends == ends:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"ended {far.ends}, not {ends}")


async def test_without_faults_everything_passes_and_a_fin_too() -> None:
    async with echo() as (far, proxy), connected(proxy) as near:
        data = bytes(range(256)) * 4096
        assert await near.say(data) == data
        near.writer.write_eof()
        assert await near.end() == "FIN after 0"
        await until(far, ["FIN"])
        assert proxy.accepted == 1


async def test_latency_delays_each_way_and_keeps_the_order() -> None:
    async with echo() as (_, proxy), connected(proxy) as near:
        proxy.set(up=Line(latency_s=0.1, jitter_s=0.08), down=Line(latency_s=0.1))
        began = time.monotonic()
        for n in range(100):
            near.writer.write(bytes([n]))
        assert await near.say(b"", answer=100) == bytes(range(100))
        assert 0.11 < time.monotonic() - began < BOUND_S


async def test_a_slow_drip_is_slow_and_torn_until_it_is_mended() -> None:
    async with echo() as (_, proxy), connected(proxy) as near:
        proxy.set(up=Line(bytes_per_s=100, slice_bytes=5))
        began = time.monotonic()
        assert await near.say(b"x" * 20, answer=5) == b"x" * 5
        await near.say(b"", answer=15)
        assert time.monotonic() - began > 0.12
        proxy.set(up=Line(bytes_per_s=0.01, slice_bytes=1))
        await near.say(b"yz", answer=1)  # the next byte would come in 100 s
        proxy.mend()
        assert await near.say(b"", answer=1) == b"z"


@pytest.mark.parametrize("act", ["reset", "finish"])
async def test_a_connection_is_lost_on_both_sides(act: str) -> None:
    async with echo() as (far, proxy), connected(proxy) as near:
        await near.say(b"hello")
        proxy.acts[act]()
        assert await near.end() == ("RST" if act == "reset" else "FIN after 0")
        await until(far, ["RST" if act == "reset" else "FIN"])
        async with connected(proxy) as other:
            assert await other.say(b"the next one works") == b"the next one works"
        assert proxy.connections <= 1


async def test_what_is_held_is_lost_with_its_connection() -> None:
    async with echo() as (far, proxy), connected(proxy) as near:
        proxy.set(up=Line(flow=Flow.HELD))
        near.writer.write(b"held")
        assert await near.is_silent()
        proxy.reset()
        assert await near.end() == "RST"
        await until(far, ["RST"])
        proxy.mend()
        for _ in range(100):
            await asyncio.sleep(0)
        assert (far.heard, proxy.connections) == (b"", 0)


async def test_what_a_partition_held_arrives_when_it_is_over() -> None:
    async with echo() as (far, proxy), connected(proxy) as near:
        proxy.set(up=Line(flow=Flow.HELD))
        near.writer.write(b"held")
        assert await near.is_silent()
        assert far.heard == b""
        proxy.mend()
        assert await near.say(b"", answer=4) == b"held"


async def test_a_line_that_swallows_takes_everything_and_gives_nothing() -> None:
    async with echo() as (far, proxy), connected(proxy) as near:
        proxy.set(down=Line(flow=Flow.SWALLOWED))
        near.writer.write(b"lost")
        assert await near.is_silent()
        assert far.heard == b"lost"
        proxy.mend()
        assert await near.say(b"more") == b"more"


async def test_after_a_power_cut_on_one_side_the_other_is_told_nothing() -> None:
    async with echo() as (far, proxy), connected(proxy) as near:
        await near.say(b"hello")
        proxy.forget(near=True)
        assert await near.end() == "RST"
        await asyncio.sleep(QUIET_S)
        assert (far.ends, far.open) == ([], 1)
    async with echo() as (far, proxy), connected(proxy) as near:
        await near.say(b"hello")
        proxy.forget(near=False)
        await until(far, ["RST"])
        assert await near.is_silent()


async def test_a_black_hole_accepts_and_never_answers() -> None:
    async with echo() as (far, proxy):
        proxy.acts["black_hole"]()
        async with connected(proxy) as near:
            near.writer.write(b"anybody?")
            assert await near.is_silent()
        assert far.heard == b""
        proxy.mend()
        async with connected(proxy) as near:
            assert await near.say(b"yes") == b"yes"


async def test_a_limit_cuts_in_the_middle_of_a_message() -> None:
    async with echo() as (far, proxy):
        proxy.set(up=Line(limit_bytes=7))
        async with connected(proxy) as near:
            near.writer.write(b"0123456789")
            assert await near.end() == "RST"
        assert far.heard in {b"0123456", b""}  # RST may overtake what was not read yet


async def test_refused_means_nobody_listens_until_it_accepts_again() -> None:
    async with echo() as (far, proxy):
        async with connected(proxy) as near:
            await near.say(b"hello")
            proxy.refuse()
            assert await near.end() == "RST"
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", proxy.port)
        await proxy.accept()
        async with connected(proxy) as near:
            assert await near.say(b"again") == b"again"
        await until(far, ["RST", "FIN"])


async def test_a_target_that_is_away_is_a_lost_connection() -> None:
    async with echo() as (_, proxy):
        pass
    async with FaultProxy(proxy.target_port) as alone, connected(alone) as near:
        assert await near.end() == "RST"


async def test_the_command_port_switches_and_says_what_it_does_not_know() -> None:
    async with echo() as (_, proxy):
        server = await command_port(proxy)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def order(**fields: object) -> str:
            writer.write(json.dumps(fields).encode() + b"\n")
            return (await asyncio.wait_for(reader.readline(), BOUND_S)).decode().strip()

        assert await order(up={"flow": "held"}, act="refuse") == "ok"
        assert proxy.up == Line(flow=Flow.HELD)
        assert await order(act="accept") == "ok"
        assert (await order(act="explode")) == "error: no such act 'explode'"
        assert (await order(up={"latency": 1})).startswith("error: ")
        assert await order(act="mend") == "ok"
        async with connected(proxy) as near:
            assert await near.say(b"x") == b"x"
        writer.close()
        server.close()
