"""Every rude camera is told apart by a real watcher: the table of ``tests.bench.misbehaviours``."""

from tests.bench.misbehaviours import measure


async def test_every_misbehaviour_has_its_cause_and_every_camera_is_left_properly() -> None:
    results = await measure([])
    wrong = [result for result in results if result.wrong]
    if wrong:  # a machine that stood still for seconds is no camera's fault
        wrong = [r for r in await measure([r.row.name for r in wrong]) if r.wrong]
    assert {r.row.name: (r.wrong, r.cause, r.detail) for r in wrong} == {}
    assert len(results) >= 120
