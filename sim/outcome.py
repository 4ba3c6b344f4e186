"""The demo's JSON: the known truth beside what the server concluded. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sim import words
from sim.district import District
from sim.faults import expected
from sim.gates import Tally
from sim.record import Record
from sim.truth import Absence, Piece, Trouble, concluded_for, seconds, true_pieces
from wire.vocabulary import State

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The time that is compared."""

    start: datetime
    end: datetime


def _time(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _delay(began: datetime, shown: datetime | None) -> float | None:
    return None if shown is None else round((shown - began).total_seconds(), 2)


def gate_events(tally: Tally, stored: Sequence[tuple[str, str]]) -> Json:
    """Count what was acknowledged, what of it is stored, and what is stored more than once.

    ``stored`` has each row's id and subject; a subject is used once, so a second row with it is a
    double even where its id differs.
    """
    known = [(key, subject) for key, subject in stored if key in tally.acknowledged]
    known_subjects = set(tally.acknowledged.values())
    rows = [subject for _, subject in stored if subject in known_subjects]
    return {
        "acknowledged": len(tally.acknowledged),
        "stored": len({key for key, _ in known}),
        "duplicates": len(rows) - len(set(rows)),
    }


def _fault(
    trouble: Trouble,
    shown: datetime | None,
    concluded: tuple[State, str | None] | None,
) -> Json:
    state, cause = expected(trouble.fault)
    return {
        "fault": str(trouble.fault),
        "state": str(state),
        "cause": str(cause),
        "began_at": _time(trouble.began_at),
        "ended_at": _time(trouble.ended_at),
        "concluded_state": str(concluded[0]) if concluded else None,
        "concluded_cause": concluded[1] if concluded else None,
        "detect_s": _delay(trouble.began_at, shown),
    }


def camera(
    camera_id: str, agent: str, record: Record, timeline: Sequence[Piece], window: Window
) -> Json:
    """Return one camera's part."""
    mine = [(i, t) for i, t in enumerate(record.troubles) if t.camera == camera_id]
    absences = [a for a in record.absences if a.agent == agent]
    truth = true_pieces([t for _, t in mine], absences, window.start, window.end)
    return {
        "id": camera_id,
        "faults": [
            _fault(t, record.shown.get(i), concluded_for(t, absences, timeline, window.end))
            for i, t in mine
        ],
        "seconds": {
            "truth": seconds(truth, window.start, window.end),
            "concluded": seconds(timeline, window.start, window.end),
        },
    }


def _absence(
    index: int,
    absence: Absence,
    record: Record,
    timelines: Sequence[Sequence[Piece]],
    end: datetime,
) -> Json:
    until = absence.ended_at or end
    left = [seconds(t, absence.began_at, until)["unknown"] for t in timelines]
    return {
        "what": "cut_off" if absence.alive else "killed",
        "began_at": _time(absence.began_at),
        "ended_at": _time(absence.ended_at),
        "unknown_after_s": _delay(absence.began_at, record.unknown_shown.get(index)),
        "shown_down": index in record.shown_down,
        "unknown_s_in_the_end": max(left, default=0),
    }


def agent(
    agent_id: str, record: Record, timelines: Sequence[Sequence[Piece]], window: Window
) -> Json:
    """Return one agent's part; ``timelines`` are those of its cameras."""
    return {
        "id": agent_id,
        "absences": [
            _absence(i, a, record, timelines, window.end)
            for i, a in enumerate(record.absences)
            if a.agent == agent_id
        ],
    }


def summary(result: Json, language: str) -> list[str]:
    """Return the comparison in a few lines for a person."""
    lines, differences = [], []
    for one in result["cameras"]:
        for fault in one["faults"]:
            right = fault["concluded_cause"] == fault["cause"]
            lines.append(
                words.SUMMARY_FAULT[language].format(
                    mark="✓" if right else "✗",
                    camera=one["id"],
                    cause=fault["cause"],
                    concluded=fault["concluded_cause"],
                    seconds=fault["detect_s"],
                )
            )
        truth, concluded = one["seconds"]["truth"], one["seconds"]["concluded"]
        differences += [(abs(truth[s] - concluded[s]), one["id"], s) for s in truth]
    events = result["gate_events"]
    whole = events["stored"] == events["acknowledged"] and not events["duplicates"]
    lines.append(words.SUMMARY_EVENTS[language].format(mark="✓" if whole else "✗", **events))
    seconds, camera_id, state = max(differences)
    text = words.SUMMARY_SECONDS[language]
    return [*lines, text.format(seconds=seconds, camera=camera_id, state=state)]


def outcome(
    district: District,
    record: Record,
    tally: Tally,
    *,
    stored: Sequence[tuple[str, str]],
    timelines: Mapping[str, Sequence[Piece]],
    window: Window,
) -> Json:
    """Return the whole object."""
    return {
        "window": {"from": _time(window.start), "to": _time(window.end)},
        "gate_events": gate_events(tally, stored),
        "cameras": [
            camera(c.id, school.agent, record, timelines.get(c.id, ()), window)
            for school in district.schools
            for c in school.cameras
        ],
        "agents": [
            agent(s.agent, record, [timelines.get(c.id, ()) for c in s.cameras], window)
            for s in district.schools
        ],
        "server_kills": [_time(moment) for moment in record.server_kills],
    }
