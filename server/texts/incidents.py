"""Incidents in words: what is wrong, what is at its root, why we think so, what to do. Pure.

For pages and messages alike; all texts are msgids. A title begins with a small letter and does not
name the school: whoever shows it puts the school before it.
"""

from collections.abc import Mapping
from typing import Final, Protocol

from server.domain.incident.model import Incident, Kind
from server.domain.incident.signals import Aspect, Subject
from server.texts.causes import CAUSES
from server.texts.incident_words import KINDS
from server.texts.tongue import N_, Tongue
from server.texts.words import cause_word


class Called(Protocol):
    """How things are called; an id that nobody knows is returned as it is."""

    def school(self, school_id: str | None) -> str:
        """Return a school's name."""
        ...

    def unit(self, unit_id: str | None) -> str:
        """Return a unit's name."""
        ...

    def camera(self, camera_id: str | None) -> str:
        """Return a camera's name."""
        ...

    def agent(self, agent_id: str | None) -> str:
        """Return a gate PC's name."""
        ...

    def gate(self, gate_id: str | None) -> str:
        """Return a gate's name."""
        ...


_CENTRE_TITLES: Final = {
    "broker": N_("the centre has lost its message broker"),
    "database": N_("the centre's database is slow or away"),
    "disk": N_("the centre's disk is nearly full"),
    "line": N_("the centre's own line is cut"),
}
_CENTRE_OTHER: Final = N_("the centre itself is in trouble: %(name)s")
_SINGLE: Final[Mapping[Kind, str]] = {
    Kind.AGENT: N_("gate PC %(name)s is silent"),
    Kind.GATE_STREAM: N_("gate %(name)s sends no events"),
    Kind.CLOCK: N_("the clock of gate PC %(name)s is wrong"),
    Kind.SPOOL: N_("the room of gate PC %(name)s is filling"),
    Kind.CERTIFICATE: N_("the certificate of %(name)s ends soon"),
    Kind.CHANNEL: N_("channel %(name)s does not deliver"),
}
_GATE_FORCED: Final = N_("gate %(name)s was forced open")
_GATE_HELD: Final = N_("gate %(name)s is held open")
_CAMERA: Final = N_("camera %(name)s: %(cause)s")


def title(tongue: Tongue, incident: Incident, called: Called) -> str:
    """Return what is wrong, without the school: ``camera Nhà xe 1: hình bị mờ``."""
    match incident.kind:
        case Kind.CENTRE:
            part = incident.root.partition(":")[2]
            return tongue.text(_CENTRE_TITLES.get(part, _CENTRE_OTHER), name=part)
        case Kind.LINE | Kind.SCHOOL | Kind.NETWORK | Kind.RECORDER | Kind.CREDENTIALS:
            return _shared(tongue, incident)
        case Kind.CAMERA | Kind.PICTURE | Kind.STREAM | Kind.RECORDING:
            return _camera(tongue, incident, called)
        case Kind.GATE_DOOR:
            text = _GATE_FORCED if cause_of(incident) == "gate.forced" else _GATE_HELD
            return tongue.text(text, name=_name(incident, called))
        case _:
            return tongue.text(_SINGLE[incident.kind], name=_name(incident, called))


def _shared(tongue: Tongue, incident: Incident) -> str:
    """Return the title of a trouble that several share."""
    number = max(1, len(incident.members))
    if incident.kind is Kind.LINE:
        schools = _schools(incident)
        return tongue.count(
            "%(num)s school is cut off", "%(num)s schools are cut off at once", schools
        )
    if incident.kind is Kind.SCHOOL:
        return tongue.text("all gate PCs are silent, probably no power or no internet")
    if incident.kind is Kind.NETWORK:
        return tongue.count(
            "%(num)s camera behind one switch is lost",
            "%(num)s cameras behind one switch are lost",
            number,
        )
    if incident.kind is Kind.RECORDER:
        return tongue.count(
            "%(num)s camera of one recorder is lost",
            "%(num)s cameras of one recorder are lost",
            number,
        )
    return tongue.count(
        "%(num)s camera refuses the password",
        "%(num)s cameras refuse the password at once",
        number,
    )


def headline(tongue: Tongue, incident: Incident, called: Called) -> str:
    """Return where and what: ``Trường X: camera Cổng chính 1: ...``; no school for the centre's."""
    text = title(tongue, incident, called)
    place = incident.school or incident.unit
    if place is None:
        return text[:1].upper() + text[1:]
    name = called.school(place) if incident.school else called.unit(place)
    return f"{name}: {text}"


def root_text(tongue: Tongue, incident: Incident, called: Called) -> str:
    """Return what is at the root, in words."""
    words = KINDS[incident.kind].root
    if not words:
        return title(tongue, incident, called)
    return tongue.text(words, host=incident.root.rpartition("/")[2])


def why(tongue: Tongue, incident: Incident) -> str:
    """Return the evidence in one sentence; empty where the trouble speaks for itself."""
    number, said = len(incident.members), dict(incident.why)
    if number < 2:  # noqa: PLR2004 - one alone proves no common root
        return ""
    first = min(member.since for member in incident.members)
    spread = int((max(member.since for member in incident.members) - first).total_seconds())
    near = tongue.text(
        "%(n)s of them failed within %(time)s.",
        n=tongue.number(number),
        time=tongue.duration(max(1, spread)),
    )
    rest = said.get("of")
    if not isinstance(rest, int) or rest <= number:
        return near
    well = tongue.count(
        "%(num)s other works on, so it is not everything.",
        "%(num)s others work on, so it is not everything.",
        rest - number,
    )
    return f"{near} {well}"


def steps(incident: Incident) -> tuple[str, ...]:
    """Return what to do, as msgids."""
    own = KINDS[incident.kind].steps
    known = CAUSES.get(cause_of(incident))
    return own or (known.steps if known else ())


def cause_of(incident: Incident) -> str:
    """Return the cause of the member that was in trouble first, of those that still are."""
    return incident.members[0].cause if incident.members else ""


def subject_name(subject: Subject, called: Called) -> str:
    """Return how a subject is called."""
    match subject.aspect:
        case Aspect.CAMERA:
            return called.camera(subject.id)
        case Aspect.AGENT | Aspect.SPOOL | Aspect.CLOCK | Aspect.CERTIFICATE:
            return called.agent(subject.id)
        case Aspect.GATE_STREAM | Aspect.GATE_DOOR:
            return called.gate(subject.id)
        case Aspect.CENTRE | Aspect.CHANNEL:
            return subject.id


def _name(incident: Incident, called: Called) -> str:
    if not incident.members:
        return incident.root.partition(":")[2]
    return subject_name(incident.members[0].subject, called)


def _camera(tongue: Tongue, incident: Incident, called: Called) -> str:
    cause = cause_word(tongue, cause_of(incident)) or tongue.text("connection lost")
    return tongue.text(_CAMERA, name=_name(incident, called), cause=cause)


def _schools(incident: Incident) -> int:
    said = dict(incident.why).get("schools")
    return said if isinstance(said, int) else max(1, len(incident.members))
