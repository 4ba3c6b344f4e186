"""``vonggac-server incidents``: what is open, one of them, taking it on, a note.

An incident's id may be shortened to its beginning, as lists and pages print it (``SC-3F2A91C0``),
as long as only one that is open begins so.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from server.cli_desk import Commands, Desk, Run, add_by, add_json, doing, show
from server.domain.paging.directory import Directory
from server.paging.desk import make_desk
from server.register.cli import CannotError
from server.storage import IncidentFilter, IncidentRow, LetterRow
from server.texts.incident_words import OCCASIONS, STEPS
from server.texts.naming import Names
from server.web import incidentdeeds
from server.web.api import incident_types as n
from server.web.api import incident_views as views
from server.web.directory import Who
from server.web.pages.incident import story
from server.web.pages.incidents import named
from server.web.pages.spoken import Spoken

_MARK: Final = "SC-"
"""What pages put before the beginning of an id."""
_SHORT: Final = 8
_MOST: Final = 1000
_OPEN: Final = "open"


def add_command(commands: Commands, run: Run) -> None:
    """Add ``incidents`` with its actions."""
    incidents = commands.add_parser("incidents", help="sự cố: xem, tiếp nhận, ghi chú / incidents")
    acts = incidents.add_subparsers(required=True, metavar="ACTION")
    listing = acts.add_parser("list", help="các sự cố đang mở / what is open")
    listing.add_argument("--state", choices=(_OPEN, "done", "all"), default=_OPEN)
    listing.add_argument("--school", metavar="ID", help="một trường / of one school")
    listing.add_argument("--find", default="", metavar="TEXT", help="trường, camera, nguyên nhân")
    listing.add_argument("--limit", type=_number, default=100, metavar="N", help="1..1000")
    listing.set_defaults(act=doing(run, _list))
    one = acts.add_parser("show", help="một sự cố / one, its course and its messages")
    one.set_defaults(act=doing(run, _show))
    taking = acts.add_parser("acknowledge", help="tiếp nhận / take it on")
    taking.set_defaults(act=doing(run, _acknowledge))
    noting = acts.add_parser("note", help="ghi chú / add a note")
    noting.set_defaults(act=doing(run, _note))
    for command in (one, taking, noting):
        command.add_argument("id", metavar="ID", help="hoặc phần đầu / or its beginning")
    noting.add_argument("text", metavar="TEXT")
    for command in (taking, noting):
        add_by(command, revision=False)
    for command in (listing, one, taking, noting):
        add_json(command)
        command.add_argument("--config", type=Path, required=True, metavar="FILE")


def _number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise argparse.ArgumentTypeError(f"want a number from 1 to {_MOST}")
    return int(text)


async def _list(options: argparse.Namespace, desk: Desk) -> None:
    wanted = IncidentFilter(
        open=None if options.state == "all" else options.state == _OPEN,
        schools=frozenset({desk.school(options.school).id}) if options.school else None,
        text=options.find,
        named=named(desk.standing.organisation, options.find),
    )
    rows = await desk.store.incidents(wanted, limit=options.limit + 1)
    said, shown = _said(desk), rows[: options.limit]
    lines = [_line(row, desk, said) for row in shown] or [desk.tongue.text("No open incidents.")]
    if len(rows) > len(shown):
        lines.append(f"... ({options.limit} dòng đầu / the first {options.limit}; --limit)")
    told = n.IncidentsOut(incidents=tuple(views.incident(row, said) for row in shown), next=None)
    show(told, lines, as_json=options.json)


def _line(row: IncidentRow, desk: Desk, said: Spoken) -> str:
    one, tongue = row.incident, desk.tongue
    name, since = f"{_MARK}{one.id[:_SHORT].upper()}", tongue.dated(row.began_at)
    line = f"{name}  {said.severity(one.severity)}  {since}  {said.headline(one)}"
    if one.closed_at is not None:
        return f"{line} [{tongue.text('Over')} {tongue.dated(row.ended_at or one.closed_at)}]"
    return f"{line} [{row.acknowledged_by}]" if row.acknowledged_by else line


async def _show(options: argparse.Namespace, desk: Desk) -> None:
    row, said = await _found(options.id, desk), _said(desk)
    steps = await desk.store.incident_steps(row.incident.id)
    letters = await desk.store.letters_of(row.incident.id)
    who = Who(await _directory(desk), whole=False)
    told = n.IncidentStoryOut(
        incident=views.incident(row, said),
        steps=tuple(said.steps(row.incident)),
        course=tuple(views.step(step) for step in steps),
        letters=tuple(views.letter(letter, who.name) for letter in letters),
    )
    shown = story(row, steps, letters, desk.standing.organisation)
    lines = [
        _line(row, desk, said),
        *(f"  {line}" for line in (said.root(row.incident), said.why(row.incident)) if line),
        *(f"  - {said.member(m)}: {said.cause(m)}" for m in row.incident.members),
        *_numbered(told.steps),
        *(
            f"  {desk.tongue.dated(turn.at)}  {said.turn(turn, row.incident)}"
            f"{' ' + who.name(turn.text) if turn.step in _TELLING else ''}"
            for turn in reversed(shown.course)
        ),
        *(f"  → {who.name(x.receiver)}, {x.way.channel}: {_sent(x, desk)}" for x in letters),
    ]
    show(told, lines, as_json=options.json)


def _sent(letter: LetterRow, desk: Desk) -> str:
    why = desk.tongue.text(OCCASIONS[letter.occasion])
    left = desk.tongue.dated(letter.done_at) if letter.done_at else "chưa gửi / not sent"
    return f"{why}, {left}"


_TELLING: Final = frozenset({"escalated", "handover"} & STEPS.keys())
"""Steps whose words end with whom they are about."""


def _numbered(steps: Iterable[str]) -> list[str]:
    return [f"  {number}. {step}" for number, step in enumerate(steps, 1)]


async def _acknowledge(options: argparse.Namespace, desk: Desk) -> None:
    by, row = await desk.writer(options.by), await _found(options.id, desk)
    await incidentdeeds.acknowledge(by, row.incident.id)
    await _tell(options, desk, row.incident.id)


async def _note(options: argparse.Namespace, desk: Desk) -> None:
    by, row = await desk.writer(options.by), await _found(options.id, desk)
    await incidentdeeds.note(by, row.incident.id, options.text.strip())
    await _tell(options, desk, row.incident.id)


async def _tell(options: argparse.Namespace, desk: Desk, name: str) -> None:
    row, said = await _found(name, desk), _said(desk)
    show(views.incident(row, said), [_line(row, desk, said)], as_json=options.json)


async def _found(name: str, desk: Desk) -> IncidentRow:
    """Return an incident by its id, or by how the id of one open incident begins."""
    name = name.upper().removeprefix(_MARK).lower()
    row = await desk.store.incident(name)
    if row is not None:
        return row
    open_ = await desk.store.incidents(IncidentFilter(open=True), limit=_MOST)
    fitting = [row for row in open_ if row.incident.id.startswith(name)]
    if len(fitting) != 1:
        raise CannotError(desk.tongue.text(incidentdeeds.NO_INCIDENT) + f" ({name!r})")
    return fitting[0]


def _said(desk: Desk) -> Spoken:
    return Spoken(desk.tongue, Names(desk.standing.organisation, desk.standing.register.names))


async def _directory(desk: Desk) -> Directory:
    return await make_desk(desk.store, lambda: desk.standing.organisation, desk.config).directory()
