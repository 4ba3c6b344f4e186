"""Names to addresses, without letting a dead name server hold anything up. A shell."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from edge.rtsp.link import TroubleError
from edge.rtsp.replies import Trouble
from edge.rtsp.url import CameraUrl
from wire.vocabulary import Cause

Address: TypeAlias = tuple[int, tuple[Any, ...]]
"""Family, and what ``connect`` takes for it."""

_MAX_ADDRESSES: Final = 4


async def resolve(
    url: CameraUrl, within_s: float, *, known: Sequence[Address] = ()
) -> list[Address]:
    """Return up to four addresses, families in turn (RFC 8305 §4); raise ``TroubleError``.

    Where that fails, the addresses that are ``known`` from before are good enough, and half of the
    time is left for them: a name server that is away is no camera's loss.
    """
    if not known:
        return await _resolved(url, within_s)
    with contextlib.suppress(TroubleError):
        return await _resolved(url, within_s / 2)
    return list(known)


async def _resolved(url: CameraUrl, within_s: float) -> list[Address]:
    try:
        async with asyncio.timeout(within_s):
            found = await _addresses(url.host, url.port)
    except TimeoutError as error:
        why = f"the name {url.host} was not resolved within {within_s:g} s"
        raise TroubleError(Trouble(Cause.NETWORK_UNREACHABLE, why)) from error
    except (OSError, UnicodeError) as error:
        why = f"the name {url.host} does not resolve to an address"
        raise TroubleError(Trouble(Cause.NETWORK_UNREACHABLE, why)) from error
    if not found:
        why = f"the name {url.host} has no address"
        raise TroubleError(Trouble(Cause.NETWORK_UNREACHABLE, why))
    return in_turn([(int(family), address) for family, _, _, _, address in found])


def in_turn(addresses: list[Address]) -> list[Address]:
    """Return at most four different ones, the families in turn, the first one's family first."""
    different = list(dict.fromkeys(addresses))
    families = list(dict.fromkeys(family for family, _ in different))
    ranked = {
        one: (rank, families.index(family))
        for family in families
        for rank, one in enumerate(a for a in different if a[0] == family)
    }
    return sorted(different, key=lambda one: ranked[one])[:_MAX_ADDRESSES]


async def _addresses(host: str, port: int) -> list[Any]:
    """Resolve in a daemon thread: a name server that hangs must not hold up the program's end.

    The loop's own ``getaddrinfo`` uses its executor, whose threads are waited for at the end.
    """
    with contextlib.suppress(socket.gaierror):  # an address needs no name server and no thread
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[Any]] = loop.create_future()

    def settle(found: list[Any] | None, error: Exception | None) -> None:
        if answer.done():
            return  # nobody waits any more
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(found or [])

    def work() -> None:
        found, trouble = None, None
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            trouble = error
        with contextlib.suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(settle, found, trouble)

    threading.Thread(target=work, name="resolver", daemon=True).start()
    return await answer
