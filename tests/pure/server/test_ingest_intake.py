"""The loop: bounded, patient with an absent database, and the ack only after the commit."""

import asyncio

import pytest

from tests.pure.server.desk import Desk, Memory
from tests.pure.server.reports import item, passage
from wire.topics import Leaf


async def test_many_reports_are_one_commit_and_each_is_acknowledged_with_its_own_time() -> None:
    desk = Desk(Memory())
    for n in (1, 2, 3):
        desk.report(item(n, passage(n)), sent=n * 10)
    desk.report(item(1, passage(1)), agent="agent2")
    async with desk.changes.subscribe() as hints:
        await desk.work()
        assert [hints.get_nowait() for _ in range(hints.qsize())] == [
            "agent/agent1",
            "agent/agent2",
            "gate/gate1",
        ]
    assert [len(c) for c in desk.memory.commits] == [4]
    assert [(a, k.sent_utc_ms, k.through) for a, k in desk.acks] == [
        ("agent1", 10, 3),
        ("agent1", 20, 3),
        ("agent1", 30, 3),
        ("agent2", 1, 1),
    ]


async def test_an_absent_database_is_waited_for_ever_longer() -> None:
    desk = Desk(Memory(away=8))
    desk.report(item(1, passage(1)))
    async with desk.at_work():
        await asyncio.sleep(0)
        assert desk.done == []
    assert desk.clock.waits == [0.2, 0.5, 1, 2, 4, 8, 15, 15, 15]
    assert [k.through for _, k in desk.acks] == [1]
    assert len(desk.done) == 1


@pytest.mark.parametrize(
    ("away", "told"), [(0, []), (5, []), (6, [False, True]), (9, [False, True])]
)
async def test_a_database_that_stays_away_is_told_once_and_its_return_too(
    away: int, told: list[bool]
) -> None:
    """Ten seconds: of several servers it may be this one alone that can't reach it."""
    desk = Desk(Memory(away=away))
    desk.report(item(1, passage(1)))
    await desk.work()
    assert desk.attended == told
    assert len(desk.acks) == 1


async def test_work_that_can_wait_waits_while_reports_do() -> None:
    desk = Desk(Memory(held=(held := asyncio.Event())))
    await desk.ingest.calm()
    desk.report(item(1, passage(1)))
    async with desk.at_work():
        waiting = asyncio.create_task(desk.ingest.calm())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not waiting.done()
        held.set()
        async with asyncio.timeout(5):
            await waiting
    assert len(desk.acks) == 1


