"""Incidents, their steps and observations as rows of tables, and back."""

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row

from server.domain.incident.model import Change, Incident, Phase, Step
from server.domain.incident.signals import Aspect, Observation, Signal, Subject
from server.storage.folding import clean, fold
from server.storage.incident_rows import IncidentRow, StepRow
from server.storage.times import moment_of, moment_or_none, ms_of

_incident = msgspec.json.Decoder(Incident)


def incident_values(value: Incident) -> dict[str, Any]:
    """Return the columns that the engine decides; what people decide is not among them."""
    return {
        "id": value.id,
        "kind": value.kind,
        "root": value.root,
        "school": value.school,
        "unit": value.unit,
        "severity": value.severity,
        "phase": value.phase,
        "open": value.phase is not Phase.CLOSED,
        "began_ms": ms_of(value.began_at),
        "opened_ms": ms_of(value.opened_at),
        "tell_ms": _ms_or_none(value.tell_at),
        "ended_ms": _ms_or_none(value.ended_at),
        "closed_ms": _ms_or_none(value.closed_at),
        "body": clean(msgspec.json.encode(value).decode()),
        "folded": _folded(value),
    }


ENGINES_OWN: Final = (
    "kind",
    "root",
    "school",
    "unit",
    "severity",
    "phase",
    "open",
    "began_ms",
    "opened_ms",
    "tell_ms",
    "ended_ms",
    "closed_ms",
    "body",
    "folded",
)
"""What a later step of an incident writes over; the rest of its row is people's."""


def incident_row(row: Row[Any]) -> IncidentRow:
    """Return a row of ``incident`` as a value."""
    retold_end = row.retold_ended_ms if row.ended_ms is not None else None
    return IncidentRow(
        incident=_incident.decode(row.body),
        began_at=moment_of(row.began_ms if row.retold_began_ms is None else row.retold_began_ms),
        ended_at=moment_or_none(row.ended_ms if retold_end is None else retold_end),
        told_at=moment_or_none(row.told_ms),
        acknowledged_at=moment_or_none(row.acknowledged_ms),
        acknowledged_by=row.acknowledged_by,
        assigned_to=row.assigned_to,
    )


def step_values(change: Change) -> dict[str, Any]:
    """Return one step of the engine's as columns."""
    text = change.into or "" if change.step is Step.ABSORBED else ""
    return {
        "incident_id": change.incident.id,
        "at_ms": ms_of(change.at),
        "step": change.step,
        "person": None,
        "text": text,
    }


def deed_values(
    name: str, step: str, *, by: str | None, text: str, now: datetime
) -> dict[str, Any]:
    """Return one step of a person's as columns."""
    return {
        "incident_id": name,
        "at_ms": ms_of(now),
        "step": step,
        "person": by,
        "text": clean(text),
    }


def step_row(row: Row[Any]) -> StepRow:
    """Return a row of ``incident_step`` as a value."""
    return StepRow(
        incident=row.incident_id,
        at=moment_of(row.at_ms),
        step=row.step,
        by=row.person,
        text=row.text,
    )


def observation_values(value: Observation) -> dict[str, Any]:
    """Return an observation as columns."""
    return {
        "at_ms": ms_of(value.at),
        "aspect": value.subject.aspect,
        "subject": value.subject.id,
        "signal": value.signal,
        "cause": value.cause,
        "since_ms": ms_of(value.since),
        "detail": clean(value.detail),
    }


def observation_of(row: Row[Any]) -> Observation:
    """Return a row of ``observation`` as a value."""
    return Observation(
        at=moment_of(row.at_ms),
        subject=Subject(Aspect(row.aspect), row.subject),
        signal=Signal(row.signal),
        since=moment_of(row.since_ms),
        cause=row.cause,
        detail=row.detail,
    )


def _ms_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else ms_of(moment)


def _folded(value: Incident) -> str:
    words = [value.root, value.school or "", value.unit or "", *value.affected, *value.required]
    for member in value.members:
        words += [member.subject.id, member.cause, member.detail or ""]
    return fold(clean(" ".join(dict.fromkeys(w for w in words if w))) or "")
