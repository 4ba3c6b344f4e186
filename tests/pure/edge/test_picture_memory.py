"""What a judge has learned survives the disk, and damage to it is told."""

import json
import random
import zlib
from collections.abc import Callable

import numpy as np
import pytest

from edge.picture.bank import MOST, Bank
from edge.picture.judge import Judge
from edge.picture.memory import from_memory, to_memory
from edge.picture.picture import Picture
from edge.picture.reference import Reference
from edge.picture.traits import traits_of

pytestmark = pytest.mark.long

MAGIC = b"VGEYES1\n"


def reference(seed: int, height: int = 240) -> Reference:
    """Return what noise teaches: the hardest to compress."""
    rng = np.random.default_rng(seed)
    luma = rng.integers(0, 256, (height, 320), np.uint8)
    picture = Picture(luma=luma, width=1280, height=960, compressed_size=0)
    known = Reference(traits_of(picture))
    for _ in range(4):
        grain = rng.normal(0, 20, luma.shape)
        seen = np.clip(luma + grain, 0, 255).astype(np.uint8)
        known.learn(traits_of(Picture(luma=seen, width=1280, height=960, compressed_size=0)), 0.1)
    return known


def bank(references: int = 2) -> Bank:
    return Bank(tuple(reference(seed) for seed in range(references)))


def test_what_is_read_is_what_was_written() -> None:
    before = bank()
    after = from_memory(to_memory(before))
    assert len(after.references) == len(before.references)
    for was, is_ in zip(before.references, after.references, strict=True):
        assert (is_.size, is_.pictures) == (was.size, was.pictures)
        np.testing.assert_allclose(is_.edges, was.edges, atol=0.02)
        for left, right in zip(was.by_tile_values(), is_.by_tile_values(), strict=True):
            np.testing.assert_allclose(right, left, rtol=2e-3, atol=1e-3)


def test_writing_again_changes_nothing() -> None:
    memory = to_memory(bank())
    assert to_memory(from_memory(memory)) == memory


def test_nothing_learned_is_a_memory_too() -> None:
    memory = Judge(freeze_after_ms=1).memory()
    assert from_memory(memory).references == ()


def test_a_full_bank_fits_into_200_kb() -> None:
    assert len(to_memory(bank(MOST))) <= 200_000


def packed(heads: object, body: bytes = b"") -> bytes:
    return MAGIC + zlib.compress(json.dumps(heads).encode() + b"\n" + body)


def head(**other: object) -> dict[str, object]:
    return {"pictures": 9, "size": [640, 360], "rows": 90} | other


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda _: b"VGEYES9\n", id="another version"),
        pytest.param(lambda memory: memory[: len(memory) // 2], id="cut short"),
        pytest.param(lambda memory: memory[:-1], id="cut by a byte"),
        pytest.param(lambda _: packed({}), id="not a list"),
        pytest.param(lambda _: packed([1]), id="not a reference"),
        pytest.param(lambda _: packed([head()]), id="no arrays"),
        pytest.param(lambda _: packed([head(rows=10**9)]), id="too many rows"),
        pytest.param(lambda _: packed([head(rows=-1)]), id="negative rows"),
        pytest.param(lambda _: packed([head(size=[1])]), id="half a size"),
        pytest.param(lambda _: packed([head(pictures="x")]), id="not a number"),
        pytest.param(lambda _: packed([head()] * (MOST + 1)), id="too many"),
        pytest.param(lambda _: packed([], b"more"), id="more than announced"),
        pytest.param(lambda _: MAGIC + zlib.compress(bytes(50_000_000)), id="a bomb"),
    ],
)
def test_a_damaged_memory_is_refused(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ValueError, match="memory"):
        Judge(freeze_after_ms=1, memory=damage(to_memory(bank(1))))


def test_a_flipped_bit_is_refused_anywhere() -> None:
    memory = to_memory(bank(1))
    rng = random.Random(5)
    for _ in range(40):
        damaged = bytearray(memory)
        damaged[rng.randrange(len(memory))] ^= 1 << rng.randrange(8)
        with pytest.raises(ValueError, match="memory"):
            from_memory(bytes(damaged))


def test_a_value_that_is_no_number_is_refused() -> None:
    damaged = bank(1)
    damaged.references[0].level[0, 0] = np.nan
    with pytest.raises(ValueError, match="no number"):
        from_memory(to_memory(damaged))
