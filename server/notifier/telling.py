"""Messages in words, in the receiver's language. Pure.

The first line says everything, because that is all that a telephone shows. Times are local
(Asia/Ho_Chi_Minh). A camera that nobody can see is "chưa rõ" and never called broken. No pictures.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from server.domain.incident.model import Incident, Kind, Member
from server.domain.paging.people import Occasion
from server.storage.incident_rows import IncidentRow, LetterRow
from server.texts.causes import CAUSES
from server.texts.first_lines import cause_text, first_line
from server.texts.incident_words import KINDS, NOTHING_LOST
from server.texts.incidents import cause_of, root_text, steps, subject_name, why
from server.texts.naming import Names
from server.texts.tongue import N_, Tongue
from server.transports import Message

_MOST_MEMBERS: Final = 10
_WORD_JOINER: Final = "\N{WORD JOINER}"
"""Pages need it; many a telephone shows a box in its place."""
_MOST_TOLD: Final = 15
"""So that a message of 2000 characters (Zalo) still ends with its links."""
_ACKNOWLEDGE: Final = N_("Take it on (no password, good once, for 24 hours): %(url)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What every message is made with.

    Attributes:
        public_url: Where people reach the pages; None: no links.
        now: When this attempt is made.
    """

    tongue: Tongue
    names: Names
    public_url: str | None
    now: datetime

    def page(self, path: str) -> str | None:
        """Return the address of a page, if people have one."""
        return None if self.public_url is None else self.public_url.rstrip("/") + path


def headline(occasion: Occasion, row: IncidentRow, said: Said) -> str:
    """Return the first line on an incident, with its times as they are known now."""
    known = replace(row.incident, began_at=row.began_at, ended_at=row.ended_at)
    return first_line(said.tongue, known, occasion, said.names, said.now)


def tell_incident(
    letter: LetterRow, row: IncidentRow, said: Said, *, token: str, subject: str = ""
) -> Message:
    """Return the message of a letter on one incident; ``token`` is its link's.

    ``subject``: its first line, where that is another than the occasion's.
    """
    incident, tongue = row.incident, said.tongue
    subject = subject or headline(letter.occasion, row, said)
    over = letter.occasion is Occasion.RECOVERED
    lines = [subject, "", *(_end(row, said) if over else _body(row, said))]
    page = said.page(f"/incidents/{incident.id}")
    link = None if over or row.acknowledged_at is not None else said.page(f"/a/{token}")
    if link is not None or page is not None:
        lines.append("")
    if link is not None:
        lines.append(tongue.text(_ACKNOWLEDGE, url=link))
    if page is not None:
        lines.append(tongue.text("Details: %(url)s", url=page))
    facts = {"incident": incident_facts(row, said), "acknowledge_url": link}
    return message(letter, subject, lines, said, facts=facts, page=page)


def tell_many(
    letter: LetterRow,
    told: list[tuple[Occasion, IncidentRow]],
    said: Said,
    *,
    token: str,
    words: tuple[str, list[str]] | None = None,
) -> Message:
    """Return one message for many: a line each, and one link that takes all of them on.

    ``words``: its first line and those lines, where they are others than a burst's.
    """
    tongue = said.tongue
    subject, first = words or _burst(told, said)
    lines = [subject, "", *(f"- {line}" for line in first[:_MOST_TOLD])]
    if len(first) > _MOST_TOLD:
        rest = len(first) - _MOST_TOLD
        lines.append(tongue.count("and %(num)s more", "and %(num)s more", rest))
    lines.append("")
    waiting = any(r.acknowledged_at is None and r.incident.closed_at is None for _, r in told)
    link = said.page(f"/a/{token}") if waiting else None
    page = said.page("/incidents")
    if link is not None:
        lines.append(tongue.text(N_("Take all of them on (no password): %(url)s"), url=link))
    if page is not None:
        lines.append(tongue.text("Details: %(url)s", url=page))
    facts = {
        "incidents": [incident_facts(row, said) | {"occasion": o} for o, row in told],
        "acknowledge_url": link,
    }
    return message(letter, subject, lines, said, facts=facts, page=page)


def _burst(told: list[tuple[Occasion, IncidentRow]], said: Said) -> tuple[str, list[str]]:
    tongue = said.tongue
    over = sum(1 for occasion, _ in told if occasion is Occasion.RECOVERED)
    subject = tongue.count("%(num)s message in one", "%(num)s messages in one", len(told))
    if over == len(told):
        subject = tongue.count("%(num)s incident is over", "%(num)s incidents are over", over)
    elif not over:
        subject = tongue.count("%(num)s incident", "%(num)s incidents at once", len(told))
    first = [headline(occasion, row, said) for occasion, row in told]
    return f"{subject}: {first[0]}" if first else subject, first


def tell_test(letter: LetterRow, said: Said) -> Message:
    """Return a message that only shows that the way is open."""
    subject = said.tongue.text(
        N_("Vọng Gác: this is a test of channel %(name)s"), name=letter.way.channel
    )
    rest = said.tongue.text(N_("Nothing has happened. Alerts will reach you in this way."))
    return message(letter, subject, [subject, "", rest], said, facts={}, page=None)


