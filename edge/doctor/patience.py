"""Calls that block, with an end.

Resolving a name can block for half a minute where no DNS server answers, and nothing can interrupt
it. So it runs in a thread that nobody waits for at the end, unlike those of ``asyncio.to_thread``.
"""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def within(seconds: float, act: Callable[[], T]) -> T:
    """Return what ``act`` returns. Raises ``TimeoutError``, and what ``act`` raises."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(set_it: Callable[[], None]) -> None:
        try:
            loop.call_soon_threadsafe(lambda: None if done.done() else set_it())
        except RuntimeError:  # the loop has ended: nobody waits any more
            return

    def run() -> None:
        try:
            found = act()
        except Exception as error:  # noqa: BLE001 (it is raised where the answer is awaited)
            problem = error
            settle(lambda: done.set_exception(problem))
        else:
            settle(lambda: done.set_result(found))

    threading.Thread(target=run, name="doctor", daemon=True).start()
    async with asyncio.timeout(seconds):
        return await done
