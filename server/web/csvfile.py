"""Files for spreadsheets: how a line is written, and the gate log's lines. Pure.

Semicolons and a byte order mark, because that is what a Vietnamese Excel opens with a double
click. A cell that a spreadsheet would take for a formula gets an apostrophe in front: what a
reader sent us must not run on an official's computer.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from server.texts.formulas import guarded
from server.texts.tongue import N_, Tongue
from server.web.pages.gatelog import Entry

BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
_HEAD: Final = (
    N_("Time"),
    N_("School"),
    N_("Gate"),
    N_("Direction"),
    N_("Kind"),
    N_("Code"),
    N_("Reader"),
    N_("Note"),
    N_("Saved at the gate PC"),
    N_("Received by the server"),
    N_("Clock in doubt"),
)


def head(tongue: Tongue) -> str:
    """Return the byte order mark and the line of titles."""
    return BOM + line([tongue.text(title) for title in _HEAD])


def lines(tongue: Tongue, entries: Iterable[Entry]) -> str:
    """Return one line per entry."""
    return "".join(line(_cells(tongue, entry)) for entry in entries)


def _cells(tongue: Tongue, entry: Entry) -> list[str]:
    event = entry.event
    return [
        tongue.exact(event.occurred_at),
        entry.school.name if entry.school else "",
        entry.gate.name if entry.gate else event.gate,
        event.direction or "",
        event.kind,
        event.subject or "",
        event.reader or "",
        event.note or "",
        tongue.exact(event.accepted_at),
        tongue.exact(event.received_at),
        tongue.text("yes") if event.clock_suspect else "",
    ]


def line(cells: Sequence[str]) -> str:
    """Return one line, each cell guarded."""
    file = io.StringIO()
    csv.writer(file, delimiter=";", lineterminator="\r\n").writerow([guarded(c) for c in cells])
    return file.getvalue()
