"""Cameras with unusual sessions, channels and keep-alives. Pure."""

from collections.abc import Mapping
from typing import Final

from edge.rtsp.framing import Request, Response
from sim import manners
from sim.manners import Manner, plain
from sim.rude.kind import Rude
from wire.vocabulary import Cause


def only_track(request: Request, response: Response) -> Response:
    """Play the track, not the session."""
    if request.method == "PLAY" and not request.uri.endswith("trackID=1"):
        return plain(459)
    return response


def no_range(request: Request, response: Response) -> Response:
    """Know no ranges: it is live."""
    if request.method == "PLAY" and request.headers.get("Range"):
        return plain(457)
    return response


def grumbling(status: int) -> manners.Reword:
    """Answer keep-alives with ``status``, and go on."""

    def reword(request: Request, response: Response) -> Response:
        asked = request.method == "GET_PARAMETER" or request.headers.get("Session")
        keep_alive = request.method in {"GET_PARAMETER", "OPTIONS"} and asked
        return plain(status) if keep_alive else response

    return reword


SESSIONS: Final[Mapping[str, Rude]] = {
    "odd-session": Rude(
        says="writes 'Session: id ; Timeout = 4' and means it",
        manner=Manner(session="{id} ; Timeout = 4", timeout_s=6.0),
    ),
    "no-session": Rude(says="gives no session id", manner=Manner(session="")),
    "renaming": Rude(
        says="gives the session another id at PLAY",
        manner=Manner(play_session="another-1", session="{id}"),
    ),
    "no-transport": Rude(says="answers SETUP without Transport", manner=Manner(transport="")),
    "other-channels": Rude(
        says="answers and sends on channels 10 and 11",
        manner=Manner(transport="RTP/AVP/TCP;interleaved=10-11", channel=10, rtcp_channel=11),
    ),
    "swapped": Rude(
        says="answers channels 1-0, and means it",
        manner=Manner(transport="RTP/AVP/TCP;unicast;interleaved=1-0", channel=1, rtcp_channel=0),
    ),
    "silently-swapped": Rude(
        says="answers channels 0-1, but sends the other way round",
        manner=Manner(channel=1, rtcp_channel=0),
    ),
    "silently-moved": Rude(
        says="answers channels 0-1, but sends on 4", manner=Manner(channel=4, rtcp_channel=5)
    ),
    "wordy-transport": Rude(
        says="answers Transport with ssrc, mode and a destination, and sends RTCP",
        manner=Manner(
            transport='RTP/AVP/TCP;unicast;destination=10.0.0.9;interleaved={a}-{b};ssrc=0D12F7A3;mode="PLAY"',
            rtcp_channel=1,
        ),
    ),
    "udp-anyway": Rude(
        says="answers SETUP over TCP with UDP ports",
        expect=Cause.RTSP_PROTOCOL,
        told="means to send by UDP",
        manner=Manner(transport="RTP/AVP;unicast;client_port=0-1;server_port=8000-8001"),
    ),
    "early-packets": Rude(
        says="sends packets before it answers PLAY", manner=Manner(before=manners.early_packets)
    ),
    "only-track": Rude(says="plays only the track's URL", manner=Manner(reword=only_track)),
    "no-range": Rude(says="refuses PLAY with a range", manner=Manner(reword=no_range)),
    "454-keep-alive": Rude(
        says="answers keep-alives with 454 and goes on",
        manner=Manner(reword=grumbling(454), session="{id};timeout=4"),
    ),
    "500-keep-alive": Rude(
        says="answers keep-alives with 500 and goes on",
        manner=Manner(reword=grumbling(500), session="{id};timeout=4"),
    ),
    "closing-keep-alive": Rude(
        says="hangs up at GET_PARAMETER, which it offers; OPTIONS would do",
        manner=Manner(
            hangs_up_after=frozenset({"GET_PARAMETER", "TEARDOWN"}),
            session="{id};timeout=4",
            timeout_s=6.0,
        ),
    ),
    "mute-keep-alive": Rude(
        says="never answers keep-alives",
        manner=Manner(silent_on=frozenset({"GET_PARAMETER"}), session="{id};timeout=4"),
    ),
}
