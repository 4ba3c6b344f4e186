"""Keeps the notes of the last day's shifts beside the spool, for the guards' page alone.

The spool deletes an event once the centre has it, so the page can't ask it. ``shifts.json`` is a
convenience: whoever loses it loses no event, and an event counts when the spool has it, whether or
not this file could be written.
"""

import asyncio
import logging
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from edge.files import write_whole
from edge.gate_input.shifts import OnShift, ShiftNote, note_of, noted, on_shift
from wire.messages import GateEvent

log = logging.getLogger(__name__)

FILE: Final = "shifts.json"
_MS: Final = 1000
_decoder: Final = msgspec.json.Decoder(tuple[ShiftNote, ...])


class ShiftBook:
    """The last day's shift events of this gate PC, in memory and in a file."""

    def __init__(self, path: Path, notes: tuple[ShiftNote, ...] = ()) -> None:
        self._path = path
        self._notes = notes
        self._lock = asyncio.Lock()

    @classmethod
    def open(cls, folder: Path) -> "ShiftBook":
        """Read what an earlier run noted; a file that is missing or spoilt is an empty one."""
        path = folder / FILE
        try:
            return cls(path, _decoder.decode(path.read_bytes()))
        except FileNotFoundError:
            return cls(path)
        except (OSError, msgspec.DecodeError) as error:
            log.warning("%s is not read, who is on shift is told anew: %s", path, error)
            return cls(path)

    async def note(self, event: GateEvent, now: datetime) -> None:
        """Note an event that was kept, if it is of a shift; a repeat waits until it is noted."""
        new = note_of(event)
        if new is None:
            return
        async with self._lock:
            if self.find(new.id) is not None:
                return
            self._notes = noted(self._notes, new, _ms(now))
            content = msgspec.json.encode(self._notes)
            try:
                await asyncio.to_thread(write_whole, self._path, content)
            except OSError as error:
                log.warning("%s could not be written: %s", self._path, error)

    def find(self, name: str) -> ShiftNote | None:
        """Return the note of an event's id."""
        return next((note for note in self._notes if note.id == name), None)

    def on_shift(self, now: datetime) -> tuple[OnShift, ...]:
        """Return who is on shift."""
        return on_shift(self._notes, _ms(now))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * _MS)
