"""The recording: one JSON object per line, in the order of ``at``, packed by gzip or not. Pure.

A line holds one of three things: a ``report`` of an ``agent``, heard on ``leaf``; a ``record`` that
somebody typed in; a ``plan``, the name of a file beside the recording that one person typed in and
another confirmed.
"""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import msgspec

from wire.topics import Leaf


class RecordingError(ValueError):
    """A line that can't be read; its text names the line."""


class Typed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One revision of a record; ``data`` is its kind's JSON."""

    kind: str
    id: str
    by: str
    data: msgspec.Raw


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happened at one moment; an empty ``report`` is none."""

    at: datetime
    agent: str | None = None
    leaf: Leaf | None = None
    report: msgspec.Raw = msgspec.Raw()
    record: Typed | None = None
    plan: str | None = None
    typed_by: str = ""
    confirmed_by: str = ""


def read_lines(data: bytes) -> Iterator[Line]:
    """Yield a recording's lines, packed or not. Raises ``RecordingError``."""
    try:
        text = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (OSError, EOFError, zlib.error) as error:
        raise RecordingError(f"not a whole gzip file: {error}") from error
    yield from _in_order(text.splitlines())


def _in_order(lines: Iterable[bytes]) -> Iterator[Line]:
    decoder, reached = msgspec.json.Decoder(Line), datetime.min.replace(tzinfo=UTC)
    for number, raw in enumerate(lines, start=1):
        try:
            line = decoder.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise RecordingError(f"line {number}: {error}") from error
        if line.at.tzinfo is None or line.at < reached:
            raise RecordingError(
                f"line {number}: its time has no zone, or lies before the line's above"
            )
        if bool(bytes(line.report)) + (line.record is not None) + (line.plan is not None) != 1:
            raise RecordingError(f"line {number}: holds exactly one of report, record, plan")
        if bytes(line.report) and (line.agent is None or line.leaf is None):
            raise RecordingError(f"line {number}: a report needs its agent and leaf")
        reached = line.at
        yield line
