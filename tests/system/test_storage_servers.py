"""Several servers on one PostgreSQL, and one that dies: the commit's promises over a network."""

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import AsyncIterator

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.interval import Interval
from server.domain.units import Source
from server.storage import Intake, Store, UnavailableError
from tests.pure.server.any_reports import a_life, any_report
from tests.pure.server.reports import ORIGIN, intake, item, passage, segment
from tests.pure.server.test_storage_commit import STANDING
from tests.system.fixtures_server import postgres, postgres_url, store

__all__ = ["postgres", "postgres_url", "store"]

BOUND_S = 20.0
AGENTS = tuple("abcdefgh")


@pytest.fixture
async def outside(postgres_url: str) -> AsyncIterator["asyncpg.Connection"]:
    """A connection beside the store's."""
    connection = await asyncpg.connect(postgres_url)
    yield connection
    await connection.close()


async def standing(connection: "asyncpg.Connection") -> dict[str, list[str]]:
    return {
        name: sorted(repr(tuple(row)) for row in await connection.fetch(query))
        for name, query in STANDING.items()
    }


async def clear(connection: "asyncpg.Connection") -> None:
    tables = "segment, source, boot, spool, gate_event, gap, agent_seen, late_day, refusal"
    await connection.execute(f"TRUNCATE {tables}")


async def test_servers_that_commit_the_same_at_once_leave_what_one_would(
    postgres_url: str, outside: "asyncpg.Connection"
) -> None:
    stores = [await Store.open(postgres_url) for _ in range(4)]
    try:
        for seed in range(4):
            rng = random.Random(seed)
            reports = [r for agent in AGENTS for r in a_life(rng, agent)]
            for report in reports:
                await stores[0].commit([report])
            expected = await standing(outside)
            await clear(outside)
            for opened in stores:
                opened._sources.clear()
            await asyncio.gather(*(_commit_mixed(s, reports, rng) for s in stores))
            assert await standing(outside) == expected
            await clear(outside)
            for opened in stores:
                opened._sources.clear()
    finally:
        for opened in stores:
            await opened.close()


async def _commit_mixed(opened: Store, reports: list[Intake], rng: random.Random) -> None:
    mixed = rng.sample(reports, k=len(reports))
    while mixed:
        size = rng.randrange(1, 12)
        await opened.commit(mixed[:size])
        mixed = mixed[size:]


async def test_what_postgresql_calls_off_is_tried_again(
    postgres_url: str, outside: "asyncpg.Connection"
) -> None:
    opened = await Store.open(postgres_url)
    await _stumble(outside, times=3)
    progress = await opened.commit([intake(item(1, passage(1)))])
    assert [p.through for p in progress.values()] == [1]
    await _stumble(outside, times=100)
    with pytest.raises(UnavailableError, match="stumbled"):
        await opened.commit([intake(item(2, passage(2)))])
    assert await outside.fetchval("SELECT count(*) FROM gate_event") == 1
    await opened.close()


async def _stumble(connection: "asyncpg.Connection", *, times: int) -> None:
    await connection.execute(f"""
        DROP TRIGGER IF EXISTS stumble ON gate_event;
        DROP SEQUENCE IF EXISTS stumbles;
        CREATE SEQUENCE stumbles;
        CREATE OR REPLACE FUNCTION stumble() RETURNS trigger AS $$ BEGIN
          IF nextval('stumbles') <= {times} THEN
            RAISE EXCEPTION 'stumbled' USING ERRCODE = '40P01';
          END IF;
          RETURN NEW; END $$ LANGUAGE plpgsql;
        CREATE TRIGGER stumble BEFORE INSERT ON gate_event
          FOR EACH ROW EXECUTE FUNCTION stumble();""")


