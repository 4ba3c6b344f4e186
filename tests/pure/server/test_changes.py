"""Hints reach every listener; a slow one is told to read everything again."""

from server.changes import EVERYTHING, Changes


async def test_every_listener_hears_what_comes_after_it_began() -> None:
    changes = Changes()
    changes.publish("before")
    async with changes.subscribe() as one, changes.subscribe() as two:
        changes.publish("alerts")
        assert (one.get_nowait(), two.get_nowait()) == ("alerts", "alerts")
        assert one.empty()
    changes.publish("after")
    assert one.empty()


async def test_a_slow_listener_is_told_to_read_everything() -> None:
    changes = Changes()
    async with changes.subscribe() as queue:
        for n in range(1001):
            changes.publish(f"agent/a{n}")
        assert queue.get_nowait() == EVERYTHING
        assert queue.get_nowait() == "agent/a1000"
