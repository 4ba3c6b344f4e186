"""One incident: what it touches, who was told, and its course. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from server.domain.calendar import local_date, local_day
from server.domain.incident.model import Incident, Member
from server.domain.incident.signals import Aspect
from server.domain.interval import Interval, subtract
from server.domain.paging.people import Occasion
from server.domain.timeline import Claim, Timeline, build
from server.domain.units import Camera, Organisation, School, Zone
from server.storage.incident_rows import IncidentRow, LetterRow, StepRow
from server.web.pages.incidents import Line, line_of
from server.web.pages.school import Tick, ticks

MOST_MEMBERS: Final = 24
MOST_COURSE: Final = 60
MOST_STRIPS: Final = 3
_LATER: Final = frozenset({Occasion.ESCALATED, Occasion.HANDOVER})
"""Who is told after the first: a page's course says so."""
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
    """One camera's course on the last day of an incident.

    Attributes:
        window: From the day's first required hour to its last; the whole day where none is.
        excluded: What of it is not counted.
    """

    camera: Camera
    day: date
    window: Interval
    spans: Timeline
    excluded: tuple[Interval, ...]
    ticks: tuple[Tick, ...]


def shown_cameras(row: IncidentRow, school: School) -> tuple[Camera, ...]:
    """Return the cameras of which a page shows the day: the first that it touches."""
    return tuple(c for c in school.cameras if c.id in row.incident.affected)[:MOST_STRIPS]


def last_day(row: IncidentRow, now: datetime) -> date:
    """Return the local day on which an incident ended, or today."""
    return local_date(min(row.ended_at or now, now))


def strips(
    cameras: Iterable[Camera],
    claims: Mapping[str, Sequence[Claim]],
    required: Sequence[Interval],
    *,
    day: date,
    now: datetime,
) -> list[Strip]:
    """Return what cameras did on a day; ``required``: the hours that count, in order."""
    window = Interval(required[0].start, required[-1].end) if required else local_day(day)
    if now <= window.start:
        return []
    until = Interval(window.start, min(window.end, now))
    return [
        Strip(
            camera=camera,
            day=day,
            window=window,
            spans=build(claims.get(camera.id, ()), until),
            excluded=subtract((window,), required) if required else (),
            ticks=ticks(window, required),
        )
        for camera in cameras
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
    later = {(x.at, x.occasion): x for x in letters if x.occasion in _LATER}
    turns += [Turn(at=x.at, step=x.occasion, text=x.receiver) for x in later.values()]
    ordered = sorted(enumerate(turns), key=lambda pair: (pair[1].at, pair[0]), reverse=True)
    return tuple(turn for _, turn in ordered)