async def test_the_acks_time_lies_halfway_between_receipt_and_now() -> None:
    """So the edge's reckoning is right within the network's share, however slow the database."""
    desk = Desk(Memory(away=4))
    start_ms = round(desk.clock.now().timestamp() * 1000)
    desk.report(item(1, passage(1)))
    await desk.work()
    took_ms = round(sum(desk.clock.waits) * 1000)
    assert [k.server_utc_ms for _, k in desk.acks] == [start_ms + took_ms // 2]


@pytest.mark.parametrize("poison", [{5}, {1, 2}, {3, 9, 10}, set(range(1, 11))])
async def test_poison_is_refused_alone(poison: set[int]) -> None:
    desk = Desk(Memory(poison=frozenset(poison)))
    for first in (1, 6):
        desk.report(*(item(n, passage(n)) for n in range(first, first + 5)), after=first - 1)
    await desk.work()
    refused = {r.seq for _, ack in desk.acks for r in ack.refused}
    assert refused == poison
    assert desk.acks[-1][1].through == 10


async def test_what_a_fault_of_ours_keeps_out_stays_unanswered_and_its_neighbours_get_in() -> None:
    desk = Desk(Memory(broken=frozenset({7})))
    for first in (1, 6):
        desk.report(*(item(n, passage(n)) for n in range(first, first + 5)), after=first - 1)
    await desk.work()
    last = desk.acks[-1][1]
    assert (last.through, [(r.first, r.last) for r in last.ranges]) == (6, [(8, 10)])
    assert not any(ack.refused for _, ack in desk.acks)
    assert len(desk.done) == 2


async def test_a_batch_is_bounded() -> None:
    desk = Desk(Memory())
    for n in range(150):
        desk.report(*(item(n * 50 + k, passage(k)) for k in range(1, 51)), agent=f"a{n % 3}")
    await desk.work()
    assert [len(c) for c in desk.memory.commits] == [100, 50]


async def test_the_present_goes_before_the_past_which_fills_the_rest() -> None:
    desk = Desk(Memory())
    for n in range(8):
        items = (item(n * 1000 + k, passage(k)) for k in range(1, 1001))
        desk.report(*items, leaf=Leaf.HISTORY, agent=f"late{n}")
        desk.report(item(1, passage(1)), agent=f"live{n}")
    await desk.work()
    first, second = desk.memory.commits
    assert [i.agent for i in first] == [
        *(f"live{n}" for n in range(8)),
        *(f"late{n}" for n in range(5)),
    ]
    assert [i.late for i in first] == [False] * 8 + [True] * 5
    assert [i.agent for i in second] == ["late5", "late6", "late7"]


async def test_the_next_batch_is_read_while_one_is_committed_and_takes_in_what_comes() -> None:
    desk = Desk(Memory(held=asyncio.Event()))
    assert desk.memory.held is not None
    desk.report(item(1, passage(1)))
    async with desk.at_work():
        for n in (2, 3, 4):
            await asyncio.sleep(0.001)
            desk.report(item(n, passage(n)))
        assert (desk.acks, desk.done) == ([], [])
        desk.memory.held.set()
    assert [len(c) for c in desk.memory.commits] == [1, 3]


async def test_junk_is_noted_and_its_neighbours_are_committed() -> None:
    desk = Desk(Memory())
    desk.offer(b"junk")
    desk.offer(b"junk", leaf=Leaf.STATUS)
    desk.offer(b"junk", leaf=Leaf.REPLY)
    desk.report(item(1, passage(1)))
    await desk.work()
    assert [r.what for r in desk.memory.refused] == ["report", "status"]
    assert len(desk.acks) == 1
    assert desk.noted_before_acks == 2
    assert len(desk.done) == 4


async def test_an_item_that_can_not_be_named_is_noted_left_out_and_answered() -> None:
    desk = Desk(Memory())
    desk.report(item(1, passage(1)), item(2, passage(2)), item(3, passage(3)), after=0)
    payload = desk.ingest._waiting._live.queue[0].delivery.payload
    desk.offer(payload.replace(b'"seq":2', b'"seq":"?"'), agent="agent2")
    await desk.work()
    assert [(a, k.through, len(k.ranges)) for a, k in desk.acks] == [
        ("agent1", 3, 0),
        ("agent2", 1, 1),
    ]
    assert [(r.agent, r.seq) for r in desk.memory.refused] == [("agent2", None)]


async def test_what_does_not_fit_is_dropped_and_counted_not_acknowledged() -> None:
    desk = Desk(Memory())
    taken = [desk.report(item(1, passage(1)), agent=f"a{n % 80}") for n in range(4001)]
    assert (taken.count(False), desk.ingest.meter.dropped) == (1, 1)
    large = Desk(Memory())
    taken = [large.offer(b"x" * 2**20, agent=f"a{n % 2}") for n in range(65)]
    assert taken == [True] * 64 + [False]
    await large.work()  # and there is room again
    assert large.offer(b"x" * 2**20)


async def test_an_agent_that_floods_crowds_nobody_out() -> None:
    desk = Desk(Memory())
    taken = [desk.offer(b"junk", agent="loud") for _ in range(10_000)]
    assert taken.count(True) == 64
    assert desk.report(item(1, passage(1)), agent="quiet")
    await desk.work()
    assert [a for a, _ in desk.acks] == ["quiet"]


async def test_a_report_for_which_the_database_seems_to_be_away_holds_up_nobody_for_ever() -> None:
    desk = Desk(Memory(beyond=frozenset({2})))
    for n in (1, 2, 3):
        desk.report(item(n, passage(n)), agent=f"agent{n}")
    await desk.work()
    assert sorted(agent for agent, _ in desk.acks) == ["agent1", "agent3"]
    assert 300 <= sum(desk.clock.waits) < 360
    assert [(r.agent, r.what) for r in desk.memory.refused] == [("agent2", "report")]
    assert len(desk.done) == 3

    before_s = sum(desk.clock.waits)
    desk.report(item(2, passage(2)), agent="agent2")  # sent again: it is known what that means
    desk.report(item(4, passage(4)), agent="agent1")
    await desk.work()
    assert len(desk.acks) == 3
    assert sum(desk.clock.waits) - before_s < 60


async def test_a_database_that_is_away_for_hours_leaves_nothing_unanswered() -> None:
    desk = Desk(Memory(away=1000))
    for n in (1, 2, 3):
        desk.report(item(n, passage(n)), agent=f"agent{n}")
    await desk.work()
    assert sum(desk.clock.waits) > 1800
    assert len(desk.acks) == 3
    assert desk.memory.refused == []
