"""Places: the plan's catalogue of kinds, and what each kind of school needs in each of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from server.config.citations import must_be_school_kind, source_of
from server.config.document import Field, suggestion
from server.domain.citation import Citation
from server.domain.plan import Advice, PictureNeed, Requirement, ZoneKind
from wire.topics import is_id

MOST_CAMERAS: Final = 1000
MOST_PIXELS: Final = 20_000
MOST_FPS: Final = 120
MOST_PX_PER_M: Final = 5000
_INHERITS: Final = "inherits"
_EACH_LEVEL: Final = "inherits_each_level"
_OF_ALL: Final = frozenset({_INHERITS, _EACH_LEVEL, "source"})

Asked = dict[str, dict[str, Requirement]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What the requirements of a plan refer to."""

    zones: Mapping[str, ZoneKind]
    forbidden: Collection[str]
    sources: Mapping[str, Citation]


def read_zones(field: Field) -> dict[str, ZoneKind]:
    """Read the catalogue of kinds of places."""
    found = {}
    for name, value in field.entries():
        if not is_id(name):
            raise value.error(f"'{name}' is not a valid id: small letters a-z, digits, - and _")
        told = value.mapping("vi", "en", "counts_by")
        en, counts_by = told.get("en"), told.get("counts_by")
        found[name] = ZoneKind(
            id=name,
            vi=told.need("vi").text(),
            en=None if en is None else en.text(),
            counts_by=None if counts_by is None else counts_by.identifier(),
        )
    return found


def read_requirements(field: Field | None, places: Places) -> tuple[Asked, frozenset[str]]:
    """Read what each kind of school needs, and which kinds need what each of their levels needs."""
    found: Asked = {}
    each_level: set[str] = set()
    heirs: dict[str, Field] = {}
    for school_kind, value in field.entries() if field is not None else ():
        must_be_school_kind(value, school_kind)
        entries = {} if value.is_unset else dict(value.entries())
        found[school_kind] = _zones_of(entries, places)
        if _EACH_LEVEL in entries and entries[_EACH_LEVEL].boolean():
            each_level.add(school_kind)
        if _INHERITS in entries:
            heirs[school_kind] = entries[_INHERITS]
            _must_be_cited(value, entries, places.sources)
    for heir, told in heirs.items():
        found[heir] = found[_forebear(told, heir, found, heirs)] | found[heir]
    return found, frozenset(each_level)


def _zones_of(entries: Mapping[str, Field], places: Places) -> dict[str, Requirement]:
    found = {}
    for kind, value in entries.items():
        if kind in _OF_ALL:
            continue
        if kind in places.forbidden:
            raise value.error(f"no camera may be in a zone of kind '{kind}'")
        if kind not in places.zones:
            why = suggestion(kind, places.zones, "'zones' has")
            raise value.error(f"unknown kind of zone; {why}")
        found[kind] = _requirement(value, places.zones[kind], places.sources)
    return found


def _must_be_cited(
    field: Field, entries: Mapping[str, Field], sources: Mapping[str, Citation]
) -> None:
    """Refuse an inheritance that nobody stands behind: it carries numbers."""
    told = field.mapping(*entries)
    source_of(told, sources, given=entries[_INHERITS])


def _forebear(told: Field, heir: str, found: Asked, heirs: Collection[str]) -> str:
    name = told.text()
    if name not in found:
        why = suggestion(name, [k for k in found if k != heir], "set here are")
        raise told.error(f"nothing is set for '{name}'; {why}")
    if name in heirs:
        raise told.error(f"'{name}' inherits itself; name the kind whose values are written out")
    return name


def _requirement(field: Field, zone: ZoneKind, sources: Mapping[str, Citation]) -> Requirement:
    if field.is_unset:
        return Requirement(kind=zone.id, required=None, min_cameras=None, source=None)
    told = field.mapping("required", "min_cameras", "picture", "source", "advice", "applies_if")
    required, cameras = told.set("required"), told.set("min_cameras")
    must = None if required is None else required.boolean()
    number = None if cameras is None else cameras.integer(1, MOST_CAMERAS)
    if cameras is not None and must is False:
        raise cameras.error("a number for a zone that is not required")
    advice, condition = told.get("advice"), told.set("applies_if")
    return Requirement(
        kind=zone.id,
        required=must,
        min_cameras=number,
        source=source_of(told, sources, given=cameras or required),
        advice=None if advice is None else _advice(advice),
        picture=_picture(told.set("picture"), sources),
        applies_if=None if condition is None else _condition(condition, zone),
    )


def _condition(field: Field, zone: ZoneKind) -> str:
    """Read ``has_kitchen``: a zone may be asked for only where there is what it counts by."""
    expected = f"has_{zone.counts_by}"
    if zone.counts_by is None:
        raise field.error(f"'zones.{zone.id}' needs counts_by before anything can depend on it")
    if field.text() != expected:
        raise field.error(f"'{expected}' is expected here, found '{field.text()}'")
    return expected


def _picture(field: Field | None, sources: Mapping[str, Citation]) -> PictureNeed | None:
    if field is None:
        return None
    told = field.mapping("min_width", "min_height", "min_fps", "source")
    width, height, fps = told.set("min_width"), told.set("min_height"), told.set("min_fps")
    need = PictureNeed(
        min_width=None if width is None else width.integer(1, MOST_PIXELS),
        min_height=None if height is None else height.integer(1, MOST_PIXELS),
        min_fps=None if fps is None else fps.number(0.1, MOST_FPS),
        source=source_of(told, sources, given=width or height or fps),
    )
    return need if need.is_set else None


def _advice(field: Field) -> Advice:
    told = field.mapping("min_cameras", "px_per_m", "why")
    cameras, density, why = told.get("min_cameras"), told.get("px_per_m"), told.get("why")
    return Advice(
        min_cameras=None if cameras is None else cameras.integer(1, MOST_CAMERAS),
        px_per_m=None if density is None else density.integer(1, MOST_PX_PER_M),
        why=None if why is None else why.text(),
    )
