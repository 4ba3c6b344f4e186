"""Pages of guards: posts, roster, training, and whether enough guards were there."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final
from uuid import uuid4

from aiohttp import web

from server.domain.calendar import WEEKDAYS, local_date, local_day
from server.domain.interval import Interval
from server.domain.units import School
from server.guards import book
from server.guards.book import Entry, Guard, Kept, Roster, load_entry, load_roster, put_of
from server.guards.duty import PlaceDuty, Wanted, duty_of
from server.storage import ConflictError
from server.texts import guards as words
from server.texts import plans
from server.web import forms, guardforms
from server.web.asking import officer
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.forms import BadInputError
from server.web.frame import render
from server.web.guard import refuse
from server.web.pages.guards import MOST_SPANS, evidence, rows, school_guards
from server.web.readings import READINGS

DAYS: Final = 30
"""Over so many days presence is shown."""
_Given = Mapping[str, str]


async def get_guards(request: web.Request) -> web.Response:
    """Serve ``/guards``: every school."""
    deps, tongue, today = request.app[DEPS], request[TONGUE], _today(request)
    roster = await load_roster(deps.store)
    return render(
        request,
        "guards.html",
        rows=rows(deps.organisation.schools, roster, deps.plan.guards, today),
        asked=deps.plan.guards,
        pupils_missing=sum(1 for s in deps.organisation.schools if s.pupils is None),
        source=plans.source_text,
        months=lambda n: plans.months_text(tongue, n),
        trained={key: tongue.text(word) for key, word in words.TRAINED.items()},
        looks=words.TRAINED_LOOKS,
        live=False,
    )


async def get_school(request: web.Request) -> web.Response:
    """Serve ``/guards/schools/{school}``."""
    return await _page(request, {}, None)


async def post_entry(request: web.Request) -> web.Response:
    """Enter a guard, a post, a shift of the roster or a training."""
    user, school = officer(request), _school(request)
    form = forms.fields(await request.read(), request.content_type)
    roster = await load_roster(request.app[DEPS].store, school.id)
    try:
        entry = _entry(request.match_info["kind"], form, school, roster, _today(request))
    except BadInputError as error:
        return await _page(request, form, error)
    await _put(request, uuid4().hex, entry, expected=0, by=user.name)
    raise web.HTTPSeeOther(f"/guards/schools/{school.id}")


async def post_remove(request: web.Request) -> web.Response:
    """Take an entry back; what it said stays on record."""
    user, school = officer(request), _school(request)
    kept, seen = await _kept(request, request.match_info["kind"], school)
    name = request.match_info["id"]
    await _put(request, name, kept.value, expected=seen, by=user.name, gone=True)
    raise web.HTTPSeeOther(f"/guards/schools/{school.id}")


async def post_leave(request: web.Request) -> web.Response:
    """A guard leaves: name and phone are erased everywhere, the past still counts."""
    user, school, deps = officer(request), _school(request), request.app[DEPS]
    kept, seen = await _kept(request, book.GUARD, school)
    assert isinstance(kept.value, Guard)
    if kept.revision != seen:
        raise _conflict(request)
    left = Guard(
        school=school.id,
        code=kept.value.code,
        name=kept.value.name,
        since=kept.value.since,
        left=max(kept.value.since, _today(request) - timedelta(days=1)),
    )
    try:
        name = request.match_info["id"]
        await book.leave(deps.store, name, Kept(left, seen), by=user.name, now=deps.clock.now())
    except ConflictError:
        raise _conflict(request) from None
    deps.changes.publish(f"records:{book.GUARD}")
    raise web.HTTPSeeOther(f"/guards/schools/{school.id}")


def _entry(kind: str, form: _Given, school: School, roster: Roster, today: date) -> Entry:
    there = roster.there(today)
    if kind == book.GUARD:
        codes = {kept.value.code for kept in roster.guards.values()}
        return guardforms.guard(form, school, codes, today)
    if kind == book.POST:
        return guardforms.post(form, school, today)
    if kind == book.SHIFT:
        return guardforms.rostered(form, school, roster.posts, there)
    return guardforms.training(form, school, there)


async def _kept(request: web.Request, kind: str, school: School) -> tuple[Kept[Entry], int]:
    """Return an entry of the school, and the revision that its reader saw. Raises HTTP 404."""
    kept = await load_entry(request.app[DEPS].store, kind, request.match_info["id"])
    if kept is None or kept.value.school != school.id:
        raise refuse(404, request[TONGUE].text("There is no such entry."))
    form = forms.fields(await request.read(), request.content_type)
    return kept, forms.number(form, "revision", default=0, least=0, most=2**31)


async def _put(
    request: web.Request, name: str, entry: Entry, *, expected: int, by: str, gone: bool = False
) -> None:
    deps = request.app[DEPS]
    put = put_of(name, entry, expected=expected, gone=gone)
    try:
        await deps.store.put_records([put], by=by, now=deps.clock.now())
    except ConflictError:
        raise _conflict(request) from None
    deps.changes.publish(f"records:{put.kind}")


def _conflict(request: web.Request) -> web.HTTPException:
    text = request[TONGUE].text("Somebody else has changed this meanwhile: look at it again.")
    return refuse(400, text)


async def places(
    request: web.Request, school: School, roster: Roster, window: Interval
) -> list[PlaceDuty]:
    """Return whether enough guards were there over a time."""
    deps = request.app[DEPS]
    wanted = Wanted(
        school=school,
        story=deps.standing.register.school(school.id),
        plan=deps.plan,
        exceptions=deps.standing.exceptions,
        posts=[kept.value for kept in roster.posts.values()],
        codes=frozenset(kept.value.code for kept in roster.guards.values()),
        window=window,
        now=request.app[READINGS].now(),
    )
    return await duty_of(deps.store, wanted)


async def _page(request: web.Request, given: _Given, mistake: BadInputError | None) -> web.Response:
    deps, tongue, today = request.app[DEPS], request[TONGUE], _today(request)
    school = _school(request)
    roster = await load_roster(deps.store, school.id)
    first = today - timedelta(days=DAYS - 1)
    window = Interval(local_day(first).start, local_day(today).end)
    response = render(
        request,
        "guardsschool.html",
        view=school_guards(
            school,
            roster,
            deps.plan.guards,
            await places(request, school, roster, window),
            today,
        ),
        first=first,
        today=today,
        asked=deps.plan.guards,
        source=plans.source_text,
        trained={key: tongue.text(word) for key, word in words.TRAINED.items()},
        looks=words.TRAINED_LOOKS,
        presence={key: tongue.text(word) for key, word in words.PRESENCE.items()},
        evidence=evidence,
        most=MOST_SPANS,
        codes={kept.value.code: kept.value.name for kept in roster.guards.values()},
        weekdays=WEEKDAYS if tongue.code == "vi" else _ENGLISH_DAYS,
        given=given,
        mistake=None if mistake is None else _told(request, mistake),
        may_act=request[SESSION].user.may_act,
        live=False,
    )
    response.set_status(200 if mistake is None else 400)
    return response


_ENGLISH_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _told(request: web.Request, mistake: BadInputError) -> str:
    tongue = request[TONGUE]
    field = tongue.text(words.FIELDS.get(mistake.field, mistake.field))
    return f"{field}: {tongue.text(mistake.why, **mistake.values)}"


def _school(request: web.Request) -> School:
    found = request.app[DEPS].organisation.school(request.match_info["school"])
    if found is None:
        raise refuse(404, request[TONGUE].text("There is no such school."))
    return found


def _today(request: web.Request) -> date:
    return local_date(request.app[READINGS].now())


_HERE: Final = "/guards/schools/{school}"
_KIND: Final = "/{kind:guard|post|shift|training}"
ROUTES: Final = (
    web.get("/guards", get_guards),
    web.get(_HERE, get_school),
    web.post(_HERE + _KIND, post_entry),
    web.post(_HERE + "/{kind:post|shift|training}/{id:[0-9a-f]{32}}/remove", post_remove),
    web.post(_HERE + "/guard/{id:[0-9a-f]{32}}/leave", post_leave),
)
