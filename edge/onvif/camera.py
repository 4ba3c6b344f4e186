"""A camera's door: logging in to it through the ONVIF library.

The first question that needs a login is asked without one: its refusal shows whether the camera
wants HTTP Digest or a WS-Security header, so the password is sent once, in the way that is wanted,
and stamped with the camera's own time. Only after that one try was accepted are others made.

Every service is asked at the address that answered, whatever address the camera believes to have:
it may be behind a NAT, or have been copied with its configuration.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import zeep.exceptions
from onvif import ONVIFCamera
from onvif.exceptions import ONVIFError

from edge.onvif.answers import Login
from edge.onvif.markup import Node
from edge.onvif.probe import clean
from edge.onvif.soap import AskError, Refused, ask, bounded, unanswered

READ_S: Final = 8
_REFUSED: Final = frozenset({401, 403})
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
    """A camera that lets us in; ``proven``: it has taken the login, or there is none to take."""

    def __init__(self, camera: Any, http: aiohttp.ClientSession, *, proven: bool) -> None:
        self.proven = proven
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
        """Learn where its services are. Raises ``AskError``, ``Refused``."""
        service = await self.service("devicemgmt")
        try:
            found = await asked(service.GetServices({"IncludeCapability": False}))
            places = {one.Namespace: self._camera.rewrite_url(one.XAddr) for one in found or ()}
        except Refused:
            raise  # the library would show the password a second time
        except AskError:
            places = {}
        if places:
            self._camera.xaddrs = places
            return
        offset = self._camera.dt_diff
        await asked(self._camera.update_xaddrs())
        self._camera.dt_diff = offset  # which the library forgets, and the next login is refused


@asynccontextmanager
async def opened(
    session: aiohttp.ClientSession, url: str, login: Login | None, *, offset_ms: int = 0
) -> AsyncIterator[tuple[Door, dict[str, str]]]:
    """Log in once; give the door and what the camera says that it is (``DetailsAnswer`` fields).

    A camera that says what it is to anybody has not seen the login yet: the door is not ``proven``,
    and the first refusal has to be the last. ``offset_ms`` is its clock minus ours. Raises
    ``Refused`` if it doesn't let us in, and then nothing more was tried; else ``AskError``.
    """
    digest, told = await _without_login(session, url)
    if told is None and login is None:
        raise Refused("it wants a login")
    async with _http(login if digest else None) as http:
        camera = _Camera(url, login, offset_ms)
        try:
            door = Door(camera, http, proven=told is None or login is None)
            yield door, told or await _log_in(door)
        finally:
            await camera.close()


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
        told = _device(await ask(session, url, "GetDeviceInformation"))
    except Refused as error:
        return error.digest, None
    try:
        await ask(session, url, "GetNetworkInterfaces")
    except Refused as error:
        return error.digest, told
    except AskError:
        pass
    return False, told


async def _log_in(door: Door) -> dict[str, str]:
    service = await door.service("devicemgmt")
    info = await asked(service.GetDeviceInformation())
    return {
        "brand": text(info.Manufacturer),
        "model": text(info.Model),
        "firmware": text(info.FirmwareVersion),
        "serial": text(info.SerialNumber),
    }


def _device(answer: Node) -> dict[str, str]:
    return {
        "brand": text(answer.said("Manufacturer")),
        "model": text(answer.said("Model")),
        "firmware": text(answer.said("FirmwareVersion")),
        "serial": text(answer.said("SerialNumber")),
    }


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


def text(value: object) -> str:
    """Return what a camera said as one short clean line; empty for nothing."""
    return clean(str(value)) if value is not None else ""
