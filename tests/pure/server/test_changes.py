"""Hints reach every listener; a slow one is told to read everything again."""

from server.changes import EVERYTHING, Changes


async def test_every_listener_hears_what_comes_after_it_began() -> None:
    changes = Changes()
    changes.publish("before")
    async with changes.subscribe() as one, changes.subscribe() as two:
        changes.publish("incidents")
        assert (one.get_nowait(), two.get_nowait()) == ("incidents", "incidents")
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


async def test_what_another_server_did_reaches_pages_and_does_not_go_out_again() -> None:
    changes = Changes()
    async with changes.subscribe() as page, changes.subscribe(own=True) as outward:
        changes.hear("agent/a1")
        changes.publish("agent/a2")
        assert [page.get_nowait() for _ in range(page.qsize())] == ["agent/a1", "agent/a2"]
        assert [outward.get_nowait() for _ in range(outward.qsize())] == ["agent/a2"]
