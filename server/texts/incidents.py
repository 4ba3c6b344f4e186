"""Incidents in words: what is wrong, what is at its root, why we think so, what to do. Pure.

For pages and messages alike; all texts are msgids. A title begins with a small letter and does not
name the school: whoever shows it puts the school before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from server.domain.incident.model import Incident, Kind, Phase, Severity
from server.domain.incident.signals import Aspect, Subject
from server.domain.paging.people import Occasion
from server.texts.causes import CAUSES
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


@dataclass(frozen=True, slots=True)
class KindWords:
    """A kind of incident in words; all are msgids.

    Attributes:
        label: The kind, for tables and filters.
        root: What is at its root; empty: the subject itself.
        steps: What to do; empty: what the cause's own words say.
    """

    label: str
    root: str = ""
    steps: tuple[str, ...] = ()


SEVERITIES: Final[Mapping[Severity, str]] = {
    Severity.URGENT: N_("Urgent"),
    Severity.NORMAL: N_("Needs attention"),
    Severity.NOTED: N_("For information"),
}
PHASES: Final[Mapping[Phase, str]] = {
    Phase.OPEN: N_("Open"),
    Phase.RECOVERING: N_("Recovering"),
    Phase.UNSTABLE: N_("Unstable"),
    Phase.CLOSED: N_("Over"),
}

STEPS: Final[Mapping[str, str]] = {
    "began": N_("It began: %(title)s."),
    "opened": N_("Opened as one incident."),
    "joined": N_("What is in trouble by the same root has changed: not told again."),
    "widened": N_("Its root turned out to be wider: not told again."),
    "worsened": N_("It has become graver, so it is told."),
    "eased": N_("All is well at the moment; watched until it has lasted."),
    "returned": N_("It came back."),
    "unstable": N_("It comes and goes: told once as unstable, and watched until it is calm."),
    "recovered": N_("All is well again."),
    "absorbed": N_("A wider incident explains it."),
    "told": N_("People were told."),
    "escalated": N_("Nobody had taken it on: told to the next in line."),
    "acknowledged": N_("%(by)s took it on."),
    "assigned": N_("%(by)s handed it to %(text)s."),
    "note": N_("%(by)s: %(text)s"),
    "silenced": N_("%(by)s paused its alerts: %(text)s"),
}
"""What happened to an incident, by the word in its history."""

OCCASIONS: Final[Mapping[Occasion, str]] = {
    Occasion.OPENED: N_("it began"),
    Occasion.WORSENED: N_("it became graver"),
    Occasion.UNSTABLE: N_("it comes and goes"),
    Occasion.ESCALATED: N_("nobody had taken it on"),
    Occasion.RECOVERED: N_("it is over"),
    Occasion.DIGEST: N_("several at once"),
    Occasion.ALL_CLEAR: N_("the daily message"),
    Occasion.TEST: N_("a test"),
}
"""Why a message is sent."""

RULE_WORDS: Final[Mapping[str, str]] = {
    "grace_s": N_("Grace"),
    "gate_grace_s": N_("Grace at the gate"),
    "calm_s": N_("Calm before it is over"),
    "in_hours": N_("In required hours"),
    "off_hours": N_("Outside them"),
    "gate": N_("Gate camera in hours"),
    "gather_s": N_("Wait for others of the same root, seconds"),
    "gate_gather_s": N_("The same for gate cameras, seconds"),
    "together_s": N_("Failures within so many seconds may have one root"),
    "silent_together_s": N_("The same for gate PCs that fall silent, seconds"),
    "slow_together_s": N_("The same for what is looked at now and then, seconds"),
    "recorder_least": N_("Cameras that make a recorder's failure"),
    "network_least": N_("Cameras that make a switch's failure"),
    "credentials_least": N_("Cameras that make a changed password"),
    "line_least": N_("Silent schools that make a line's failure"),
    "line_share": N_("and that share of a unit's schools, percent"),
    "flaps": N_("Failures that make it unstable"),
    "flap_window_s": N_("within so many seconds"),
    "steady_s": N_("Unstable until it has held for so many seconds"),
    "settle_s": N_("After a root is well again, wait for the rest, seconds"),
    "leftover_share": N_("A root is well when less than this share of it is not, percent"),
}
"""The settings of rules; a test holds them against the rules' own names."""

