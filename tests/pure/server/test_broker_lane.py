"""A lane: bounded, first come first let in, and nothing lost where somebody gives up waiting."""

import asyncio

from server.broker.lane import Lane


def _lane(*, messages: int = 2, size: int = 100) -> Lane:
    lane = Lane(messages=messages, size=size)
    lane.open()
    return lane


async def _turns() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_it_is_shut_until_it_is_opened() -> None:
    lane = Lane(messages=2, size=100)
    waiting = asyncio.create_task(lane.enter(1))
    await _turns()
    assert not waiting.done()
    lane.open()
    await waiting


async def test_so_many_go_in_and_the_others_in_their_order() -> None:
    lane = _lane()
    entered: list[int] = []

    async def enter(n: int) -> None:
        await lane.enter(1)
        entered.append(n)

    tasks = [asyncio.create_task(enter(n)) for n in range(5)]
    await _turns()
    assert entered == [0, 1]
    lane.leave(1)
    await _turns()
    assert entered == [0, 1, 2]
    lane.leave(1)
    lane.leave(1)
    await _turns()
    assert entered == [0, 1, 2, 3, 4]
    await asyncio.gather(*tasks)


async def test_a_newcomer_does_not_overtake_those_who_wait() -> None:
    lane = _lane(messages=1)
    await lane.enter(1)
    first = asyncio.create_task(lane.enter(1))
    await _turns()
    lane.leave(1)  # ``first`` is let in, though it has not run yet
    second = asyncio.create_task(lane.enter(1))
    await _turns()
    assert (first.done(), second.done()) == (True, False)
    second.cancel()


async def test_bytes_count_too() -> None:
    lane = _lane(messages=10, size=100)
    await lane.enter(99)
    await lane.enter(500)  # the last one in may go beyond
    third = asyncio.create_task(lane.enter(1))
    await _turns()
    assert not third.done()
    lane.leave(500)
    await third


async def test_who_gives_up_takes_no_place() -> None:
    lane = _lane(messages=1)
    await lane.enter(1)
    gone, there = (asyncio.create_task(lane.enter(1)) for _ in range(2))
    await _turns()
    gone.cancel()
    await _turns()
    lane.leave(1)
    await there


async def test_who_gives_up_at_the_moment_of_being_let_in_gives_its_place_back() -> None:
    lane = _lane(messages=1)
    await lane.enter(1)
    gone, there = (asyncio.create_task(lane.enter(1)) for _ in range(2))
    await _turns()
    lane.leave(1)
    gone.cancel()
    await there
    assert gone.cancelled()


async def test_a_crowd_is_let_in_and_waited_for() -> None:
    lane = _lane(messages=1)
    lane.crowd(1)
    lane.crowd(1)
    waiting = asyncio.create_task(lane.enter(1))
    lane.leave(1)
    await _turns()
    assert not waiting.done()
    lane.leave(1)
    await waiting


async def test_when_it_is_shut_nobody_goes_in() -> None:
    lane = _lane()
    lane.shut()
    waiting = asyncio.create_task(lane.enter(1))
    await _turns()
    assert not waiting.done()
    waiting.cancel()
