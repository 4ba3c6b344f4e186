"""The rows: every rude kind of the simulator, and cameras that change while they are watched."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from edge.rtsp.url import CameraUrl
from sim.clips import ClipCache
from sim.clock import SystemClock
from sim.faults import Fault
from sim.fleet import CameraSpec, Fleet, Lockout
from sim.manners import Manner
from sim.rude import RUDE
from sim.rude.specs import begin_faults, rude_specs
from tests.bench.rude_gst import gstreamer
from tests.bench.rude_places import networks, redirected, secured, strangers
from tests.bench.rude_run import Row
from tests.bench.rude_serve import SMALL, running, treated
from wire.vocabulary import Cause

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


@contextlib.asynccontextmanager
async def all_rows(folder: Path, *, gst: bool = False) -> AsyncIterator[list[Row]]:
    """Serve every row's camera until the block ends.

    ``folder`` is for certificates and clips; ``gst`` adds GStreamer's server, where there is one.
    The unplugged camera comes last: nobody may take its port.
    """
    parts = [strangers, networks, redirected, secured, _changing, _full, _others]
    cache = ClipCache(folder / "clips")
    async with contextlib.AsyncExitStack() as stack:
        rows = []
        parts += [gstreamer] if gst else []
        for serve in (*parts, _rude):
            rows += await stack.enter_async_context(serve(cache, folder))
        yield rows


@contextlib.asynccontextmanager
async def _rude(cache: ClipCache, folder: Path) -> AsyncIterator[list[Row]]:
    del folder
    tried_once = {"wrong-password", "wrong-password-basic", "locked"}
    async with running(rude_specs(SMALL), cache) as fleet:
        begin_faults(fleet)
        yield [
            Row(
                name=name,
                says=rude.says,
                expect=rude.expect,
                told=rude.told,
                url=CameraUrl.parse(fleet.url(name)),
                stays_s=_KEEP_ALIVES_S if name in _LONG else 3.0,
                also=treated(fleet, name, tries=1 if name in tried_once else 0),
            )
            for name, rude in RUDE.items()
        ]


_CHANGES: Final = {
    "password-changed": (Fault.AUTH, Cause.RTSP_AUTH, "has its password changed while it plays"),
    "unplugged": (Fault.REFUSE, Cause.NETWORK_REFUSED, "is unplugged while it plays"),
    "stalls": (Fault.STALL, Cause.STREAM_STALLED, "stops its packets while RTSP goes on"),
    "restarts-full": (Fault.BUSY, Cause.RTSP_BUSY, "restarts, and others take its sessions"),
}


@contextlib.asynccontextmanager
async def _changing(cache: ClipCache, folder: Path) -> AsyncIterator[list[Row]]:
    """What changes while it is watched. A changed password costs one try."""
    del folder
    specs = [CameraSpec(id=name, clip=SMALL, lockout=Lockout()) for name in _CHANGES]
    async with running(specs, cache) as fleet:
        yield [
            Row(
                name=name,
                says=says,
                expect=cause,
                url=CameraUrl.parse(fleet.url(name)),
                then=_then(fleet, name, fault),
                also=treated(fleet, name, tries=1 if fault is Fault.AUTH else 0),
            )
            for name, (fault, cause, says) in _CHANGES.items()
        ]


def _then(fleet: Fleet, camera: str, fault: Fault) -> Callable[[], Awaitable[None]]:
    async def then() -> None:
        fleet.set_fault(camera, fault)

    return then


_FULL: Final = (
    ("full-453", 453, Cause.RTSP_BUSY, "453"),
    ("full-503", 503, Cause.RTSP_BUSY, "503"),
    ("full-401", 401, Cause.RTSP_AUTH, "401 even to DESCRIBE, as to a wrong password"),
)


@contextlib.asynccontextmanager
async def _full(cache: ClipCache, folder: Path) -> AsyncIterator[list[Row]]:
    """Cameras without a session left, for others' sake or ours."""
    del folder
    specs = [
        CameraSpec(id=name, clip=SMALL, manner=Manner(sessions=0, full=status))
        for name, status, _, _ in _FULL
    ]
    specs.append(CameraSpec(id="second", clip=SMALL, manner=Manner(sessions=1, full=401)))
    async with running(specs, cache) as fleet:
        rows = [
            Row(
                name=name,
                says=f"has no session left, all used up by others, and answers {said}",
                expect=cause,
                url=CameraUrl.parse(fleet.url(name)),
            )
            for name, _, cause, said in _FULL
        ]
        ours = Row(
            name="second",
            says="has one session, which we use; answers a second one with 401",
            expect=Cause.RTSP_BUSY,
            told="another session of ours is served with this login",
            url=CameraUrl.parse(fleet.url("second")),
            beside=True,
            also=treated(fleet, "second", tries=0),
        )
        yield [*rows, ours]


@contextlib.asynccontextmanager
async def _others(cache: ClipCache, folder: Path) -> AsyncIterator[list[Row]]:
    """A camera that has locked its account, and one with the other codec."""
    del folder
    locked = CameraSpec(id="locked-403", clip=SMALL, lockout=Lockout(status=403))
    other = CameraSpec(id="h265", clip=replace(SMALL, codec="h265"))
    async with running([locked, other], cache) as fleet:
        for _ in range(5):
            fleet.login("locked-403").offered(right=False, now=SystemClock().seconds())
        yield [
            Row(
                name="locked-403",
                says="has locked the account after wrong passwords, and answers 403",
                expect=Cause.RTSP_AUTH,
                told="may not view, or is locked",
                url=CameraUrl.parse(fleet.url("locked-403")),
                also=treated(fleet, "locked-403", tries=5),
            ),
            Row(
                name="h265",
                says="sends H.265",
                expect=None,
                url=CameraUrl.parse(fleet.url("h265")),
                also=treated(fleet, "h265", tries=0),
            ),
        ]
