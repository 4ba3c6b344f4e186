"""The API's reminders of owed papers: what would be sent, sending it, what was sent."""

from datetime import date, datetime
from typing import Final

from aiohttp import web

from server.web.api.bodies import body_of
from server.web.api.camera_types import Answer
from server.web.api.handlers import json_answer
from server.web.api.openapi import Operation, Parameter
from server.web.api.route import SCHOOL, Handler
from server.web.deps import DEPS, SESSION
from server.web.pages.reminders import LetterView, PastView, RemindersPage
from server.web.refusals import refusing
from server.web.reminderdeeds import can_mail, send
from server.web.reminderroutes import view_of
from server.web.writer import writer


class LetterOut(Answer, frozen=True):
    """What a school would be sent. ``standing``: ready, today (had one) or no_address.

    ``recipients``: how many; ``to``: their addresses, for officers only.
    """

    school: str
    standing: str
    recipients: int
    to: tuple[str, ...]
    subject: str
    text: str


class RemindedOut(Answer, frozen=True):
    """A reminder that was asked for. ``how``: waiting, sent or failed; of ``papers`` the ids.

    ``by``: who asked, or vonggac where the setting did; ``trouble``: for officers only.
    """

    school: str
    day: date
    papers: tuple[str, ...]
    by: str
    how: str
    recipients: int
    reached: int
    done_at: datetime | None
    trouble: str


class RemindersOut(Answer, frozen=True):
    """Reminders of a year. ``seen``: what sending must name; ``past``: the newest hundred."""

    year: str
    can_mail: bool
    seen: str
    letters: tuple[LetterOut, ...]
    past: tuple[RemindedOut, ...]


class RemindersIn(Answer, frozen=True):
    """Send what was shown: ``seen`` as it was told."""

    seen: str


class RemindersSent(Answer, frozen=True):
    """How many letters are on their way."""

    letters: int


async def get_reminders(request: web.Request) -> web.Response:
    """Serve ``/yearly/reminders``."""
    view, may_act = await view_of(request), request[SESSION].user.may_act
    return json_answer(_told(view, mails=can_mail(request.app[DEPS]), may_act=may_act))


async def post_reminders(request: web.Request) -> web.Response:
    """Send what was seen; officers only."""
    by, body = writer(request), body_of(await request.read(), RemindersIn)
    with refusing(request):
        sent = await send(by, request.app[DEPS], await view_of(request), body.seen)
    return json_answer(RemindersSent(letters=sent), 201)


def _told(view: RemindersPage, *, mails: bool, may_act: bool) -> RemindersOut:
    return RemindersOut(
        year=view.year.id,
        can_mail=mails,
        seen=view.seen,
        letters=tuple(_letter(one, may_act=may_act) for one in view.letters),
        past=tuple(_past(one, may_act=may_act) for one in view.past),
    )


def _letter(one: LetterView, *, may_act: bool) -> LetterOut:
    return LetterOut(
        school=one.letter.school,
        standing=one.standing.value,
        recipients=len(one.to),
        to=tuple(contact.mail or "" for contact in one.to) if may_act else (),
        subject=one.letter.subject,
        text=one.letter.text,
    )


def _past(view: PastView, *, may_act: bool) -> RemindedOut:
    one = view.one
    return RemindedOut(
        school=one.school,
        day=one.day,
        papers=one.papers,
        by=one.by,
        how=one.how.value,
        recipients=len(one.contacts),
        reached=len(one.reached),
        done_at=one.done_at,
        trouble=one.trouble if may_act else "",
    )


_ASKED: Final = (Parameter(name="year", text="A year's id; today's by default"), SCHOOL)
REMINDERS: Final[tuple[tuple[Operation, Handler], ...]] = (
    (
        Operation(
            method="GET",
            path="/yearly/reminders",
            text="What schools would be reminded of, and what they were; addresses for officers",
            answer=RemindersOut,
            query=_ASKED,
        ),
        get_reminders,
    ),
    (
        Operation(
            method="POST",
            path="/yearly/reminders",
            text="Send these reminders, as they were seen; officers only",
            answer=RemindersSent,
            body=RemindersIn,
            query=_ASKED,
            status=201,
        ),
        post_reminders,
    ),
)
