"""What must hold of everything that reads a camera's connection: messages, packets, key frames."""

import random
import zlib
from collections.abc import Hashable, Iterator
from dataclasses import replace

from edge.rtsp.client import Phase, RtspClient
from edge.rtsp.framing import FRAME_MARK, MAX_BODY, MAX_HEADER, Framer, Request, Response
from edge.rtsp.keyframe import MAX_UNIT, START_CODE, Collector, KeyFrame
from edge.rtsp.rtp import Counts, StreamCounter
from edge.rtsp.sdp import Codec, Track
from edge.rtsp.url import CameraUrl
from tests.fuzz.text import CREDENTIALS, PASSWORD, speakable

URL = replace(CameraUrl.parse("rtsp://192.0.2.1/live/ch1"), credentials=CREDENTIALS)
MAX_SETS = 16 * 4096
_TRACKS: dict[Codec, Track] = {
    "h264": Track(codec="h264", parameter_sets=(b"\x67\x64\x00\x1f", b"\x68\xee\x3c")),
    "h265": Track(codec="h265", parameter_sets=(b"\x40\x01\x0c", b"\x42\x01\x01", b"\x44\x01")),
}


def chunks(data: bytes, most: int) -> Iterator[bytes]:
    """Cut ``data`` as a network might, the same way each time."""
    rng, start = random.Random(zlib.crc32(data)), 0
    while start < len(data):
        end = start + rng.randrange(1, most)
        yield data[start:end]
        start = end


def check_rtsp(data: bytes) -> Hashable:
    """A session with a camera that says ``data``: the same however the network cuts it."""
    whole = _session(data, len(data) + 2)
    assert whole == _session(data, 400), "it depends on how the network cuts it"
    if len(data) < 2000:
        assert whole == _session(data, 2), "it depends on how the network cuts it"
    return whole


def _session(data: bytes, most: int) -> tuple[Phase, str | None, int]:
    client = RtspClient(URL, cnonce=lambda: "0011223344556677")
    client.start()
    said, held = [client.take_output()], b""
    for now_ms, chunk in enumerate(chunks(data, most)):
        buffer = held + chunk
        done = client.feed(memoryview(buffer), len(buffer), 1000 + now_ms)
        assert 0 <= done <= len(buffer)
        held = buffer[done:]
        said.append(client.take_output())
        _bounded(client, len(held), most)
        if client.counter is not None:
            client.counter.collector.want()
    phase, trouble, answers = client.phase, client.trouble, client.answers
    assert (trouble is not None) == (phase is Phase.FAILED)
    if trouble is not None:
        speakable(trouble.detail)
        assert PASSWORD not in trouble.detail
    client.settle()
    client.keep_alive()
    client.ended_by_peer()
    client.stop()
    said.append(client.take_output())
    assert client.phase in {Phase.CLOSED, Phase.FAILED}
    _understandable(b"".join(said), data)
    return phase, str(trouble.cause) if trouble else None, answers


def _bounded(client: RtspClient, held: int, most: int) -> None:
    assert held <= 4 + 65_535
    assert len(client._framer._buffer) <= MAX_HEADER + MAX_BODY + most


def _understandable(said: bytes, data: bytes) -> None:
    """Whatever we said is RTSP, and no flood: an answer to each request, a request per answer."""
    framer = Framer()
    framer.feed(said)
    messages = []
    while (message := framer.next_event()) is not None:
        assert isinstance(message, Request | Response)
        messages.append(message)
    assert not framer.in_message
    assert PASSWORD.encode() not in said
    assert len(messages) <= 10 + data.count(b"RTSP/")


# -------------------------------------------------------------------- packets


def check_rtp(data: bytes) -> Hashable:
    """Interleaved frames counted: the same however they are cut, in bounded memory."""
    codec: Codec = "h265" if data[:1] > b"\x7f" else "h264"
    stream = data[1:]
    whole = _counted(codec, stream, len(stream) + 2)
    assert whole == _counted(codec, stream, 700), "it depends on how the network cuts it"
    counts, unit = whole
    few = (counts.packets, counts.lost, counts.frames, counts.key_frames, counts.malformed)
    return *(min(number, 5) for number in few), unit is not None


def _counted(codec: Codec, stream: bytes, most: int) -> tuple[Counts, bytes | None]:
    counter, held, unit = StreamCounter(_TRACKS[codec]), b"", None
    counter.collector.want()
    for chunk in chunks(stream, most):
        buffer, done, before = held + chunk, 0, -1
        while done > before:
            before, done = done, counter.feed(memoryview(buffer), done, len(buffer), 5)
            if done < len(buffer) and buffer[done] != FRAME_MARK:
                done += 1  # no frame: the client would look for a message
        held = buffer[done:]
        unit = unit or _taken(counter.collector)
    check_collector(counter.collector)
    found = counter.counts()
    assert found.lost >= 0
    assert found.octets <= len(stream)
    assert found.key_frames <= found.frames <= found.packets
    return found, unit


def check_units(codec: Codec, data: bytes) -> Hashable:
    """Payloads put together: ``u8 flags, u16 size, payload`` each; a whole key frame or none."""
    collector = Collector(codec, _TRACKS[codec].parameter_sets)
    collector.want()
    seq = timestamp = position = 0
    unit, number = None, 0
    while position + 3 <= len(data):
        flags, size = data[position], data[position + 1] << 8 | data[position + 2]
        payload = data[position + 3 : position + 3 + size]
        position += 3 + size
        timestamp += flags & 1
        seq = seq + 1 + (flags >> 1 & 1) & 0xFFFF
        collector.packet(seq, timestamp, payload)
        number += 1
        if number % 256 == 0:
            check_collector(collector)
        unit = unit or _taken(collector)
        collector.wanted = True
    check_collector(collector)
    return unit is not None, min(collector.dropped, 3), len(collector._sets)


def check_collector(collector: Collector) -> None:
    """What it holds is bounded, also in small pieces."""
    assert len(collector._sets) <= 16
    assert sum(map(len, collector._sets)) <= MAX_SETS
    assert len(collector._unit) <= 4096 + 65_536 // 3  # it is looked at once per packet
    assert sum(map(len, collector._unit)) <= MAX_UNIT
    assert len(collector._fragment or b"") <= MAX_UNIT


def _taken(collector: Collector) -> bytes | None:
    found = collector.take()
    if found is None:
        return None
    assert isinstance(found, KeyFrame)
    assert found.data.startswith(START_CODE)
    assert len(found.data) <= MAX_UNIT + MAX_SETS
    return found.data
