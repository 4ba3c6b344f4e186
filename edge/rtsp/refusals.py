"""A camera's refusals as causes, in words for a technician. Pure.

The hard one is 401: some cameras (Dahua among them) answer it to the right password when their
sessions are used up. What is known decides. A password that the camera accepted earlier *in the
same session*, or with which another session of ours is being served there *at this moment*, is
right: ``rtsp.busy``. Otherwise it is ``rtsp.auth``, and the detail says what else it may be: that
the password was accepted some time ago proves nothing, since a changed password looks the same.
"""

from dataclasses import replace
from typing import Final

from edge.redact import redact
from edge.rtsp import auth
from edge.rtsp.dialogue import Dialogue
from edge.rtsp.framing import Response, shown
from edge.rtsp.replies import Trouble
from edge.rtsp.url import CameraUrl
from wire.vocabulary import Cause

_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_MINUTE_MS: Final = 60_000
_CAUSES: Final = {
    401: Cause.RTSP_AUTH,
    403: Cause.RTSP_AUTH,
    404: Cause.RTSP_NOT_FOUND,
    410: Cause.RTSP_NOT_FOUND,
    453: Cause.RTSP_BUSY,
    503: Cause.RTSP_BUSY,
}
_HINTS: Final = {
    400: "it does not understand the request",
    403: "it forbids this: the account may not view, or is locked",
    404: "it has no stream at this path",
    405: "it does not allow this",
    410: "the stream at this path is gone",
    453: "it has as many viewers as it allows",
    454: "it does not know the session that it has just begun",
    455: "it says that it can't do this now",
    459: "it wants each track asked for by itself, and refuses that too",
    461: "it does not send over TCP, which is how we watch",
    500: "an error inside the camera",
    501: "it does not know how to do this",
    503: "it is too busy, or just starting",
    505: "it speaks another version of RTSP",
    551: "it does not support what was asked",
}


def refusal(response: Response, url: CameraUrl, dialogue: Dialogue) -> Trouble:
    """Return why ``response`` refuses the request of ``dialogue``."""
    # A camera may echo anything, so what it says is cleaned before it is cut short.
    reason = shown(redact(response.reason, url.secrets))
    status, refused = response.status, dialogue.password_sent
    said = f"{dialogue.method} was answered {status} {reason}"
    if status == _UNAUTHORIZED and dialogue.proven:
        why = "the same login was accepted a moment ago: its sessions are used up"
        detail = f"{said}, but {why}, or the account may not view"
        return Trouble(Cause.RTSP_BUSY, detail, refused_login=True, status=status)
    if status == _UNAUTHORIZED:
        detail = f"{said}: {_login_trouble(response, url)}"
        return Trouble(Cause.RTSP_AUTH, detail, refused_login=refused, status=status)
    cause = _CAUSES.get(status, Cause.RTSP_PROTOCOL)
    hint = _HINTS.get(status)
    refused = refused and status == _FORBIDDEN and not dialogue.proven
    detail = f"{said}: {hint}" if hint else said
    return Trouble(cause, detail, refused_login=refused, status=status)


def with_open_sessions(trouble: Trouble, count: int) -> Trouble:
    """Judge a refused login anew, given ``count`` sessions of ours that the same login has there.

    They are being served at this moment, so the login is right.
    """
    if not (_is_refused_login(trouble) and count):
        return trouble
    served = "another session of ours is" if count == 1 else f"{count} other sessions of ours are"
    why = f"but {served} served with this login: its sessions are used up"
    detail = f"{_without_guess(trouble)}, {why}, or the account may not view this"
    return replace(trouble, cause=Cause.RTSP_BUSY, detail=detail)


def with_earlier_login(trouble: Trouble, ago_ms: int | None) -> Trouble:
    """Say of a refused login that it was accepted before, where it was."""
    if not _is_refused_login(trouble) or ago_ms is None:
        return trouble
    why = f"accepted {_ago(ago_ms)}: changed, locked, or the sessions are used up"
    return replace(trouble, detail=f"{_without_guess(trouble)}: the login was {why}")


def _ago(ago_ms: int) -> str:
    return f"{ago_ms // _MINUTE_MS} min ago" if ago_ms >= _MINUTE_MS else f"{ago_ms // 1000} s ago"


def _is_refused_login(trouble: Trouble) -> bool:
    refused = trouble.refused_login and trouble.status == _UNAUTHORIZED
    return refused and trouble.cause is Cause.RTSP_AUTH


def _without_guess(trouble: Trouble) -> str:
    return trouble.detail.partition(": ")[0]


def _login_trouble(response: Response, url: CameraUrl) -> str:
    if url.credentials is None:
        return "the camera asks for a user name and a password"
    challenges = auth.parse_challenges(response.headers)
    if auth.choose(challenges) is None:
        offered = ", ".join(f"{c.scheme} {c.algorithm}" for c in challenges) or "nothing"
        return f"it offers {shown(offered)}; Digest or Basic is needed"
    return "user name or password is wrong"
