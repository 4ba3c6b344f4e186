"""From an agent's connection to the database and back: what an acknowledgement means."""

import asyncio
import contextlib
import random
import signal
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from server.storage import Store
from tests.pure.server.reports import ORIGIN, ORIGIN_MS, SPOOL, item, passage, segment, uuid
from tests.system.agents import Peer, report, watermark
from tests.system.centre import AGENT, GATE, OTHERS_GATE, SECRET, Centre, Child, centre, configure
from tests.system.fixtures_server import Cluster, folder_of, free_port, postgres, postgres_url
from wire.codec import encode
from wire.messages import BootStory, Gap, Status, Watermark
from wire.vocabulary import State

__all__ = ["postgres", "postgres_url"]


@pytest.fixture(params=["sqlite", "postgresql"])
async def running(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Centre]:
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    async with centre(configure(tmp_path, database=url)) as made:
        yield made


@pytest.fixture
async def on_sqlite(tmp_path: Path) -> AsyncIterator[Centre]:
    async with centre(configure(tmp_path)) as made:
        yield made


async def test_what_is_acknowledged_is_committed_and_a_repeat_changes_nothing(
    running: Centre,
) -> None:
    agent = await running.agent()
    message = report(
        item(1, segment(1, 0, camera="c1-thvq-cong-chinh-1")),
        item(2, passage(1, gate=GATE)),
        watermarks=(watermark(60_000, 2),),
        sent=61_000,
    )
    agent.send(message)
    ack = await agent.acked(2)
    assert (ack.spool, ack.ranges, ack.refused) == (SPOOL, (), ())
    assert ack.sent_utc_ms == message.sent_utc_ms
    before = await running.store.gate_events()
    assert [e.id for e in before] == [uuid(1)]
    agent.send(message)
    await agent.acked(2, more_than=1)
    assert await running.store.gate_events() == before
    assert (await running.store.agents())[AGENT].last_report_until is not None
    await agent.close()


async def test_an_item_that_will_never_be_right_is_refused_alone(running: Centre) -> None:
    agent = await running.agent()
    agent.send(
        report(
            item(1, passage(1, gate=GATE)),
            item(2, passage(2, gate=OTHERS_GATE)),
            item(3, segment(1, 5_000, 4_000)),
            item(4, segment(2, 0, state=State.UNKNOWN)),
            item(5, segment(3, 0, boot="b0000000-0000-4000-8000-00000000dead")),
            item(6, Gap(first_seq=9, last_seq=8, kind="x", count=1, reason="x")),
            item(7, passage(3, gate="a-gate-of-tomorrow")),
        )
    )
    ack = await agent.acked(7)
    assert [r.seq for r in ack.refused] == [2, 3, 4, 5, 6]
    assert "not one of this agent's" in ack.refused[0].reason
    assert {e.id for e in await running.store.gate_events()} == {uuid(1), uuid(3)}
    assert (await running.store.agents())[AGENT].refused_count == 5
    await agent.close()


async def test_an_unreadable_item_does_not_hold_up_its_neighbours(running: Centre) -> None:
    agent = await running.agent()
    raw = msgspec.json.decode(
        encode(report(item(1, passage(1, gate=GATE)), item(2, passage(2, gate=GATE))))
    )
    raw["items"][0]["gate_event"]["kind"] = "x" * 65
    agent.publish(f"vg/1/{AGENT}/report", msgspec.json.encode(raw))
    ack = await agent.acked(2)
    assert [r.seq for r in ack.refused] == [1]
    assert [e.id for e in await running.store.gate_events()] == [uuid(2)]
    await agent.close()


JUNK = [
    b"",
    b"\x00\xff",
    b"{",
    b"[]",
    b"null",
    b'{"v":"2.0"}',
    b'{"v":"1.0"}',
    b'{"v":"1.0","spool":"x","sent_utc_ms":1,"boots":[]}',
    b'{"v":"1.0","items":[{"seq":1}]}',
    b"[" * 100_000,
    b'{"v":"1.0","items":' + b"[" * 100_000,
]


async def test_junk_is_counted_with_its_reason_and_stops_nothing(on_sqlite: Centre) -> None:
    agent = await on_sqlite.agent()
    for payload in JUNK:
        agent.publish(f"vg/1/{AGENT}/report", payload)
        agent.publish(f"vg/1/{AGENT}/status", payload)
        agent.publish(f"vg/1/{AGENT}/reply", payload)
    agent.send(report(item(1, passage(1, gate=GATE))))
    await agent.acked(1)
    rows = await on_sqlite.store.refusals(100)
    assert len(rows) == 2 * len(JUNK)
    assert any("version 2.0" in r.reason for r in rows)
    assert (await on_sqlite.store.agents())[AGENT].refused_count == 2 * len(JUNK)
    await agent.close()


async def test_an_agent_that_tells_of_thousands_of_boots_stops_nothing(running: Centre) -> None:
    agent = await running.agent()
    for count in (1001, 1000, 1000, 1000, 1000):
        boots = tuple(BootStory(id=uuid(n, "b"), origin_utc_ms=ORIGIN_MS) for n in range(count))
        marks = tuple(Watermark(boot=b.id, until_ms=5) for b in boots)
        agent.send(report(boots=boots, watermarks=marks))
    agent.send(report(item(1, passage(1, gate=GATE)), sent=7))
    await agent.acked(1)
    assert [r.reason for r in await running.store.refusals(9)] == [
        "tells of 1001 boots, over the limit of 1000"
    ]
    await agent.close()


