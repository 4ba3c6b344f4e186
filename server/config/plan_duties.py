"""What a plan asks of people: papers, guards, how long things are kept, words of the office."""

from collections.abc import Mapping
from typing import Final

from server.config.citations import (
    cited,
    must_be_school_kind,
    school_kinds,
    source_of,
    stated,
)
from server.config.document import Field, suggestion
from server.config.durations import due_day, months
from server.domain.citation import Citation, Stated
from server.domain.criteria import ComplianceItem
from server.domain.duties import DocumentDuty, Guards, OfficeWords, Retention

MOST_DAYS: Final = 36_500
MOST_GUARDS: Final = 1000
MOST_PUPILS: Final = 100_000
ACCESS_LOGS: Final = ("pupils", "visitors", "vehicles")
_PER: Final = ("camera", "unit", "school")


def days(field: Field) -> int:
    """Read a number of days."""
    return field.integer(1, MOST_DAYS)


def read_retention(
    recordings: Field | None, access_log: Field | None, sources: Mapping[str, Citation]
) -> Retention:
    """Read for how long recordings and gate logs are kept."""
    kept: dict[str, Stated[int]] = {}
    for name, value in access_log.entries() if access_log is not None else ():
        if name not in ACCESS_LOGS:
            raise value.error(f"unknown kind; {suggestion(name, ACCESS_LOGS, 'known are')}")
        kept[name] = stated(None if value.is_unset else value, sources, days)
    return Retention(recordings=stated(recordings, sources, days), access_log=kept)


def read_guards(field: Field | None, sources: Mapping[str, Citation]) -> Guards:
    """Read how many guards are needed, and how they are trained."""
    if field is None:
        return Guards()
    told = field.mapping("minimum", "training")
    minimum, training = told.set("minimum"), told.set("training")
    least = (
        None
        if minimum is None
        else minimum.mapping("per_gate", "per_pupils", "per_shift", "source")
    )
    trained = (
        None
        if training is None
        else training.mapping("every", "certificate_required", "certificate_valid", "source")
    )
    gate, shift, pupils = (
        None if least is None else least.set(key) for key in ("per_gate", "per_shift", "per_pupils")
    )
    every, certificate, valid = (
        None if trained is None else trained.set(key)
        for key in ("every", "certificate_required", "certificate_valid")
    )
    return Guards(
        per_gate=None if gate is None else gate.integer(1, MOST_GUARDS),
        per_shift=None if shift is None else shift.integer(1, MOST_GUARDS),
        per_pupils=None if pupils is None else pupils.integer(1, MOST_PUPILS),
        source=None if least is None else source_of(least, sources, given=gate or shift or pupils),
        training_every_months=months(every),
        certificate_required=None if certificate is None else certificate.boolean(),
        certificate_months=months(valid),
        training_source=None
        if trained is None
        else source_of(trained, sources, given=every or certificate or valid),
    )


def read_documents(
    field: Field | None, sources: Mapping[str, Citation]
) -> tuple[DocumentDuty, ...]:
    """Read which papers are owed."""
    found: dict[str, DocumentDuty] = {}
    for item in field.items() if field is not None else ():
        told = item.mapping("id", "vi", "by", "to", "every", "due", "applies_to", "source")
        every, due, name = told.set("every"), told.set("due"), told.need("id")
        if name.identifier() in found:
            raise name.error(f"'{name.text()}' stands twice")
        found[name.identifier()] = DocumentDuty(
            id=name.identifier(),
            vi=told.need("vi").text(),
            by=told.need("by").identifier(),
            to=told.need("to").identifier(),
            every_months=months(every),
            due=due_day(due),
            applies_to=school_kinds(told.set("applies_to")),
            source=source_of(told, sources, given=due or every),
        )
    return tuple(found.values())


def read_compliance(
    field: Field | None, sources: Mapping[str, Citation]
) -> tuple[ComplianceItem, ...]:
    """Read the list of further items to be shown."""
    found: dict[str, ComplianceItem] = {}
    for item in field.items() if field is not None else ():
        told = item.mapping("id", "vi", "required", "evidence", "note", "source")
        name, required, note = told.need("id"), told.set("required"), told.get("note")
        if name.identifier() in found:
            raise name.error(f"'{name.text()}' stands twice")
        found[name.identifier()] = ComplianceItem(
            id=name.identifier(),
            vi=told.need("vi").text(),
            required=None if required is None else required.boolean(),
            evidence=_words(told.get("evidence")),
            note=None if note is None else note.text(),
            source=source_of(told, sources, given=required),
        )
    return tuple(found.values())


def read_camera_security(
    field: Field | None, sources: Mapping[str, Citation]
) -> tuple[ComplianceItem, ...]:
    """Read what is asked of cameras as devices."""
    found = []
    for name, value in field.entries() if field is not None else ():
        told = value.mapping("vi", "required", "per", "applies_if", "source")
        vi, required, per = told.get("vi"), told.set("required"), told.get("per")
        condition = told.get("applies_if")
        found.append(
            ComplianceItem(
                id=name,
                vi=None if vi is None else vi.text(),
                required=None if required is None else required.boolean(),
                per="camera" if per is None else per.one_of(_PER),
                applies_if=None if condition is None else condition.text(),
                source=source_of(told, sources, given=required),
            )
        )
    return tuple(found)


def read_office(field: Field | None, sources: Mapping[str, Citation]) -> OfficeWords:
    """Read what the levels of the organisation are called."""
    if field is None:
        return OfficeWords()
    told = field.mapping("tree", "unit_label", "managed_by_level", "source")
    tree, label, managed = told.set("tree"), told.set("unit_label"), told.set("managed_by_level")
    managers = {}
    for kind, value in managed.entries() if managed is not None else ():
        must_be_school_kind(value, kind)
        managers[kind] = value.identifier()
    return OfficeWords(
        tree=() if tree is None else tuple(item.identifier() for item in tree.items()),
        unit_label=None if label is None else label.text(),
        managed_by_level=managers,
        source=cited(told.set("source"), sources),
    )


def _words(field: Field | None) -> tuple[str, ...]:
    """Read one word or a list of them."""
    if field is None:
        return ()
    return (
        (field.identifier(),)
        if field.kind == "str"
        else tuple(f.identifier() for f in field.items())
    )
