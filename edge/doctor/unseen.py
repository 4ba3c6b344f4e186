"""Cameras at which nobody looks for so long that their loss is told late. Pure."""

from collections.abc import Iterator, Mapping
from typing import Final

from edge.doctor.check import Check, Topic, warning
from wire.vocabulary import UNSEEN_AT_A_GATE_MOST_S, UNSEEN_MOST_S

_NAMED: Final = 3
_FROM_LOOK_TO_MESSAGE_S: Final = 30


def grade_unseen(unseen_s: Mapping[str, int]) -> Iterator[Check]:
    """Yield what is to be said of cameras (by name) at which nobody looks for so many seconds."""
    late = {name: seconds for name, seconds in unseen_s.items() if seconds > UNSEEN_MOST_S}
    gates = {n: s for n, s in unseen_s.items() if UNSEEN_AT_A_GATE_MOST_S < s <= UNSEEN_MOST_S}
    for code, found in (("config.unseen", late), ("config.unseen_gate", gates)):
        if found:
            longest_s = max(found.values())
            yield warning(
                Topic.CONFIG,
                code,
                cameras=_names(tuple(found)),
                seconds=longest_s,
                told_s=longest_s + _FROM_LOOK_TO_MESSAGE_S,
            )


def _names(names: tuple[str, ...]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" +{more}" if more > 0 else "")
