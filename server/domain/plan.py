"""What the authority's plan asks for, and where each of its numbers comes from.

Three rules hold for every value here. A number appears only with its ``Citation``. What the plan
does not state is ``None`` (the file's word is ``unset``; the page says "Chưa quy định") and is
never scored, neither as met nor as missed. ``Advice`` is a hint beside a field and never scored.

Nobody may put a camera into a ``forbidden`` kind of place: the product's own list always holds,
and a plan can only add to it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Final

from server.domain.calendar import SchoolHours, hours_together
from server.domain.citation import Citation, Stated
from server.domain.criteria import ComplianceItem, CriteriaSet
from server.domain.duties import DocumentDuty, Guards, OfficeWords, Retention
from server.domain.schoolyear import EVERY_WEEK, SchoolCalendar

GATE_ZONE: Final = "cong_truong"
"""The kind of zone that stands at a way in and out."""

ALWAYS_FORBIDDEN: Final = frozenset({"nha_ve_sinh", "phong_thay_do", "phong_y_te_kham"})
"""Toilets, changing rooms, examination rooms: a child's privacy is not for a plan to give away."""

NEVER_COUNTS: Final = frozenset(
    {"picture.covered", "picture.black", "picture.no_signal", "picture.frozen"}
)
"""Causes with which a camera shows nothing of its place: no plan can let them count as watched."""

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
    px_per_m: int | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureNeed:
    """What a camera's picture must at least be, in pixels and frames a second; None is unset."""

    min_width: int | None = None
    min_height: int | None = None
    min_fps: float | None = None
    source: Citation | None = None

    @property
    def is_set(self) -> bool:
        """Whether it asks for anything."""
        return (self.min_width, self.min_height, self.min_fps) != (None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What the plan says of one kind of zone at one kind of school.

    Attributes:
        kind: The kind of zone.
        required: Whether such a zone must be watched at all; None is unset.
        min_cameras: How many working cameras each instance needs, at least 1; None is unset.
        source: Who says so; never None where a value is set.
        picture: What their pictures must be; None is unset.
        applies_if: ``has_kitchen`` ...: asked only of schools that have such a place, so that one
            without is not short of it. None: every such school should have one.
    """

    kind: str
    required: bool | None
    min_cameras: int | None
    source: Citation | None
    advice: Advice | None = None
    picture: PictureNeed | None = None
    applies_if: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneKind:
    """An entry of the catalogue of places: its name in Vietnamese and, if given, in English.

    ``counts_by``: what there is one of for each instance (gate, floor, kitchen, classroom ...).
    """

    id: str
    vi: str
    en: str | None = None
    counts_by: str | None = None


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
        each_level: Kinds of school of which is asked what is asked of each of their levels.
        school_hours: By kind of school; None (or no entry) is unset.
        school_hours_advice: A hint in the file's words, by kind of school.
        uptime_required_percent: Of counted seconds; None is unset: shown, not scored.
        alert_after_s: After how long the unit wants to hear of a lost camera; shown only.
        outside_hours: Whether cameras must run outside school hours, too; shown only.
        calendar: On which days those hours are held.
        open_years: School years that it names without saying when they are.
        holidays_confirmed_by: Who held the public holidays against this year's announcement.
        counts_degraded: Causes whose degraded time still counts as watched; none: no cause does.
        findings_healthy_days: After so many good school days in a row a finding of an inspection
            closes itself, unless the inspector says otherwise; unset: by hand.
        forbidden_zones: Kinds of places where no camera may be, the product's own included.
        supersedes: The id of the plan that it replaces.
    """

    id: str
    title: str
    version: str
    zones: Mapping[str, ZoneKind]
    requirements: Mapping[str, Mapping[str, Requirement]]
    school_hours: Mapping[str, SchoolHours | None]
    each_level: frozenset[str] = frozenset()
    school_hours_source: Mapping[str, Citation] = field(default_factory=dict)
    school_hours_advice: Mapping[str, str] = field(default_factory=dict)
    uptime_required_percent: float | None = None
    uptime_source: Citation | None = None
    measured_over: MeasuredOver = MeasuredOver.SCHOOL_HOURS
    alert_after_s: Stated[int] = field(default_factory=Stated)
    outside_hours: Stated[bool] = field(default_factory=Stated)
    calendar: SchoolCalendar = field(default_factory=partial(SchoolCalendar, years=EVERY_WEEK))
    open_years: tuple[str, ...] = ()
    holidays_confirmed_by: str | None = None
    counts_degraded: frozenset[str] = frozenset()
    counts_degraded_source: Citation | None = None
    retention: Retention = field(default_factory=Retention)
    findings_healthy_days: Stated[int] = field(default_factory=Stated)
    guards: Guards = field(default_factory=Guards)
    documents: tuple[DocumentDuty, ...] = ()
    criteria_sets: tuple[CriteriaSet, ...] = ()
    active_criteria_set: str | None = None
    compliance: tuple[ComplianceItem, ...] = ()
    camera_security: tuple[ComplianceItem, ...] = ()
    office: OfficeWords = field(default_factory=OfficeWords)
    forbidden_zones: frozenset[str] = ALWAYS_FORBIDDEN
    forbidden_zones_source: Citation | None = None
    issued_by: str | None = None
    issued_by_level: str | None = None
    document_no: str | None = None
    issued_on: date | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    supersedes: str | None = None
    sources: Mapping[str, Citation] = field(default_factory=dict)

    def asked(self, school_kind: str, levels: Iterable[str] = ()) -> Mapping[str, Requirement]:
        """Return all that is asked of a kind of school, by kind of zone.

        ``levels`` are those that a school of several levels has; they matter only where the plan
        asks of such a school what it asks of each level.
        """
        own = self.requirements.get(school_kind, {})
        if school_kind not in self.each_level:
            return own
        of_levels = [self.requirements.get(level, {}) for level in levels]
        kinds = dict.fromkeys(kind for asked in of_levels for kind in asked)
        merged = {k: strictest(a[k] for a in of_levels if k in a) for k in kinds}
        return merged | dict(own)

    def requirement(
        self, school_kind: str, zone_kind: str, levels: Iterable[str] = ()
    ) -> Requirement | None:
        """Return what the plan says of a zone at a kind of school; None when it says nothing."""
        return self.asked(school_kind, levels).get(zone_kind)

    def required_cameras(
        self, school_kind: str, zone_kind: str, levels: Iterable[str] = ()
    ) -> int | None:
        """Return how many working cameras one such zone needs; None is unset or not required."""
        found = self.requirement(school_kind, zone_kind, levels)
        return None if found is None or found.required is False else found.min_cameras

    def hours(self, school_kind: str, levels: Iterable[str] = ()) -> SchoolHours | None:
        """Return a kind of school's hours; None is unset.

        Of a school with several levels and no hours of its own: those of all its levels together.
        """
        own = self.school_hours.get(school_kind)
        if own is not None or school_kind not in self.each_level:
            return own
        return hours_together([self.school_hours.get(level) for level in levels])

    def criteria_set(self) -> CriteriaSet | None:
        """Return the set that the unit has chosen; None is unset."""
        return next((s for s in self.criteria_sets if s.id == self.active_criteria_set), None)


def strictest(asked: Iterable[Requirement]) -> Requirement:
    """Return what satisfies all of some requirements of one kind of zone; at least one.

    A level that leaves a number open takes nothing from what another level sets.
    """
    found = list(asked)
    binding = [r for r in found if r.required is not False] or found
    first = max(binding, key=lambda r: (r.min_cameras or 0, r.required is True))
    pictures = [r.picture for r in binding if r.picture is not None]
    conditions = {r.applies_if for r in found}
    return replace(
        first,
        required=True if any(r.required for r in found) else first.required,
        picture=_finest(pictures),
        applies_if=conditions.pop() if len(conditions) == 1 else None,
    )


def _finest(pictures: list[PictureNeed]) -> PictureNeed | None:
    """Return the picture that satisfies all of some; cited is whoever asks for the widest."""
    if not pictures:
        return None
    return PictureNeed(
        min_width=max((p.min_width for p in pictures if p.min_width is not None), default=None),
        min_height=max((p.min_height for p in pictures if p.min_height is not None), default=None),
        min_fps=max((p.min_fps for p in pictures if p.min_fps is not None), default=None),
        source=max(pictures, key=lambda p: p.min_width or 0).source,
    )
