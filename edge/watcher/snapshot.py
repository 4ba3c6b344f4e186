"""What the lockout guard knows that must outlive a restart: values only."""

from dataclasses import dataclass
from typing import Final

EVERY_CHANNEL: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """That a device did not take a credential; ``channel`` is empty where it holds for all."""

    device: str
    mark: str
    at_ms: int
    channel: str = EVERY_CHANNEL


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """When a password was shown to a device that has not been accepted, at least not yet."""

    device: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What must outlive a restart."""

    refusals: tuple[Refusal, ...] = ()
    tried: tuple[Tried, ...] = ()
