"""Pages of yearly work: every school's papers, one school's, handing in, reading, giving back."""

from typing import Final
from urllib.parse import quote

from aiohttp import web

from server.domain.duties_owed import Deed, Status
from server.domain.units import School
from server.storage.records import LARGEST_FILE
from server.texts import plans, yearly
from server.texts.tongue import N_, Tongue
from server.web import forms, yearlydeeds
from server.web.choice import choice_of
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.frame import render
from server.web.guard import refuse
from server.web.pages.choosing import Choice, fitting, units_of
from server.web.pages.yearly import SHOWN, SchoolState, YearlyPage
from server.web.refusals import REFUSALS, Refused, refusing, why_not
from server.web.reminderroutes import reminders_told
from server.web.uploads import Part, parts
from server.web.writer import writer
from server.web.yearlydeeds import line_of, owed_lines, yearly_of
from server.web.yearlyground import XLSX, Ground, file, ground, school_of, words
from server.yearly.lists import Line, late
from server.yearly.remindertext import line_text
from server.yearly.sheets import workbook

_FORM_BYTES: Final = 8192
_MOST_TURNS: Final = 9999


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
        unit_choices=units_of(on.register, on.day),
        states={key: tongue.text(word) for key, word in yearly.SCHOOL_STATES.items()},
        shown=SHOWN,
        live=False,
        **await reminders_told(request.app[DEPS], on, (*view.late[:SHOWN], *view.soon[:SHOWN])),
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
        for line in late(await owed_lines(request.app[DEPS].store, on, _chosen(request, on)[1]))
    ]
    body = workbook("Quá hạn", [tongue.text(title) for title in titles], rows)
    return file(body, f"ho-so-qua-han-{on.year.id}.xlsx", XLSX)


async def get_school(request: web.Request) -> web.Response:
    """Serve ``/yearly/schools/{school}``."""
    return await _school(request, None)


async def post_paper(request: web.Request) -> web.Response:
    """Hand a paper in."""
    by, on = writer(request), ground(request)
    line = await _line(request, on)
    try:
        parted = await parts(request, most=LARGEST_FILE + _FORM_BYTES)
        form = {name: part.text() for name, part in parted.items() if name != "file"}
        sent = parted.get("file") or Part("", b"")
        await yearlydeeds.hand_in(by, on, line, form, data=sent.data, name=sent.filename)
    except REFUSALS as error:
        return await _school(request, error)
    raise _done(on, line)


async def post_review(request: web.Request) -> web.Response:
    """Approve a paper, or give it back with a reason."""
    by, on = writer(request), ground(request)
    line, deed = await _line(request, on), Deed(request.match_info["deed"])
    form = forms.fields(await request.read(), request.content_type)
    try:
        await yearlydeeds.review(by, on, line, form, deed)
    except REFUSALS as error:
        return await _school(request, error)
    raise _done(on, line)


def _done(on: Ground, line: Line) -> web.HTTPException:
    """Return the way back to the paper."""
    return web.HTTPSeeOther(f"/yearly/schools/{line.school.id}?year={quote(on.year.id)}#{line.id}")


async def get_file(request: web.Request) -> web.Response:
    """Serve a file that was handed in; ``turn`` counts the deeds of its paper from 0."""
    on = ground(request)
    line = await _line(request, on)
    number = forms.number(request.match_info, "turn", default=0, least=0, most=_MOST_TURNS)
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
        by_school.setdefault(line.school.name, []).append(line_text(tongue, line))
    return "\n".join(f"{school}: {'; '.join(by_school[school])}." for school in sorted(by_school))


def _chosen(request: web.Request, on: Ground) -> tuple[Choice, list[School]]:
    choice = choice_of(request.query, SchoolState)
    return choice, fitting(on.organisation.schools, on.register, on.day, choice)


async def _view(request: web.Request, on: Ground) -> YearlyPage:
    choice, schools = _chosen(request, on)
    return await yearly_of(request.app[DEPS].store, on, choice, schools)


async def _line(request: web.Request, on: Ground) -> Line:
    """Return the paper of the address. Raises HTTP 404."""
    school, paper = school_of(request, on), request.match_info["paper"]
    with refusing(request):
        return await line_of(request.app[DEPS].store, on, school, paper)


async def _school(request: web.Request, mistake: Refused | None) -> web.Response:
    on, tongue = ground(request), request[TONGUE]
    school, user = school_of(request, on), request[SESSION].user
    found = await owed_lines(request.app[DEPS].store, on, [school])
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
        mistake=None if mistake is None else why_not(tongue, mistake),
        most=LARGEST_FILE >> 20,
        waiting=Status.HANDED_IN,
        approved=Status.APPROVED,
        me=user.name,
        may_act=user.may_act,
        live=False,
        **await reminders_told(request.app[DEPS], on, found),
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