async def test_presence_comes_from_status_and_last_will(on_sqlite: Centre) -> None:
    store = on_sqlite.store

    async def hint() -> bool | None:
        seen = (await store.agents()).get(AGENT)
        return seen.online_hint if seen else None

    topic = f"vg/1/{AGENT}/status"
    gone = encode(Status(v="1.0", online=False))
    agent = Peer(AGENT, SECRET, topic=topic, payload=gone, qos=1, retain=True)
    await agent.connect(on_sqlite.mqtt_port)
    agent.publish(topic, encode(Status(v="1.0", online=True)), retain=True)
    await _becomes(hint, True)
    agent.drop()
    await _becomes(hint, False)


async def _becomes(ask: object, wanted: object) -> None:
    for _ in range(500):
        if await ask() == wanted:  # type: ignore[operator]
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"never {wanted}")


async def test_nothing_is_acknowledged_before_the_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.storage.commit_sqlite.BUSY_S", 0.1)
    async with centre(configure(tmp_path)) as made:
        agent = await made.agent()
        (path,) = (tmp_path / "var").glob("*.db")
        other = sqlite3.connect(path)
        other.execute("BEGIN IMMEDIATE")
        agent.send(report(item(1, passage(1, gate=GATE))))
        await asyncio.sleep(1.5)
        assert agent.acks == []
        other.rollback()
        other.close()
        await agent.acked(1)
        await agent.close()


async def test_a_postgresql_that_goes_away_and_comes_back_costs_nothing(tmp_path: Path) -> None:
    with folder_of("postgres") as folder:
        cluster = Cluster(folder)
        with contextlib.ExitStack() as first:
            first.enter_context(cluster.serve())
            async with centre(configure(tmp_path, database=cluster.url())) as made:
                agent = await made.agent()
                agent.send(report(item(1, passage(1, gate=GATE))))
                await agent.acked(1)
                await asyncio.to_thread(first.close)
                agent.send(report(item(2, passage(2, gate=GATE))))
                await asyncio.sleep(1)
                assert agent.acks[-1].through == 1
                with cluster.serve():
                    await agent.acked(2)
                    assert len(await made.store.gate_events()) == 2
                    await agent.close()


async def test_a_poisoned_row_is_found_and_refused(on_sqlite: Centre) -> None:
    """Whatever the rules overlook and the database refuses ends up refused alone."""
    with sqlite3.connect(_database(on_sqlite)) as raw:
        raw.execute(
            "CREATE TRIGGER poison BEFORE INSERT ON gate_event WHEN NEW.note = 'poison'"
            " BEGIN SELECT RAISE(ABORT, 'overlooked'); END"
        )
    raw.close()
    agent = await on_sqlite.agent()
    items = [
        item(n, passage(n, gate=GATE, note="poison" if n == 13 else "fine")) for n in range(1, 31)
    ]
    agent.send(report(*items))
    ack = await agent.acked(30)
    refused = [r for a in agent.acks for r in a.refused]
    assert [(r.seq, "overlooked" in r.reason) for r in refused] == [(13, True)]
    assert ack.through == 30
    assert len(await on_sqlite.store.gate_events()) == 29
    await agent.close()


def _database(made: Centre) -> str:
    return str(made.store._engine.url.database)


async def test_a_killed_server_loses_nothing_acknowledged_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    """Kill -9 at random moments while an agent sends; it resends what was not acknowledged."""
    port = free_port()
    path = configure(tmp_path, mqtt={"embedded": {"listen": f"127.0.0.1:{port}"}})
    store = await _prepared(path)
    rng = random.Random(11)
    agent = Peer(AGENT, SECRET)
    agent.client.reconnect_delay_set(1, 1)
    agent.subscribe_always(f"vg/1/{AGENT}/ack")
    total, acknowledged = 300, 0
    for life in range(4):
        child = Child(path)
        await child.ready()
        if life == 0:
            agent.client.connect_async("127.0.0.1", port)
            agent.client.loop_start()
        end_after = total if life == 3 else rng.randrange(40, 90) * (life + 1)
        for _ in range(2000):
            acknowledged = max([acknowledged, *(a.through for a in agent.acks)])
            if acknowledged >= end_after:
                break
            last = min(acknowledged + 10, total)
            items = [item(n, passage(n, gate=GATE)) for n in range(acknowledged + 1, last + 1)]
            agent.send(report(*items))
            await asyncio.sleep(0.01)
        child.end(signal.SIGKILL)
        stored = {e.id for e in await store.gate_events(limit=1000)}
        missing = {uuid(n) for n in range(1, acknowledged + 1)} - stored
        assert not missing, f"acknowledged and lost: {missing}"
    assert acknowledged == total
    counts = await store.gate_counts()
    assert sum(c.count for c in counts) == total
    await agent.close()
    await store.close()


async def _prepared(path: Path) -> Store:
    from server.config import load  # noqa: PLC0415 (only here)

    config = load(path).server
    config.data_dir.mkdir(parents=True, exist_ok=True)
    store = await Store.open(config.database.reveal())
    await store.set_agent_secret(AGENT, SECRET, now=ORIGIN)
    return store