def message(
    letter: LetterRow,
    subject: str,
    lines: list[str],
    said: Said,
    *,
    facts: Mapping[str, Any],
    page: str | None,
) -> Message:
    """Return the message of a letter from its parts."""
    common = {"id": letter.id, "occasion": letter.occasion, "text": subject, "url": page}
    return Message(
        id=letter.id,
        subject=subject,
        text="\n".join(lines).rstrip().replace(_WORD_JOINER, "") + "\n",
        facts={**common, **facts},
        at=said.now,
        to=(letter.way.address,) if letter.way.address else (),
    )


def _body(row: IncidentRow, said: Said) -> list[str]:
    incident, tongue = row.incident, said.tongue
    lines = []
    if KINDS[incident.kind].root and incident.kind is not Kind.CENTRE:
        frame = N_("Root: %(root)s") if incident.sure else N_("Suspected root: %(root)s")
        lines.append(tongue.text(frame, root=root_text(tongue, incident, said.names)))
    evidence = why(tongue, incident)
    if evidence:
        lines.append(evidence)
    lasted = tongue.duration((said.now - row.began_at).total_seconds())
    since = tongue.dated(row.began_at)
    lines.append(tongue.text(N_("Since: %(time)s (%(length)s)"), time=since, length=lasted))
    lines += _places(incident, said)
    shown = incident.members[:_MOST_MEMBERS]
    lines += [_member_line(incident, member, said) for member in shown]
    if len(incident.members) > len(shown):
        rest = len(incident.members) - len(shown)
        lines.append(tongue.count("and %(num)s more", "and %(num)s more", rest))
    return lines + _advice(incident, said)


def _end(row: IncidentRow, said: Said) -> list[str]:
    tongue, ended = said.tongue, row.ended_at or row.incident.closed_at or said.now
    length = tongue.duration((ended - row.began_at).total_seconds())
    lines = [
        tongue.text(N_("Began: %(time)s"), time=tongue.dated(row.began_at)),
        tongue.text(
            N_("Over: %(time)s, after %(length)s"), time=tongue.dated(ended), length=length
        ),
        *_places(row.incident, said),
    ]
    return [*lines, tongue.text(NOTHING_LOST)] if row.incident.kind is Kind.CENTRE else lines


def _places(incident: Incident, said: Said) -> list[str]:
    school = said.names.organisation.school(incident.school or "")
    zones = {zone.id: zone.name for zone in school.zones} if school is not None else {}
    if not incident.required:
        return []
    if school is None:
        number = said.tongue.number(len(incident.required))
        return [said.tongue.text("Required areas concerned: %(areas)s", areas=number)]
    named = [zones.get(zone, zone) for zone in incident.required]
    return [said.tongue.text(N_("Required areas concerned: %(areas)s"), areas=", ".join(named))]


def _member_line(incident: Incident, member: Member, said: Said) -> str:
    name, cause = _member_name(incident, member, said), cause_text(said.tongue, member.cause)
    since = said.tongue.brief(member.since, said.now)
    if not cause:
        return said.tongue.text(N_("• %(name)s, since %(time)s"), name=name, time=since)
    text = N_("• %(name)s: %(cause)s, since %(time)s")
    return said.tongue.text(text, name=name, cause=cause, time=since)


def _member_name(incident: Incident, member: Member, said: Said) -> str:
    """Return how a member is called, with its school where the incident is of several."""
    name, organisation = subject_name(member.subject, said.names), said.names.organisation
    if incident.school is not None:
        return name
    found = organisation.agent(member.subject.id) or organisation.camera(member.subject.id)
    return name if found is None else f"{found[0].name}: {name}"


def _advice(incident: Incident, said: Said) -> list[str]:
    found = [said.tongue.text(step) for step in steps(incident)]
    known = CAUSES.get(cause_of(incident))
    lines = ["", said.tongue.text(N_("What to do:"))] if found else []
    lines += [f"{number}. {step}" for number, step in enumerate(found, 1)]
    if known is not None and known.not_needed and found:
        lines.append(said.tongue.text(known.not_needed))
    return lines


def incident_facts(row: IncidentRow, said: Said) -> dict[str, Any]:
    """Return an incident for machines: JSON values."""
    incident = row.incident
    return {
        "id": incident.id,
        "kind": incident.kind,
        "root": incident.root,
        "school": incident.school,
        "school_name": said.names.school(incident.school) if incident.school else None,
        "unit": incident.unit,
        "severity": incident.severity,
        "phase": incident.phase,
        "sure": incident.sure,
        "members": [
            {"aspect": m.subject.aspect, "id": m.subject.id, "cause": m.cause}
            for m in incident.members
        ],
        "affected": list(incident.affected),
        "required": list(incident.required),
        "began_at": _iso(row.began_at),
        "opened_at": _iso(incident.opened_at),
        "ended_at": _iso(row.ended_at),
        "closed_at": _iso(incident.closed_at),
        "acknowledged_at": _iso(row.acknowledged_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
