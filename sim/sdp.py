"""What a camera says of its stream: an SDP with the parameter sets (RFC 4566, 6184, 7798). Pure."""

import re
from base64 import b64encode
from collections.abc import Sequence
from typing import Final

from sim.packets import CLOCK_HZ, PAYLOAD_TYPE

_VIDEO: Final = re.compile(rb"m=video.*", re.DOTALL)


def _format(codec: str, sets: Sequence[bytes]) -> str:
    encoded = [b64encode(s).decode() for s in sets]
    if codec == "h264":
        profile = sets[0][1:4].hex().upper()
        sprop = ",".join(encoded)
        return f"packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={sprop}"
    names = ("sprop-vps", "sprop-sps", "sprop-pps")
    return ";".join(f"{name}={value}" for name, value in zip(names, encoded, strict=True))


def describe(codec: str, sets: Sequence[bytes], *, fps: int, title: str, control: str) -> bytes:
    """Return the body of the answer to DESCRIBE. ``sets`` are SPS, PPS (after VPS for H.265).

    ``control`` is the track's; empty leaves it out.
    """
    lines = [
        "v=0",
        "o=- 0 1 IN IP4 127.0.0.1",
        f"s={title}",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        "c=IN IP4 0.0.0.0",
        f"a=rtpmap:{PAYLOAD_TYPE} {codec.upper()}/{CLOCK_HZ}",
        f"a=fmtp:{PAYLOAD_TYPE} {_format(codec, sets)}",
        f"a=framerate:{fps}",
        *([f"a=control:{control}"] if control else []),
        "",
    ]
    return "\r\n".join(lines).encode()


# ------------------------------------------------------------ descriptions of rude cameras

_AUDIO: Final = (
    b"m=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=control:trackID=7\r\na=recvonly\r\n"
)
_METADATA: Final = (
    b"m=application 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\n"
    b"a=control:trackID=9\r\n"
)
_SECOND_VIDEO: Final = b"m=video 0 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\na=control:trackID=5\r\n"


def empty(body: bytes) -> bytes:
    """Describe nothing at all."""
    return body[:0]


def junk(body: bytes) -> bytes:
    """Answer DESCRIBE with a web page."""
    return b"<html><body>" + bytes(range(32, 127)) * (len(body) // 400 + 1) + b"</body></html>"


def without_video(body: bytes) -> bytes:
    """Describe sound only."""
    return _VIDEO.sub(b"", body) + _AUDIO


def mjpeg(body: bytes) -> bytes:
    """Describe a motion JPEG stream, as old cameras have one."""
    return _VIDEO.sub(b"m=video 0 RTP/AVP 26\r\na=control:trackID=1\r\n", body)


def other_codec(body: bytes) -> bytes:
    """Describe a codec that nobody of us decodes."""
    return re.sub(rb"H26\d/", b"SVAC2/", body)


def encrypted(body: bytes) -> bytes:
    """Describe a video that is sent by SRTP."""
    return body.replace(b"RTP/AVP", b"RTP/SAVP")


def many_tracks(body: bytes) -> bytes:
    """Describe sound first, then the video, ONVIF metadata and a second video."""
    video = _VIDEO.search(body)
    assert video is not None
    return body[: video.start()] + _AUDIO + video[0] + _METADATA + _SECOND_VIDEO


def without_sets(body: bytes) -> bytes:
    """Leave the parameter sets out: they come in the stream."""
    return re.sub(rb"a=fmtp:.*\r\n", b"", body)


def untidy(body: bytes) -> bytes:
    """LF alone, blanks at ends of lines, upper-case names, no session-level control, no end."""
    lines = body.replace(b"a=control:*\r\n", b"").replace(b"rtpmap", b"RTPMAP").split(b"\r\n")
    return b" \n".join(lines).rstrip()
