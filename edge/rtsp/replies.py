"""What a camera's answers mean: refusals as causes, sessions, channels, control URLs. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from edge.redact import redact
from edge.rtsp import auth
from edge.rtsp.framing import Headers, Response, shown
from edge.rtsp.url import CameraUrl
from wire.vocabulary import Cause

DEFAULT_TIMEOUT_S: Final = 60
_MIN_TIMEOUT_S, _MAX_TIMEOUT_S = 4, 600
_UNAUTHORIZED: Final = 401
_CAUSES: Final = {
    401: Cause.RTSP_AUTH,
    403: Cause.RTSP_AUTH,
    404: Cause.RTSP_NOT_FOUND,
    453: Cause.RTSP_BUSY,
    503: Cause.RTSP_BUSY,
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there is no stream; ``detail`` is a short English fact without secrets."""

    cause: Cause
    detail: str


def refusal(method: str, response: Response, url: CameraUrl) -> Trouble:
    """Return why ``response`` refuses ``method``, in words for a technician."""
    # A camera may echo anything, so what it says is cleaned before it is cut short.
    reason = shown(redact(response.reason, url.secrets))
    said = f"{method} was answered {response.status} {reason}"
    cause = _CAUSES.get(response.status, Cause.RTSP_PROTOCOL)
    if response.status == _UNAUTHORIZED:
        said = f"{said}: {_login_trouble(response, url)}"
    return Trouble(cause, said)


def _login_trouble(response: Response, url: CameraUrl) -> str:
    if url.credentials is None:
        return "the camera asks for a user name and a password"
    challenges = auth.parse_challenges(response.headers)
    if auth.choose(challenges) is None:
        offered = ", ".join(f"{c.scheme} {c.algorithm}" for c in challenges) or "nothing"
        return f"it offers {shown(offered)}; Digest or Basic is needed"
    return "user name or password is wrong"


def join(base: str, control: str) -> str:
    """Return a control URL: absolute as it is, else hung on the base as cameras expect it.

    Not RFC 3986: a base with a query keeps it (``…?channel=1/trackID=1``), as FFmpeg does.
    """
    if control in {"", "*"}:
        return base
    if re.match(r"(?i)rtsps?://", control):
        return control
    return f"{base}{control}" if base.endswith("/") else f"{base}/{control}"


def base_uri(headers: Headers, request_uri: str) -> str:
    """Return what control URLs hang on: the camera's word, else what was asked for."""
    for name in ("Content-Base", "Content-Location"):
        value = headers.get(name)
        if value and re.match(r"(?i)rtsps?://\S+$", value):
            return value
    return request_uri


def session_of(value: str) -> tuple[str | None, int]:
    """Return the session's id and time-out in seconds, kept within what makes sense."""
    name, *params = (part.strip() for part in value.split(";"))
    timeout_s = DEFAULT_TIMEOUT_S
    for param in params:
        match = re.fullmatch(r"(?i)timeout\s*=\s*(\d{1,6})(?:\.\d*)?", param)
        if match:
            timeout_s = min(max(int(match[1]), _MIN_TIMEOUT_S), _MAX_TIMEOUT_S)
    return name or None, timeout_s


def channel_of(transport: str) -> int:
    """Return the channel that the camera chose for RTP."""
    match = re.search(r"(?i)interleaved\s*=\s*(\d{1,3})", transport)
    return min(int(match[1]), 255) if match else 0
