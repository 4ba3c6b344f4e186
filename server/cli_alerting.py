"""``vonggac-server alerting``: who is told, a test message to somebody, rules and their preview.

Addresses are on the pages, for officers; nothing here prints one.
"""

import argparse
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from server.cli_desk import Commands, Desk, Run, add_by, add_json, doing, show
from server.clock import SystemClock
from server.domain.incident.rules import Rules
from server.domain.paging.people import Policy, Receiver, Target
from server.domain.paging.turns import on_turn
from server.paging.book import RECEIVER, PagingBook, load_book
from server.paging.desk import make_desk
from server.paging.rules import load_rules
from server.register.cli import CannotError
from server.storage import LetterRow
from server.texts.incident_words import KINDS
from server.web import pagingdeeds
from server.web.api import alerting_types as a
from server.web.api.alerting_views import paging_out, preview_out, rules_body, rules_in
from server.web.api.bodies import body_of
from server.web.pages.rules import differences
from server.web.previewing import Compared, Previewing
from server.web.testdeeds import send_test

_POLL_S: Final = 0.25
_PATIENCE: Final = timedelta(seconds=60)


def add_command(commands: Commands, run: Run) -> None:
    """Add ``alerting`` with its actions."""
    alerting = commands.add_parser("alerting", help="báo cho ai, luật báo / who is told, rules")
    acts = alerting.add_subparsers(required=True, metavar="ACTION")
    listing = acts.add_parser(
        "list", help="người nhận, lịch trực, báo cho ai / who is told of what"
    )
    listing.set_defaults(act=doing(run, _list))
    test = acts.add_parser("test", help="gửi thử cho một người nhận / send somebody a test message")
    test.add_argument("receiver", metavar="RECEIVER", help="mã trong ``list`` / an id of ``list``")
    add_by(test, revision=False)
    test.set_defaults(act=doing(run, _test))
    rules = acts.add_parser("rules", help="luật đang dùng / the rules in force")
    rules.set_defaults(act=doing(run, _rules))
    trial = acts.add_parser("preview", help="30 ngày qua lẽ ra gửi bao nhiêu tin / a preview")
    trial.add_argument("file", nargs="?", metavar="FILE",
                       help="JSON của ``rules --json`` đã sửa / edited; -: stdin")  # fmt: skip
    trial.set_defaults(act=doing(run, _preview))
    for command in (listing, test, rules, trial):
        add_json(command)
        command.add_argument("--config", type=Path, required=True, metavar="FILE")


async def _list(options: argparse.Namespace, desk: Desk) -> None:
    book = await load_book(desk.store)
    told = paging_out(book, desk.now, whole=False)
    lines = [*_people(book, desk), *_rotas(book, desk), *_policies(book, desk)]
    show(told, lines, as_json=options.json)


def _people(book: PagingBook, desk: Desk) -> Iterator[str]:
    yield f"{desk.tongue.text('Receivers')}: {len(book.receivers)}"
    for name, kept in book.receivers.items():
        one = kept.value
        ways = ", ".join(dict.fromkeys(way.channel for way in (*one.ways, *one.urgent_ways)))
        off = "" if one.active else f" ({desk.tongue.text('takes no messages')})"
        yield f"  {name}  {one.name}: {ways}{off}  [{kept.revision}]"


def _rotas(book: PagingBook, desk: Desk) -> Iterator[str]:
    yield f"{desk.tongue.text('Rotas')}: {len(book.rotas)}"
    for name, kept in book.rotas.items():
        turn = on_turn(kept.value, desk.now)
        who = _name(book, turn) if turn else desk.tongue.text("nobody")
        said = desk.tongue.text("On turn now:")
        yield f"  {name}  {kept.value.name}: {said} {who}  [{kept.revision}]"


def _policies(book: PagingBook, desk: Desk) -> Iterator[str]:
    yield f"{desk.tongue.text('Policies')}: {len(book.policies)}"
    for name, kept in book.policies.items():
        yield f"  {name}  {kept.value.name}: {_stages(kept.value, book, desk)}  [{kept.revision}]"


