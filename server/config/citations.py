"""Where a plan's numbers come from: the file's ``sources``, each value's ``source``, advice."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeVar

from server.config.document import Field, Record, suggestion
from server.domain.citation import Citation, Force, Stated
from server.domain.plan import SCHOOL_KINDS

Value = TypeVar("Value")
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
SEEN: Final = ("true", "partial", "summary", "false")
CERTAINTY: Final = ("high", "medium", "low")


def read_sources(field: Field) -> dict[str, Citation]:
    """Read the citations that the numbers below refer to."""
    found = {name: _source(name, value) for name, value in field.entries()}
    for name, value in field.entries():
        _must_replace(value, found[name], found)
    return found


def _source(name: str, field: Field) -> Citation:
    told = field.mapping("kind", "ref", "in_force", "replaced_by", "from", "until", "seen")
    since, until = told.set("from"), told.set("until")
    seen, replaced_by = told.get("seen"), told.get("replaced_by")
    citation = Citation(
        id=name,
        kind=told.need("kind").one_of(SOURCE_KINDS),
        ref=told.need("ref").text(),
        in_force=_force(told.set("in_force")),
        replaced_by=None if replaced_by is None else replaced_by.text(),
        since=None if since is None else since.date(),
        until=None if until is None else until.date(),
        seen=None if seen is None else _seen(seen),
    )
    if until is not None and citation.since and citation.until and citation.until < citation.since:
        raise until.error(f"ends ({citation.until}) before it begins ({citation.since})")
    return citation


def _force(field: Field | None) -> Force:
    """Read true, false or check; what is left out is taken as in force."""
    if field is None:
        return Force.YES
    if field.kind == "bool":
        return Force.YES if field.boolean() else Force.NO
    if field.kind == "str" and field.text() == Force.CHECK:
        return Force.CHECK
    raise field.error(f"true, false or 'check' is expected, found {field.found()}")


def _seen(field: Field) -> str:
    if field.kind == "bool":
        return "true" if field.boolean() else "false"
    return field.one_of(SEEN)


def _must_replace(field: Field, citation: Citation, sources: Mapping[str, Citation]) -> None:
    if citation.replaced_by is None:
        return
    told = dict(field.entries())["replaced_by"]
    if citation.replaced_by not in sources:
        why = suggestion(citation.replaced_by, sources, "'sources' has")
        raise told.error(f"unknown source '{citation.replaced_by}'; {why}")
    if citation.replaced_by == citation.id:
        raise told.error("a source can't replace itself")


def source_of(
    told: Record,
    sources: Mapping[str, Citation],
    *,
    given: Field | None,
    product: bool = False,
) -> Citation | None:
    """Return who says so. ``given`` is a value that may not stand without it, if there is one.

    ``product``: the product's own default may be named, because nobody is judged by the value.
    """
    field = told.set("source")
    if field is None:
        if given is not None:
            raise given.error("a value needs its source beside it: source: {id: ...}")
        return None
    named, found = _named(field, sources)
    if given is not None and not product and found.kind == PRODUCT:
        raise named.need("id").error("the product's own defaults are no authority for a plan")
    return found


def cited(field: Field | None, sources: Mapping[str, Citation]) -> Citation | None:
    """Read a reference that stands under a key of its own."""
    return None if field is None else _named(field, sources)[1]


def _named(field: Field, sources: Mapping[str, Citation]) -> tuple[Record, Citation]:
    named = field.mapping("id", "note", "certainty")
    name, note, certainty = named.need("id").text(), named.get("note"), named.get("certainty")
    if name not in sources:
        why = suggestion(name, sources, "'sources' has")
        raise named.need("id").error(f"unknown source '{name}'; {why}")
    return named, replace(
        sources[name],
        note=None if note is None else note.text(),
        certainty=None if certainty is None else certainty.one_of(CERTAINTY),
    )


def stated(
    field: Field | None,
    sources: Mapping[str, Citation],
    read: Callable[[Field], Value],
    *,
    product: bool = False,
) -> Stated[Value]:
    """Read a value with its source and a hint: ``{value:, source:, advice: {value:, why:}}``."""
    if field is None:
        return Stated()
    told = field.mapping("value", "source", "advice")
    value, advice = told.set("value"), told.get("advice")
    hint = None if advice is None else advice.mapping("value", "why")
    hinted, why = (None, None) if hint is None else (hint.get("value"), hint.get("why"))
    return Stated(
        value=None if value is None else read(value),
        source=source_of(told, sources, given=value, product=product),
        advice=None if hinted is None else read(hinted),
        why=None if why is None else why.text(),
    )


def must_be_school_kind(field: Field, name: str) -> None:
    """Refuse a kind of school that does not exist."""
    if name not in SCHOOL_KINDS:
        raise field.error(f"unknown kind of school; {suggestion(name, SCHOOL_KINDS, 'known are')}")


def school_kinds(field: Field | None) -> tuple[str, ...] | None:
    """Read a list of kinds of school; None where there is none."""
    if field is None:
        return None
    found = []
    for item in field.items():
        must_be_school_kind(item, item.text())
        found.append(item.text())
    return tuple(found)
