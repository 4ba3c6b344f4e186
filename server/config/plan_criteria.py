"""Sets of criteria, and which of them the unit has chosen."""

from collections.abc import Collection, Mapping

from server.config.citations import school_kinds, source_of
from server.config.document import Field, suggestion
from server.domain.citation import Citation
from server.domain.criteria import CriteriaSet, Criterion, EvidenceKind


def read_criteria(field: Field | None, sources: Mapping[str, Citation]) -> tuple[CriteriaSet, ...]:
    """Read the sets of criteria."""
    found: dict[str, CriteriaSet] = {}
    for item in field.items() if field is not None else ():
        one = _set(item, sources)
        if one.id in found:
            raise item.error(f"'{one.id}' stands twice")
        found[one.id] = one
    return tuple(found.values())


def read_active(field: Field | None, sets: Collection[CriteriaSet]) -> str | None:
    """Read which set holds; None is unset. There is no silent default."""
    if field is None:
        return None
    name = field.text()
    chosen = next((s for s in sets if s.id == name), None)
    if chosen is None:
        why = suggestion(name, [s.id for s in sets], "'criteria_sets' has")
        raise field.error(f"unknown set '{name}'; {why}")
    if not chosen.selectable:
        raise field.error(f"'{name}' may not be chosen (selectable: false)")
    return name


def _set(field: Field, sources: Mapping[str, Citation]) -> CriteriaSet:
    told = field.mapping(
        "id", "vi", "source", "selectable", "warn", "not_applicable_to", "criteria"
    )
    name, vi, warn = told.need("id"), told.get("vi"), told.get("warn")
    selectable, source = told.get("selectable"), source_of(told, sources, given=told.need("id"))
    return CriteriaSet(
        id=name.identifier(),
        vi=vi.text() if vi is not None else (source.ref if source else name.text()),
        source=source,
        warn=None if warn is None else warn.text(),
        selectable=True if selectable is None else selectable.boolean(),
        not_applicable_to=school_kinds(told.get("not_applicable_to")) or (),
        criteria=_criteria(told.items("criteria")),
    )


def _criteria(items: Collection[Field]) -> tuple[Criterion, ...]:
    found: dict[str, Criterion] = {}
    for item in items:
        told = item.mapping("id", "vi", "evidence", "applies_to")
        name = told.need("id")
        if name.identifier() in found:
            raise name.error(f"'{name.text()}' stands twice")
        found[name.identifier()] = Criterion(
            id=name.identifier(),
            vi=told.need("vi").text(),
            evidence=tuple(word.choice(EvidenceKind) for word in told.items("evidence")),
            applies_to=school_kinds(told.set("applies_to")),
        )
    return tuple(found.values())
