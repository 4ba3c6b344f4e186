"""The table of schools, worst first, and finding schools and cameras by name."""

import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from server.domain.calendar import local_date
from server.domain.points import PointSums
from server.domain.units import School
from server.domain.uptime import Availability
from server.web.charts.days import DayBar
from server.web.pages.bars import day_bar
from server.web.pages.closed import late_marks, school_panel
from server.web.pages.counting import days_of, last_days, uptime
from server.web.pages.looks import AgentLook, CameraLook, SchoolLook, Survey
from server.web.pages.places import rank
from wire.vocabulary import State

_DAYS: Final = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One school in the table."""

    school: School
    sums: PointSums
    state: State | None
    cameras: Counter[State]
    week: Availability
    days: tuple[DayBar, ...]
    incidents: int
    heard_at: datetime | None
    silent: AgentLook | None

    @property
    def changed(self) -> bool:
        """Whether late history has changed one of its closed days."""
        return any(bar.late for bar in self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Schools and cameras whose name holds a text; without one, all schools."""

    now: datetime
    rows: tuple[Row, ...]
    cameras: tuple[CameraLook, ...]


def rows(survey: Survey) -> tuple[Row, ...]:
    """Build the table of schools, worst first."""
    today = local_date(survey.now)
    built = (_row(survey, look, today) for look in survey.schools)
    return tuple(sorted(built, key=lambda row: (rank(row.state), row.school.name)))


def search(survey: Survey, query: str) -> Found:
    """Find schools and cameras by name; marks and case don't matter."""
    wanted = plain(query).split()

    def fits(*names: str) -> bool:
        text = plain(" ".join(names))
        return all(word in text for word in wanted)

    cameras = [c for c in survey.cameras if fits(c.camera.name, c.camera.id)] if wanted else []
    return Found(
        now=survey.now,
        rows=tuple(row for row in rows(survey) if fits(row.school.name, row.school.id)),
        cameras=tuple(sorted(cameras, key=lambda c: (rank(c.live.state), c.camera.name))),
    )


def plain(text: str) -> str:
    """Return a text in lower case without Vietnamese marks, for finding."""
    bare = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def _row(survey: Survey, look: SchoolLook, today: date) -> Row:
    silent = [a for a in look.agents if not a.presence.reporting]
    heard = [a.seen.last_report_at for a in look.agents if a.seen and a.seen.last_report_at]
    late = late_marks(school_panel(look, ""))
    return Row(
        school=look.school,
        sums=look.coverage.sums,
        state=look.coverage.status,
        cameras=Counter(c.live.state for c in look.cameras),
        week=uptime(last_days(look.past, today, 7)),
        days=tuple(day_bar(d, late.get(d.day)) for d in days_of(look.past, today, _DAYS)),
        incidents=len(survey.incidents_of.get(look.school.id, ())),
        heard_at=max(heard) if heard else None,
        silent=silent[0] if silent else None,
    )
