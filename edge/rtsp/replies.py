"""What a camera's answers mean: sessions, channels, control URLs. Pure.

Refusals have a module of their own. Cameras are taken at their word where it can work, and read
leniently where it can't.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from edge.rtsp.framing import Headers
from wire.vocabulary import Cause

DEFAULT_TIMEOUT_S: Final = 60
_MIN_TIMEOUT_S, _MAX_TIMEOUT_S = 4, 600
_ABSOLUTE: Final = re.compile(r"(?i)rtsps?://[^/?#]+")
_SPACE: Final = re.compile(r"[\x00-\x20\x7f\s]")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no stream; ``detail`` is a short English fact without secrets.

    Attributes:
        cause: Who must act.
        detail: What was seen.
        refused_login: A password was sent and refused (whatever the cause is taken to be): cameras
            count such tries and lock accounts, so the next one wants patience.
        status: The RTSP status that refused us, if one did.
        unsure: This machine had no time for us meanwhile, so it may be no trouble of the camera's.
    """

    cause: Cause
    detail: str
    refused_login: bool = False
    status: int | None = None
    unsure: bool = False


def join(base: str, control: str) -> str:
    """Return a control URL: absolute as it is, else hung on the base as cameras expect it.

    Not RFC 3986: a base with a query keeps it (``…?channel=1/trackID=1``), as FFmpeg does. A path
    that begins with all of the base's own path is meant from the host's root; any other leading
    slash is no second one. What can't stand in a request line is percent-encoded.
    """
    control = _SPACE.sub(lambda found: quote(found[0]), control)
    if control in {"", "*"}:
        return base
    if _ABSOLUTE.match(control):
        return control
    root = _ABSOLUTE.match(base)
    if control.startswith("/") and root is not None:
        path = base[root.end() :].partition("?")[0].rstrip("/")
        if path and control.startswith(path + "/"):
            return root[0] + control
    return f"{base.removesuffix('/')}/{control.removeprefix('/')}"


def base_uri(headers: Headers, request_uri: str) -> str:
    """Return what control URLs hang on: the camera's word, else what was asked for.

    A camera behind a router may name its inner address there. It knows itself by that, and the
    connection stays the same, so it is used as it is.
    """
    for name in ("Content-Base", "Content-Location"):
        value = (headers.get(name) or "").strip(' "<>')
        if re.match(r"(?i)rtsps?://\S+$", value):
            return _SPACE.sub(lambda found: quote(found[0]), value)
    return request_uri


def session_of(value: str) -> tuple[str | None, int]:
    """Return the session's id and time-out in seconds, kept within what makes sense."""
    name, *params = (part.strip() for part in value.split(";"))
    timeout_s = DEFAULT_TIMEOUT_S
    for param in params:
        match = re.fullmatch(r'(?i)timeout\s*=\s*"?(\d{1,6})(?:\.\d*)?"?', param)
        if match and int(match[1]):  # 0 is said for "none"
            timeout_s = min(max(int(match[1]), _MIN_TIMEOUT_S), _MAX_TIMEOUT_S)
    return name or None, timeout_s


def channel_of(transport: str) -> int | None:
    """Return the channel that the camera chose for RTP; None: it means to send by UDP instead."""
    match = re.search(r"(?i)interleaved\s*=\s*(\d{1,3})", transport)
    if match is not None:
        return min(int(match[1]), 255)
    return None if re.search(r"(?i)(client|server)_port\s*=", transport) else 0
