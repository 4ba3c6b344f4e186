"""Cameras that refuse, and streams that do not come. Pure."""

from collections.abc import Mapping
from typing import Final

from sim import manners
from sim.door import Asking
from sim.faults import Fault
from sim.manners import Manner, answering
from sim.rude.kind import Rude
from wire.vocabulary import Cause


def _status(method: str, status: int, expect: Cause, told: str) -> Rude:
    says = f"answers {method} with {status} {manners.REASONS[status]}"
    return Rude(
        says=says, expect=expect, told=told, manner=Manner(reword=answering(status, method))
    )


REFUSALS: Final[Mapping[str, Rude]] = {
    "404": _status("DESCRIBE", 404, Cause.RTSP_NOT_FOUND, "no stream at this path"),
    "403": _status("DESCRIBE", 403, Cause.RTSP_AUTH, "may not view, or is locked"),
    "453": _status("SETUP", 453, Cause.RTSP_BUSY, "as many viewers as it allows"),
    "453-play": _status("PLAY", 453, Cause.RTSP_BUSY, "as many viewers as it allows"),
    "503": _status("DESCRIBE", 503, Cause.RTSP_BUSY, "too busy"),
    "454": _status("PLAY", 454, Cause.RTSP_PROTOCOL, "does not know the session"),
    "455": _status("PLAY", 455, Cause.RTSP_PROTOCOL, "can't do this now"),
    "459": _status("PLAY", 459, Cause.RTSP_PROTOCOL, "refuses that too"),
    "461": _status("SETUP", 461, Cause.RTSP_PROTOCOL, "does not send over TCP"),
    "500": _status("DESCRIBE", 500, Cause.RTSP_PROTOCOL, "inside the camera"),
    "501": _status("DESCRIBE", 501, Cause.RTSP_PROTOCOL, "does not know how"),
    "551": _status("SETUP", 551, Cause.RTSP_PROTOCOL, "does not support"),
    "mute-describe": Rude(
        says="answers OPTIONS, then never DESCRIBE",
        expect=Cause.NETWORK_TIMEOUT,
        told="no answer to DESCRIBE",
        manner=Manner(silent_on=frozenset({"DESCRIBE"})),
    ),
    "closing-setup": Rude(
        says="hangs up instead of answering SETUP",
        expect=Cause.RTSP_PROTOCOL,
        told="instead of answering PLAY",
        manner=Manner(hangs_up_after=frozenset({"SETUP"})),
    ),
}
STREAMS: Final[Mapping[str, Rude]] = {
    "stall": Rude(
        says="answers PLAY and every request, but sends no packet",
        expect=Cause.STREAM_STALLED,
        told="RTSP still answers",
        fault=Fault.STALL,
    ),
    "closing-play": Rude(
        says="hangs up right after PLAY",
        expect=Cause.STREAM_STALLED,
        told="closed the connection",
        manner=Manner(hangs_up_after=frozenset({"PLAY", "TEARDOWN"})),
    ),
    "no-key-frames": Rude(
        says="sends packets without a key frame",
        expect=Cause.STREAM_NO_KEYFRAME,
        fault=Fault.NO_KEY_FRAMES,
    ),
    "garbage": Rude(
        says="sends key frames that do not decode",
        expect=Cause.STREAM_UNDECODABLE,
        fault=Fault.GARBAGE,
    ),
    "loss": Rude(says="loses packets", expect=Cause.STREAM_LOSSY, fault=Fault.LOSS),
    "slow": Rude(says="sends key frames only", expect=Cause.STREAM_SLOW, fault=Fault.SLOW),
    "black": Rude(says="sends a black picture", expect=Cause.PICTURE_BLACK, fault=Fault.BLACK),
    "hang": Rude(
        says="takes connections and answers nothing",
        expect=Cause.NETWORK_TIMEOUT,
        told="does not answer RTSP",
        fault=Fault.HANG,
    ),
    "refuse": Rude(says="is unplugged", expect=Cause.NETWORK_REFUSED, fault=Fault.REFUSE),
    "wrong-password": Rude(
        says="has another password",
        expect=Cause.RTSP_AUTH,
        told="user name or password is wrong",
        fault=Fault.AUTH,
    ),
    "wrong-password-basic": Rude(
        says="has another password and asks for Basic",
        expect=Cause.RTSP_AUTH,
        told="user name or password is wrong",
        fault=Fault.AUTH,
        manner=Manner(asking=Asking(schemes=("Basic",))),
    ),
    "locked": Rude(
        says="has locked the account (QCVN 135), which looks like a wrong password",
        expect=Cause.RTSP_AUTH,
        fault=Fault.LOCKOUT,
    ),
}
