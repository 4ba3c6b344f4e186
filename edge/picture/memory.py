"""What a judge has learned, as bytes for the disk.

Format 1: ``VGEYES1`` and a line feed, then zlib of: a JSON line (count of pictures and size of each
reference) and the arrays of each reference one after the other, edges as int8 of 31sts, the rest
as little-endian float16. No pickle: whoever can write the file must not be able to run code in
the agent.
"""

import json
import zlib
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from edge.picture.bank import MOST, Bank
from edge.picture.reference import Reference

_MAGIC: Final = b"VGEYES1\n"
_SCALE: Final = 31
"""Finer steps would only store noise: 200 kB must do for a full bank."""
_MOST_BYTES: Final = 4_000_000
_MOST_SIDE: Final = 4096


def to_memory(bank: Bank) -> bytes:
    """Return a bank as bytes."""
    heads = [
        {"pictures": r.pictures, "size": r.size, "rows": r.edges.shape[1]} for r in bank.references
    ]
    parts = [json.dumps(heads).encode() + b"\n"]
    for reference in bank.references:
        scaled = np.rint(reference.edges.astype(np.float32) * _SCALE).clip(-_SCALE, _SCALE)
        parts.append(scaled.astype(np.int8).tobytes())
        parts.extend(values.astype("<f2").tobytes() for values in reference.by_tile_values())
    return _MAGIC + zlib.compress(b"".join(parts), 9)


def from_memory(memory: bytes) -> Bank:
    """Return the bank that ``to_memory`` wrote. Raises ``ValueError`` if it can't be read."""
    if not memory.startswith(_MAGIC):
        raise ValueError("not a picture memory of a version that this agent reads")
    try:
        heads, body = _unpacked(memory[len(_MAGIC) :])
        references = tuple(_references(heads, body))
    except (KeyError, TypeError, ValueError, OverflowError, zlib.error) as error:
        raise ValueError(f"a damaged picture memory: {error}") from error
    return Bank(references)


def _unpacked(packed: bytes) -> tuple[list[dict[str, Any]], bytes]:
    unpacker = zlib.decompressobj()
    body = unpacker.decompress(packed, _MOST_BYTES)
    if not unpacker.eof:
        raise ValueError("cut short, or too large")
    line, _, rest = body.partition(b"\n")
    heads = json.loads(line)
    if not isinstance(heads, list) or len(heads) > MOST:
        raise ValueError("not a list of references")
    return heads, rest


def _references(heads: list[dict[str, Any]], body: bytes) -> Iterator[Reference]:
    place = 0
    for head in heads:
        rows, width, height = int(head["rows"]), *map(int, head["size"])
        if not 0 < rows <= _MOST_SIDE:
            raise ValueError(f"{rows} rows of edges")
        reference = Reference.empty(rows, (width, height), int(head["pictures"]))
        place = _fill(reference, body, place)
        yield reference
    if place != len(body):
        raise ValueError("more than was announced")


def _fill(reference: Reference, body: bytes, place: int) -> int:
    """Read one reference's arrays from ``place`` on; return where they end."""
    edges, place = _taken(body, place, np.dtype(np.int8), reference.edges.shape)
    reference.edges[:] = edges.astype(np.float16) / _SCALE
    for values in reference.by_tile_values():
        taken, place = _taken(body, place, np.dtype("<f2"), values.shape)
        if not np.isfinite(taken).all():
            raise ValueError("a value that is no number")
        values[:] = taken
    return place


def _taken(
    body: bytes, place: int, dtype: np.dtype[Any], shape: tuple[int, ...]
) -> tuple[npt.NDArray[Any], int]:
    end = place + dtype.itemsize * int(np.prod(shape))
    if end > len(body):
        raise ValueError("cut short")
    return np.frombuffer(body[place:end], dtype).reshape(shape), end
