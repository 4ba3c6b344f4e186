"""Pages of yearly work: every school's papers, one school's, handing in, reading, giving back."""

from typing import Final
from urllib.parse import quote

from aiohttp import web

from server.domain.duties_owed import (
    Deed,
    HandedIn,
    Paper,
    Status,
    Turn,
    WrongTurnError,
    turned,
)
from server.domain.units import School
from server.storage.records import LARGEST_FILE
from server.texts import plans, yearly
from server.texts.tongue import N_, Tongue
from server.web import forms
from server.web.asking import officer
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.forms import BadInputError
from server.web.frame import render
from server.web.guard import refuse
from server.web.pages.yearly import SHOWN, YearlyPage, yearly_page
from server.web.uploads import Part, parts
from server.web.yearlyground import XLSX, Ground, file, ground, school_of, told, words, write
from server.yearly.book import load_evaluations, load_papers, paper_put
from server.yearly.files import FileError, media_of, named
from server.yearly.lists import Line, late, lines
from server.yearly.sheets import workbook

_FORM_BYTES: Final = 8192
_LONGEST_NOTE: Final = 500


async def get_yearly(request: web.Request) -> web.Response:
    """Serve ``/yearly``."""
    on, tongue = ground(request), request[TONGUE]
    view = await _view(request, on)
    return render(
        request,
        "yearly.html",
        view=view,
        criteria=on.plan.criteria_set(),
        asked_papers=bool(on.plan.documents),
        reminder=reminder(tongue, view),
        shown=SHOWN,
        live=False,
        **words(tongue),
    )


async def get_late(request: web.Request) -> web.Response:
    """Serve the list of late papers as XLSX."""
    on, tongue = ground(request), request[TONGUE]
    titles = (N_("School"), N_("Paper"), N_("Due"), N_("Days late"), N_("State"))
    rows = [
        (
            line.school.name,
            line.owed.duty.vi,
            line.owed.due,
            line.late_days,
            tongue.text(yearly.STATUSES[line.status]),
        )
        for line in late(await all_lines(request, on))
    ]
    body = workbook("Quá hạn", [tongue.text(title) for title in titles], rows)
    return file(body, f"ho-so-qua-han-{on.year.id}.xlsx", XLSX)


async def get_school(request: web.Request) -> web.Response:
    """Serve ``/yearly/schools/{school}``."""
    return await _school(request, None)


async def post_paper(request: web.Request) -> web.Response:
    """Hand a paper in."""
    user, on = officer(request), ground(request)
    line = await _line(request, on)
    try:
        form = await parts(request, most=LARGEST_FILE + _FORM_BYTES)
        said = {name: part.text() for name, part in form.items() if name != "file"}
        note = forms.text(said, "note", longest=_LONGEST_NOTE)
        paper = await _kept(request, form.get("file"), by=user.name)
    except BadInputError as error:
        return await _school(request, told(request[TONGUE], error))
    except FileError as error:
        return await _school(request, request[TONGUE].text(yearly.FILES_REFUSED[error.why]))
    turn = Turn(
        deed=Deed.HANDED_IN, by=user.name, at=request.app[DEPS].clock.now(), paper=paper, note=note
    )
    return await _turn(request, on, line, turn, seen=said.get("revision", ""))


async def post_review(request: web.Request) -> web.Response:
    """Approve a paper, or give it back with a reason."""
    user, on = officer(request), ground(request)
    line = await _line(request, on)
    form = forms.fields(await request.read(), request.content_type)
    turn = Turn(
        deed=Deed(request.match_info["deed"]),
        by=user.name,
        at=request.app[DEPS].clock.now(),
        note=forms.text(form, "note", longest=_LONGEST_NOTE),
    )
    return await _turn(request, on, line, turn, seen=forms.text(form, "revision"))


async def get_file(request: web.Request) -> web.Response:
    """Serve a file that was handed in; ``turn`` counts the deeds of its paper from 0."""
    on = ground(request)
    line, number = await _line(request, on), int(request.match_info["turn"])
    turns = line.handed.turns if line.handed else ()
    paper = turns[number].paper if number < len(turns) else None
    kept = None if paper is None else await request.app[DEPS].store.kept_file(paper.sha256)
    if paper is None or kept is None:
        raise refuse(404, request[TONGUE].text("There is no such file."))
    return file(kept.data, paper.name, paper.media)


