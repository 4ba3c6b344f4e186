"""What the engine may ask, answered from the register, the plan, exceptions and silences.

Hours, plans and announced work are those of the moment that is asked about; who belongs to whom is
today's. Gate PCs that have never said a word are left out: nobody has put them there yet, and a
school of which one is awaited can still go dark.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from server.domain.basis import required_of
from server.domain.calendar import local_date, local_day
from server.domain.exceptions import Exceptions
from server.domain.incident.model import Kind
from server.domain.incident.quiet import Silence, quiet_by
from server.domain.incident.signals import Aspect, Subject
from server.domain.incident.world import CameraPlace, Quiet, SchoolPlace
from server.domain.interval import Interval
from server.domain.plan import GATE_ZONE
from server.domain.planbook import PlanBook
from server.domain.required import Required
from server.domain.units import Camera, Organisation, School, Source
from server.storage import CameraView

_DAYS_AHEAD: Final = 14
_ONE_DAY: Final = timedelta(days=1)
_A_SECOND: Final = timedelta(seconds=1)
_DAYS_KEPT: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What stands at one moment of the server's life; a new value whenever something changes.

    Attributes:
        today: The local day.
        views: Where cameras are and how they are looked at, as their agents tell it.
        spoken: Agents that have ever reported.
    """

    today: date
    organisation: Organisation
    plans: PlanBook
    exceptions: Exceptions
    silences: tuple[Silence, ...] = ()
    views: Mapping[Source, CameraView] = field(default_factory=dict)
    spoken: Collection[str] = ()


class StandingWorld:
    """The engine's ``World`` over a ``Ground``."""

    def __init__(self, ground: Ground) -> None:
        self._days: dict[tuple[str, datetime], Required] = {}
        self.stand_on(ground)

    def stand_on(self, ground: Ground) -> None:
        """Answer from this ground from now on."""
        self._ground = ground
        self._days.clear()
        self._cameras: dict[str, CameraPlace | None] = {}
        self._schools: dict[str, SchoolPlace] = {}
        self._gates = {g.id: s.id for s in ground.organisation.schools for g in s.gates}
        self._parents = {u.id: u.parent for u in ground.organisation.units}

    def camera(self, camera: str) -> CameraPlace | None:
        """Return a camera; None if it is not registered."""
        if camera not in self._cameras:
            found = self._ground.organisation.camera(camera)
            self._cameras[camera] = None if found is None else self._camera(*found)
        return self._cameras[camera]

    def school(self, school: str) -> SchoolPlace | None:
        """Return a school; None if it is not registered."""
        found = self._ground.organisation.school(school)
        return None if found is None else self._school(found)

    def schools(self) -> Iterable[SchoolPlace]:
        """Return all schools."""
        return [self._school(school) for school in self._ground.organisation.schools]

    def school_of(self, subject: Subject) -> str | None:
        """Return the school of a camera, an agent or a gate; None: unknown, or the centre's."""
        organisation = self._ground.organisation
        match subject.aspect:
            case Aspect.CAMERA:
                found = organisation.camera(subject.id)
                return None if found is None else found[0].id
            case Aspect.AGENT | Aspect.SPOOL | Aspect.CLOCK:
                owner = organisation.agent(subject.id)
                return None if owner is None else owner[0].id
            case Aspect.GATE_STREAM | Aspect.GATE_DOOR:
                return self._gates.get(subject.id)
            case Aspect.CERTIFICATE | Aspect.CENTRE | Aspect.CHANNEL:
                return None

    def is_required(self, school: str, at: datetime) -> bool | None:
        """Tell whether the school's places must be watched at that time; None: nobody can tell."""
        asked = self._required(school, at)
        if asked is None or any(span.contains(at) for span in asked.unset):
            return None
        return any(span.contains(at) for span in asked.spans)

    def next_turn(self, school: str, at: datetime) -> datetime | None:
        """Return when ``is_required`` changes next, None if not within a fortnight."""
        now = self.is_required(school, at)
        for ahead in range(_DAYS_AHEAD + 1):
            day = local_day(local_date(at) + ahead * _ONE_DAY)
            asked = self._required(school, day.start)
            if asked is None:
                return None
            edges = {day.start, *(e for s in asked.spans for e in (s.start, s.end))}
            for edge in sorted(edge for edge in edges if edge > at):
                if self.is_required(school, edge) is not now:
                    return edge
        return None

    def quiet(self, subject: Subject, kind: Kind, at: datetime) -> Quiet | None:
        """Return why a subject is not to be told of at that time; None: it is."""
        school = self.school_of(subject)
        said = quiet_by(self._ground.silences, subject, school, kind, at)
        work = None if school is None else self._work(school, subject, at)
        both = [quiet for quiet in (said, work) if quiet is not None]
        return max(both, key=lambda quiet: quiet.until, default=None)

    def _work(self, school: str, subject: Subject, at: datetime) -> Quiet | None:
        """Return the announced work that takes a subject's time then."""
        place = self.camera(subject.id) if subject.aspect is Aspect.CAMERA else None
        second = at.replace(microsecond=0)
        works = self._ground.exceptions.works_of(school, Interval(second, second + _A_SECOND))
        near = [
            work.maintenance
            for work in works
            if work.zones is None or (place is not None and place.zone in work.zones)
        ]
        last = max(near, key=lambda work: work.interval.end, default=None)
        return None if last is None else Quiet(until=last.interval.end, reason=last.reason)

    def _required(self, school: str, at: datetime) -> Required | None:
        """Return what of the local day of ``at`` a school must be watched; None: no such school."""
        day = local_date(at)
        window = local_day(day)
        key = (school, window.start)
        if key not in self._days:
            found = self._ground.organisation.school(school)
            if found is None:
                return None
            if len(self._days) >= _DAYS_KEPT:
                self._days.clear()
            self._days[key] = required_of(
                self._ground.plans.on(day), found, window, exceptions=self._ground.exceptions
            )
        return self._days[key]

    def _camera(self, school: School, camera: Camera) -> CameraPlace:
        kinds = {zone.id: zone.kind for zone in school.zones}
        zone_kind = kinds.get(camera.zone, "")
        views = [v for s in camera.sources if (v := self._ground.views.get(s)) is not None]
        return CameraPlace(
            id=camera.id,
            school=school.id,
            zone=camera.zone,
            zone_kind=zone_kind,
            agents=tuple(dict.fromkeys(source.agent for source in camera.sources)),
            host=next((view.host for view in views if view.host is not None), None),
            is_gate=zone_kind == GATE_ZONE,
            required=self._is_asked(school, zone_kind),
            unseen_s=min((view.unseen_s for view in views), default=0),
        )

    def _is_asked(self, school: School, zone_kind: str) -> bool:
        plan = self._ground.plans.on(self._ground.today)
        found = None if plan is None else plan.requirement(school.kind, zone_kind, school.levels)
        return found is not None and (found.required is True or found.min_cameras is not None)

    def _school(self, school: School) -> SchoolPlace:
        if school.id not in self._schools:
            self._schools[school.id] = SchoolPlace(
                id=school.id,
                unit=school.unit,
                agents=tuple(a.id for a in school.agents if a.id in self._ground.spoken),
                cameras=tuple(camera.id for camera in school.cameras),
                above=self._above(school.unit),
            )
        return self._schools[school.id]

    def _above(self, unit: str) -> tuple[str, ...]:
        found: list[str] = []
        above = self._parents.get(unit)
        while above is not None and above not in found:
            found.append(above)
            above = self._parents.get(above)
        return tuple(found)
