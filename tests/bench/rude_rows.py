"""The rows: every rude kind of the simulator, strangers at a camera's port, networks, TLS."""

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from edge.rtsp.url import CameraUrl
from sim.clips import ClipCache, ClipSpec
from sim.clock import SystemClock
from sim.faults import Fault
from sim.fleet import CameraSpec, Fleet, Lockout
from sim.manners import Manner, answering
from sim.rude import RUDE
from sim.rude.specs import begin_faults, rude_specs
from sim.strangers import STRANGERS
from tests.bench.rude_run import Row
from tests.system.tls_files import make_certificate
from wire.vocabulary import Cause

SMALL: Final = ClipSpec(width=320, height=180)
_KEEP_ALIVES_S: Final = 7.0
_LONG: Final = frozenset(
    {
        "closing-keep-alive",
        "odd-session",
        "454-keep-alive",
        "500-keep-alive",
        "mute-keep-alive",
        "nonce-once",
    }
)
_STRANGERS: Final = {
    "web": ("a web server answers", Cause.RTSP_PROTOCOL, "an HTTP server answers here"),
    "ssh": ("an SSH server answers", Cause.RTSP_PROTOCOL, "an SSH server answers here"),
    "maker": ("a maker's own protocol answers", Cause.RTSP_PROTOCOL, "not RTSP"),
    "silent": ("the port is open and silent", Cause.NETWORK_TIMEOUT, "does not answer RTSP"),
    "closing": ("it hangs up at once", Cause.RTSP_PROTOCOL, "instead of answering OPTIONS"),
    "trickle": ("an answer never ends, slowly", Cause.NETWORK_TIMEOUT, "does not answer RTSP"),
    "flood": ("an answer never ends, fast", Cause.RTSP_PROTOCOL, "over 16384 bytes"),
}
_TLS_ROWS: Final = (
    ("tls-unchecked", "tls-good", "", "", "speaks TLS with a certificate of its own"),
    ("tls-checked", "tls-good", "good", "", "speaks TLS, and its certificate is known"),
    ("tls-unknown", "tls-good", "other", "does not verify", "has another certificate than known"),
    ("tls-expired", "tls-expired", "expired", "expired", "has a certificate that has expired"),
    ("tls-misnamed", "tls-misnamed", "misnamed", "mismatch", "has one for another address"),
    ("tls-for-plain", "for-plain", "", "rtsp:// rather", "is asked by rtsps://, but speaks none"),
    ("plain-for-tls", "for-tls", "", "TLS", "is asked by rtsp://, but speaks TLS"),
)


@contextlib.asynccontextmanager
async def all_rows(folder: Path) -> AsyncIterator[list[Row]]:
    """Serve every row's camera until the block ends; ``folder`` is for certificates.

    The unplugged one comes last: nobody may take its port.
    """
    cache = ClipCache(folder / "clips")
    async with contextlib.AsyncExitStack() as stack:
        rows = []
        for serve in (_strangers, _networks, _changing, _redirected, _secured, _rude):
            rows += await stack.enter_async_context(serve(cache, folder))
        yield rows


@contextlib.asynccontextmanager
async def _running(
    specs: list[CameraSpec], cache: ClipCache, host: str = "127.0.0.1"
) -> AsyncIterator[Fleet]:
    fleet = Fleet(specs, cache=cache, host=host)
    await fleet.start()
    try:
        yield fleet
    finally:
        await fleet.stop()


def _treated(fleet: Fleet, camera: str, *, tries: int | None = None) -> Callable[[], str]:
    """Return what tells whether a camera was left properly, and how often a password was tried."""

    def also() -> str:
        login = fleet.login(camera)
        if fleet.abandoned(camera):
            return f"{fleet.abandoned(camera)} sessions without TEARDOWN"
        if tries is not None and login.password_tries != tries:
            return f"{login.password_tries} password tries"
        return ""

    return also


@contextlib.asynccontextmanager
async def _rude(cache: ClipCache, folder: Path) -> AsyncIterator[list[Row]]:
    del folder
    tried_once = {"wrong-password", "wrong-password-basic", "locked"}
    async with _running(rude_specs(SMALL), cache) as fleet:
        begin_faults(fleet)
        yield [
            Row(
                name=name,
                says=rude.says,
                expect=rude.expect,
                told=rude.told,
                url=CameraUrl.parse(fleet.url(name)),
                stays_s=_KEEP_ALIVES_S if name in _LONG else 3.0,
                also=_treated(fleet, name, tries=1 if name in tried_once else 0),
            )
            for name, rude in RUDE.items()
        ]


