"""An RTSP 1.0 client without I/O: bytes and commands in, bytes and outcomes out (RFC 2326).

``conversation`` is what is said; here are the bytes: messages and interleaved packets taken apart,
the packets counted. ``docs/misbehaviours.md`` lists which rude cameras are told apart.
"""

from collections.abc import Callable

from edge.redact import redact
from edge.rtsp.channels import find_channel
from edge.rtsp.conversation import ENDED, Conversation, Phase
from edge.rtsp.framing import (
    FRAME_MARK,
    Framer,
    FramingError,
    Interleaved,
    Request,
    Response,
    encode,
)
from edge.rtsp.habits import Habits
from edge.rtsp.url import CameraUrl
from wire.vocabulary import Cause

__all__ = ["ENDED", "Phase", "RtspClient"]


class RtspClient(Conversation):
    """One session with one camera; see ``Conversation`` for its attributes and commands."""

    def __init__(
        self, url: CameraUrl, *, cnonce: Callable[[], str], habits: Habits | None = None
    ) -> None:
        super().__init__(url, cnonce=cnonce, habits=habits)
        self._framer = Framer()
        self._broken = False

    @property
    def is_unfinished(self) -> bool:
        """Whether the camera is known to leave the ends of its answers out."""
        return self._habits.unfinished_heads

    @property
    def tearing_down(self) -> bool:
        """Whether TEARDOWN's answer is still to come, and can still be read."""
        return super().tearing_down and not self._broken

    def settle(self) -> bool:
        """Make do with what has come, after a silence: a head without its end, a wrong CSeq.

        Return whether that was an answer.
        """
        if self._broken or not self._dialogue.awaiting:
            return False
        before = self.answers
        if self._framer.end_head():
            self._habits.unfinished_heads = True
            self._read_messages(0)
        self.answers += self._dialogue.has_held
        if (answer := self._dialogue.believe_held()) is not None:
            self._step(answer)
        return self.answers != before

    def feed(self, buffer: bytearray | bytes | memoryview, end: int, now_ms: int) -> int:
        """Take ``buffer[:end]``; return how much of it is done with (the rest comes again).

        What remains is always the beginning of one frame, so it is at most 64 KiB.
        """
        position = 0
        while position < end and not self._broken:
            step = self._feed_some(buffer, position, end, now_ms)
            if step == position:
                break
            position = step
        return end if self._broken else position

    def _feed_some(
        self, buffer: bytearray | bytes | memoryview, position: int, end: int, now_ms: int
    ) -> int:
        if self.counter is not None and not self._framer.in_message:
            if self.counter.first_packet_ms is None:
                self._find_channel(buffer, position, end)
            walked = self.counter.feed(buffer, position, end, now_ms)
            if walked > position or buffer[position] == FRAME_MARK:
                return walked
        self._framer.feed(bytes(buffer[position:end]))
        self._read_messages(now_ms)
        if self.counter is None or self._broken:
            return end
        return end - self._framer.take_frame_start(end - position)

    def _read_messages(self, now_ms: int) -> None:
        try:
            while (message := self._framer.next_event()) is not None:
                if isinstance(message, Response):
                    self.receive(message)
                elif isinstance(message, Request):
                    self.reply_to(message)
                elif self.counter is not None:
                    self._count(message, now_ms)
        except FramingError as error:
            self._broken = True
            self._fail(Cause.RTSP_PROTOCOL, redact(str(error), self.url.secrets))

    def _count(self, frame: Interleaved, now_ms: int) -> None:
        """Count a frame that came in one chunk with a message."""
        assert self.counter is not None
        raw = encode(frame)
        if self.counter.first_packet_ms is None:
            self._find_channel(raw, 0, len(raw))
        self.counter.feed(raw, 0, len(raw), now_ms)

    def _find_channel(
        self, buffer: bytearray | bytes | memoryview, position: int, end: int
    ) -> None:
        assert self.counter is not None
        assert self.description is not None
        payload_type = self.description.video.payload_type
        self.counter.channel = find_channel(
            buffer, position, end, said=self.counter.channel, payload_type=payload_type
        )
