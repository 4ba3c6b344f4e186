"""What a person asked of a camera, and what came of it, in words. Pure tables of msgids."""

from typing import Final

from server.texts.tongue import N_, Tongue
from wire.vocabulary import Objection, Verb

_DONE: Final[dict[str, str]] = {
    Verb.LOOK: N_(
        "The gate PC looks at the camera again now. What it finds shows here within a minute."
    ),
    Verb.NEW_VIEW: N_(
        "Done: what the camera shows from now on is taken for its right view, and is learned."
    ),
}
_NOT_DONE: Final[dict[str, str]] = {
    "unreachable": N_(
        "The gate PC can't be reached now: nothing was done. Try again once it reports."
    ),
    "partly": N_(
        "One gate PC did it; another that watches this camera too did not. Try again later."
    ),
    "timed_out": N_("The gate PC gave no answer in time. Try again in a minute."),
    Objection.BUSY: N_("The gate PC is busy with other requests. Try again in a minute."),
    Objection.EXPIRED: N_(
        "The request came to the gate PC too late, or its clock is wrong: nothing was done."
    ),
    Objection.UNKNOWN_CAMERA: N_(
        "The gate PC does not know this camera: its settings differ from the centre's."
    ),
    Objection.UNKNOWN_VERB: N_(
        "The software on the gate PC is too old for this. It has to be updated."
    ),
    Objection.NOT_KEPT: N_("The gate PC does not keep this picture any more."),
    Objection.FAILED: N_("The gate PC tried and could not do it; its log says why."),
}
_UNDER_WAY: Final = N_("This was asked for; there is no answer yet.")

ACTIONS: Final[dict[str, str]] = {
    Verb.LOOK: N_("asked for a new look"),
    Verb.NEW_VIEW: N_("said that this is the new view"),
    Verb.EVIDENCE: N_("opened the list of pictures"),
    Verb.EVIDENCE_PICTURE: N_("saw pictures"),
}


def outcome_text(tongue: Tongue, action: str, outcome: str | None) -> str:
    """Return what came of it as sentences for the person who asked."""
    if outcome is None:
        return tongue.text(_UNDER_WAY)
    if outcome == "done":
        return tongue.text(_DONE.get(action, ""))
    return tongue.text(_NOT_DONE.get(outcome, _NOT_DONE[Objection.FAILED]))


def action_word(tongue: Tongue, action: str) -> str:
    """Return what was done, as it stands after a person's name; an unknown word as it is."""
    known = ACTIONS.get(action)
    return tongue.text(known) if known else action
