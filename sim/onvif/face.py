"""One device's HTTP side: device, media and search services, and a recorder's ISAPI.

It keeps count of password tries as its RTSP side does (the same ``Login`` can serve both), and of
the questions that came, so that tests see what a client really sent.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from edge.onvif.markup import MarkupError, Node, parse
from sim.clock import Clock, SystemClock
from sim.login import Login
from sim.onvif import envelopes, recorder
from sim.onvif.credentials import CHALLENGE, is_right_digest, is_right_token
from sim.onvif.envelopes import Profile
from sim.onvif.quirks import Quirk
from sim.onvif.recorder import Track

_SOAP: Final = "application/soap+xml"
_ELSEWHERE: Final = "10.255.0.9"
_FREE: Final = frozenset(
    {"GetSystemDateAndTime", "GetServices", "GetCapabilities", "GetEndpointReference"}
)
_SLOW_S: Final = 60.0
_BOMB: Final = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceSpec:
    """One device to be. ``clock_off_s``: its clock minus the truth."""

    id: str
    brand: str = "Vọng Gác"
    model: str = "SIM-1080P"
    firmware: str = "V5.7.3 build 220112"
    serial: str = "SIM20220112AA01"
    mac: str = "02:00:5e:10:00:01"
    endpoint: str = "urn:uuid:00000000-0000-4000-8000-000000000001"
    title: str = ""
    user: str = "viewer"
    password: str = "matkhau-123"  # noqa: S105 (a simulated camera's)
    profiles: tuple[Profile, ...] = ()
    tracks: tuple[Track, ...] = ()
    disks: tuple[str, ...] = ("ok",)
    clock_off_s: float = 0
    quirks: frozenset[Quirk] = frozenset()


@dataclass
class Face:
    """A device that listens. ``spec`` may be replaced while it runs; ``asked`` counts questions."""

    spec: FaceSpec
    host: str = "127.0.0.1"
    port: int = 0
    login: Login = field(default_factory=Login)
    clock: Clock = field(default_factory=SystemClock)
    asked: Counter[str] = field(default_factory=Counter)
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen; ``port`` 0 becomes the one that was free."""
        app = web.Application()
        app.router.add_post("/onvif/{service}", self._soap)
        app.router.add_route("*", "/ISAPI/{path:.*}", self._isapi)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Its web address."""
        return f"http://{self.host}:{self.port}"

    @property
    def service(self) -> str:
        """Its device service."""
        return f"{self.url}/onvif/device_service"

    def believed(self, service: str = "device") -> str:
        """Return where it believes that a service of it is."""
        host = _ELSEWHERE if Quirk.WRONG_XADDR in self.spec.quirks else self.host
        return f"http://{host}:{self.port}/onvif/{service}_service"

    # ------------------------------------------------------------ SOAP

    async def _soap(self, request: web.Request) -> web.StreamResponse:
        if odd := await self._odd(request):
            return odd
        try:
            question = parse(await request.read())
        except MarkupError:
            return _xml(envelopes.fault("WellFormed", "not well-formed"), 400)
        body = question.find("Body")
        if body is None or not body.children:
            return _xml(envelopes.fault("InvalidArgVal", "no body"), 400)
        return self._answer(request, question, body.children[0])

    def _answer(self, request: web.Request, question: Node, operation: Node) -> web.Response:
        quirks, name = self.spec.quirks, operation.name
        self.asked[name] += 1
        closed = {"GetSystemDateAndTime"} if Quirk.LOGIN_FOR_TIME in quirks else set()
        opened = {"GetDeviceInformation"} if Quirk.OPEN in quirks else set()
        if name not in (_FREE | opened) - closed and not self._let_in(request, question):
            return self._unauthorized()
        answer = _OPERATIONS.get(name)
        if answer is None or (Quirk.NO_SERVICES in quirks and name == "GetServices"):
            return _xml(envelopes.fault("ActionNotSupported", f"no {name} here"), 500)
        if name == "GetNetworkInterfaces" and Quirk.NO_INTERFACES in quirks:
            return _xml(envelopes.fault("NotAuthorized", "operators only"), 400)
        return _xml(answer(self, operation))

    async def _odd(self, request: web.Request) -> web.StreamResponse | None:
        quirks = self.spec.quirks
        if Quirk.SLOW in quirks:
            await self.clock.wait(_SLOW_S)
        if Quirk.GARBAGE in quirks:
            return web.Response(body=bytes(range(256)) * 8, content_type=_SOAP)
        if Quirk.ENTITIES in quirks:
            return web.Response(body=_BOMB, content_type=_SOAP)
        if Quirk.FAULTS in quirks:
            return _xml(envelopes.fault("Action", "internal error", sender=False), 500)
        if Quirk.ENDLESS in quirks:
            endless = web.StreamResponse()
            await endless.prepare(request)
            while True:
                await endless.write(b"<a>" * 20_000)
        return None

    def _let_in(self, request: web.Request, question: Node) -> bool:
        """Check the login, in the way that this device takes; count it if there is one."""
        if Quirk.HTTP_DIGEST in self.spec.quirks:
            return self._by_digest(request)
        token = question.find("Header", "Security", "UsernameToken")
        if token is None:
            return False
        user, password = self.spec.user, self.spec.password
        right = is_right_token(token, user=user, password=password, now=self._utc())
        return self.login.offered(right=right, now=self.clock.seconds())

    def _by_digest(self, request: web.Request) -> bool:
        right = is_right_digest(
            request.headers.get("Authorization") or "",
            request.method,
            user=self.spec.user,
            password=self.spec.password,
        )
        return right is not None and self.login.offered(right=right, now=self.clock.seconds())

    def _unauthorized(self) -> web.Response:
        if Quirk.HTTP_DIGEST in self.spec.quirks:
            return web.Response(status=401, headers={"WWW-Authenticate": CHALLENGE})
        return _xml(envelopes.fault("NotAuthorized", "Sender not authorized"), 400)

    # ------------------------------------------------------------ what it tells

    def _utc(self) -> datetime:
        return self.clock.now() + timedelta(seconds=self.spec.clock_off_s)

    def tell_time(self, _: Node) -> bytes:
        """GetSystemDateAndTime."""
        utc, quirks = self._utc(), self.spec.quirks
        local = utc + timedelta(hours=7)
        if Quirk.NO_TIME in quirks:
            return envelopes.date_and_time(None, None)
        if Quirk.LOCAL_AS_UTC_TOLD in quirks:
            return envelopes.date_and_time(local, local)
        if Quirk.LOCAL_AS_UTC in quirks:
            return envelopes.date_and_time(local, None)
        return envelopes.date_and_time(utc, local)

    def tell_device(self, _: Node) -> bytes:
        """GetDeviceInformation."""
        spec = self.spec
        return envelopes.device_information(spec.brand, spec.model, spec.firmware, spec.serial)

    def services(self) -> dict[str, str]:
        """Return its services and where it believes them to be."""
        names = ["device", "events"]
        if Quirk.PULL_POINT_ONLY not in self.spec.quirks:
            names.append("media")
        if self.spec.tracks:
            names.append("search")
        return {name: self.believed(name) for name in names}

    def tell_profiles(self, _: Node) -> bytes:
        """GetProfiles."""
        none = Quirk.NO_MEDIA in self.spec.quirks
        return envelopes.profiles(() if none else self.spec.profiles)

    def tell_stream(self, question: Node) -> bytes:
        """GetStreamUri."""
        token = question.said("ProfileToken")
        found = [one.url for one in self.spec.profiles if one.token == token]
        if not found:
            return envelopes.fault("NoProfile", "no such profile")
        url = found[0]
        if Quirk.WRONG_XADDR in self.spec.quirks:
            url = url.replace(self.host, _ELSEWHERE)
        return envelopes.stream_uri(url)

    # ------------------------------------------------------------ ISAPI

    async def _isapi(self, request: web.Request) -> web.StreamResponse:
        if odd := await self._odd(request):
            return odd
        path = request.match_info["path"]
        if not self._by_digest(request):
            return web.Response(status=401, headers={"WWW-Authenticate": CHALLENGE})
        self.asked[path] += 1
        if path == "System/time":
            return _plain(recorder.isapi_time(self._utc()))
        if path == "ContentMgmt/Storage":
            return _plain(recorder.isapi_storage(self.spec.disks))
        if path == "ContentMgmt/search":
            question, backwards = (
                parse(await request.read()),
                Quirk.NEWEST_FIRST in self.spec.quirks,
            )
            return _plain(recorder.isapi_search(question, self.spec.tracks, newest_first=backwards))
        return web.Response(status=404)


_OPERATIONS: Final[dict[str, Callable[[Face, Node], bytes]]] = {
    "GetSystemDateAndTime": Face.tell_time,
    "GetDeviceInformation": Face.tell_device,
    "GetServices": lambda face, _: envelopes.services(face.services()),
    "GetCapabilities": lambda face, _: envelopes.capabilities(face.services()),
    "GetNetworkInterfaces": lambda face, _: envelopes.network_interfaces(face.spec.mac),
    "GetEndpointReference": lambda face, _: envelopes.endpoint_reference(face.spec.endpoint),
    "GetProfiles": Face.tell_profiles,
    "GetStreamUri": Face.tell_stream,
    "FindRecordings": lambda *_: recorder.search_token(),
    "GetRecordingSearchResults": lambda face, _: recorder.search_results(face.spec.tracks),
    "EndSearch": lambda face, _: recorder.search_ended(face.clock.now()),
}


def _xml(content: bytes, status: int = 200) -> web.Response:
    return web.Response(body=content, status=status, content_type=_SOAP)


def _plain(text: str) -> web.Response:
    return web.Response(text=text, content_type="application/xml")
