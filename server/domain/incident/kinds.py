"""What a cause makes of a subject: its kind, the track that it runs on, and how wide a root is.

A subject is in one trouble per *track*: a covered camera that then goes dark is one trouble that
grew worse, one that comes back with a lossy stream has recovered from the first.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from server.domain.incident.model import Kind
from server.domain.incident.signals import Aspect, Subject


class Track(StrEnum):
    """Kinds that pass into each other stand on one track."""

    SIGHT = "sight"
    STREAM = "stream"
    RECORDING = "recording"
    CLOCK = "clock"
    OTHER = "other"


_OF_ASPECT: Final[Mapping[Aspect, Kind]] = MappingProxyType(
    {
        Aspect.CAMERA: Kind.CAMERA,
        Aspect.AGENT: Kind.AGENT,
        Aspect.SPOOL: Kind.SPOOL,
        Aspect.CLOCK: Kind.CLOCK,
        Aspect.CERTIFICATE: Kind.CERTIFICATE,
        Aspect.GATE_STREAM: Kind.GATE_STREAM,
        Aspect.GATE_DOOR: Kind.GATE_DOOR,
        Aspect.CENTRE: Kind.CENTRE,
        Aspect.CHANNEL: Kind.CHANNEL,
    }
)
_OF_CAUSE: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "picture": Kind.PICTURE,
        "recording": Kind.RECORDING,
        "clock": Kind.CLOCK,
        "stream.lossy": Kind.STREAM,
        "stream.slow": Kind.STREAM,
    }
)
_TRACKS: Final[Mapping[Kind, Track]] = MappingProxyType(
    {
        Kind.CAMERA: Track.SIGHT,
        Kind.PICTURE: Track.SIGHT,
        Kind.NETWORK: Track.SIGHT,
        Kind.RECORDER: Track.SIGHT,
        Kind.CREDENTIALS: Track.SIGHT,
        Kind.STREAM: Track.STREAM,
        Kind.RECORDING: Track.RECORDING,
        Kind.CLOCK: Track.CLOCK,
    }
)
_WIDTH: Final[Mapping[Kind, int]] = MappingProxyType(
    {
        Kind.RECORDER: 2,
        Kind.CREDENTIALS: 2,
        Kind.NETWORK: 3,
        Kind.AGENT: 4,
        Kind.SCHOOL: 5,
        Kind.LINE: 6,
    }
)
AUTH: Final = "rtsp.auth"
GROUPS: Final = frozenset(
    {Kind.LINE, Kind.SCHOOL, Kind.NETWORK, Kind.RECORDER, Kind.CREDENTIALS, Kind.PICTURE}
)
"""Kinds whose members may stay behind when the root is well again."""
CAMERA_KINDS: Final = frozenset({Kind.CAMERA, Kind.NETWORK, Kind.RECORDER, Kind.CREDENTIALS})
"""Loss of cameras, which a silent agent may turn out to be the root of."""
SLOW: Final = frozenset({Kind.STREAM, Kind.RECORDING, Kind.CLOCK})
"""Kinds of cameras that are looked at now and then: their beginnings lie far apart."""


def kind_of(subject: Subject, cause: str) -> Kind:
    """Return the kind of a subject's own trouble; a cause of a later version is a loss."""
    if subject.aspect is not Aspect.CAMERA:
        return _OF_ASPECT[subject.aspect]
    return _OF_CAUSE.get(cause) or _OF_CAUSE.get(cause.partition(".")[0]) or Kind.CAMERA


def track_of(kind: Kind) -> Track:
    """Return the track that a kind stands on."""
    return _TRACKS.get(kind, Track.OTHER)


def possible_roots(kind: Kind, cause: str) -> tuple[Kind, ...]:
    """Return the kinds that a trouble may turn out to be of: its own first, then shared ones."""
    if kind is Kind.CAMERA:
        shared = (Kind.RECORDER, Kind.NETWORK)
        return (kind, *shared, Kind.CREDENTIALS) if cause == AUTH else (kind, *shared)
    return (kind, Kind.SCHOOL, Kind.LINE) if kind is Kind.AGENT else (kind,)


def own_root(subject: Subject, kind: Kind) -> str:
    """Return the root of a trouble that is a subject's own: ``camera:<id>``, ``agent:<id>`` ..."""
    word = Kind.CAMERA if track_of(kind) is Track.SIGHT else kind
    return f"{word}:{subject.id}"


def width(kind: Kind, root: str) -> int:
    """Return how wide a root is: only a wider one takes over a narrower."""
    return _WIDTH.get(kind, 0 if root.startswith("camera:") else 1)
