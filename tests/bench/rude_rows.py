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
    cache = ClipCache(folder / "clips")
    async with contextlib.AsyncExitStack() as stack:
        rows = []
        other = (gstreamer,) if gst else ()
        for serve in (strangers, networks, *other, _changing, redirected, secured, _rude):
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
    async with running(specs, cache) as fleet:
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
                also=treated(fleet, name),
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
                told="another session of ours is served with this login",
                url=CameraUrl.parse(fleet.url("second-session")),
                beside=True,
                also=treated(fleet, "second-session", tries=0),
            ),
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
                also=treated(fleet, "h265"),
            ),
        ]


def _then(fleet: Fleet, camera: str, fault: Fault) -> Callable[[], Awaitable[None]]:
    async def then() -> None:
        fleet.set_fault(camera, fault)

    return then
