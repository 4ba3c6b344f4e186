"""What a camera says of its stream: an SDP with the parameter sets (RFC 4566, 6184, 7798). Pure."""

from base64 import b64encode
from collections.abc import Sequence

from sim.packets import CLOCK_HZ, PAYLOAD_TYPE

TRACK = "trackID=1"


def _format(codec: str, sets: Sequence[bytes]) -> str:
    encoded = [b64encode(s).decode() for s in sets]
    if codec == "h264":
        profile = sets[0][1:4].hex().upper()
        sprop = ",".join(encoded)
        return f"packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={sprop}"
    names = ("sprop-vps", "sprop-sps", "sprop-pps")
    return ";".join(f"{name}={value}" for name, value in zip(names, encoded, strict=True))


def describe(codec: str, sets: Sequence[bytes], *, fps: int, title: str) -> bytes:
    """Return the body of the answer to DESCRIBE. ``sets`` are SPS, PPS (after VPS for H.265)."""
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
        f"a=control:{TRACK}",
        "",
    ]
    return "\r\n".join(lines).encode()
