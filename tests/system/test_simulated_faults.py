"""What the simulator shows is what the judge must call it, through a real encoder and decoder."""

import asyncio

import pytest

from edge.picture.decoder import AvDecoder
from edge.picture.judge import Finding, Judge
from edge.picture.picture import Picture
from sim.clips import ClipSpec, encode
from sim.faults import EXPECTED, PICTURE_FAULTS, Fault

EVERY_MS = 10_000
LEARNING = 20
WITHIN = 8
"""Pictures until a fault must be named; who meets 5 of 11 key frames in turn meets them all."""


async def shown(variant: str) -> list[Picture]:
    clip = await asyncio.to_thread(encode, ClipSpec(variant=variant, fps=4, kbit_s=170))
    decoder = AvDecoder()
    try:
        return [await decoder.decode("h264", clip.units[i]) for i in clip.keys]
    finally:
        decoder.close()


@pytest.fixture(scope="module")
def healthy() -> list[Picture]:
    return asyncio.run(shown("normal"))


def findings(judge: Judge, pictures: list[Picture], first: int, count: int) -> list[Finding]:
    numbers = range(first, first + count)
    return [judge.step(pictures[5 * n % len(pictures)], n * EVERY_MS) for n in numbers]


@pytest.mark.parametrize("fault", sorted(PICTURE_FAULTS))
async def test_a_simulated_fault_is_called_by_its_name(
    fault: Fault, healthy: list[Picture]
) -> None:
    judge = Judge(freeze_after_ms=30_000)
    before = findings(judge, healthy, 0, LEARNING)
    assert [f.cause for f in before] == [None] * LEARNING
    during = findings(judge, await shown(fault), LEARNING, WITHIN)
    assert {f.cause for f in during} == {None, EXPECTED[fault]}
    assert during[-1].cause == EXPECTED[fault]
    after = findings(judge, healthy, LEARNING + WITHIN, 6)
    assert after[-1].cause is None
