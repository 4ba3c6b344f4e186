"""Rude cameras by name, each with what a watcher must make of it. Pure.

``python -m sim.cameras --rude`` shows them all, one camera each; ``--manner NAME`` makes every
camera so. What a camera does to *whoever asks* stands here; what is wrong with it (and can be
switched while it runs) is a ``Fault``.
"""

from collections.abc import Mapping
from typing import Final

from sim.rude.descriptions import DESCRIPTIONS, REDIRECTS
from sim.rude.kind import Rude
from sim.rude.logins import LOGINS
from sim.rude.refusals import REFUSALS, STREAMS
from sim.rude.sessions import SESSIONS
from sim.rude.wording import WORDING

__all__ = ["RUDE", "Rude"]

RUDE: Final[Mapping[str, Rude]] = {
    **REFUSALS,
    **LOGINS,
    **WORDING,
    **SESSIONS,
    **DESCRIPTIONS,
    **REDIRECTS,
    **STREAMS,
}