def reminder(tongue: Tongue, view: YearlyPage) -> str:
    """Return a text to be copied into a letter: who still owes what, school by school."""
    by_school: dict[str, list[str]] = {}
    for line in (*view.late, *view.soon):
        due = tongue.day(line.owed.due, year=True) if line.owed.due else ""
        text = tongue.text("%(paper)s, due %(day)s", paper=line.owed.duty.vi, day=due)
        if line.late_days:
            more = tongue.count("%(num)s day late", "%(num)s days late", line.late_days)
            text = f"{text} ({more})"
        by_school.setdefault(line.school.name, []).append(text)
    return "\n".join(f"{school}: {'; '.join(by_school[school])}." for school in sorted(by_school))


async def all_lines(request: web.Request, on: Ground) -> list[Line]:
    """Return every paper that is owed in a year."""
    kept = await load_papers(request.app[DEPS].store, on.year)
    schools = on.organisation.schools
    return list(lines(schools, on.plan.documents, on.year, kept, today=on.today))


async def _view(request: web.Request, on: Ground) -> YearlyPage:
    evaluations = await load_evaluations(request.app[DEPS].store)
    return yearly_page(
        await all_lines(request, on),
        on.organisation.schools,
        on.plan,
        {one.school: one for one in evaluations if one.year == on.year.id},
        year=on.year,
        years=on.years,
        today=on.today,
    )


async def _own_lines(request: web.Request, on: Ground, school: School) -> list[Line]:
    kept = await load_papers(request.app[DEPS].store, on.year)
    return list(lines([school], on.plan.documents, on.year, kept, today=on.today))


async def _line(request: web.Request, on: Ground) -> Line:
    """Return the paper of the address. Raises HTTP 404."""
    found = await _own_lines(request, on, school_of(request, on))
    line = next((line for line in found if line.id == request.match_info["paper"]), None)
    if line is None:
        raise refuse(404, request[TONGUE].text("The plan asks for no such paper."))
    return line


async def _kept(request: web.Request, part: Part | None, *, by: str) -> Paper:
    """Keep an uploaded file. Raises ``FileError``."""
    data = part.data if part else b""
    media = media_of(data)
    name = named(part.filename if part else "", media)
    deps = request.app[DEPS]
    digest = await deps.store.keep_file(data, name=name, media=media, by=by, now=deps.clock.now())
    return Paper(sha256=digest, name=name, media=media, size=len(data))


async def _turn(
    request: web.Request, on: Ground, line: Line, turn: Turn, *, seen: str
) -> web.Response:
    """Do a deed, if it may be done and nobody else was quicker."""
    before = line.handed or HandedIn(
        school=line.school.id, duty=line.owed.duty.id, year=on.year.id, number=line.owed.number
    )
    try:
        after = turned(before, turn)
    except WrongTurnError as error:
        return await _school(request, request[TONGUE].text(yearly.TURNS_REFUSED[error.why]))
    revision = forms.number({"r": seen}, "r", default=0, least=0, most=2**31)
    await write(request, paper_put(after, on.year, expected=revision))
    raise web.HTTPSeeOther(f"/yearly/schools/{line.school.id}?year={quote(on.year.id)}#{line.id}")


async def _school(request: web.Request, mistake: str | None) -> web.Response:
    on, tongue = ground(request), request[TONGUE]
    school, user = school_of(request, on), request[SESSION].user
    found = await _own_lines(request, on, school)
    response = render(
        request,
        "yearlyschool.html",
        school=school,
        year=on.year,
        years=on.years,
        lines=found,
        asked_papers=bool(on.plan.documents),
        source=plans.source_text,
        months=lambda n: plans.months_text(tongue, n),
        mistake=mistake,
        most=LARGEST_FILE >> 20,
        waiting=Status.HANDED_IN,
        approved=Status.APPROVED,
        me=user.name,
        may_act=user.may_act,
        live=False,
        **words(tongue),
    )
    response.set_status(200 if mistake is None else 400)
    return response


_PAPER: Final = "/yearly/schools/{school}/papers/{paper:[0-9a-f]{32}}"
ROUTES: Final = (
    web.get("/yearly", get_yearly),
    web.get("/yearly/late.xlsx", get_late),
    web.get("/yearly/schools/{school}", get_school),
    web.post(_PAPER, post_paper),
    web.post(_PAPER + "/{deed:approved|returned}", post_review),
    web.get(_PAPER + "/files/{turn:[0-9]{1,4}}", get_file),
)
