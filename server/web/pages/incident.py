"""One incident: what it touches, who was told, and its course. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.domain.calendar import local_date
from server.domain.incident.model import Incident, Member
from server.domain.incident.signals import Aspect
from server.domain.paging.people import Occasion
from server.domain.timeline import Timeline
from server.domain.units import Camera, Organisation, School, Zone
from server.storage.incident_rows import IncidentRow, LetterRow, StepRow
from server.web.pages.incidents import Line, line_of
from server.web.pages.looks import SchoolLook, Setting
from server.web.pages.school import DayAxis, day_axis

MOST_MEMBERS: Final = 24
MOST_COURSE: Final = 60
MOST_STRIPS: Final = 3
_NOT_PEOPLE: Final = frozenset({Occasion.RECOVERED, Occasion.DIGEST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A required zone, and how many of its cameras are not touched."""

    zone: Zone
    left: int
    cameras: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A member, and the page where it stands; ``required``: by the plan (None: no camera)."""

    member: Member
    href: str | None
    required: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One line of the course: a word of ``texts.incidents.STEPS``, by whom, and what was said.

    ``into``: the incident that explains it.
    """

    at: datetime
    step: str
    by: str | None = None
    text: str = ""
    into: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything on an incident's page.

    Attributes:
        told: The first letters that went to people, one per receiver, the oldest first.
        escalated: The first letter to the next in line; None: there was none.
        course: The newest first.
    """

    line: Line
    touched: tuple[Touched, ...]
    branches: tuple[Branch, ...]
    more_members: int
    letters: tuple[LetterRow, ...]
    told: tuple[LetterRow, ...]
    escalated: LetterRow | None
    course: tuple[Turn, ...]

    @property
    def row(self) -> IncidentRow:
        """The incident as it is kept."""
        return self.line.row


def story(
    row: IncidentRow,
    steps: Sequence[StepRow],
    letters: Sequence[LetterRow],
    organisation: Organisation,
) -> Story:
    """Build an incident's page."""
    incident, line = row.incident, line_of(row, organisation)
    branches = tuple(_branches(incident, organisation))
    return Story(
        line=line,
        touched=_touched(incident, line.school),
        branches=branches[:MOST_MEMBERS],
        more_members=max(0, len(branches) - MOST_MEMBERS),
        letters=tuple(letters),
        told=_first_of_each(x for x in letters if x.occasion not in _NOT_PEOPLE),
        escalated=next((x for x in letters if x.occasion is Occasion.ESCALATED), None),
        course=_course(row, steps, letters)[:MOST_COURSE],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One camera's course on the day of an incident, with the day's hours."""

    camera: Camera
    spans: Timeline
    axis: DayAxis


def strips(row: IncidentRow, look: SchoolLook, setting: Setting, now: datetime) -> list[Strip]:
    """Return the first cameras of an incident on its last day; none if that lies too far back."""
    seen = [c for c in look.cameras if c.camera.id in row.incident.affected][:MOST_STRIPS]
    day = local_date(min(row.ended_at or now, now))
    axis = day_axis(setting, look, day)
    drawn = [(c.camera, c.drawn) for c in seen if c.drawn]
    return [
        Strip(camera=camera, spans=spans, axis=axis)
        for camera, spans in drawn
        if spans[0].interval.start <= axis.window.start
    ]


def _touched(incident: Incident, school: School | None) -> tuple[Touched, ...]:
    if school is None:
        return ()
    found = []
    for zone in school.zones:
        if zone.id in incident.required:
            cameras = [c.id for c in school.cameras if c.zone == zone.id]
            lost = sum(camera in incident.affected for camera in cameras)
            found.append(Touched(zone=zone, left=len(cameras) - lost, cameras=len(cameras)))
    return tuple(found)


def _branches(incident: Incident, organisation: Organisation) -> Iterable[Branch]:
    for member in incident.members:
        href, required = None, None
        if member.subject.aspect is Aspect.CAMERA:
            found = organisation.camera(member.subject.id)
            if found is not None:
                href = f"/cameras/{member.subject.id}"
                required = found[1].zone in incident.required
        elif organisation.agent(member.subject.id) is not None:
            href = f"/agents#{member.subject.id}"
        yield Branch(member=member, href=href, required=required)


def _first_of_each(letters: Iterable[LetterRow]) -> tuple[LetterRow, ...]:
    first: dict[str, LetterRow] = {}
    for letter in letters:
        first.setdefault(letter.receiver, letter)
    return tuple(first.values())


def _course(
    row: IncidentRow, steps: Sequence[StepRow], letters: Sequence[LetterRow]
) -> tuple[Turn, ...]:
    turns = [Turn(at=row.began_at, step="began")]
    for step in steps:
        into = step.text if step.step == "absorbed" else None
        turns.append(
            Turn(at=step.at, step=step.step, by=step.by, text="" if into else step.text, into=into)
        )
    raised = {x.at: x for x in letters if x.occasion is Occasion.ESCALATED}
    turns += [Turn(at=at, step="escalated", text=x.receiver) for at, x in raised.items()]
    ordered = sorted(enumerate(turns), key=lambda pair: (pair[1].at, pair[0]), reverse=True)
    return tuple(turn for _, turn in ordered)
