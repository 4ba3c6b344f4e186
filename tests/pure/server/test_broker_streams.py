"""Packets out of bytes: messages to us, everything else to amqtt, and bounds."""

import asyncio

import pytest

from server.broker.streams import PacketReader, publish_packet

PING = b"\xc0\x00"
SUBSCRIBE = b"\x82\x06\x00\x01\x00\x01a\x01"


class Reading:
    """A reader fed by hand."""

    def __init__(self, *, silent_s: float = 60.0, begun: bool = True) -> None:
        self.stream = asyncio.StreamReader()
        self.reader = PacketReader(self.stream)
        self.messages: list[tuple[int, bytes]] = []
        self.silences = 0
        self.room = asyncio.Event()
        self.room.set()
        if begun:
            self.reader.begin(self._on_publish, silent_s=silent_s, silent=self._silent)

    async def _on_publish(self, head: int, body: bytes) -> None:
        await self.room.wait()
        self.messages.append((head, body))

    def _silent(self) -> None:
        self.silences += 1


async def _turns() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_messages_are_taken_out_and_all_else_is_left_to_amqtt() -> None:
    reading = Reading()
    reading.stream.feed_data(
        publish_packet("t", b"1") + SUBSCRIBE + publish_packet("t", b"2") + PING
    )
    assert [await reading.reader.read(n) for n in (1, 1, 2, 4)] == [
        SUBSCRIBE[:1],
        SUBSCRIBE[1:2],
        SUBSCRIBE[2:4],
        SUBSCRIBE[4:],
    ]
    assert await reading.reader.read(2) == PING
    assert reading.messages == [(0x30, b"\x00\x01t1"), (0x30, b"\x00\x01t2")]
    reading.reader.end()


@pytest.mark.parametrize("size", [0, 1, 120, 124, 125, 16_380, 16_381, 200_000])
async def test_every_length_is_written_and_read(size: int) -> None:
    reading = Reading()
    payload = b"x" * size
    for byte in publish_packet("t", payload)[:10]:
        reading.stream.feed_data(bytes([byte]))
    reading.stream.feed_data(publish_packet("t", payload)[10:] + PING)
    assert await reading.reader.read(1) == PING[:1]
    assert reading.messages == [(0x30, b"\x00\x01t" + payload)]
    reading.reader.end()


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"\x30\xff\xff\xff\xff\x01", "never ends"), (b"\x30\xff\xff\xff\x7f", "over")],
)
async def test_what_is_too_long_is_the_end(data: bytes, what: str) -> None:
    reading = Reading()
    reading.stream.feed_data(data)
    with pytest.raises(ConnectionAbortedError, match=what):
        await reading.reader.read(1)
    reading.reader.end()


async def test_a_message_before_its_time_is_the_end() -> None:
    reading = Reading(begun=False)
    reading.stream.feed_data(publish_packet("t", b"early"))
    with pytest.raises(ConnectionAbortedError, match="before CONNECT"):
        await reading.reader.read(1)


async def test_the_end_of_the_stream_is_an_incomplete_read() -> None:
    reading = Reading()
    reading.stream.feed_data(publish_packet("t", b"whole") + publish_packet("t", b"cut")[:-1])
    reading.stream.feed_eof()
    with pytest.raises(asyncio.IncompleteReadError):
        await reading.reader.read(1)
    assert len(reading.messages) == 1
    reading.reader.end()


async def test_nothing_wanted_is_not_waited_for() -> None:
    reading = Reading()
    assert await asyncio.wait_for(reading.reader.read(0), 1) == b""
    reading.reader.end()


async def test_nothing_is_read_while_a_message_waits_and_that_is_no_silence() -> None:
    reading = Reading(silent_s=1e-9)
    reading.room.clear()
    reading.stream.feed_data(publish_packet("t", b"waits") + PING)
    reader = asyncio.create_task(reading.reader.read(2))
    await _turns()
    assert (reader.done(), reading.silences) == (False, 0)
    reading.room.set()
    assert await reader == PING
    reading.reader.end()


async def test_silence_is_told() -> None:
    reading = Reading(silent_s=1e-9)
    reader = asyncio.create_task(reading.reader.read(1))
    await _turns()
    assert reading.silences == 1
    reader.cancel()
