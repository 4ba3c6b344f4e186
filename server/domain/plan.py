"""What the authority's plan asks for, and where each of its numbers comes from.

Three rules hold for every value here. A number appears only with its ``Citation``. What the plan
does not state is ``None`` (the file's word is ``unset``; the page says "Chưa quy định") and is
never scored, neither as met nor as missed. ``Advice`` is a hint beside a field and never scored.

Nobody may put a camera into a ``forbidden`` kind of place: the product's own list always holds,
and a plan can only add to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Final

from server.domain.calendar import SchoolHours
from server.domain.citation import Citation
from server.domain.schoolyear import EVERY_WEEK, SchoolCalendar

GATE_ZONE: Final = "cong_truong"
"""The kind of zone that stands at a way in and out."""

ALWAYS_FORBIDDEN: Final = frozenset({"nha_ve_sinh", "phong_thay_do", "phong_y_te_kham"})
"""Toilets, changing rooms, examination rooms: a child's privacy is not for a plan to give away."""

SCHOOL_KINDS: Final[Mapping[str, str]] = {
    "mam_non": "Mầm non",
    "tieu_hoc": "Tiểu học",
    "thcs": "Trung học cơ sở",
    "thpt": "Trung học phổ thông",
    "lien_cap": "Trường phổ thông có nhiều cấp học",
    "nhom_tre_doc_lap": "Nhóm trẻ, lớp mẫu giáo độc lập",
}
"""Kinds of school (the Education Law's levels) and their Vietnamese names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A hint that is shown beside a field and never scored."""

    min_cameras: int | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What the plan says of one kind of zone at one kind of school.

    Attributes:
        kind: The kind of zone.
        required: Whether such a zone must be watched at all; None is unset.
        min_cameras: How many working cameras each instance needs, at least 1; None is unset.
        source: Who says so; never None where a value is set.
    """

    kind: str
    required: bool | None
    min_cameras: int | None
    source: Citation | None
    advice: Advice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneKind:
    """An entry of the catalogue of places: its name in Vietnamese and, if given, in English."""

    id: str
    vi: str
    en: str | None = None


class MeasuredOver(StrEnum):
    """Over which time uptime is counted."""

    SCHOOL_HOURS = "school_hours"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One plan version of one managing unit.

    Attributes:
        zones: The catalogue, by kind.
        requirements: By kind of school, then by kind of zone.
        school_hours: By kind of school; None (or no entry) is unset.
        uptime_required_percent: Of counted seconds; None is unset: shown, not scored.
        calendar: On which days those hours are held.
        forbidden_zones: Kinds of places where no camera may be, the product's own included.
    """

    id: str
    title: str
    version: str
    zones: Mapping[str, ZoneKind]
    requirements: Mapping[str, Mapping[str, Requirement]]
    school_hours: Mapping[str, SchoolHours | None]
    school_hours_source: Mapping[str, Citation] = field(default_factory=dict)
    uptime_required_percent: float | None = None
    uptime_source: Citation | None = None
    measured_over: MeasuredOver = MeasuredOver.SCHOOL_HOURS
    calendar: SchoolCalendar = field(default_factory=partial(SchoolCalendar, years=EVERY_WEEK))
    forbidden_zones: frozenset[str] = ALWAYS_FORBIDDEN
    issued_by: str | None = None
    document_no: str | None = None
    issued_on: date | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    sources: Mapping[str, Citation] = field(default_factory=dict)

    def requirement(self, school_kind: str, zone_kind: str) -> Requirement | None:
        """Return what the plan says of a zone at a kind of school; None when it says nothing."""
        return self.requirements.get(school_kind, {}).get(zone_kind)

    def required_cameras(self, school_kind: str, zone_kind: str) -> int | None:
        """Return how many working cameras one such zone needs; None is unset or not required."""
        found = self.requirement(school_kind, zone_kind)
        return None if found is None or found.required is False else found.min_cameras

    def hours(self, school_kind: str) -> SchoolHours | None:
        """Return a kind of school's hours; None is unset."""
        return self.school_hours.get(school_kind)
