"""A network that has forgotten the connections to PostgreSQL, and tells nobody."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import text

from server.changes import EVERYTHING
from server.storage import Store, UnavailableError, commit_postgresql, database, news
from tests.pure.server.reports import intake, item, passage
from tests.system.fault_proxy import FaultProxy
from tests.system.fixtures_server import postgres, postgres_url

__all__ = ["postgres", "postgres_url"]

SOON_S = 0.5
ALONE_S = 4
BOUND_S = 30.0
"""Half of what a statement may take (60 s): who waits for that waits too long."""


@pytest.fixture
async def line(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FaultProxy]:
    monkeypatch.setattr(database, "_PING_S", SOON_S)
    monkeypatch.setattr(commit_postgresql, "_BEGIN_S", SOON_S)
    monkeypatch.setattr(news, "_ANSWER_S", SOON_S)
    monkeypatch.setattr(news, "_LOOK_EVERY_S", SOON_S)
    port = urlsplit(postgres_url).port
    assert port
    async with FaultProxy(port) as proxy:
        yield proxy


@pytest.fixture
async def far(postgres_url: str, line: FaultProxy) -> AsyncIterator[Store]:
    """A store behind the line."""
    here = urlsplit(postgres_url)
    url = here._replace(netloc=here.netloc.replace(str(here.port), str(line.port))).geturl()
    store = await Store.open(url)
    yield store
    await store.close()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _look(store: Store) -> None:
    async with store.reading() as connection:
        await connection.execute(text("SELECT pg_sleep(0.1)"))


async def test_readers_wait_for_one_dead_connection_and_not_for_each(
    far: Store, line: FaultProxy
) -> None:
    async with asyncio.timeout(BOUND_S):
        await asyncio.gather(*(_look(far) for _ in range(2)))
        line.forget(near=False)
        for _ in range(2):
            await _look(far)


async def test_a_commit_finds_out_at_its_beginning(far: Store, line: FaultProxy) -> None:
    async with asyncio.timeout(BOUND_S):
        await far.commit([intake(item(1, passage(1)))])
        line.forget(near=False)
        with pytest.raises(UnavailableError, match="TimeoutError"):
            await far.commit([intake(item(2, passage(2)))])
        await far.commit([intake(item(2, passage(2)))])
    assert len(await far.gate_events(limit=10)) == 2


async def test_a_commit_that_is_under_way_waits_for_one_answer_and_not_for_a_rollback_too(
    far: Store, line: FaultProxy, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_ALONE_S", ALONE_S)
    other = await asyncpg.connect(postgres_url)
    lock = commit_postgresql._lock_number("agent1")
    await other.execute("SELECT pg_advisory_lock($1)", lock)
    committing = asyncio.create_task(far.commit([intake(item(1, passage(1)))]))
    waiting = "SELECT count(*), pg_sleep(0.05) FROM pg_locks WHERE NOT granted"
    while not await other.fetchval(waiting):
        pass
    line.forget(near=False)
    with pytest.raises(UnavailableError):
        await asyncio.wait_for(committing, ALONE_S * 1.75)
    await other.close()
    await far.commit([intake(item(1, passage(1)))])
    assert len(await far.gate_events(limit=10)) == 1


async def test_who_only_listens_finds_out_too_and_is_told_that_everything_may_have_changed(
    far: Store, line: FaultProxy, postgres_url: str
) -> None:
    other = await Store.open(postgres_url)
    heard: asyncio.Queue[str] = asyncio.Queue()
    hearing = asyncio.create_task(far.hear(heard.put_nowait))
    try:
        async with asyncio.timeout(BOUND_S):
            await _until_heard(heard, "before", other)
            line.forget(near=False)
            while await heard.get() != EVERYTHING:
                pass
            await _until_heard(heard, "after", other)
    finally:
        await _end(hearing)
        await other.close()


async def _until_heard(heard: asyncio.Queue[str], topic: str, teller: Store) -> None:
    """Tell until it is heard: news that come before somebody listens are lost."""
    telling = asyncio.create_task(_keep_telling(teller, topic))
    try:
        while await heard.get() != topic:
            pass
    finally:
        await _end(telling)


async def _keep_telling(teller: Store, topic: str) -> None:
    async with teller.reading() as connection:
        while True:
            payload = f"another {topic}"
            await connection.execute(text("SELECT pg_notify('vonggac_news', :p)"), {"p": payload})
            await connection.commit()
            await asyncio.sleep(0.2)
