"""Bytes to a report. One bad item must not hold up its neighbours, so it is read apart.

A report that can't be read as a whole is read again with each item by itself: an item that can't be
read but has a number is refused under that number, and the agent sets it aside. Without this the
agent would send the same report for ever.
"""

from typing import Final

import msgspec

from wire.codec import WireError, decode_report
from wire.messages import Item, Refusal, Report


class _Numbered(msgspec.Struct):
    seq: int


class _Envelope(msgspec.Struct):
    items: list[msgspec.Raw] = []


MAX_BOOTS: Final = 1000
"""An agent that was cut off for a year and restarted thrice a day tells of as many."""

_LIMIT: Final = 5000
_MAX_SEQ: Final = 2**53
_envelope: Final = msgspec.json.Decoder(_Envelope)
_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_item: Final = msgspec.json.Decoder(Item)
_numbered: Final = msgspec.json.Decoder(_Numbered)


def read_report(payload: bytes) -> tuple[Report, tuple[Refusal, ...]]:
    """Return the readable part of a report and the refusals of its unreadable items.

    Raises ``WireError`` if nothing can be made of it (and nothing acknowledged).
    """
    refused: tuple[Refusal, ...] = ()
    try:
        report = decode_report(payload)
    except WireError as error:
        report, refused = _salvage(payload, error)
    if len(report.boots) > MAX_BOOTS:
        raise WireError(f"tells of {len(report.boots)} boots, over the limit of {MAX_BOOTS}")
    return report, refused


def _salvage(payload: bytes, first: WireError) -> tuple[Report, tuple[Refusal, ...]]:
    try:
        raws = _envelope.decode(payload).items
        fields = _object.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise first from None
    if not raws or len(raws) > _LIMIT:
        raise first
    rest = {key: raw for key, raw in fields.items() if key != "items"}
    report = decode_report(msgspec.json.encode(rest))  # the version and all else must be right
    items: list[Item] = []
    refused: list[Refusal] = []
    for raw in raws:
        found = _read_item(bytes(raw), first)
        (items if isinstance(found, Item) else refused).append(found)  # type: ignore[arg-type]
    return msgspec.structs.replace(report, items=tuple(items)), tuple(refused)


def _read_item(raw: bytes, first: WireError) -> Item | Refusal:
    try:
        return _item.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        reason = f"not a readable item: {error}"
    try:
        seq = _numbered.decode(raw).seq
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise first from None
    if not 1 <= seq <= _MAX_SEQ:
        raise first
    return Refusal(seq=seq, reason=reason[:500])
