"""Bytes to a report. One bad item must not hold up its neighbours, so it is read apart.

A report that can't be read as a whole is read again with each item by itself. An item that can't be
read but has a number is refused under that number, and the agent sets it aside. One without a
readable number can't be named in an ack: its neighbours are taken, the ack says so and leaves it
out, and the agent, which then sends it alone a few times in vain, sets it aside on its own.
"""

from typing import Final, NamedTuple

import msgspec

from wire.codec import WireError, decode_report
from wire.messages import Item, Refusal, Report


class _Numbered(msgspec.Struct):
    seq: int


class _Envelope(msgspec.Struct):
    items: list[msgspec.Raw] = []


class Read(NamedTuple):
    """What could be made of a payload.

    ``refused`` are items that can't be read, by number. ``numberless`` says what is wrong with an
    item that has none, if there is one: then nothing may be concluded from numbers that are absent.
    """

    report: Report
    refused: tuple[Refusal, ...] = ()
    numberless: str | None = None


MAX_BOOTS: Final = 1000
"""An agent that was cut off for a year and restarted thrice a day tells of as many."""

_LIMIT: Final = 5000
_MAX_SEQ: Final = 2**53
_envelope: Final = msgspec.json.Decoder(_Envelope)
_object: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_item: Final = msgspec.json.Decoder(Item)
_numbered: Final = msgspec.json.Decoder(_Numbered)
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def read_report(payload: bytes) -> Read:
    """Return the readable part of a report and what is wrong with the rest.

    Raises ``WireError`` if nothing can be made of it (and nothing acknowledged).
    """
    try:
        read = Read(decode_report(payload))
    except WireError as error:
        read = _salvage(payload, error)
    boots = len(read.report.boots)
    if boots > MAX_BOOTS:
        raise WireError(f"tells of {boots} boots, over the limit of {MAX_BOOTS}")
    return read


def _salvage(payload: bytes, first: WireError) -> Read:
    try:
        raws = _envelope.decode(payload).items
        fields = _object.decode(payload)
    except _UNREADABLE:
        raise first from None
    if not raws or len(raws) > _LIMIT:
        raise first
    rest = {key: raw for key, raw in fields.items() if key != "items"}
    report = decode_report(msgspec.json.encode(rest))  # the version and all else must be right
    items: list[Item] = []
    refused: list[Refusal] = []
    numberless: str | None = None
    for raw in raws:
        match _read_item(bytes(raw)):
            case Item() as item:
                items.append(item)
            case Refusal() as refusal:
                refused.append(refusal)
            case str() as wrong:
                numberless = wrong
    known = report.after if numberless is None else None
    whole = msgspec.structs.replace(report, items=tuple(items), after=known)
    return Read(whole, tuple(refused), numberless)


def _read_item(raw: bytes) -> Item | Refusal | str:
    try:
        return _item.decode(raw)
    except _UNREADABLE as error:
        reason = f"not a readable item: {error}"[:500]
    try:
        seq = _numbered.decode(raw).seq
    except _UNREADABLE:
        return reason
    return Refusal(seq=seq, reason=reason) if 1 <= seq <= _MAX_SEQ else reason
