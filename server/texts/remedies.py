"""Words for days that differ, for work on cameras and for who pays. Msgids; pages look them up."""

from collections.abc import Mapping
from typing import Final

from server.domain.remedies import Action, Fund, Work
from server.domain.schoolyear import DayKind, DayOffKind
from server.texts.tongue import N_

OFF_KINDS: Final[Mapping[DayOffKind, str]] = {
    DayOffKind.LOCAL: N_("Local day off"),
    DayOffKind.HOLIDAY: N_("Public holiday"),
    DayOffKind.EXCEPTION: N_("Exception (typhoon, epidemic ...)"),
}
DAY_KINDS: Final[Mapping[DayKind, str]] = {
    DayKind.SCHOOL: N_("School day"),
    DayKind.OFF: N_("Day off"),
    DayKind.UNSET: N_("Not set by the plan"),
}
WORKS: Final[Mapping[Work, str]] = {
    Work.NETWORK: N_("Network: cable, switch, power at the camera"),
    Work.SETTINGS: N_("Settings: password, address, clock"),
    Work.STREAM: N_("Poor connection: line or Wi-Fi"),
    Work.LENS: N_("Lens: cleaning, aiming, what covers it"),
    Work.CAMERA: N_("Camera to be replaced or repaired"),
    Work.RECORDER: N_("Recorder or its disk"),
    Work.INSTALL: N_("New camera, installed"),
}
FUNDS: Final[Mapping[Fund, str]] = {
    Fund.BUDGET: N_("State budget"),
    Fund.SOCIAL: N_("Donations (socialised funding)"),
}
ACTIONS: Final[Mapping[Action, str]] = {
    Action.REPAIR: N_("Repair"),
    Action.INSTALL: N_("Install"),
}
FIELDS: Final[Mapping[str, str]] = {
    "first": N_("First day"),
    "last": N_("Last day"),
    "reason": N_("Reason"),
    "hours": N_("Hours held"),
    "school": N_("School"),
    "unit": N_("Unit"),
    "zone": N_("Area"),
    "day": N_("Day"),
    "from": N_("From"),
    "until": N_("Until"),
    "until_day": N_("Until"),
    "amount": N_("Price, VND"),
    "source": N_("Source of the price"),
    "note": N_("Note"),
}
