"""Cameras that describe themselves badly, or send their viewers elsewhere. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from edge.rtsp.framing import Headers, Message, Request, Response
from sim import manners, sdp
from sim.manners import Manner, answering, plain
from sim.rude.kind import Rude
from wire.vocabulary import Cause

_DAHUA: Final = "/cam/realmonitor?channel=1&subtype=1"


def moving(status: int, *methods: str) -> manners.Reword:
    """Answer ``methods`` with a redirect to another path of the same camera."""

    def reword(request: Request, response: Response) -> Response:
        if request.method not in methods or "/moved" in request.uri:
            return response
        base = request.uri.removesuffix("/trackID=1").rstrip("/")
        return plain(status, [("Location", f"{base}/moved")])

    return reword


def sending_away(request: Request) -> Sequence[Message]:
    """After SETUP: send the viewer to another path of the same camera by a REDIRECT."""
    if request.method != "SETUP" or "/moved" in request.uri:
        return ()
    location = f"{request.uri.removesuffix('/trackID=1')}/moved"
    headers = Headers([("CSeq", "1"), ("Location", location)])
    return [Request("REDIRECT", request.uri, headers)]


def circling(request: Request, response: Response) -> Response:
    """Redirect DESCRIBE to where it was asked for."""
    if request.method != "DESCRIBE":
        return response
    return plain(301, [("Location", request.uri)])


DESCRIPTIONS: Final[Mapping[str, Rude]] = {
    "no-video": Rude(
        says="describes sound only",
        expect=Cause.RTSP_PROTOCOL,
        told="no video track",
        manner=Manner(sdp=sdp.without_video),
    ),
    "empty-sdp": Rude(
        says="describes nothing",
        expect=Cause.RTSP_PROTOCOL,
        told="empty",
        manner=Manner(sdp=sdp.empty),
    ),
    "junk-sdp": Rude(
        says="describes itself with a web page",
        expect=Cause.RTSP_PROTOCOL,
        told="is no description",
        manner=Manner(sdp=sdp.junk),
    ),
    "mjpeg": Rude(
        says="sends motion JPEG",
        expect=Cause.RTSP_PROTOCOL,
        told="the video is JPEG",
        manner=Manner(sdp=sdp.mjpeg),
    ),
    "svac": Rude(
        says="sends a codec of its own",
        expect=Cause.RTSP_PROTOCOL,
        told="the video is SVAC2",
        manner=Manner(sdp=sdp.other_codec),
    ),
    "srtp": Rude(
        says="encrypts its packets (SRTP)",
        expect=Cause.RTSP_PROTOCOL,
        told="SRTP",
        manner=Manner(sdp=sdp.encrypted),
    ),
    "untidy-sdp": Rude(says="describes itself untidily", manner=Manner(sdp=sdp.untidy)),
    "many-tracks": Rude(
        says="describes sound, video, ONVIF metadata and a second video",
        manner=Manner(sdp=sdp.many_tracks),
    ),
    "sets-in-band": Rude(
        says="has its parameter sets in the stream only", manner=Manner(sdp=sdp.without_sets)
    ),
    "sets-in-sdp": Rude(says="has its parameter sets in the SDP only", sets_in_band=False),
    "no-control": Rude(
        says="gives the track no control URL",
        manner=Manner(control="", setup_uri="rtsp://{host}/Streaming/Channels/102/"),
    ),
    "absolute-control": Rude(
        says="gives the track an absolute URL",
        manner=Manner(
            control="{base}/track9", setup_uri="rtsp://{host}/Streaming/Channels/102/track9"
        ),
    ),
    "root-control": Rude(
        says="gives the track a path from the root",
        manner=Manner(
            control="/Streaming/Channels/102/track9",
            setup_uri="rtsp://{host}/Streaming/Channels/102/track9",
        ),
    ),
    "other-base": Rude(
        says="names its inner address in Content-Base (it is behind a router)",
        manner=Manner(
            content_base="rtsp://192.168.1.64:554/Streaming/Channels/102/",
            setup_uri="rtsp://192.168.1.64:554/Streaming/Channels/102/trackID=1",
        ),
    ),
    "query": Rude(
        says="has a path with a query and no Content-Base",
        path=_DAHUA,
        manner=Manner(content_base=None, setup_uri="rtsp://{host}" + _DAHUA + "/trackID=1"),
    ),
    "query-base": Rude(
        says="has a path with a query and a Content-Base with a slash",
        path=_DAHUA,
        manner=Manner(setup_uri="rtsp://{host}" + _DAHUA + "/trackID=1"),
    ),
}
REDIRECTS: Final[Mapping[str, Rude]] = {
    "302": Rude(
        says="redirects DESCRIBE (302) to another path",
        manner=Manner(reword=moving(302, "DESCRIBE")),
    ),
    "305": Rude(
        says="redirects DESCRIBE (305) to another path",
        manner=Manner(reword=moving(305, "DESCRIBE")),
    ),
    "301-setup": Rude(says="redirects SETUP (301)", manner=Manner(reword=moving(301, "SETUP"))),
    "redirect-request": Rude(
        says="redirects by a REDIRECT request after SETUP", manner=Manner(after=sending_away)
    ),
    "circle": Rude(
        says="redirects in a circle",
        expect=Cause.RTSP_PROTOCOL,
        told="redirected more than 3 times",
        manner=Manner(reword=circling),
    ),
    "nowhere": Rude(
        says="redirects to no address",
        expect=Cause.RTSP_PROTOCOL,
        told="no RTSP address",
        manner=Manner(reword=answering(302, "DESCRIBE", Location="http://192.168.1.64/")),
    ),
}
