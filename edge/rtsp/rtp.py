"""RTP packets counted, not decoded (RFC 3550 §5.1, inside RFC 2326 §10.12 frames).

``StreamCounter.feed`` is the one hot loop of the agent: 50 main streams are 13,000 packets a
second. It walks a buffer of interleaved frames with local integers and makes no object per packet;
only while a key frame is being collected does a packet become ``bytes``. Measured with
``tests/bench/watch.py``.

Loss is what the sequence numbers say was sent and did not come. A jump of over 3000 is a new
numbering (RFC 3550 A.1, MAX_DROPOUT), not a loss, and so are two packets in a row that are behind,
and another source (SSRC); a packet that comes late makes its loss good; one that comes twice is no
news.

Jitter is RFC 3550's (§6.4.1), between the newest packets of two reads instead of any two packets:
packets are read five times a second, and when each of a read's packets came, nobody knows. So it is
no finer than the time between two pictures.
"""

from dataclasses import dataclass
from typing import Final

from edge.rtsp.framing import FRAME_HEADER, FRAME_MARK
from edge.rtsp.gaps import Gaps
from edge.rtsp.keyframe import PAYLOADS, Collector, Interest
from edge.rtsp.sdp import Track

RTP_HEADER: Final = 12
_MAX_DROPOUT: Final = 3000
_SEQUENCE: Final = 1 << 16
_HALF_TIME: Final = 1 << 31
_PAUSE_MS: Final = 2000
"""A delay that changes by more than this is a pause or a leap in time, no jitter."""
_PLAIN: Final = 0x80  # version 2, no padding, no extension, no contributing sources
_WHOLE, _FRAGMENT = int(Interest.WHOLE), int(Interest.FRAGMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """A counter's state at one moment, for differences between two moments.

    Attributes:
        packets: Video packets received.
        octets: Their size, RTP headers included.
        lost: Packets that the sequence numbers miss.
        frames: Access units, by change of timestamp.
        key_frames: Those that are key frames.
        malformed: Packets that are not RTP version 2 or too short.
        media_s: Time that the timestamps have run, in seconds.
    """

    packets: int
    octets: int
    lost: int
    frames: int
    key_frames: int
    malformed: int
    media_s: float


class StreamCounter:
    """Counts one video track's packets and feeds its ``collector``.

    Attributes:
        last_packet_ms: ``Clock.ms`` of the newest chunk that held a video packet, or None.
        last_key_ms: The same for the beginning of a key frame.
        jitter_ms: As it stands.
    """

    __slots__ = (
        "_behind_next",
        "_channel",
        "_clock_hz",
        "_expected_seq",
        "_key_timestamp",
        "_missing",
        "_payloads",
        "_source",
        "_source_is_new",
        "_ticks",
        "_timestamp",
        "_transit_ms",
        "collector",
        "first_packet_ms",
        "frames",
        "jitter_ms",
        "key_frames",
        "last_key_ms",
        "last_packet_ms",
        "lost",
        "malformed",
        "octets",
        "packets",
    )

    def __init__(self, track: Track, *, channel: int = 0) -> None:
        self._payloads = PAYLOADS[track.codec]
        self._clock_hz = track.clock_hz
        self._channel = channel
        self._expected_seq = self._timestamp = self._key_timestamp = -1
        self._behind_next: tuple[int, int] | None = None
        self._missing = Gaps()
        self._source = b""
        self._source_is_new = False
        self._ticks = 0
        self._transit_ms: float | None = None
        self.jitter_ms = 0.0
        self.packets = self.octets = self.lost = self.frames = self.key_frames = self.malformed = 0
        self.first_packet_ms: int | None = None
        self.last_packet_ms: int | None = None
        self.last_key_ms: int | None = None
        self.collector = Collector(track.codec, track.parameter_sets)

    @property
    def channel(self) -> int:
        """The interleaved channel that is counted; set it before the first packet."""
        return self._channel

    @channel.setter
    def channel(self, channel: int) -> None:
        self._channel = channel

    def counts(self) -> Counts:
        """Return the counters as they stand."""
        return Counts(
            packets=self.packets,
            octets=self.octets,
            lost=self.lost,
            frames=self.frames,
            key_frames=self.key_frames,
            malformed=self.malformed,
            media_s=self._ticks / self._clock_hz,
        )

    def feed(  # noqa: C901, PLR0912, PLR0915 (one hot loop: a call per packet costs as much again)
        self, buffer: bytearray | bytes | memoryview, start: int, end: int, now_ms: int
    ) -> int:
        """Count the whole interleaved frames in ``buffer[start:end]``; return where they end.

        It stops before an incomplete frame and before anything that is not a frame.
        """
        channel, payloads, collector = self._channel, self._payloads, self.collector
        interest, key_start, key_whole = payloads.interest, payloads.key_start, payloads.key_whole
        fu_at = payloads.header
        expected, timestamp, ticks = self._expected_seq, self._timestamp, self._ticks
        collecting = collector.collecting
        packets = octets = frames = 0
        while start + FRAME_HEADER <= end and buffer[start] == FRAME_MARK:
            size = buffer[start + 2] << 8 | buffer[start + 3]
            at = start + FRAME_HEADER
            after = at + size
            if after > end:
                break
            if buffer[start + 1] != channel:
                start = after
                continue
            start = after
            if size <= RTP_HEADER:
                self.malformed += 1
                continue
            if buffer[at] == _PLAIN:
                body = at + RTP_HEADER
            else:
                body, after = _body(buffer, at, after)
                if body >= after:
                    self.malformed += 1
                    continue
            packets += 1
            octets += size
            seq = buffer[at + 2] << 8 | buffer[at + 3]
            if seq == expected:
                expected = seq + 1 & 0xFFFF
            else:
                expected = self._jump(seq, expected, bytes(buffer[at + 8 : at + 12]))
                if self._source_is_new:
                    self._source_is_new, timestamp = False, -1
            new = buffer[at + 4] << 24 | buffer[at + 5] << 16 | buffer[at + 6] << 8 | buffer[at + 7]
            if new != timestamp:
                frames += 1
                self._note_time(new, timestamp)
                timestamp = new
            kind = interest[buffer[body]]
            if kind:
                if kind == _FRAGMENT:
                    is_key = body + fu_at < after and key_start[buffer[body + fu_at]]
                    if not is_key:
                        kind = 0
                else:
                    is_key = key_whole[buffer[body]] or self._is_key_aggregate(buffer, body, after)
                if is_key and timestamp != self._key_timestamp:
                    self._key_timestamp = timestamp
                    self.key_frames += 1
                    self.last_key_ms = now_ms
            if collecting or (kind and collector.wanted):
                collector.packet(seq, timestamp, bytes(buffer[body:after]))
                collecting = collector.collecting
        self._expected_seq, self._timestamp = expected, timestamp
        if packets:
            if self.last_packet_ms not in {None, now_ms}:
                self._note_transit(ticks)
            self._note_arrival(packets, octets, frames, now_ms)
        return start

    def _note_transit(self, ticks: int) -> None:
        """Take how long the newest packet of the last read was under way, but for a constant."""
        assert self.last_packet_ms is not None
        transit_ms = self.last_packet_ms - ticks * 1000 / self._clock_hz
        if self._transit_ms is not None and abs(transit_ms - self._transit_ms) < _PAUSE_MS:
            self.jitter_ms += (abs(transit_ms - self._transit_ms) - self.jitter_ms) / 16
        self._transit_ms = transit_ms

    def _note_arrival(self, packets: int, octets: int, frames: int, now_ms: int) -> None:
        self.packets += packets
        self.octets += octets
        self.frames += frames
        self.last_packet_ms = now_ms
        if self.first_packet_ms is None:
            self.first_packet_ms = now_ms

    def _jump(self, seq: int, expected: int, source: bytes) -> int:
        """Count what a number out of order means; return the number that is expected next."""
        following = seq + 1 & 0xFFFF
        ahead = seq - expected & 0xFFFF
        behind = _SEQUENCE - ahead
        if source != self._source:
            self._source, self._source_is_new = source, expected >= 0
            self._missing.clear()
        elif behind <= _MAX_DROPOUT:
            return self._late(seq, expected)
        elif ahead <= _MAX_DROPOUT:
            self.lost += ahead
            self._missing.miss(expected, ahead)
        return following

    def _late(self, seq: int, expected: int) -> int:
        """Take a packet that is behind: late, a repeat, or the second of a new numbering."""
        if self._missing.fill(seq):
            self.lost -= 1
        elif (seq, expected) == self._behind_next:
            self._missing.clear()
            return seq + 1 & 0xFFFF
        else:
            self._behind_next = seq + 1 & 0xFFFF, expected
        return expected

    def _note_time(self, new: int, old: int) -> None:
        """Follow the media's time, also back (B-frames); a step over ten seconds is a new start."""
        ticks = (new - old + _HALF_TIME & 0xFFFFFFFF) - _HALF_TIME
        if old >= 0 and abs(ticks) <= 10 * self._clock_hz:
            self._ticks += ticks

    def _is_key_aggregate(
        self, buffer: bytearray | bytes | memoryview, body: int, after: int
    ) -> bool:
        """Tell whether an aggregation packet holds a key slice."""
        header = self._payloads.header
        position = body + header
        while position + 2 < after:
            if self._payloads.key_whole[buffer[position + 2]]:
                return True
            position += 2 + (buffer[position] << 8 | buffer[position + 1])
        return False


def _body(buffer: bytearray | bytes | memoryview, at: int, after: int) -> tuple[int, int]:
    """Return where the payload begins and ends; an empty span for what is not RTP."""
    first = buffer[at]
    if first >> 6 != 2:  # noqa: PLR2004 (RTP's version)
        return after, after
    body = at + RTP_HEADER + 4 * (first & 0x0F)
    if first & 0x10 and body + 4 <= after:
        body += 4 + 4 * (buffer[body + 2] << 8 | buffer[body + 3])
    if first & 0x20:
        after -= buffer[after - 1]
    return body, after
