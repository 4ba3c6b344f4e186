"""What a camera is and which streams it offers, through the ONVIF library.

The first question that needs a login is asked without one: its refusal shows whether the camera
wants HTTP Digest or a WS-Security header, so the password is sent once, in the way that is wanted,
and stamped with the camera's own time. Only after that one try was accepted are others made.

Every service is asked at the address that answered, whatever address the camera believes to have
(it may be behind a NAT, or have been copied with its configuration), and so is every stream.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import zeep.exceptions
from onvif import ONVIFCamera
from onvif.exceptions import ONVIFError

from edge.onvif.answers import DetailsAnswer, Login, StreamAnswer
from edge.onvif.markup import Node
from edge.onvif.probe import clean, mac_of
from edge.onvif.soap import AskError, Refused, ask, bounded, unanswered
from edge.rtsp.url import CameraUrl, UrlError

READ_S: Final = 8
_MAX_PROFILES: Final = 64
_REFUSED: Final = frozenset({401, 403})
_SETUP: Final = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
_PORTS: Final = {"http": 80, "https": 443}
_LOADING: Final = asyncio.Lock()
"""One at a time: cameras that are asked at once would each load the same descriptions (150 MB)."""
_TROUBLES: Final = (
    ONVIFError,
    zeep.exceptions.Error,
    aiohttp.ClientError,
    TimeoutError,
    OSError,
    AttributeError,
    TypeError,
    ValueError,
)
"""The last three: what the library makes of answers that are not as the schema says."""


class _Camera(ONVIFCamera):  # type: ignore[misc]
    """The library's camera, at the very address that answered."""

    def __init__(self, url: str, login: Login | None, offset_ms: int) -> None:
        parts = urlsplit(url)
        super().__init__(
            parts.hostname,
            parts.port or _PORTS[parts.scheme],
            login.user if login else None,
            login.password if login else None,
            no_cache=True,
            nat_override=True,
        )
        self._url = url
        self.dt_diff = timedelta(milliseconds=offset_ms)

    def get_definition(self, name: str, port_type: str | None = None) -> tuple[str, str, str]:
        xaddr, wsdl, binding = super().get_definition(name, port_type)
        return (self._url if name == "devicemgmt" else xaddr), wsdl, binding


class Door:
    """A camera that has let us in."""

    def __init__(self, camera: Any, http: aiohttp.ClientSession) -> None:
        self._camera = camera
        self._http = http

    async def service(self, name: str) -> Any:
        """Return one of its services. Raises ``AskError`` where it has none of that name."""
        try:
            async with _LOADING:
                service = await self._camera.create_onvif_service(name, read_timeout=READ_S)
        except ONVIFError as error:
            raise AskError(f"it has no {name} service") from error
        service.transport.session = self._http
        return service

    async def look_around(self) -> None:
        """Learn where its services are."""
        await self.service("devicemgmt")
        offset = self._camera.dt_diff
        await asked(self._camera.update_xaddrs())
        self._camera.dt_diff = offset  # which the library forgets, and the next login is refused


@asynccontextmanager
async def opened(
    session: aiohttp.ClientSession, url: str, login: Login | None, *, offset_ms: int = 0
) -> AsyncIterator[tuple[Door, dict[str, str]]]:
    """Log in once; give the door and what the camera says that it is (``DetailsAnswer`` fields).

    ``offset_ms`` is its clock minus ours. Raises ``Refused`` if it doesn't let us in, and then
    nothing more was tried; ``AskError`` for anything else.
    """
    digest, told = await _without_login(session, url)
    if told is None and login is None:
        raise Refused("it wants a login")
    async with _http(login if digest else None) as http:
        camera = _Camera(url, None if told else login, offset_ms)
        try:
            door = Door(camera, http)
            if told is None:
                told = await _log_in(door)
            yield door, told
        finally:
            await camera.close()


async def details(
    session: aiohttp.ClientSession, url: str, login: Login | None, *, offset_ms: int = 0
) -> DetailsAnswer:
    """Return what the camera is. Raises ``AskError``, ``Refused``."""
    async with opened(session, url, login, offset_ms=offset_ms) as (door, told):
        mac, streams = "", tuple[StreamAnswer, ...]()
        with suppress(AskError):  # viewers may not see the network's settings
            mac = await _mac(door)
        with suppress(AskError):
            streams = await _streams(door, urlsplit(url).hostname or "")
        return DetailsAnswer(**told, mac=mac, streams=streams)


async def asked(awaitable: Any) -> Any:
    """Return what the library answers. Raises ``AskError``, ``Refused``."""
    try:
        return await awaitable
    except _TROUBLES as error:
        if _is_refusal(error):
            raise Refused("its login was refused") from error
        if isinstance(error, zeep.exceptions.Fault):
            raise AskError(clean(f"it answered: {error.message}")) from error
        raise unanswered(error) from error


async def _without_login(
    session: aiohttp.ClientSession, url: str
) -> tuple[bool, dict[str, str] | None]:
    """Ask without a login: tell whether HTTP Digest is wanted, and the answer if there is one."""
    try:
        return False, _device(await ask(session, url, "GetDeviceInformation"))
    except Refused as error:
        return error.digest, None


async def _log_in(door: Door) -> dict[str, str]:
    service = await door.service("devicemgmt")
    info = await asked(service.GetDeviceInformation())
    return {
        "brand": _text(info.Manufacturer),
        "model": _text(info.Model),
        "firmware": _text(info.FirmwareVersion),
        "serial": _text(info.SerialNumber),
    }


def _device(answer: Node) -> dict[str, str]:
    return {
        "brand": _text(answer.said("Manufacturer")),
        "model": _text(answer.said("Model")),
        "firmware": _text(answer.said("FirmwareVersion")),
        "serial": _text(answer.said("SerialNumber")),
    }


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
        profile=_text(profile.Name) or _text(profile.token),
        url=url,
        source=_text(source),
        codec=_text(getattr(encoder, "Encoding", None)).lower(),
        width=_count(getattr(size, "Width", None)),
        height=_count(getattr(size, "Height", None)),
        fps=float(_count(getattr(rate, "FrameRateLimit", None))),
    )


@asynccontextmanager
async def _http(login: Login | None) -> AsyncIterator[aiohttp.ClientSession]:
    """A session whose answers are bounded and that logs in by HTTP Digest, if that is wanted."""
    wares: tuple[Any, ...] = (_read_bounded,)
    if login:
        wares = (aiohttp.DigestAuthMiddleware(login.user, login.password), _read_bounded)
    connector = aiohttp.TCPConnector(ssl=False)  # cameras sign their own certificates
    async with aiohttp.ClientSession(connector=connector, middlewares=wares) as session:
        yield session


async def _read_bounded(request: aiohttp.ClientRequest, handler: Any) -> aiohttp.ClientResponse:
    response: aiohttp.ClientResponse = await handler(request)
    response._body = await bounded(response)  # noqa: SLF001 (what its read() returns)
    return response


def _is_refusal(error: BaseException) -> bool:
    if isinstance(error, zeep.exceptions.TransportError):
        return error.status_code in _REFUSED
    if isinstance(error, zeep.exceptions.Fault):
        said = " ".join(str(part) for part in (error.message, error.code, *(error.subcodes or ())))
        said = said.lower().replace(" ", "")
        return "notauthorized" in said or "failedauthentication" in said
    return False


def _text(value: object) -> str:
    return clean(str(value)) if value is not None else ""


def _count(value: object) -> int:
    return min(max(int(value), 0), 100_000) if isinstance(value, int | float) else 0
