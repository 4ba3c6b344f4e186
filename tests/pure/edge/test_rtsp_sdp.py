import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rtsp.sdp import SdpError, parse

HIKVISION = """v=0
o=- 1109162014219182 0 IN IP4 0.0.0.0
s=HIK Media Server
a=control:*
m=audio 0 RTP/AVP 8
a=rtpmap:8 PCMA/8000
a=control:trackID=2
m=video 0 RTP/AVP 96
b=AS:5000
a=recvonly
a=framerate:12.5
a=control:rtsp://192.168.1.64:554/Streaming/Channels/101/trackID=1
a=rtpmap:96 H264/90000
a=fmtp:96 profile-level-id=420029; packetization-mode=1; sprop-parameter-sets=Z00AH5Wo,aO48gA==
a=Media_header:MEDIAINFO=494D4B48010100;
"""


def test_a_camera_with_sound_and_video() -> None:
    found = parse(HIKVISION.replace("\n", "\r\n").encode())
    assert found.control == "*"
    assert found.video.codec == "h264"
    assert found.video.control.endswith("/trackID=1")
    assert found.video.parameter_sets == (
        base64.b64decode("Z00AH5Wo"),
        base64.b64decode("aO48gA=="),
    )
    assert (found.video.fps, found.video.clock_hz) == (12.5, 90_000)


def test_h265_has_three_kinds_of_parameter_sets() -> None:
    text = (
        "v=0\nm=video 0 RTP/AVP 98\na=rtpmap:98 H265/90000\n"
        "a=fmtp:98 sprop-vps=QAEM; sprop-sps=QgEB; sprop-pps=RAHB\na=control:track1\n"
    )
    found = parse(text.encode())
    assert found.video.codec == "h265"
    assert [nal[0] >> 1 for nal in found.video.parameter_sets] == [32, 33, 34]
    assert found.video.fps is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty answer"),
        (" \r\n", "empty answer"),
        ("<html><body>m = a</body></html>", "is no description"),
        ("v=0\n", "no video"),
        ("v=0\nm=audio 0 RTP/AVP 0\n", "no video"),
        ("v=0\nm=video 0 RTP/AVP 26\n", "the video is JPEG; plain H.264 or H.265 is needed"),
        ("v=0\nm=video 0 RTP/AVP 96\na=rtpmap:96 MP4V-ES/90000\n", "MP4V-ES"),
        ("v=0\nm=video\n", "no video"),
        ("v=0\nm=video 0 RTP/SAVP 96\na=rtpmap:96 H264/90000\n", "encrypted H264 .SRTP."),
    ],
)
def test_what_can_not_be_watched_is_named(text: str, told: str) -> None:
    with pytest.raises(SdpError, match=told):
        parse(text.encode())


def test_broken_parameter_sets_are_left_out() -> None:
    text = "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=fmtp:96 sprop-parameter-sets=!,Zw,%%,"
    assert parse(text.encode()).video.parameter_sets == (b"\x67",)


@given(st.binary(max_size=500), st.integers(0, len(HIKVISION)))
def test_any_bytes_parse_or_are_refused(junk: bytes, at: int) -> None:
    for body in (junk, HIKVISION[:at].encode() + junk + HIKVISION[at:].encode()):
        with contextlib.suppress(SdpError):
            parse(body)


@pytest.mark.parametrize("name", ["H264", "h264", "H.264"])
def test_a_codecs_name_is_read_as_it_is_written(name: str) -> None:
    text = f"m=video 0 RTP/AVP 96\na=rtpmap:96 {name}/90000"
    assert parse(text.encode()).video.codec == "h264"
