"""A plan line by line: each thing that it says or leaves open, under its key in the plan's file.

From these lines follow the list of what is still to be set ("cần quy định"), the differences of two
versions, and the sources that somebody should look at because they are not in force.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from server.domain.calendar import SchoolHours
from server.domain.citation import Citation, Stated
from server.domain.duties import DueDay
from server.domain.plan import Plan, Requirement
from server.domain.schoolyear import EVERY_WEEK, DayOff

Said: TypeAlias = bool | int | float | str | date | SchoolHours | DueDay | tuple[str, ...] | DayOff


class Topic(StrEnum):
    """What a line is about: the parts of a plan, in the order in which they are read."""

    PAPER = "paper"
    CAMERAS = "cameras"
    PICTURE = "picture"
    UPTIME = "uptime"
    CALENDAR = "calendar"
    RETENTION = "retention"
    GUARDS = "guards"
    DOCUMENTS = "documents"
    CRITERIA = "criteria"
    SECURITY = "security"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of a plan.

    Attributes:
        key: In the file, dotted.
        field: The last word of the key: what the value is.
        subjects: What it is said of: a kind of school and of place, a document ...
        value: None is unset.
        wanted: Whether somebody should still set it where it is unset.
    """

    topic: Topic
    key: str
    field: str
    subjects: tuple[str, ...]
    value: Said | None
    source: Citation | None = None
    wanted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One line that two versions have differently; None where one of them has no such line."""

    before: Fact | None
    after: Fact | None

    @property
    def fact(self) -> Fact:
        """Return the line by which both are named."""
        found = self.after or self.before
        assert found is not None
        return found


def facts(plan: Plan) -> Iterator[Fact]:
    """Yield every line of a plan."""
    yield from _paper(plan)
    for school_kind, asked in plan.requirements.items():
        for requirement in asked.values():
            yield from _cameras(school_kind, requirement)
    yield from _uptime(plan)
    yield from _calendar(plan)
    yield from _retention(plan)
    yield from _guards(plan)
    yield from _documents(plan)
    yield from _criteria(plan)


def open_facts(plan: Plan) -> tuple[Fact, ...]:
    """Return what is still to be set."""
    return tuple(fact for fact in facts(plan) if fact.wanted and fact.value is None)


def differences(before: Plan, after: Plan) -> tuple[Difference, ...]:
    """Return the lines whose value or source differs, in the order of the newer version."""
    old = {fact.key: fact for fact in facts(before)}
    new = {fact.key: fact for fact in facts(after)}
    keys = [*new, *(key for key in old if key not in new)]
    pairs = [Difference(before=old.get(key), after=new.get(key)) for key in keys]
    return tuple(d for d in pairs if _said(d.before) != _said(d.after))


def _said(fact: Fact | None) -> tuple[Said | None, str | None, str | None]:
    """Return what two versions are compared by: an unset line is as good as none."""
    if fact is None or fact.value is None:
        return None, None, None
    source = fact.source
    if source is None:
        return fact.value, None, None
    return fact.value, source.ref, source.note


def _paper(plan: Plan) -> Iterator[Fact]:
    told: dict[str, Said | None] = {
        "title": plan.title,
        "version": plan.version,
        "issued_by": plan.issued_by,
        "document_no": plan.document_no,
        "issued_on": plan.issued_on,
    }
    for name, value in told.items():
        yield _fact(Topic.PAPER, f"plan.{name}", value)
    yield _fact(Topic.PAPER, "plan.effective.from", plan.effective_from)
    yield _fact(Topic.PAPER, "plan.effective.to", plan.effective_to, wanted=False)
    product = plan.forbidden_zones_source
    yield _fact(Topic.PAPER, "forbidden_zones", tuple(sorted(plan.forbidden_zones)), source=product)


def _cameras(school_kind: str, asked: Requirement) -> Iterator[Fact]:
    key = f"camera_requirements.{school_kind}.{asked.kind}"
    of = (school_kind, asked.kind)
    source = asked.source
    yield _fact(
        Topic.CAMERAS, f"{key}.required", asked.required, of=of, source=source, wanted=False
    )
    open_number = asked.required is not False
    yield _fact(
        Topic.CAMERAS,
        f"{key}.min_cameras",
        asked.min_cameras,
        of=of,
        source=source,
        wanted=open_number,
    )
    picture = asked.picture
    if picture is not None:
        told: dict[str, Said | None] = {
            "min_width": picture.min_width,
            "min_height": picture.min_height,
            "min_fps": picture.min_fps,
        }
        for name, value in told.items():
            yield _fact(Topic.PICTURE, f"{key}.picture.{name}", value, of=of, source=picture.source)


def _uptime(plan: Plan) -> Iterator[Fact]:
    source = plan.uptime_source
    percent = plan.uptime_required_percent
    yield _fact(Topic.UPTIME, "uptime.required_percent", percent, source=source)
    yield _fact(Topic.UPTIME, "uptime.measured_over", plan.measured_over.value)
    causes = tuple(sorted(plan.counts_degraded)) or None
    yield _fact(Topic.UPTIME, "counts_degraded.causes", causes, source=plan.counts_degraded_source)
    yield _stated(Topic.UPTIME, "uptime.offline_alert_after_s", plan.alert_after_s, wanted=False)
    healthy = plan.findings_healthy_days
    yield _stated(Topic.UPTIME, "findings_close_after_days", healthy, wanted=False)


def _calendar(plan: Plan) -> Iterator[Fact]:
    calendar = plan.calendar
    if calendar.years is EVERY_WEEK:
        yield _fact(Topic.CALENDAR, "calendar.school_year", "every_week")
    else:
        for year in calendar.known_years:
            told = {"first": year.first, "last": year.last, "term1_last": year.term1_last}
            for name, day in told.items():
                key = f"calendar.school_year.{year.id}.{name}"
                yield _fact(Topic.CALENDAR, key, day, of=(year.id,), source=year.source)
        for name in plan.open_years:
            yield _fact(Topic.CALENDAR, f"calendar.school_year.{name}.first", None, of=(name,))
        if not calendar.known_years and not plan.open_years:
            yield _fact(Topic.CALENDAR, "calendar.school_year", None)
        off = None if calendar.unsure_holidays else bool(calendar.holidays)
        yield _fact(Topic.CALENDAR, "calendar.holidays.from", off)
        confirmed = plan.holidays_confirmed_by
        yield _fact(Topic.CALENDAR, "calendar.holidays.confirmed_by", confirmed)
    for kind in plan.school_hours:
        yield _fact(
            Topic.CALENDAR,
            f"calendar.sessions.{kind}",
            plan.school_hours[kind],
            of=(kind,),
            source=plan.school_hours_source.get(kind),
        )
    for entry in calendar.days_off:
        key = f"calendar.holidays.extra.{entry.first}.{entry.reason}"
        yield _fact(Topic.CALENDAR, key, entry, of=(entry.reason,), source=entry.source)
    yield _stated(Topic.CALENDAR, "calendar.outside_hours", plan.outside_hours)


def _retention(plan: Plan) -> Iterator[Fact]:
    yield _stated(Topic.RETENTION, "recording_retention_days", plan.retention.recordings)
    for kind, told in plan.retention.access_log.items():
        yield _stated(Topic.RETENTION, f"access_log_retention_days.{kind}", told, of=(kind,))


def _guards(plan: Plan) -> Iterator[Fact]:
    guards = plan.guards
    least = {
        "per_gate": guards.per_gate,
        "per_shift": guards.per_shift,
        "per_pupils": guards.per_pupils,
    }
    nobody = not any(least.values())
    for name, number in least.items():
        key = f"guards.minimum.{name}"
        yield _fact(Topic.GUARDS, key, number, source=guards.source, wanted=nobody)
    training: dict[str, Said | None] = {
        "every": guards.training_every_months,
        "certificate_required": guards.certificate_required,
        "certificate_valid": guards.certificate_months,
    }
    for name, value in training.items():
        wanted = name != "certificate_valid" or guards.certificate_required is True
        key = f"guards.training.{name}"
        yield _fact(Topic.GUARDS, key, value, source=guards.training_source, wanted=wanted)


def _documents(plan: Plan) -> Iterator[Fact]:
    for duty in plan.documents:
        key, of = f"documents.{duty.id}", (duty.id,)
        every, due = duty.every_months, duty.due
        yield _fact(Topic.DOCUMENTS, f"{key}.every", every, of=of, source=duty.source)
        yield _fact(Topic.DOCUMENTS, f"{key}.due", due, of=of, source=duty.source)


def _criteria(plan: Plan) -> Iterator[Fact]:
    if plan.criteria_sets:
        chosen = plan.criteria_set()
        source = None if chosen is None else chosen.source
        active = plan.active_criteria_set
        yield _fact(Topic.CRITERIA, "active_criteria_set", active, source=source)
    for item in plan.camera_security:
        key, of = f"camera_security.{item.id}.required", (item.id,)
        yield _fact(Topic.SECURITY, key, item.required, of=of, source=item.source)


def _stated(
    topic: Topic,
    key: str,
    told: Stated[int] | Stated[bool],
    *,
    of: tuple[str, ...] = (),
    wanted: bool = True,
) -> Fact:
    return _fact(topic, key, told.value, of=of, source=told.source, wanted=wanted)


def _fact(
    topic: Topic,
    key: str,
    value: Said | None,
    *,
    of: tuple[str, ...] = (),
    source: Citation | None = None,
    wanted: bool = True,
) -> Fact:
    return Fact(
        topic=topic,
        key=key,
        field=key.rpartition(".")[2],
        subjects=of,
        value=value,
        source=source,
        wanted=wanted,
    )
