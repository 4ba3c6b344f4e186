"""Several servers on one database: what one does alone, and how they tell each other."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

from server.storage import Store, UnavailableError
from tests.system import several_servers
from tests.system.agents import until
from tests.system.fixtures_server import postgres, postgres_url

__all__ = ["postgres", "postgres_url"]

_HOLDER = """
import asyncio, sys
from server.storage import Store, UnavailableError

async def main():
    store = await Store.open(sys.argv[1])
    duty = store.duty("watching")
    while True:
        print(await duty.held(), flush=True)
        await asyncio.sleep(0.2)

asyncio.run(main())
"""


class Holder:
    """Another server's process, which asks for the duty all the time."""

    def __init__(self, url: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _HOLDER, url], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self._out = self.process.stdout

    async def says(self) -> bool:
        return (await asyncio.to_thread(self._out.readline)).strip() == "True"

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self._out.close()


async def _becomes_ours(store: Store, within_s: float) -> None:
    duty = store.duty("watching")
    for _ in range(round(within_s / 0.2)):
        if await duty.held():
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"the duty is not ours in {within_s} s")


async def test_a_duty_is_one_servers_and_goes_over_when_that_one_is_killed(
    postgres_url: str,
) -> None:
    other = Holder(postgres_url)
    try:
        assert await other.says()
        store = await Store.open(postgres_url)
        assert not await store.duty("watching").held()
        assert await store.duty("notifier").held()
        os.kill(other.process.pid, signal.SIGKILL)
        await _becomes_ours(store, 5)
        assert await store.duty("notifier").held()
        await store.close()
    finally:
        other.end()


async def test_a_server_that_was_stopped_wakes_up_without_the_duty(postgres_url: str) -> None:
    other = Holder(postgres_url)
    try:
        assert await other.says()
        store = await Store.open(postgres_url)
        os.kill(other.process.pid, signal.SIGSTOP)
        await _becomes_ours(store, 20)
        os.kill(other.process.pid, signal.SIGCONT)
        said = [await other.says() for _ in range(8)]
        assert not any(said[-3:])  # the first lines may be what it had said before
        assert said == sorted(said, reverse=True)
        assert await store.duty("watching").held()
        await store.close()
    finally:
        other.end()


async def test_a_duty_is_left_to_others_when_it_is_released(postgres_url: str) -> None:
    one, two = await Store.open(postgres_url), await Store.open(postgres_url)
    assert await one.duty("watching").held()
    assert not await two.duty("watching").held()
    await one.duty("watching").release()
    assert await two.duty("watching").held()
    await two.close()
    await _becomes_ours(one, 5)
    await one.close()


async def test_news_reach_the_other_servers_and_not_the_teller(postgres_url: str) -> None:
    one, two = await Store.open(postgres_url), await Store.open(postgres_url)
    heard: dict[str, list[str]] = {"one": [], "two": []}
    one._own = "another"  # both stand in one process here
    ears = [
        asyncio.create_task(store.hear(heard[name].append))
        for name, store in (("one", one), ("two", two))
    ]
    topics = {f"agent/{'x' * 40}-{n}" for n in range(500)}
    await _told(lambda: one.tell(topics), lambda: topics <= set(heard["two"]))
    assert heard["one"] == []
    for ear in ears:
        ear.cancel()
        with suppress(asyncio.CancelledError):
            await ear
    await one.close()
    await two.close()


async def _told(tell: Callable[[], object], is_there: Callable[[], bool]) -> None:
    """Tell until it is heard: the other may not be listening yet."""
    for _ in range(50):
        with suppress(AssertionError, UnavailableError):
            await tell()  # type: ignore[misc]
            return await until(is_there, "news", 0.3)
        await asyncio.sleep(0.1)
    raise AssertionError("never heard")


async def test_killed_stopped_and_restarted_nothing_is_lost_and_nothing_comes_twice() -> None:
    outcome = await several_servers.run(agents=8, per_s=20, calm_s=1.0)
    print(outcome.table())
    assert outcome.made == outcome.stored == outcome.distinct
    assert outcome.distinct_letters == outcome.incidents == 1
    assert outcome.letters <= 2  # one whose sender is killed before it has noted it is sent again
    assert outcome.first_accounts == 1
    assert not outcome.errors, outcome.errors[0]
    assert max(outcome.silences.values()) < 10
