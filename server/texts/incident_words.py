"""Words for what incidents are made of: kinds, steps, occasions, settings. Tables of msgids.

``incidents`` makes sentences of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from server.domain.incident.model import Kind, Severity
from server.domain.paging.people import Occasion
from server.texts.tongue import N_


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

STEPS: Final[Mapping[str, str]] = {
    "began": N_("It began: %(title)s."),
    "opened": N_("Opened as one incident."),
    "joined": N_("What is in trouble by the same root has changed: not told again."),
    "widened": N_("Its root turned out to be wider."),
    "worsened": N_("It has become graver, so it is told."),
    "eased": N_("All is well at the moment; watched until it has lasted."),
    "returned": N_("It came back."),
    "unstable": N_("It comes and goes: told once as unstable, and watched until it is calm."),
    "recovered": N_("All is well again."),
    "absorbed": N_("A wider incident explains it."),
    "retimed": N_("The time at which it is to be told has changed."),
    "told": N_("People were told."),
    "escalated": N_("Nobody had taken it on, so the next in line was told:"),
    "handover": N_("A turn began, and whoever has it was told:"),
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
    Occasion.HANDOVER: N_("their turn began"),
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
    "line_many": N_("in required hours so many whatever their share"),
    "flaps": N_("Failures that make it unstable"),
    "flap_window_s": N_("within so many seconds"),
    "steady_s": N_("Unstable until it has held for so many seconds"),
    "settle_s": N_("After a root is well again, wait for the rest, seconds"),
    "leftover_share": N_("A root is well when less than this share of it is not, percent"),
}
"""The settings of rules; a test holds them against the rules' own names."""

FIELDS: Final[Mapping[str, str]] = {
    "new_kind": N_("Kind"),
    "new_zone": N_("Area"),
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
NOTHING_LOST: Final = N_("The gate PCs keep what they see and send it later: nothing is lost.")
"""Of whatever ails the centre."""

KINDS: Final[Mapping[Kind, KindWords]] = {
    Kind.CENTRE: KindWords(
        N_("The centre itself"),
        N_("This server"),
        (N_("Look at the server's log, its disk and its network."), NOTHING_LOST),
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
