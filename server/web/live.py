"""The stream that tells open pages to read again (server-sent events).

It says *that* something changed, never what: the page fetches itself once more, with the reader's
own rights and language. A burst becomes one hint a second. Every few seconds a pulse carries the
server's time, so that "data until" on the page stays true, or visibly stops.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from server.domain.units import Agent, Gate, School
from server.web import forms
from server.web.deps import DEPS, SESSION, TONGUE

LEAST_GAP_S: Final = 1.0
PULSE_S: Final = 5.0
MOST_STREAMS: Final = 500
STREAMS: Final[web.AppKey[set[asyncio.Task[None]]]] = web.AppKey("streams", set[asyncio.Task[None]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """What an open page shows, so that news of other things leaves it in peace.

    Attributes:
        agents: What gate PCs report: cameras and their own health.
        gates: Passages.
        school: Only this school's; None is everybody's.
    """

    agents: bool = True
    gates: bool = False
    school: School | None = None

    def concerns(self, topic: str) -> bool:
        """Tell whether a topic of ``changes`` may change the page."""
        kind, _, name = topic.partition("/")
        match kind:
            case "agent":
                return self.agents and (self.school is None or _owns(self.school.agents, name))
            case "gate":
                return self.gates and (self.school is None or _owns(self.school.gates, name))
            case _:
                return True


def _owns(things: Iterable[Agent | Gate], name: str) -> bool:
    return any(thing.id == name for thing in things)


def interest_of(request: web.Request) -> Interest:
    """Read what the page says that it shows: ``?see=agents,gates&school=ID``."""
    sees = forms.text(request.query, "see").split(",")
    school_id = forms.identifier(request.query, "school")
    school = request.app[DEPS].organisation.school(school_id) if school_id else None
    if sees == [""]:
        return Interest(gates=True, school=school)
    return Interest(agents="agents" in sees, gates="gates" in sees, school=school)


async def events(request: web.Request) -> web.StreamResponse:
    """Serve ``GET /events`` until the browser goes, the session ends or the server stops."""
    streams = request.app[STREAMS]
    if len(streams) >= MOST_STREAMS:
        return web.Response(status=503, headers={"Retry-After": "10"})
    interest = interest_of(request)
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream; charset=utf-8",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
    )
    task = asyncio.create_task(_tell(request, response, interest))
    streams.add(task)
    try:
        await task
    except ConnectionResetError:
        pass  # the browser went away, maybe before it was answered at all
    except asyncio.CancelledError:
        task.cancel()
        own = asyncio.current_task()
        if own is not None and own.cancelling():
            raise
    finally:
        streams.discard(task)
    return response


async def close_streams(app: web.Application) -> None:
    """End all streams, so that the server can stop at once."""
    streams = app[STREAMS]
    tasks = tuple(streams)
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


async def _tell(request: web.Request, response: web.StreamResponse, interest: Interest) -> None:
    deps = request.app[DEPS]
    session = request[SESSION]
    loop = asyncio.get_running_loop()
    await response.prepare(request)
    await response.write(b"retry: 2000\n\n")
    async with deps.changes.subscribe() as queue:
        while deps.clock.now() < session.expires_at:
            now = deps.clock.now()
            clock = request[TONGUE].clock(now, seconds=True)
            await response.write(_event("pulse", f"{clock} {now.isoformat()}"))
            if not await _heard_news(queue, interest):
                continue
            told_at = loop.time()
            while not queue.empty():
                queue.get_nowait()
            await response.write(_event("change", deps.clock.now().isoformat()))
            await asyncio.sleep(max(0.0, LEAST_GAP_S - (loop.time() - told_at)))


async def _heard_news(queue: asyncio.Queue[str], interest: Interest) -> bool:
    """Wait for news that concerns the page, no longer than until the next pulse."""
    try:
        async with asyncio.timeout(PULSE_S):
            while not interest.concerns(await queue.get()):
                pass
    except TimeoutError:
        return False
    return True


def _event(name: str, data: str) -> bytes:
    return f"event: {name}\ndata: {data}\n\n".encode()
