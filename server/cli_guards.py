"""``vonggac-server guards``: posts, roster, training, and whether enough guards were there."""

import argparse
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from server.cli_desk import (
    Commands,
    Desk,
    Run,
    add_by,
    add_choice,
    add_json,
    choice,
    doing,
    form_of,
    page_line,
    show,
)
from server.domain.guards import Trained
from server.guards import book
from server.guards.book import load_roster
from server.guards.duty import PlaceDuty
from server.register.cli import CannotError
from server.texts import guards as words
from server.texts.tongue import Tongue
from server.web import forms, guarddeeds
from server.web.api.guard_types import SchoolGuardsOut
from server.web.api.guard_views import duty_out, guards_out, school_guards_out
from server.web.pages.choosing import Choice, fitting
from server.web.pages.guards import GuardState

_DAYS: Final = timedelta(days=29)
_FIELDS: Final = {
    book.GUARD: ("code", "name", "phone", "first"),
    book.POST: ("gate", "name", "start", "end", "first", "last", "school_days"),
    book.SHIFT: ("post", "guard", "first", "last"),
    book.TRAINING: ("guard", "day", "certificate", "valid_until"),
}


def add_command(commands: Commands, run: Run) -> None:
    """Add ``guards`` with its actions."""
    guards = commands.add_parser("guards", help="bảo vệ: vị trí trực, tập huấn / guards")
    acts = guards.add_subparsers(required=True, metavar="ACTION")
    listing = acts.add_parser("list", help="các trường / schools, a page of the list")
    add_choice(listing, GuardState)
    listing.set_defaults(act=doing(run, _list))
    one = acts.add_parser("show", help="một trường / one school")
    one.add_argument("--school", required=True, metavar="ID")
    one.set_defaults(act=doing(run, _show))
    duty = acts.add_parser("duty", help="có đủ bảo vệ không / were there enough guards")
    whom = duty.add_mutually_exclusive_group(required=True)
    whom.add_argument("--school", metavar="ID")
    whom.add_argument("--unit", metavar="ID")
    for name, kept in (("--from", "first"), ("--to", "last")):
        duty.add_argument(name, dest=kept, type=date.fromisoformat, metavar="YYYY-MM-DD")
    duty.set_defaults(act=doing(run, _duty))
    for command in (listing, one, duty):
        add_json(command)
    writing = tuple(_writing(acts, run))
    for command in (listing, one, duty, *writing):
        command.add_argument("--config", type=Path, required=True, metavar="FILE")


def _writing(acts: Commands, run: Run) -> Iterator[argparse.ArgumentParser]:
    """Add what writes: ``add-guard`` and the like, ``remove`` and ``leave``."""
    for kind, fields in _FIELDS.items():
        adding = acts.add_parser(f"add-{kind}", help=f"nhập {kind} / enter one")
        adding.add_argument("--school", required=True, metavar="ID")
        for field in fields:
            flag = f"--{field.replace('_', '-')}"
            if field == "school_days":
                adding.add_argument(flag, action="store_true")
            else:
                adding.add_argument(flag)
        if kind == book.POST:
            adding.add_argument("--days", type=_weekdays, required=True, help="T2 = 0: 0,1,2")
        add_by(adding, revision=False)
        adding.set_defaults(act=doing(run, _add), kind=kind)
        yield adding
    for name, text in (("remove", "thu hồi / take back"), ("leave", "nghỉ việc / a guard leaves")):
        ending = acts.add_parser(name, help=text)
        if name == "remove":
            ending.add_argument("kind", choices=(book.POST, book.SHIFT, book.TRAINING))
        ending.add_argument("id", metavar="ID")
        ending.add_argument("--school", required=True, metavar="ID")
        add_by(ending)
        ending.set_defaults(act=doing(run, _remove if name == "remove" else _leave))
        yield ending


def _weekdays(text: str) -> tuple[str, ...]:
    """Return the form's boxes for weekdays, Monday 0."""
    days = [day.strip() for day in text.split(",")]
    if not set(days) <= set("0123456"):
        raise argparse.ArgumentTypeError("weekdays are 0 (Monday) to 6 (Sunday): 0,1,2")
    return tuple(f"d{day}" for day in days)


