"""What a camera is and which streams it offers, once it has let us in."""

from collections.abc import Awaitable
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import aiohttp

from edge.onvif.answers import DetailsAnswer, Login, StreamAnswer
from edge.onvif.camera import Door, asked, opened, text
from edge.onvif.probe import mac_of
from edge.onvif.soap import AskError, Refused
from edge.rtsp.url import CameraUrl, UrlError

T = TypeVar("T")

_MAX_PROFILES: Final = 64
_SETUP: Final = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}


async def details(
    session: aiohttp.ClientSession, url: str, login: Login | None, *, offset_ms: int = 0
) -> DetailsAnswer:
    """Return what the camera is. Raises ``AskError``, ``Refused``."""
    async with opened(session, url, login, offset_ms=offset_ms) as (door, told):
        streams = await _unless(door, _streams(door, urlsplit(url).hostname or ""), ())
        mac = await _unless(door, _mac(door), "")  # viewers may not see the network's settings
        return DetailsAnswer(**told, mac=mac, streams=streams)


async def _unless(door: Door, answer: Awaitable[T], otherwise: T) -> T:
    """Return the answer, or ``otherwise`` where there is none.

    Raises ``Refused`` at a door that has not taken the login yet: it is not to be shown again.
    """
    try:
        given = await answer
    except AskError as error:
        if isinstance(error, Refused) and not door.proven:
            raise
        return otherwise
    door.proven = True
    return given


async def _mac(door: Door) -> str:
    service = await door.service("devicemgmt")
    for interface in await asked(service.GetNetworkInterfaces()) or []:
        if mac := mac_of(getattr(interface.Info, "HwAddress", None)):
            return mac
    return ""


async def _streams(door: Door, host: str) -> tuple[StreamAnswer, ...]:
    await door.look_around()
    media = await door.service("media")
    found = []
    for profile in (await asked(media.GetProfiles()) or [])[:_MAX_PROFILES]:
        question = {"StreamSetup": _SETUP, "ProfileToken": profile.token}
        try:
            uri = await asked(media.GetStreamUri(question))
        except Refused:
            break  # it will say no more to this user, and may count how often it was asked
        except AskError:
            continue
        if url := stream_url(getattr(uri, "Uri", None), host):
            found.append(_stream(profile, url))
    return tuple(found)


def stream_url(text: str | None, host: str) -> str | None:
    """Return a stream's URL at ``host`` without credentials; None for what is no RTSP URL."""
    try:
        url = CameraUrl.parse(text or "")
    except UrlError:
        return None
    port = "" if (url.scheme, url.port) == ("rtsp", 554) else f":{url.port}"
    return f"{url.scheme}://{f'[{host}]' if ':' in host else host}{port}{url.target}"


def _stream(profile: Any, url: str) -> StreamAnswer:
    encoder = profile.VideoEncoderConfiguration
    size = getattr(encoder, "Resolution", None)
    rate = getattr(encoder, "RateControl", None)
    source = getattr(profile.VideoSourceConfiguration, "SourceToken", None)
    return StreamAnswer(
        profile=text(profile.Name) or text(profile.token),
        url=url,
        source=text(source),
        codec=text(getattr(encoder, "Encoding", None)).lower(),
        width=_count(getattr(size, "Width", None)),
        height=_count(getattr(size, "Height", None)),
        fps=float(_count(getattr(rate, "FrameRateLimit", None))),
    )


def _count(value: object) -> int:
    return min(max(int(value), 0), 100_000) if isinstance(value, int | float) else 0
