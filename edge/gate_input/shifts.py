"""Who is on shift by this gate PC's own log, for the guards' own eyes. Pure.

The centre judges presence from the events themselves; this is what one machine has seen. Like the
centre's (``docs/guards.md``) it forgets a guard who never handed over after a day, and takes one
who takes over at another gate for moved.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from wire.messages import GateEvent

SHIFT: Final = "shift"
TAKES: Final = "in"
HANDS: Final = "out"
LONGEST_MS: Final = 24 * 3600 * 1000
_AHEAD_MS: Final = 60 * 1000
"""A reader's clock may be so far ahead; what it dates later is of no time that anybody knows."""
_MOST: Final = 500


class ShiftNote(msgspec.Struct, frozen=True, kw_only=True):
    """One guard (a code) took over or handed over. ``at_ms``: milliseconds of UTC."""

    id: str
    gate: str
    code: str
    taking: bool
    at_ms: int


class OnShift(msgspec.Struct, frozen=True, kw_only=True):
    """A guard who is on shift since ``since_ms``."""

    code: str
    gate: str
    since_ms: int


def note_of(event: GateEvent) -> ShiftNote | None:
    """Return what a gate event says of a shift; None: nothing."""
    if event.kind != SHIFT or event.direction not in {TAKES, HANDS} or not event.subject:
        return None
    return ShiftNote(
        id=event.id,
        gate=event.gate,
        code=event.subject,
        taking=event.direction == TAKES,
        at_ms=event.occurred_utc_ms,
    )


def noted(notes: Iterable[ShiftNote], new: ShiftNote, now_ms: int) -> tuple[ShiftNote, ...]:
    """Return the notes with a new one, in order of time.

    Those over a day old are left out, and those over a day ahead: a reader whose clock is wrong
    must not push out what the guards themselves type in.
    """
    kept = [n for n in notes if abs(n.at_ms - now_ms) < LONGEST_MS]
    return tuple(sorted([*kept, new], key=lambda n: n.at_ms)[-_MOST:])


def on_shift(notes: Iterable[ShiftNote], now_ms: int) -> tuple[OnShift, ...]:
    """Return who is on shift, whoever took over first before the others.

    Who took over twice at one gate has been there since the first time.
    """
    there: dict[str, OnShift] = {}
    for note in (n for n in notes if now_ms - LONGEST_MS < n.at_ms <= now_ms + _AHEAD_MS):
        known = there.pop(note.code, None)
        if not note.taking:
            continue
        stays = known is not None and known.gate == note.gate
        since = known.since_ms if known is not None and stays else note.at_ms
        there[note.code] = OnShift(code=note.code, gate=note.gate, since_ms=since)
    return tuple(sorted(there.values(), key=lambda one: one.since_ms))