FIELDS: Final[Mapping[str, str]] = {
    "to": N_("whom"),
    "text": N_("the note"),
    "reason": N_("reason"),
    "until": N_("until"),
    "ways": N_("how they are reached"),
    "address": N_("address"),
    "m0": N_("who takes turns"),
    "s0": N_("who is told first"),
    "handover": N_("hand-over"),
    "quiet_end": N_("quiet hours"),
}
"""Names of form fields, for what is said of a mistake."""

HELD: Final[Mapping[str, str]] = {
    "noted": N_("for information only"),
    "off_hours": N_("it can wait for working hours"),
}
"""Why it is not told at once; any other word is what a person wrote."""

_POWER: Final = N_("Ask the school whether it has power, and whether its internet works.")
_CENTRE: Final = N_("The gate PCs keep what they see and send it later: nothing is lost.")

KINDS: Final[Mapping[Kind, KindWords]] = {
    Kind.CENTRE: KindWords(
        N_("The centre itself"),
        N_("This server"),
        (N_("Look at the server's log, its disk and its network."), _CENTRE),
    ),
    Kind.LINE: KindWords(
        N_("A common line"),
        N_("A line that several schools share"),
        (
            N_("Ask the internet provider whether there is a fault in this area."),
            N_("No visit to the schools is needed until the provider has answered."),
        ),
    ),
    Kind.SCHOOL: KindWords(
        N_("A whole school"),
        N_("The school's power or its internet line"),
        (_POWER, N_("If it has both: see whether the router and the gate PCs are switched on.")),
    ),
    Kind.AGENT: KindWords(
        N_("A gate PC"),
        N_("The gate PC, its power or its network"),
        (
            N_("Ask the guard whether the gate PC is switched on."),
            N_("If it runs: check its network cable, then restart it."),
            N_("Its cameras count as not known, not as broken: no camera has to be looked at."),
        ),
    ),
    Kind.NETWORK: KindWords(
        N_("A switch or a branch of the network"),
        N_("The switch that these cameras share, or their power"),
        (
            N_("Ask the school whether the cabinet of these cameras has power."),
            N_("If it has power but the switch's lights are off: bring a switch and its supply."),
        ),
    ),
    Kind.RECORDER: KindWords(
        N_("A recorder"),
        N_("The recorder %(host)s"),
        (
            N_("See whether the recorder has power and its network cable is plugged in."),
            N_("Restart it; if it does not come up, its disk or its supply may be broken."),
        ),
    ),
    Kind.CREDENTIALS: KindWords(
        N_("A changed password"),
        N_("The cameras' password was changed"),
        (
            N_("Ask who changed the cameras' password, and when."),
            N_("Enter the new user name and password on the gate PC."),
            N_("Do not try passwords one after another: the cameras may lock themselves."),
        ),
    ),
    Kind.CAMERA: KindWords(N_("A camera without a picture")),
    Kind.PICTURE: KindWords(N_("A picture that is of no use")),
    Kind.STREAM: KindWords(N_("A poor stream")),
    Kind.RECORDING: KindWords(N_("Gaps in recordings")),
    Kind.GATE_DOOR: KindWords(
        N_("A gate forced or held open"),
        steps=(
            N_("Call the guard at this gate now."),
            N_("If nobody answers: go there, or ask the local police."),
        ),
    ),
    Kind.GATE_STREAM: KindWords(
        N_("No events from a gate"),
        steps=(
            N_("Ask the guard to pass a card: does the reader answer?"),
            N_("Check the cable between the reader and the gate PC, then the reader's program."),
        ),
    ),
    Kind.CLOCK: KindWords(
        N_("A wrong clock"),
        steps=(N_("Let the gate PC set its clock over the network; put a new clock battery in."),),
    ),
    Kind.SPOOL: KindWords(
        N_("A gate PC's room is filling"),
        steps=(
            N_("Bring the gate PC back on the network: once it is full, the oldest is dropped."),
        ),
    ),
    Kind.CERTIFICATE: KindWords(
        N_("A certificate near its end"),
        steps=(N_("Renew the certificate before it ends, then restart what uses it."),),
    ),
    Kind.CHANNEL: KindWords(
        N_("A way out that fails"),
        steps=(
            N_("Look at the newest error of this channel on the page of channels."),
            N_("Check its password and address in the server's settings, then send a test."),
        ),
    ),
}

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
