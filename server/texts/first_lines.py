"""An incident's first line in a message: where, what, how many of how many, since when, why. Pure.

It is all that a locked telephone shows, so it has at most about 120 characters with usual names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.domain.incident.model import Incident, Kind, Phase
from server.domain.incident.signals import Aspect
from server.domain.paging.people import Occasion
from server.domain.plan import GATE_ZONE
from server.domain.units import School
from server.texts.incidents import cause_of, subject_name
from server.texts.naming import Names
from server.texts.tongue import N_, Tongue
from server.texts.words import cause_word

WHAT: Final[Mapping[Kind, str]] = {
    Kind.LINE: N_("%(place)s: %(n)s/%(of)s schools out of reach %(when)s"),
    Kind.SCHOOL: N_("%(place)s: the whole school out of reach %(when)s"),
    Kind.AGENT: N_("%(place)s: %(name)s out of reach %(when)s"),
    Kind.NETWORK: N_("%(place)s: %(n)s/%(of)s %(cameras)s lost %(when)s"),
    Kind.RECORDER: N_("%(place)s: %(n)s/%(of)s %(cameras)s lost %(when)s"),
    Kind.CREDENTIALS: N_("%(place)s: %(n)s/%(of)s %(cameras)s refuse the password %(when)s"),
    Kind.CAMERA: N_("%(place)s: camera %(name)s lost %(when)s"),
    Kind.PICTURE: N_("%(place)s: camera %(name)s: %(cause)s %(when)s"),
    Kind.STREAM: N_("%(place)s: camera %(name)s: %(cause)s %(when)s"),
    Kind.RECORDING: N_("%(place)s: camera %(name)s: %(cause)s %(when)s"),
    Kind.GATE_DOOR: N_("%(place)s: %(name)s %(cause)s %(when)s"),
    Kind.GATE_STREAM: N_("%(place)s: %(name)s has sent no events %(when)s"),
    Kind.CLOCK: N_("%(place)s: the clock of %(name)s is wrong %(when)s"),
    Kind.SPOOL: N_("%(place)s: the room of %(name)s is filling %(when)s"),
    Kind.CERTIFICATE: N_("%(place)s: the certificate of %(name)s ends soon"),
    Kind.CENTRE: N_("%(place)s: %(cause)s %(when)s"),
    Kind.CHANNEL: N_("%(place)s: channel %(name)s does not deliver %(when)s"),
}
"""What is wrong, by kind; every text takes ``place``, ``when``, ``name``, ``n``, ``of``,
``cameras`` and ``cause``, and leaves out what it has no use for."""

ROOTS: Final[Mapping[Kind, str]] = {
    Kind.LINE: N_("a fault of their common line"),
    Kind.SCHOOL: N_("no power or no network"),
    Kind.NETWORK: N_("a network fault"),
    Kind.RECORDER: N_("a fault of their recorder"),
    Kind.CREDENTIALS: N_("a changed password"),
}
"""What is at the root of many at once."""

CAUSES: Final[Mapping[str, str]] = {
    "agent.silent": N_("no signal comes from it"),
    "spool.filling": N_("its room for what waits to be sent is filling"),
    "clock.off": N_("its clock is wrong"),
    "certificate.near": N_("its certificate ends soon"),
    "gate.silent": N_("no gate events come"),
    "gate.forced": N_("forced open"),
    "gate.held": N_("held open"),
    "centre.broker": N_("the message broker can't be reached"),
    "centre.database": N_("the database is slow or can't be reached"),
    "centre.disk": N_("the disk is nearly full"),
    "centre.line": N_("its own line is cut"),
    "channel.failing": N_("messages do not leave"),
}
"""Causes that no camera reports."""

_SUSPECTED: Final = N_("%(line)s, probably %(root)s")
_SURE: Final = N_("%(line)s, by %(root)s")
_OCCASIONS: Final[Mapping[Occasion, str]] = {
    Occasion.WORSENED: N_("Now urgent: %(line)s"),
    Occasion.UNSTABLE: N_("Comes and goes: %(line)s"),
    Occasion.ESCALATED: N_("Nobody has taken it on: %(line)s"),
}
_OVER: Final = N_("Over after %(length)s: %(line)s")
_SEVERAL: Final = N_("%(place)s: %(n)s/%(of)s %(cameras)s: %(cause)s %(when)s")
_SINGLE: Final = frozenset({Kind.CAMERA, Kind.PICTURE, Kind.STREAM, Kind.RECORDING, Kind.CLOCK})
"""Kinds whose sentence names one camera; of several they are counted."""
_CAMERA_AND_WHY: Final = N_("%(line)s (%(cause)s)")
_AGENT_AND_CAMERAS: Final = N_("%(line)s, cameras not known: %(n)s")
_CENTRE_ALONE: Final = N_("%(line)s; no camera is told of meanwhile")


def first_line(
    tongue: Tongue, incident: Incident, occasion: Occasion, names: Names, now: datetime
) -> str:
    """Return the first line of a message on an incident."""
    if occasion is Occasion.RECOVERED:
        ended = incident.ended_at or incident.closed_at or now
        length = tongue.duration((ended - incident.began_at).total_seconds())
        return tongue.text(_OVER, length=length, line=_line(tongue, incident, names, now))
    line = _line(tongue, incident, names, now)
    plain = occasion in {Occasion.OPENED, Occasion.HANDOVER}
    if plain and incident.phase is Phase.UNSTABLE:
        return tongue.text(_OCCASIONS[Occasion.UNSTABLE], line=line)
    if plain:
        return _with_root(tongue, incident, line, names)
    frame = _OCCASIONS.get(occasion)
    return line if frame is None else tongue.text(frame, line=line)


def cause_text(tongue: Tongue, cause: str) -> str:
    """Return a cause in words, a camera's or another; an unknown one as it came."""
    known = CAUSES.get(cause)
    return tongue.text(known) if known else cause_word(tongue, cause)


