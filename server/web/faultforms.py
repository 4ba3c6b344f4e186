"""What people write into the fault register, checked. Pure; raises ``BadInputError``."""

from collections.abc import Mapping
from datetime import date

from server.domain.faults import FaultEntry, Written
from server.domain.units import Organisation
from server.texts.tongue import N_
from server.web import forms
from server.web.forms import BadInputError

_DEAREST = 10**12
_LINE = 200
_TEXT = 2000


def written(form: Mapping[str, str]) -> Written:
    """Return what a form says of a fault."""
    found = Written(
        what=forms.text(form, "what", longest=_TEXT).strip(),
        since=forms.day(form, "since"),
        reported=forms.day(form, "reported"),
        reported_to=forms.text(form, "reported_to", longest=_LINE).strip(),
        repaired=forms.day(form, "repaired"),
        repaired_by=forms.text(form, "repaired_by", longest=_LINE).strip(),
        warranty_until=forms.day(form, "warranty_until"),
        cost=_cost(form),
        contractor=forms.text(form, "contractor", longest=_LINE).strip(),
        note=forms.text(form, "note", longest=_TEXT).strip(),
    )
    if found.since and found.repaired and found.repaired < found.since:
        raise BadInputError("repaired", N_("must not lie before the day on which it broke"))
    return found


def by_hand(form: Mapping[str, str], organisation: Organisation, *, today: date) -> FaultEntry:
    """Return a new entry that nobody but people knows of."""
    school = organisation.school(forms.identifier(form, "school") or "")
    if school is None:
        raise BadInputError("school", N_("There is no such school."))
    name = forms.text(form, "camera", longest=_LINE).strip()
    camera = next((c.id for c in school.cameras if name in {c.id, c.name}), None)
    if name and camera is None:
        raise BadInputError("camera", N_("is no camera of this school"))
    told = written(form)
    if told.since is None or told.since > today:
        raise BadInputError("since", N_("must be a day up to today"))
    if not told.what:
        raise BadInputError("what", N_("must not be empty"))
    return FaultEntry(school=school.id, camera=camera, written=told)


def _cost(form: Mapping[str, str]) -> int | None:
    text = forms.text(form, "cost").replace(".", "").replace(" ", "")
    if not text:
        return None
    return forms.number({"cost": text}, "cost", default=0, least=0, most=_DEAREST)
