"""A short run of ``tests.bench.faults``: real processes and faults; nothing lost, nothing wrong."""

from pathlib import Path

from tests.bench import faults


async def test_under_faults_every_event_is_there_once_and_every_second_is_what_it_was(
    tmp_path: Path,
) -> None:
    story: list[str] = []
    outcome = await faults.run(tmp_path, seconds=15, seed=4, agents=2, say=story.append)
    print("\n".join([*story, faults.table(outcome)]))
    assert outcome.good
    assert sum(outcome.faults.values()) >= 4
    assert outcome.found is not None
    assert outcome.found.events.acknowledged > 80
    assert outcome.found.seconds.exact > 150
