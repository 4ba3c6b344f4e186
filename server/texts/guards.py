"""Words of guards: training, presence, fields, evidence. Pure."""

from collections.abc import Mapping
from typing import Final

from server.domain.guards import Trained
from server.domain.points import Met
from server.texts.tongue import N_, Tongue

TRAINED: Final = {
    Trained.VALID: N_("Trained"),
    Trained.SOON: N_("Runs out soon"),
    Trained.EXPIRED: N_("Run out"),
    Trained.NEVER: N_("Not trained yet"),
    Trained.UNSET: N_("Trained; nobody says for how long"),
}
TRAINED_LOOKS: Final = {
    Trained.VALID: "up",
    Trained.SOON: "deg",
    Trained.EXPIRED: "down",
    Trained.NEVER: "down",
    Trained.UNSET: "unset",
}
"""The style sheet's short names."""
PRESENCE: Final = {
    Met.MET: N_("Enough guards"),
    Met.NOT_MET: N_("Too few guards"),
    Met.CANNOT_TELL: N_("Cannot tell"),
}
STATES: Final = {
    "no_post": N_("A gate without a post"),
    "untrained": N_("A guard without valid training"),
}
"""By what schools are picked from the list."""
FIELDS: Final = {
    "code": N_("Code at the gate"),
    "name": N_("Name"),
    "phone": N_("Phone"),
    "gate": N_("Gate"),
    "start": N_("From"),
    "end": N_("Until"),
    "days": N_("Days"),
    "first": N_("First day"),
    "last": N_("Last day"),
    "post": N_("Shift"),
    "guard": N_("Guard"),
    "day": N_("Day"),
    "valid_until": N_("Valid until"),
}


def presence_text(tongue: Tongue, numbers: Mapping[str, int]) -> str:
    """Return how much of the shifts had enough guards, in a sentence."""
    required = numbers["met"] + numbers["not_met"] + numbers["cannot_tell"]
    if not required:
        return tongue.text("The number of guards or their shifts are not set: nothing is scored.")
    low = numbers["met"] / required
    share = tongue.percent_range(low, (numbers["met"] + numbers["cannot_tell"]) / required)
    return tongue.text("Enough guards for %(share)s of the time of their shifts.", share=share)


def training_text(tongue: Tongue, numbers: Mapping[str, int]) -> str:
    """Return how the training of a school's guards stands, in a sentence."""
    return tongue.text(
        "Guards: %(guards)s, trained: %(valid)s, run out: %(expired)s, not trained yet: %(never)s.",
        guards=numbers["guards"],
        valid=numbers["valid"] + numbers["soon"] + numbers["unset"],
        expired=numbers["expired"],
        never=numbers["never"],
    )