@contextlib.asynccontextmanager
async def _strangers(cache: ClipCache, folder: Path) -> AsyncIterator[list[Row]]:
    del cache, folder
    async with contextlib.AsyncExitStack() as stack:
        rows = []
        for name, (says, cause, told) in _STRANGERS.items():
            port = await stack.enter_async_context(_stranger(name))
            url = CameraUrl.parse(f"rtsp://xem:x@127.0.0.1:{port}/a")
            rows.append(Row(name=name, says=says, expect=cause, told=told, url=url))
        port = await stack.enter_async_context(_stranger("silent"))
        rows.append(
            Row(
                name="silent-tls",
                says="the port is open and does not answer TLS",
                expect=Cause.NETWORK_TIMEOUT,
                told="does not answer TLS",
                url=CameraUrl.parse(f"rtsps://xem:x@127.0.0.1:{port}/a"),
            )
        )
        yield rows


@contextlib.asynccontextmanager
async def _stranger(name: str) -> AsyncIterator[int]:
    tasks: set[asyncio.Task[None]] = set()
    serve = STRANGERS[name]

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await serve(reader, writer)
        writer.transport.abort()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


# ------------------------------------------------------------ networks


@contextlib.asynccontextmanager
async def _networks(cache: ClipCache, folder: Path) -> AsyncIterator[list[Row]]:
    del folder
    specs = [CameraSpec(id=name, clip=SMALL) for name in ("two-addresses", "dead-first")]
    async with contextlib.AsyncExitStack() as stack:
        fleet = await stack.enter_async_context(_running(specs, cache))
        deaf = stack.enter_context(_deaf())
        rows = [
            Row(
                name="no-name",
                says="the name does not resolve",
                expect=Cause.NETWORK_UNREACHABLE,
                told="does not resolve",
                url=CameraUrl.parse("rtsp://camera.invalid/a"),
            ),
            Row(
                name="no-route",
                says="there is no way to the address",
                expect=Cause.NETWORK_UNREACHABLE,
                url=CameraUrl.parse("rtsp://255.255.255.255/a"),
            ),
            Row(
                name="deaf",
                says="nothing comes back from the address",
                expect=Cause.NETWORK_TIMEOUT,
                told="no connection within",
                url=CameraUrl.parse(f"rtsp://127.0.0.1:{deaf}/a"),
            ),
        ]
        names = {
            "two.example": [("::1", 9), ("127.0.0.1", _port(fleet, "two-addresses"))],
            "dead.example": [("127.0.0.1", deaf), ("127.0.0.1", _port(fleet, "dead-first"))],
        }
        stack.enter_context(_names(names))
        rows += [
            _named(fleet, "two-addresses", "two.example", "its name has a dead IPv6 address first"),
            _named(fleet, "dead-first", "dead.example", "its name's first address is deaf"),
        ]
        if socket.has_ipv6:
            six = await stack.enter_async_context(
                _running([CameraSpec(id="ipv6", clip=SMALL)], cache, "::1")
            )
            url = CameraUrl.parse(six.url("ipv6"))
            rows.append(Row(name="ipv6", says="it has an IPv6 address", expect=None, url=url))
        yield rows


def _port(fleet: Fleet, camera: str) -> int:
    return CameraUrl.parse(fleet.url(camera)).port


def _named(fleet: Fleet, camera: str, host: str, says: str) -> Row:
    url = replace(CameraUrl.parse(fleet.url(camera)), host=host)
    return Row(name=camera, says=says, expect=None, url=url, also=_treated(fleet, camera))


@contextlib.contextmanager
def _deaf() -> Iterator[int]:
    """Listen on a port whose queue is full: the kernel drops what asks for more."""
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = listening.getsockname()[1]
        for _ in range(4):
            filling = stack.enter_context(socket.socket())
            filling.setblocking(False)
            filling.connect_ex(("127.0.0.1", port))
        yield port


@contextlib.contextmanager
def _names(known: dict[str, list[tuple[str, int]]]) -> Iterator[None]:
    """Let names resolve to several addresses, as a name server would."""
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **how: Any) -> Any:
        if host not in known or how.get("flags"):
            return real(host, port, *args, **how)
        return [found for where in known[host] for found in real(*where, *args, **how)]

    socket.getaddrinfo = resolve
    try:
        yield
    finally:
        socket.getaddrinfo = real


# ------------------------------------------------------------ what changes while it is watched


