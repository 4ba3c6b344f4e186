"""The ways by which a message leaves: one file per way, all with the same signature.

``build`` makes what the configuration names, ``check`` looks whether it could; ``Tending`` keeps
alive what must be used to stay so.
"""

from server.transports.building import build, check
from server.transports.message import (
    Attachment,
    GiveUpError,
    Message,
    RetryError,
    Transport,
    UnusableChannelError,
)
from server.transports.tending import Tending

__all__ = [
    "Attachment",
    "GiveUpError",
    "Message",
    "RetryError",
    "Tending",
    "Transport",
    "UnusableChannelError",
    "build",
    "check",
]
