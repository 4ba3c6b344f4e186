"""Words for inspections and the fault register. Msgids; pages look them up."""

from collections.abc import Mapping
from typing import Final

from server.domain.inspection import Severity, Step
from server.texts.tongue import N_

STEPS: Final[Mapping[Step, str]] = {
    Step.DRAFT: N_("being written"),
    Step.FILLED: N_("waits for both sides' confirmation"),
    Step.CONFIRMED: N_("confirmed, findings open"),
    Step.CLOSED: N_("confirmed, nothing open"),
}
SEVERITIES: Final[Mapping[Severity, str]] = {
    Severity.SERIOUS: N_("serious"),
    Severity.MODERATE: N_("moderate"),
    Severity.SLIGHT: N_("slight"),
}
FIELDS: Final[Mapping[str, str]] = {
    "school": N_("School"),
    "planned": N_("Day of the visit"),
    "team": N_("Team"),
    "reason": N_("Reason"),
    "since": N_("Broken since"),
    "reported": N_("Reported on"),
    "repaired": N_("Repaired on"),
    "warranty_until": N_("Warranty until"),
    "cost": N_("Cost, VND"),
    "camera": N_("Camera"),
    "what": N_("What is broken"),
    "from": N_("From"),
    "to": N_("To"),
}
