"""From the first file to the last goodbye.

Order: data folder, store, broker, pages, first account, the loops, and ears last. The end begins
with the ears: no more reports are taken, those that are here are committed and acknowledged (for a
few seconds: what isn't by then was never acknowledged), then the loops end, the store last.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Final

from server.app.hearing import Hearing
from server.app.opening import (
    StartError,
    find_broker,
    find_standing,
    first_account,
    open_pages,
    open_store,
)
from server.app.tuning import tune
from server.app.watching import Part, watch
from server.changes import Changes
from server.clock import Clock, SystemClock
from server.commands import Commands
from server.config import Configuration
from server.ingest import Ingest
from server.metrics import Meter
from server.subscriber import Subscriber
from server.web import WebDeps

log = logging.getLogger(__name__)

_GRACE_S: Final = 3.0
_READY_S: Final = 2.0


async def serve(configuration: Configuration, *, say: Callable[[str], None]) -> None:
    """Run until SIGTERM or SIGINT. ``say`` prints. Raises ``StartError``."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):  # also while it starts: it then ends in order
        with suppress(NotImplementedError):  # Windows: Ctrl-C ends asyncio.run itself
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with running(configuration, clock=SystemClock(), say=say) as loops:
        tune()
        waiter = asyncio.create_task(stopped.wait())
        done, _ = await asyncio.wait([waiter, *loops], return_when=asyncio.FIRST_COMPLETED)
        waiter.cancel()
        for task in done - {waiter}:
            task.result()  # a loop never ends by itself: raise what ended it


@asynccontextmanager
async def running(
    configuration: Configuration, *, clock: Clock, say: Callable[[str], None]
) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Start everything; yield the loops' tasks; end everything. Raises ``StartError``."""
    config = configuration.server
    async with AsyncExitStack() as stack:
        store = await open_store(config)
        stack.push_async_callback(store.close)
        feed, broker = await find_broker(config, store, stack)
        changes = Changes()
        keeper = await find_standing(configuration, store, clock, changes)
        subscriber = Subscriber(feed, clock)
        commands = Commands(clock, send=subscriber.send_command)
        deps = WebDeps(
            store=store,
            standing=keeper.standing,
            clock=clock,
            config=config,
            changes=changes,
            commands=commands,
            meter=Meter(listening_since=lambda: subscriber.listening_since),
        )
        address = await open_pages(deps, stack)
        await first_account(store, clock, say)
        ingest = _ingest(deps, subscriber)
        hearing = Hearing(
            clock,
            listening=lambda: subscriber.listening_since,
            behind_since=ingest.behind_since,
        )
        watching = watch(
            deps,
            stack,
            listening_since=lambda: subscriber.listening_since,
            hearing_since=hearing.since,
            behind_since=ingest.behind_since,
            calm=ingest.calm,
        )
        loops = _loops(
            stack, {"ingest": ingest, "subscriber": subscriber, "keeper": keeper, **watching}
        )
        await _listen(subscriber, ingest, commands, stack)
        say(f"Vọng Gác: http://{address}  ·  MQTT {broker}")
        yield loops


def _ingest(deps: WebDeps, subscriber: Subscriber) -> Ingest:
    return Ingest(
        deps.store,
        register=lambda: deps.standing.register,
        clock=deps.clock,
        changes=deps.changes,
        send_ack=subscriber.send_ack,
        attend=subscriber.attend,
        meter=deps.meter,
    )


def _loops(stack: AsyncExitStack, parts: dict[str, Part]) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(part.run(), name=name) for name, part in parts.items()]

    async def end() -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    stack.push_async_callback(end)
    return tasks


async def _listen(
    subscriber: Subscriber, ingest: Ingest, commands: Commands, stack: AsyncExitStack
) -> None:
    """Connect; a broker that is ours or near answers at once, others are not waited for."""
    try:
        subscriber.start(ingest.offer, commands.take)
    except OSError as error:
        raise StartError(f"the broker's ca_file can't be used: {error}") from error
    stack.push_async_callback(subscriber.stop)
    stack.push_async_callback(_drain, subscriber, ingest)
    with suppress(TimeoutError):
        await asyncio.wait_for(subscriber.ready(), _READY_S)


async def _drain(subscriber: Subscriber, ingest: Ingest) -> None:
    """Take nothing more, and commit and acknowledge what is here, if the database lets us."""
    await subscriber.hush()
    try:
        await asyncio.wait_for(ingest.drain(), _GRACE_S)
    except TimeoutError:
        log.warning("the last reports were not committed; their agents will send them again")
