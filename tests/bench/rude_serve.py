"""Rude cameras served for a row, and whether they were treated well."""

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Final

from sim.clips import ClipCache, ClipSpec
from sim.fleet import CameraSpec, Fleet

SMALL: Final = ClipSpec(width=320, height=180)


@contextlib.asynccontextmanager
async def running(
    specs: list[CameraSpec], cache: ClipCache, host: str = "127.0.0.1"
) -> AsyncIterator[Fleet]:
    fleet = Fleet(specs, cache=cache, host=host)
    await fleet.start()
    try:
        yield fleet
    finally:
        await fleet.stop()


def treated(fleet: Fleet, camera: str, *, tries: int | None = None) -> Callable[[], str]:
    """Return what tells whether a camera was left properly, and how often a password was tried."""

    def also() -> str:
        login = fleet.login(camera)
        if fleet.abandoned(camera):
            return f"{fleet.abandoned(camera)} sessions without TEARDOWN"
        if tries is not None and login.password_tries != tries:
            return f"{login.password_tries} password tries"
        return ""

    return also
