"""Bytes to messages and back, with a version and a size limit.

The version is ``major.minor`` text in each payload's ``v``. Where something can't be read, ``v`` is
looked at alone, so that a payload of a newer major version is refused *as such* and not as some
missing field.
"""

from typing import Final, TypeVar

import msgspec

from wire.messages import Ack, Command, Message, Reply, Report, Status

VERSION: Final = "1.4"
MAJOR: Final = int(VERSION.split(".", maxsplit=1)[0])
MAX_BYTES: Final = 256 * 1024
"""Larger payloads are refused unread. An agent's reports stay under half of it."""


class WireError(ValueError):
    """A payload that can't be read; its text says why, in words fit for a log."""


class _Versioned(msgspec.Struct):
    v: str


M = TypeVar("M", Report, Status, Ack, Command, Reply)

_encoder: Final = msgspec.json.Encoder()
_version: Final = msgspec.json.Decoder(_Versioned)
_report: Final = msgspec.json.Decoder(Report)
_status: Final = msgspec.json.Decoder(Status)
_ack: Final = msgspec.json.Decoder(Ack)
_command: Final = msgspec.json.Decoder(Command)
_reply: Final = msgspec.json.Decoder(Reply)
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def encode(message: Message) -> bytes:
    """Return the JSON bytes of any message."""
    return _encoder.encode(message)


def decode_report(payload: bytes) -> Report:
    """Read a report. Raises ``WireError``."""
    return _decode(payload, _report)


def decode_status(payload: bytes) -> Status:
    """Read a status. Raises ``WireError``."""
    return _decode(payload, _status)


def decode_ack(payload: bytes) -> Ack:
    """Read an ack. Raises ``WireError``."""
    return _decode(payload, _ack)


def decode_command(payload: bytes) -> Command:
    """Read a command. Raises ``WireError``."""
    return _decode(payload, _command)


def decode_reply(payload: bytes) -> Reply:
    """Read a reply. Raises ``WireError``."""
    return _decode(payload, _reply)


def _decode(payload: bytes, decoder: msgspec.json.Decoder[M]) -> M:
    if len(payload) > MAX_BYTES:
        raise WireError(f"payload of {len(payload)} bytes is over the limit of {MAX_BYTES}")
    try:
        message = decoder.decode(payload)
    except _UNREADABLE as error:
        _check_version_of(payload)
        raise WireError(f"not a readable message: {error}") from error
    _check_version(message.v)
    return message


def _check_version_of(payload: bytes) -> None:
    try:
        version = _version.decode(payload).v
    except _UNREADABLE:
        return
    _check_version(version)


def _check_version(version: str) -> None:
    major, _, minor = version.partition(".")
    if not (major.isascii() and major.isdigit() and minor.isascii() and minor.isdigit()):
        raise WireError(f"version {version[:20]!r} is not major.minor")
    if int(major[:9]) != MAJOR:
        raise WireError(f"version {version[:20]} is not one that this version {VERSION} reads")
