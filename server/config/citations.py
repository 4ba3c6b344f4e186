"""Where a plan's numbers come from: the file's ``sources`` and each value's ``source``."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from server.config.document import Field, Record, suggestion
from server.domain.citation import Citation
from server.domain.plan import SCHOOL_KINDS

PRODUCT: Final = "product_default"
SOURCE_KINDS: Final = (
    "law",
    "technical_regulation",
    "standard",
    "moet_decision",
    "province_plan",
    "district_plan",
    "commune_plan",
    "school_plan",
    PRODUCT,
)


def read_sources(field: Field) -> dict[str, Citation]:
    """Read the citations that the numbers below refer to."""
    found = {}
    for name, value in field.entries():
        told = value.mapping("kind", "ref")
        found[name] = Citation(
            id=name, kind=told.need("kind").one_of(SOURCE_KINDS), ref=told.need("ref").text()
        )
    return found


def source_of(
    told: Record, sources: Mapping[str, Citation], *, given: Field | None
) -> Citation | None:
    """Return who says so. ``given`` is a value that may not stand without it, if there is one."""
    field = told.set("source")
    if field is None:
        if given is not None:
            raise given.error("a value needs its source beside it: source: {id: ...}")
        return None
    named = field.mapping("id", "note")
    name, note = named.need("id").text(), named.get("note")
    if name not in sources:
        why = suggestion(name, sources, "'sources' has")
        raise named.need("id").error(f"unknown source '{name}'; {why}")
    if given is not None and sources[name].kind == PRODUCT:
        raise named.need("id").error("the product's own defaults are no authority for a plan")
    return replace(sources[name], note=None if note is None else note.text())


def must_be_school_kind(field: Field, name: str) -> None:
    """Refuse a kind of school that does not exist."""
    if name not in SCHOOL_KINDS:
        raise field.error(f"unknown kind of school; {suggestion(name, SCHOOL_KINDS, 'known are')}")
