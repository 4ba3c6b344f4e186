"""The decoder's process on damaged key frames: a picture or a reason, and the same process after.

An input is one octet that names the codec, then an access unit. A crash here is FFmpeg's bug, which
the agent survives; it is reported all the same.
"""

from collections.abc import Hashable
from io import BytesIO

from edge.picture.pipe import Codec, Kind, PipeError, read_reply, unpack_planes
from edge.picture.process import DecoderProcess, ProcessEnded
from tests.fuzz.text import speakable

_process: list[DecoderProcess] = []


def check_decoder(data: bytes) -> Hashable:
    """Decode in a process that lives from input to input."""
    if not _process or _process[0].has_ended:
        _process[:] = [DecoderProcess()]
        _process[0].greet()
    codec: Codec = "h265" if data[:1] == b"5" else "h264"
    try:
        kind, body = _process[0].ask(codec, data[1:])
    except ProcessEnded as ended:
        if not ended.retired:
            raise
        return check_decoder(data)
    if kind is Kind.PICTURE:
        planes = unpack_planes(body)
        return planes.rows, bool(planes.chroma)
    assert kind is Kind.UNDECODABLE
    speakable(body.decode())
    return body.decode()[:30]


def check_pipe(data: bytes) -> Hashable:
    """What a decoder's process might say, had a key frame taken it over."""
    try:
        kind, body = read_reply(BytesIO(data))
        if kind is not Kind.PICTURE:
            return kind, min(len(body), 9)
        planes = unpack_planes(body)
    except (PipeError, EOFError) as error:
        return type(error).__name__
    assert len(planes.luma) == planes.rows * 320
    assert len(planes.chroma) in {0, (planes.rows + 1) // 2 * 320}
    return kind, bool(planes.chroma)


def close() -> None:
    """End the process."""
    while _process:
        _process.pop().close()