def _line(tongue: Tongue, incident: Incident, names: Names, now: datetime) -> str:
    counted = _counted(incident, names)
    several = incident.kind in _SINGLE and len(incident.members) > 1
    return tongue.text(
        _SEVERAL if several else WHAT[incident.kind],
        place=_place(tongue, incident, names),
        when=_when(tongue, incident, now),
        name=_name(incident, names),
        n=tongue.number(counted.some),
        of=tongue.number(counted.all),
        cameras=tongue.text(N_("gate cameras") if counted.gates else N_("cameras")),
        cause=cause_text(tongue, cause_of(incident)),
    )


def _with_root(tongue: Tongue, incident: Incident, line: str, names: Names) -> str:
    """Return the line of an opening, with what is suspected or what follows from it."""
    root = ROOTS.get(incident.kind)
    if root is not None:
        frame = _SURE if incident.sure else _SUSPECTED
        return tongue.text(frame, line=line, root=tongue.text(root))
    cause, cameras = cause_text(tongue, cause_of(incident)), _counted(incident, names).some
    if incident.kind is Kind.CAMERA and cause and len(incident.members) == 1:
        return tongue.text(_CAMERA_AND_WHY, line=line, cause=cause)
    if incident.kind is Kind.AGENT and cameras:
        return tongue.text(_AGENT_AND_CAMERAS, line=line, n=tongue.number(cameras))
    return tongue.text(_CENTRE_ALONE, line=line) if incident.kind is Kind.CENTRE else line


def _when(tongue: Tongue, incident: Incident, now: datetime) -> str:
    start = tongue.brief(incident.began_at, now)
    if incident.ended_at is None:
        return tongue.text("since %(time)s", time=start)
    return tongue.text("from %(time)s", time=start)


@dataclass(frozen=True, slots=True)
class _Counted:
    some: int
    all: int
    gates: bool


def _counted(incident: Incident, names: Names) -> _Counted:
    """Return how many of how many; of gate cameras alone where only those are concerned."""
    if incident.kind is Kind.LINE:
        said = dict(incident.why)
        some = _number(said.get("schools")) or len(incident.members)
        return _Counted(some, max(some, _number(said.get("of"))), gates=False)
    cameras = set(incident.affected) or {
        m.subject.id for m in incident.members if m.subject.aspect is Aspect.CAMERA
    }
    school = names.organisation.school(incident.school or "")
    at_gates = _gate_cameras(school)
    gates = bool(cameras) and cameras <= at_gates
    every = at_gates if gates else {c.id for c in school.cameras} if school else set()
    return _Counted(len(cameras), max(len(cameras), len(every)), gates)


def _gate_cameras(school: School | None) -> set[str]:
    if school is None:
        return set()
    zones = {zone.id for zone in school.zones if zone.kind == GATE_ZONE}
    return {camera.id for camera in school.cameras if camera.zone in zones}


def _number(value: int | str | None) -> int:
    return value if isinstance(value, int) else 0


def _place(tongue: Tongue, incident: Incident, names: Names) -> str:
    if incident.school is not None:
        return names.school(incident.school)
    if incident.unit is not None:
        return names.unit(incident.unit)
    text = N_("Several units") if incident.kind is Kind.LINE else N_("Monitoring centre")
    return tongue.text(text)


def _name(incident: Incident, names: Names) -> str:
    if not incident.members:
        return incident.root.partition(":")[2]
    return subject_name(incident.members[0].subject, names)
