"""Alerts in words: Vietnamese first, English by setting. Pure.

The first line says everything, because that is all that a telephone shows. Times are local
(Asia/Ho_Chi_Minh), ``HH:MM`` and ``dd/MM/yyyy``. A camera that nobody can see is "chưa rõ" and
never called broken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from server.domain.alerting import Rule
from server.domain.units import Organisation
from server.storage import AlertRow, Letter
from server.texts.tongue import N_, Tongue
from server.texts.words import cause_line
from server.transports import Message

RECOVERED: Final = "recovered"

_BEGUN: Final[Mapping[str, str]] = {
    Rule.GATE_CAMERA_DOWN: N_("[%(school)s] Camera %(name)s has had no picture since %(began)s."),
    Rule.AGENT_SILENT: N_("[%(school)s] %(name)s has sent no signal since %(began)s."),
}
_OVER: Final[Mapping[str, str]] = {
    Rule.GATE_CAMERA_DOWN: N_(
        "[%(school)s] Resolved: camera %(name)s works again, %(ended)s (%(lasted)s)."
    ),
    Rule.AGENT_SILENT: N_(
        "[%(school)s] Resolved: %(name)s sends signals again, %(ended)s (%(lasted)s)."
    ),
}
_OTHER_BEGUN: Final = N_("[%(school)s] %(name)s: %(rule)s since %(began)s.")
_OTHER_OVER: Final = N_("[%(school)s] Resolved: %(name)s: %(rule)s, %(ended)s (%(lasted)s).")
_SILENT_NOTE: Final = N_(
    'The cameras that this computer watches count as "not known", not as broken.'
)


def compose(
    letter: Letter,
    organisation: Organisation,
    *,
    tongue: Tongue,
    public_url: str | None,
    now: datetime,
) -> Message:
    """Return the message of a letter. Names that are no longer configured show as ids."""
    names = _names(letter.alert, organisation)
    subject = _subject(letter, names, tongue)
    lines = [subject, *_details(letter, names, tongue)]
    page = _page(letter.alert, public_url)
    if page is not None:
        lines += ["", tongue.text("Details: %(url)s", url=page)]
    return Message(
        id=letter.id,
        subject=subject,
        text="\n".join(lines) + "\n",
        facts=_facts(letter, names, subject, page),
        at=now,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    school: str
    subject: str
    zone: str | None


def _names(alert: AlertRow, organisation: Organisation) -> _Names:
    school = organisation.school(alert.school)
    zones = {z.id: z.name for z in school.zones} if school is not None else {}
    subject = alert.camera or alert.agent or alert.key
    camera = organisation.camera(alert.camera) if alert.camera else None
    agent = organisation.agent(alert.agent) if alert.agent else None
    if camera is not None:
        subject = camera[1].name
    elif agent is not None:
        subject = agent[1].name
    return _Names(
        school=school.name if school is not None else alert.school,
        subject=subject,
        zone=zones.get(alert.zone) if alert.zone else None,
    )


def _subject(letter: Letter, names: _Names, tongue: Tongue) -> str:
    alert = letter.alert
    if letter.reason == RECOVERED:
        sentence = _OVER.get(alert.rule, _OTHER_OVER)
    else:
        sentence = _BEGUN.get(alert.rule, _OTHER_BEGUN)
    ended = alert.ended_at or alert.closed_at or alert.began_at
    return tongue.text(
        sentence,
        school=names.school,
        name=names.subject,
        rule=alert.rule,
        began=tongue.dated(alert.began_at),
        ended=tongue.dated(ended),
        lasted=_lasted(ended - alert.began_at, tongue),
    )


def _details(letter: Letter, names: _Names, tongue: Tongue) -> list[str]:
    lines = []
    if names.zone is not None:
        lines.append(tongue.text("Zone: %(zone)s", zone=names.zone))
    if letter.reason == RECOVERED:
        return lines
    if letter.alert.rule == Rule.AGENT_SILENT:
        lines.append(tongue.text(_SILENT_NOTE))
    elif letter.alert.cause is not None:
        lines.append(cause_line(tongue, letter.alert.cause))
    return lines


def _page(alert: AlertRow, public_url: str | None) -> str | None:
    if public_url is None:
        return None
    path = f"/cameras/{alert.camera}" if alert.camera else f"/schools/{alert.school}"
    return public_url.rstrip("/") + path


def _lasted(length: timedelta, tongue: Tongue) -> str:
    """Return a length as short as a telephone's first line wants it."""
    minutes = max(round(length.total_seconds() / 60), 1)
    hours, rest = divmod(minutes, 60)
    days, day_hours = divmod(hours, 24)
    if days:
        return tongue.text("%(days)s d %(hours)s h", days=days, hours=day_hours)
    if hours:
        return tongue.text("%(hours)s h %(minutes)s min", hours=hours, minutes=rest)
    return tongue.text("%(minutes)s min", minutes=rest)


def _facts(letter: Letter, names: _Names, subject: str, page: str | None) -> dict[str, Any]:
    alert = letter.alert
    return {
        "id": letter.id,
        "reason": letter.reason,
        "text": subject,
        "url": page,
        "alert": {
            "id": alert.id,
            "rule": alert.rule,
            "school": alert.school,
            "school_name": names.school,
            "camera": alert.camera,
            "agent": alert.agent,
            "zone": alert.zone,
            "name": names.subject,
            "state": alert.state,
            "cause": alert.cause,
            "began_at": _iso(alert.began_at),
            "opened_at": _iso(alert.opened_at),
            "ended_at": _iso(alert.ended_at),
            "closed_at": _iso(alert.closed_at),
        },
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