@contextlib.asynccontextmanager
async def _changing(cache: ClipCache, folder: Path) -> AsyncIterator[list[Row]]:
    del folder
    one_session = Manner(sessions=1, full=401)
    full = Manner(sessions=0, full=453)
    specs = [
        CameraSpec(id="password-changed", clip=SMALL, lockout=Lockout()),
        CameraSpec(id="unplugged", clip=SMALL),
        CameraSpec(id="stalls", clip=SMALL),
        CameraSpec(id="restarts-full", clip=SMALL),
        CameraSpec(id="second-session", clip=SMALL, manner=one_session),
        CameraSpec(id="h265", clip=replace(SMALL, codec="h265")),
        CameraSpec(id="locked-403", clip=SMALL, lockout=Lockout(status=403)),
        CameraSpec(id="no-session-left", clip=SMALL, manner=full),
        CameraSpec(id="no-session-left-503", clip=SMALL, manner=replace(full, full=503)),
        CameraSpec(id="no-session-left-401", clip=SMALL, manner=replace(full, full=401)),
    ]
    async with _running(specs, cache) as fleet:
        changing = {
            "password-changed": ("its password is changed while it plays", Fault.AUTH),
            "unplugged": ("it is unplugged while it plays", Fault.REFUSE),
            "stalls": ("its packets stop while RTSP goes on", Fault.STALL),
            "restarts-full": ("it restarts, and others take its sessions", Fault.BUSY),
        }
        expect = {
            "password-changed": Cause.RTSP_AUTH,
            "unplugged": Cause.NETWORK_REFUSED,
            "stalls": Cause.STREAM_STALLED,
            "restarts-full": Cause.RTSP_BUSY,
        }
        rows = [
            Row(
                name=name,
                says=says,
                expect=expect[name],
                url=CameraUrl.parse(fleet.url(name)),
                then=_then(fleet, name, fault),
                also=_treated(fleet, name),
            )
            for name, (says, fault) in changing.items()
        ]
        rows += [
            Row(
                name=f"no-session-left{end}",
                says=f"all its sessions are used up by others, and it answers {status}",
                expect=cause,
                url=CameraUrl.parse(fleet.url(f"no-session-left{end}")),
            )
            for end, status, cause in (
                ("", 453, Cause.RTSP_BUSY),
                ("-503", 503, Cause.RTSP_BUSY),
                ("-401", "401 even to DESCRIBE, as to a wrong password", Cause.RTSP_AUTH),
            )
        ]
        for _ in range(5):
            fleet.login("locked-403").offered(right=False, now=SystemClock().seconds())
        yield [
            *rows,
            Row(
                name="second-session",
                says="has one session, which we use; answers a second one with 401",
                expect=Cause.RTSP_BUSY,
                told="another session of ours with this login is served",
                url=CameraUrl.parse(fleet.url("second-session")),
                beside=True,
                also=_treated(fleet, "second-session", tries=0),
            ),
            Row(
                name="locked-403",
                says="has locked the account after wrong passwords, and answers 403",
                expect=Cause.RTSP_AUTH,
                told="may not view, or is locked",
                url=CameraUrl.parse(fleet.url("locked-403")),
                also=_treated(fleet, "locked-403", tries=5),
            ),
            Row(
                name="h265",
                says="sends H.265",
                expect=None,
                url=CameraUrl.parse(fleet.url("h265")),
                also=_treated(fleet, "h265"),
            ),
        ]


def _then(fleet: Fleet, camera: str, fault: Fault) -> Callable[[], Awaitable[None]]:
    async def then() -> None:
        fleet.set_fault(camera, fault)

    return then


# ------------------------------------------------------------ redirects to another host


@contextlib.asynccontextmanager
async def _redirected(cache: ClipCache, folder: Path) -> AsyncIterator[list[Row]]:
    del folder
    async with contextlib.AsyncExitStack() as stack:
        there = await stack.enter_async_context(
            _running([CameraSpec(id="there", clip=SMALL)], cache, "127.0.0.2")
        )
        away = there.url("there", with_password=False)
        sending = Manner(reword=answering(302, "DESCRIBE", Location=away))
        here = await stack.enter_async_context(
            _running([CameraSpec(id="sent-away", clip=SMALL, manner=sending)], cache)
        )
        yield [
            Row(
                name="sent-away",
                says="redirects to another host, which wants the password",
                expect=Cause.RTSP_AUTH,
                told="which is not told our password",
                url=CameraUrl.parse(here.url("sent-away")),
                also=_treated(there, "there", tries=0),
            )
        ]


# ------------------------------------------------------------ TLS


@contextlib.asynccontextmanager
async def _secured(cache: ClipCache, folder: Path) -> AsyncIterator[list[Row]]:
    if shutil.which("openssl") is None:
        yield []
        return
    made = {}
    for name, address, days in (
        ("good", "127.0.0.1", 1),
        ("other", "127.0.0.1", 1),
        ("expired", "127.0.0.1", 0),
        ("misnamed", "10.9.9.9", 1),
    ):
        (folder / name).mkdir()
        made[name] = await asyncio.to_thread(make_certificate, folder / name, address, days=days)
    specs = [
        CameraSpec(id=f"tls-{name}", clip=SMALL, tls=files.server_context())
        for name, files in made.items()
    ] + [CameraSpec(id="plain", clip=SMALL)]
    async with _running(specs, cache) as fleet:
        at = {spec.id: CameraUrl.parse(fleet.url(spec.id)) for spec in specs}
        at["for-plain"] = replace(at["plain"], scheme="rtsps")
        at["for-tls"] = replace(at["tls-good"], scheme="rtsp")
        yield [
            Row(
                name=name,
                says=says,
                expect=Cause.RTSP_PROTOCOL if told else None,
                told=told,
                url=at[camera],
                ca_file=made[ca].certificate if ca else None,
            )
            for name, camera, ca, told, says in _TLS_ROWS
        ]
