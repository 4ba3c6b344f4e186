"""Pages of inspections: what the system knows of a school; visits by what is to be done. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from server.domain.inspection import Finding, Step
from server.domain.known import Known, KnownCamera, KnownZone
from server.domain.picture import picture_met
from server.domain.plan import Plan
from server.domain.points import Met
from server.domain.units import Organisation
from server.inspecting.visits import Kept
from server.web.pages.counting import uptime
from server.web.pages.looks import CameraLook, SchoolLook
from server.web.pages.recorded import recorded

MOST_DONE: Final = 50
_TOLD: Final = {Met.MET: True, Met.NOT_MET: False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One visit in a list; ``school``: its name as of today, or its id."""

    id: str
    school: str
    kept: Kept
    late: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionsPage:
    """Visits: to be made or finished, with findings open (late ones first), done (newest first)."""

    today: date
    coming: tuple[Line, ...]
    open: tuple[Line, ...]
    done: tuple[Line, ...]
    schools: tuple[tuple[str, str], ...]

    @property
    def late(self) -> int:
        """How many findings are past their deadline."""
        return sum(len(line.late) for line in self.open)


def inspections_page(
    kept: Iterable[Kept], organisation: Organisation, *, today: date
) -> InspectionsPage:
    """Return the list of visits."""
    lines = [_line(one, organisation, today) for one in kept]
    done = [line for line in lines if line.kept.visit.step is Step.CLOSED]
    return InspectionsPage(
        today=today,
        coming=tuple(x for x in lines if x.kept.visit.step in {Step.DRAFT, Step.FILLED}),
        open=tuple(
            sorted(
                (x for x in lines if x.kept.visit.step is Step.CONFIRMED),
                key=lambda x: (not x.late, x.kept.visit.planned),
            )
        ),
        done=tuple(reversed(done))[:MOST_DONE],
        schools=tuple(sorted(((s.id, s.name) for s in organisation.schools), key=lambda s: s[1])),
    )


def _line(kept: Kept, organisation: Organisation, today: date) -> Line:
    school = organisation.school(kept.visit.school)
    return Line(
        id=kept.record.id,
        school=school.name if school else kept.visit.school,
        kept=kept,
        late=kept.visit.late_findings(today) if kept.visit.step is Step.CONFIRMED else (),
    )


def known_of(look: SchoolLook, plan: Plan, *, now: datetime) -> Known:
    """Return what the system knows of a school when somebody comes to inspect it."""
    return Known(
        at=now,
        plan=plan.version,
        cameras=tuple(_camera(look, plan, camera) for camera in look.cameras),
        zones=tuple(
            KnownZone(
                zone=z.zone.id,
                name=z.zone.name,
                installed=z.installed,
                working=z.certain,
                need=z.need,
                met=None if z.met is None else _TOLD.get(z.met),
            )
            for z in look.coverage.zones
        ),
    )


def _camera(look: SchoolLook, plan: Plan, camera: CameraLook) -> KnownCamera:
    live, facts, school = camera.live, camera.facts, look.school
    month = uptime(look.past, camera.camera.id)
    asked = plan.requirement(school.kind, camera.zone.kind, school.levels)
    suits = picture_met(asked.picture if asked else None, 1, [facts])
    kept = recorded(facts.recording) if facts else None
    return KnownCamera(
        camera=camera.camera.id,
        name=camera.camera.name,
        zone=camera.zone.id,
        state=live.state,
        cause=live.cause,
        since=live.since,
        up_s=month.up,
        counted_s=month.counted,
        unknown_s=month.unknown,
        width=facts.width if facts else None,
        height=facts.height if facts else None,
        fps=facts.fps if facts else None,
        suits=None if suits is None else _TOLD.get(suits),
        recorded_days=kept.days if kept else None,
    )