async def test_a_backend_killed_in_the_middle_leaves_nothing_half_done(postgres_url: str) -> None:
    opened = await Store.open(postgres_url)
    outside = await asyncpg.connect(postgres_url)
    await outside.execute("""
        CREATE FUNCTION dawdle() RETURNS trigger AS $$ BEGIN
          PERFORM pg_sleep(60); RETURN NEW; END $$ LANGUAGE plpgsql;
        CREATE TRIGGER dawdle BEFORE INSERT ON gate_event
          FOR EACH ROW EXECUTE FUNCTION dawdle();""")
    report = intake(item(1, segment(1, 0)), item(2, passage(1)))
    committing = asyncio.create_task(opened.commit([report]))
    backend, ended = await _sleeping(outside), asyncio.Event()
    outside.add_termination_listener(lambda _: ended.set())
    os.kill(backend, signal.SIGKILL)  # PostgreSQL ends all sessions and recovers
    with pytest.raises(UnavailableError):
        await asyncio.wait_for(committing, BOUND_S)
    outside = await _recovered(postgres_url, ended)
    counts = "SELECT (SELECT count(*) FROM segment), (SELECT count(*) FROM boot)"
    assert tuple(await outside.fetchrow(counts)) == (0, 0)
    await outside.execute("DROP TRIGGER dawdle ON gate_event")
    progress = await opened.commit([report])
    assert [p.through for p in progress.values()] == [2]
    await outside.close()
    await opened.close()


async def _sleeping(connection: "asyncpg.Connection") -> int:
    query = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    async with asyncio.timeout(BOUND_S):
        while True:
            pid = await connection.fetchval(query)
            if pid is not None:
                return int(pid)
            await asyncio.sleep(0.02)


async def _recovered(url: str, ended: asyncio.Event) -> "asyncpg.Connection":
    """Connect anew once a former session has ``ended``: others are let in before, and ended too."""
    async with asyncio.timeout(BOUND_S):
        await ended.wait()
        while True:
            try:
                return await asyncpg.connect(url)
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.05)


async def test_a_session_that_is_ended_is_opened_anew(
    postgres_url: str, outside: "asyncpg.Connection"
) -> None:
    opened = await Store.open(postgres_url)
    await opened.commit([intake(item(1, passage(1)))])
    await outside.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with contextlib.suppress(UnavailableError):  # where the goodbye had not been heard yet
        await opened.commit([intake(item(2, passage(2)))])
    progress = await opened.commit([intake(item(2, passage(2)), item(3, passage(3)))])
    assert [p.through for p in progress.values()] == [3]
    await opened.close()


def test_no_value_that_the_wire_allows_is_poison_or_unreadable(postgres_url: str) -> None:
    ages = Interval(ORIGIN.replace(year=1971), ORIGIN.replace(year=9998))
    with asyncio.Runner() as runner:
        opened = runner.run(Store.open(postgres_url))

        @settings(max_examples=40, deadline=None)
        @given(st.lists(any_report(), min_size=1, max_size=4))
        def check(reports: list[Intake]) -> None:
            runner.run(opened.commit(reports))

        check()
        runner.run(opened.claims([Source("agent1", "cam1")], ages))
        runner.run(opened.gate_events(limit=10**6))
        assert runner.run(opened.agents()).keys() == {"agent1"}
        runner.run(opened.facts())
        runner.run(opened.close())


async def test_many_rows_and_few_are_the_same(store: Store) -> None:
    """PostgreSQL is given many rows by another way; twice each, open and closed mixed."""
    few = [item(n, segment(n, n * 1000, n * 1000 + 500 if n % 3 else None)) for n in range(1, 700)]
    events = [item(n + 700, passage(n, n * 10, note=f"Ghi chú {n}\x00")) for n in range(1, 700)]
    whole = intake(*few, *events, after=0)
    assert [p.through for p in (await store.commit([whole, whole])).values()] == [1399]
    whole_claims = await store.claims(
        [Source("agent1", "cam1")], Interval(ORIGIN, ORIGIN.replace(day=24))
    )
    whole_events = await store.gate_events(limit=10_000)
    for n in range(0, len(few), 100):
        await store.commit([intake(*few[n : n + 100], *events[n : n + 100], agent="agent2")])
    again = await store.claims([Source("agent2", "cam1")], Interval(ORIGIN, ORIGIN.replace(day=24)))
    strip = [(c.number, c.start, c.end, c.open, c.state) for c in again[Source("agent2", "cam1")]]
    assert sorted(strip) == sorted(
        (c.number, c.start, c.end, c.open, c.state) for c in whole_claims[Source("agent1", "cam1")]
    )
    both = await store.gate_events(limit=10_000)
    assert len(whole_events) == 699
    assert {(e.id, e.note) for e in both if e.agent == "agent2"} == {
        (e.id, e.note) for e in whole_events
    }