def _stages(policy: Policy, book: PagingBook, desk: Desk) -> str:
    said = []
    for stage in policy.stages:
        after = f"+{desk.tongue.duration(stage.after_s)} " if stage.after_s else ""
        match stage.target:
            case Target.SCHOOL:
                who = desk.tongue.text("the school's own contacts")
            case Target.ROTA:
                who = book.rotas[stage.id].value.name if stage.id in book.rotas else stage.id
            case Target.RECEIVER:
                who = _name(book, stage.id)
        said.append(f"{after}{who}")
    return " → ".join(said)


def _name(book: PagingBook, receiver: str) -> str:
    return book.receivers[receiver].value.name if receiver in book.receivers else receiver


async def _test(options: argparse.Namespace, desk: Desk) -> None:
    """Put a test for each way, and wait until the running centre has tried them all."""
    by, book = await desk.writer(options.by), await load_book(desk.store)
    kept = pagingdeeds.kept_of(book, RECEIVER, options.receiver)
    assert isinstance(kept.value, Receiver)
    letters = await _tried(await send_test(by, kept.value), desk)
    told = [
        {
            "channel": letter.way.channel,
            "sent": letter.done_at is not None,
            "attempts": letter.attempts,
            "outcome": _outcome(letter),
        }
        for letter in letters
    ]
    lines = [
        f"{letter.way.channel}: {desk.tongue.text('arrived' if letter.done_at else 'failed')}"
        f" ({_outcome(letter)})"
        for letter in letters
    ]
    show(told, lines, as_json=options.json)
    if any(letter.done_at is None for letter in letters):
        raise CannotError("not every test message has left")


async def _tried(names: tuple[str, ...], desk: Desk) -> list[LetterRow]:
    """Return letters once each was tried, or nobody has for a minute."""
    clock = SystemClock()
    until = clock.now() + _PATIENCE
    while True:
        found = [await desk.store.letter(name) for name in names]
        letters = [letter for letter in found if letter is not None]
        if all(letter.attempts for letter in letters) or clock.now() >= until:
            return letters
        await clock.wait(_POLL_S)


def _outcome(letter: LetterRow) -> str:
    """Return what came of a letter, without its address."""
    if not letter.attempts:
        return "chưa ai gửi: máy chủ có đang chạy không? / nobody sent it: is the server running?"
    said, address = letter.outcome or "", letter.way.address
    return said.replace(address, "...") if address else said


async def _rules(options: argparse.Namespace, desk: Desk) -> None:
    kept = await load_rules(desk.store)
    told = rules_body(kept.rules, kept.revision)
    lines = [
        f"{_label(d.kind, desk)}{f' @{d.zone}' if d.zone else ''} {d.name}: {d.before} → {d.after}"
        for d in differences(Rules(), kept.rules)
    ]
    said = f"{desk.tongue.text('Rules that differ from the defaults')}: {len(lines)}"
    show(told, [f"{said}  [{kept.revision}]", *lines], as_json=options.json)


def _label(kind: object, desk: Desk) -> str:
    return next((desk.tongue.text(w.label) for k, w in KINDS.items() if k == kind), "")


async def _preview(options: argparse.Namespace, desk: Desk) -> None:
    standing = (await load_rules(desk.store)).rules
    asked = standing if options.file is None else _asked(options.file, desk)
    previewing = Previewing(
        store=desk.store,
        standing=desk.standing,
        clock=SystemClock(),
        desk=make_desk(desk.store, lambda: desk.standing.organisation, desk.config),
    )
    found = await previewing.compare(asked, standing)
    show(preview_out(found), _compared(found, desk), as_json=options.json)


def _asked(file: str, desk: Desk) -> Rules:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise CannotError(f"can't read {file}: {error.strerror}") from error
    return rules_in(body_of(data, a.RulesBody), desk.standing.plan.zones)


def _compared(found: Compared, desk: Desk) -> Iterator[str]:
    tongue = desk.tongue
    sums = (
        ("These rules would have sent", found.asked.messages),
        ("The rules in force", found.standing.messages),
        ("Really sent", found.sent),
    )
    yield f"{tongue.dated(found.start)} – {tongue.dated(desk.now)}"
    for text, number in sums:
        said = tongue.count("%(num)s message", "%(num)s messages", number)
        yield f"{tongue.text(text)}: {said}"
    for kind, words in KINDS.items():
        both = found.asked.kinds[kind], found.standing.kinds[kind]
        if any(both):
            yield f"  {tongue.text(words.label)}: {both[0]} ({both[1]})"