async def _list(options: argparse.Namespace, desk: Desk) -> None:
    found = await guarddeeds.guard_rows(desk.store, desk.standing, choice(options))
    lines = [
        f"{r.school.id}  {r.school.name}: {r.guards} bảo vệ/guards, {r.posts} vị trí/posts, "
        f"{r.gates_without} cổng chưa có/gates without; "
        + ", ".join(f"{desk.tongue.text(words.TRAINED[k])}: {n}" for k, n in r.trained.items())
        for r in found.rows
    ]
    show(guards_out(found), [*lines, page_line(found)], as_json=options.json)


async def _show(options: argparse.Namespace, desk: Desk) -> None:
    school, asked = desk.school(options.school), desk.standing.plan.guards
    roster = await load_roster(desk.store, school.id)
    # A phone is for officers, and nobody has signed in here.
    told = school_guards_out(school.id, roster, asked, desk.standing.today, phones=False)
    show(told, _lines(desk.tongue, told), as_json=options.json)


def _lines(tongue: Tongue, told: SchoolGuardsOut) -> Iterator[str]:
    for guard in told.guards:
        state = tongue.text(words.TRAINED[Trained(guard.training.state)])
        until = f" ({guard.training.until})" if guard.training.until else ""
        yield f"{guard.id}  {guard.code} {guard.name}: {state}{until}  [{guard.revision}]"
    codes = {guard.id: guard.code for guard in told.guards}
    for post in told.posts:
        there = ", ".join(codes.get(name, "?") for name in post.today) or "–"
        hours = f"{post.start}-{post.end}"
        yield f"{post.id}  {post.gate} {post.name} {hours}: {there}  [{post.revision}]"


async def _duty(options: argparse.Namespace, desk: Desk) -> None:
    last = options.last or desk.standing.today
    first = options.first or last - _DAYS
    if first > last:
        raise CannotError(f"--from {first} lies after --to {last}")
    register, today = desk.standing.register, desk.standing.today
    if options.school:
        schools = [desk.school(options.school)]
    else:
        if options.unit not in register.units:
            raise CannotError(f"there is no unit {options.unit!r} in the register")
        every = desk.standing.organisation.schools
        schools = fitting(every, register, today, Choice(unit=options.unit))
    told, lines = [], []
    for school in schools:
        roster = await load_roster(desk.store, school.id)
        places = await guarddeeds.presence(
            desk.store, desk.standing, school, roster, first=first, last=last, now=desk.now
        )
        told.append(duty_out(school.id, places, first=first, last=last))
        lines += [f"{school.name}, {_place(desk.tongue, place)}" for place in places]
    show(told, lines, as_json=options.json)


def _place(tongue: Tongue, place: PlaceDuty) -> str:
    where = place.gate.name if place.gate else "cả trường/the school"
    if place.seconds is None:
        return f"{where} ({place.basis}): –"
    numbers = {
        "met": place.seconds.met,
        "not_met": place.seconds.not_met,
        "cannot_tell": place.seconds.cannot_tell,
    }
    return f"{where} ({place.basis}): {words.presence_text(tongue, numbers)}"


async def _add(options: argparse.Namespace, desk: Desk) -> None:
    form = form_of(options, *_FIELDS[options.kind])
    if options.kind == book.POST:
        form |= dict.fromkeys(options.days, "1")
    by = await desk.writer(options.by)
    print(await guarddeeds.enter(by, desk.school(options.school), options.kind, form))


async def _remove(options: argparse.Namespace, desk: Desk) -> None:
    by, school, seen = await desk.writer(options.by), desk.school(options.school), _seen(options)
    await guarddeeds.take_back(by, school, options.kind, options.id, seen=seen)


async def _leave(options: argparse.Namespace, desk: Desk) -> None:
    by, school, seen = await desk.writer(options.by), desk.school(options.school), _seen(options)
    await guarddeeds.let_leave(by, school, options.id, seen=seen)


def _seen(options: argparse.Namespace) -> int:
    return forms.number({"revision": options.revision}, "revision", default=0, least=0, most=2**31)
