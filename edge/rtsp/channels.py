"""On which interleaved channel the video really comes. Pure.

Some cameras answer one channel and send on another, or put RTCP where RTP was meant. Before the
first packet is counted, frames are looked at for what they hold.
"""

from typing import Final

from edge.rtsp.framing import FRAME_HEADER, FRAME_MARK

_VERSION_MASK, _VERSION_2 = 0xC0, 0x80
_TYPE_MASK: Final = 0x7F
_RTCP_TYPES: Final = range(200, 208)  # RFC 5761 §4


def find_channel(
    buffer: bytearray | bytes | memoryview, start: int, end: int, *, said: int, payload_type: int
) -> int:
    """Return the channel of the first RTP packet with ``payload_type`` in ``buffer[start:end]``.

    A packet on the channel that the camera ``said`` is preferred; ``said`` comes back where no
    frame speaks against it. RTCP on it means that the two channels are swapped.
    """
    found = said
    while start + FRAME_HEADER + 2 <= end and buffer[start] == FRAME_MARK:
        channel, body = buffer[start + 1], start + FRAME_HEADER
        is_rtp = buffer[body] & _VERSION_MASK == _VERSION_2
        is_video = is_rtp and buffer[body + 1] & _TYPE_MASK == payload_type
        if is_video and channel == said:
            return said
        if is_video and found == said:
            found = channel
        elif is_rtp and channel == said and buffer[body + 1] in _RTCP_TYPES:
            found = said ^ 1
        start = body + (buffer[start + 2] << 8 | buffer[start + 3])
    return found
