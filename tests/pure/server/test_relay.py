"""News among servers: gathered, told in one go, kept while the database is away."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field

from server.changes import EVERYTHING, Changes
from server.relay import Relay
from server.storage import UnavailableError
from tests.pure.server.desk import FakeClock


@dataclass
class Others:
    away: int = 0
    told: list[set[str]] = field(default_factory=list)
    heard_of_it: asyncio.Event = field(default_factory=asyncio.Event)
    take: Callable[[str], None] | None = None

    async def tell(self, topics: Collection[str]) -> None:
        if self.away:
            self.away -= 1
            raise UnavailableError("away")
        self.told.append(set(topics))
        self.heard_of_it.set()

    async def hear(self, take: Callable[[str], None]) -> None:
        self.take = take
        await asyncio.Event().wait()


async def _relayed(others: Others, changes: Changes, topics: Collection[str]) -> None:
    task = asyncio.create_task(Relay(others, changes=changes, clock=FakeClock()).run())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for topic in topics:
        changes.publish(topic)
    async with asyncio.timeout(5):
        await others.heard_of_it.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_burst_is_told_once() -> None:
    others = Others()
    await _relayed(others, Changes(), ["incidents", "agent/a1", "incidents"])
    assert others.told == [{"incidents", "agent/a1"}]


async def test_too_much_news_are_told_as_everything() -> None:
    others = Others()
    await _relayed(others, Changes(), [f"agent/a{n}" for n in range(201)])
    assert others.told == [{EVERYTHING}]


async def test_what_can_not_be_told_now_is_told_later() -> None:
    others = Others(away=3)
    await _relayed(others, Changes(), ["agent/a1"])
    assert others.told == [{"agent/a1"}]


async def test_what_others_tell_reaches_the_pages_of_this_server() -> None:
    others, changes = Others(), Changes()
    async with changes.subscribe() as page:
        await _relayed(others, changes, ["agent/a1"])
        assert others.take is not None
        others.take("gate/g1")
        assert [page.get_nowait() for _ in range(page.qsize())] == ["agent/a1", "gate/g1"]
