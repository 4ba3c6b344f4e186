"""What must hold of the parsers of text: SDP, addresses, challenges. Each returns what came out.

A check raises ``AssertionError``, or lets through whatever the parser must not raise.
"""

from collections.abc import Hashable

from edge.redact import Secret
from edge.rtsp import auth, replies, sdp
from edge.rtsp.framing import Headers, Request, encode
from edge.rtsp.url import CameraUrl, Credentials, UrlError

PASSWORD = "Pa\xdfw0rd-\U0001f441"
CREDENTIALS = Credentials("viewer", Secret(PASSWORD))


def speakable(text: str) -> None:
    """Check a text for people: printable, short, fit for JSON and a database."""
    assert text.isprintable(), ascii(text)
    assert len(text) <= 500, len(text)
    text.encode()


def check_sdp(data: bytes) -> Hashable:
    """A description, or a reason that can be shown."""
    try:
        found = sdp.parse(data)
    except sdp.SdpError as error:
        speakable(str(error))
        return type(error), str(error)[:20]
    video = found.video
    assert video.codec in {"h264", "h265"}
    assert 0 < video.clock_hz < 10**9
    assert video.fps is None or 0 < video.fps < 10_000
    assert all(video.parameter_sets)
    assert sum(map(len, video.parameter_sets)) <= len(data)
    for control in (found.control, video.control):
        line = encode(Request("SETUP", replies.join("rtsp://192.0.2.1/x", control))).split(b"\r")[0]
        assert len(line.split()) == 3, line
    return video.codec, len(video.parameter_sets), bool(video.control), video.fps is None


def check_url(data: bytes) -> Hashable:
    """An address that can be asked for and shown, or ``UrlError`` without the address."""
    text = data.decode(errors="surrogateescape")
    try:
        url = CameraUrl.parse(text, {"X": PASSWORD}.__getitem__)
    except UrlError as error:
        speakable(str(error))
        if len(text) >= 40 and text in str(error):
            raise AssertionError("an error that holds the address") from error
        return str(error)[:30]
    assert 0 < url.port < 1 << 16
    assert url.host
    request = encode(Request("DESCRIBE", url.request_uri)).split(b"\r\n")[0]
    assert request.count(b" ") == 2, request
    assert not any(octet < 0x20 or octet == 0x7F for octet in request), request
    if url.credentials is not None:  # whatever the password is, what is shown is the same
        assert repr(url) == repr(url.with_password(Secret("another")))
    if len(url.request_uri) <= 4096:
        assert CameraUrl.parse(url.request_uri).request_uri == url.request_uri
    return url.scheme, bool(url.target), url.credentials is None, ":" in url.host


def check_auth(data: bytes) -> Hashable:
    """Challenges, and answers that hold no line break and no password but Basic's."""
    lines = data.decode(errors="surrogateescape").splitlines()[:50]
    found = auth.parse_challenges(Headers(("WWW-Authenticate", line) for line in lines))
    assert len(found) <= 8
    chosen = auth.choose(found)
    if chosen is None:
        return len(found)
    value = auth.authorize(
        chosen, CREDENTIALS, method="SETUP", uri="rtsp://192.0.2.1/x", cnonce="0011223344556677"
    )
    assert PASSWORD not in value
    encode(Request("SETUP", "rtsp://192.0.2.1/x", Headers([("Authorization", value)])))
    parsed = auth.parse_authorization(value)
    assert parsed is not None
    assert parsed[0] == chosen.scheme
    if chosen.scheme == "Digest":
        assert parsed[1]["realm"] == chosen.realm
        assert parsed[1]["nonce"] == chosen.nonce
    return len(found), chosen.scheme, chosen.algorithm, chosen.qop[:2], chosen.stale


def check_headers(data: bytes) -> Hashable:
    """Session, Transport and Content-Base as a camera may write them."""
    session, transport, base, *_ = [*data.decode(errors="surrogateescape").split("\n"), "", "", ""]
    name, timeout_s = replies.session_of(session.strip())
    assert 4 <= timeout_s <= 600
    channel = replies.channel_of(transport.strip())
    assert channel is None or 0 <= channel <= 255
    uri = replies.base_uri(Headers([("Content-Base", base.strip())]), "rtsp://192.0.2.1/x")
    assert uri.lower().startswith("rtsp")
    assert len(encode(Request("SETUP", uri)).split(b"\r")[0].split()) == 3
    return name is None, timeout_s, channel, uri.count("/")
