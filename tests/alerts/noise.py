"""A district's realistic troubles over months, drawn from rates; what they are is written beside.

Rates per year, ours where nobody counted them: school cameras with cheap switches and cables, PCs
that update themselves, lines that drop, power that is cut some six times a year.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from server.domain.calendar import local_date, local_moment
from server.domain.units import School
from tests.alerts.town import Town
from tests.alerts.truth import Cut, Ill, Off, Truth

_YEAR: Final = timedelta(days=365)
_APART: Final = timedelta(minutes=3)
_LOST: Final = ("network.timeout", "network.refused", "rtsp.protocol", "stream.stalled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Woe:
    """One true trouble with one root. ``what``: its class; ``subjects``: all whom it befalls.

    ``flaps``: it comes and goes within its time.
    """

    what: str
    subjects: frozenset[str]
    start: datetime
    end: datetime
    school: str | None = None
    flaps: bool = False


Draw = Callable[[], float]
"""Draws how many seconds a trouble lasts."""


@dataclass(slots=True)
class Noise:
    """Draws a truth and its woes. What would befall one camera twice at once is left out."""

    town: Town
    truth: Truth
    rng: Random
    woes: list[Woe] = field(default_factory=list)

    def draw(self) -> None:
        """Draw it all: what befalls many first, so that single troubles give way."""
        self._centre()
        self._lines()
        for number, school in enumerate(self.town.organisation.schools):
            self._groups(school)
            self._agents(school, at_night=number % 5 == 0)
            for camera in school.cameras:
                self._camera(school, camera.id, gate=camera.zone.endswith("cong_truong"))
        for spells in self.truth.ills.values():
            spells.sort(key=lambda ill: ill.start)

    def _times(self, per_year: float) -> Iterator[datetime]:
        """Yield moments at random, so many a year."""
        at = self.truth.start
        while True:
            at += _YEAR * self.rng.expovariate(per_year)
            if at >= self.truth.end - timedelta(days=1):
                return
            yield at.replace(microsecond=0)

    def _lasting(self, least_s: float, most_s: float) -> timedelta:
        """Return a length between two, short ones as often as long ones on a log scale."""
        return timedelta(seconds=int(least_s * (most_s / least_s) ** self.rng.random()))

    # ---------------------------------------------------------------- many at once

    def _centre(self) -> None:
        for at in self._times(24):
            self.truth.restarts.append(at)
            self._woe("restart", ["centre"], at, at + timedelta(seconds=90))
        for at in self._times(3):
            end = at + self._lasting(180, 1800)
            for agent in self._all_agents():
                self._off(agent, at, end, Cut.UPLINK)
            self._woe("centre", ["centre", *self._all_agents()], at, end)
        for at in self._times(3):
            end = at + self._lasting(120, 900)
            self.truth.deaf.append((at, end))
            self._woe("centre", ["centre", *self._all_agents()], at, end)

    def _lines(self) -> None:
        """Lines of whole units, and of a third of the district."""
        schools = self.town.organisation.schools
        units = list(dict.fromkeys(s.unit for s in schools))
        for per_year, share in ((4, 0.05), (2, 0.33)):
            for at in self._times(per_year):
                chosen = self.rng.sample(units, max(1, round(len(units) * share)))
                agents = [a.id for s in schools if s.unit in chosen for a in s.agents]
                end = at + self._lasting(300, 7200)
                for agent in agents:
                    self._off(agent, at, end, Cut.LINE)
                self._woe("line", agents, at, end)

    def _groups(self, school: School) -> None:
        """Power, the line, the recorder, the switch and the passwords of one school."""
        agents = [agent.id for agent in school.agents]
        kinds: tuple[tuple[float, Cut, float, float], ...] = (
            (6, Cut.POWER, 600, 14_400),
            (2, Cut.LINE, 900, 28_800),
            (12, Cut.LINE, 30, 600),
            (50, Cut.LINE, 2, 18),
        )
        for per_year, how, least_s, most_s in kinds:
            for at in self._times(per_year):
                end = at + self._lasting(least_s, most_s)
                for agent in agents:
                    self._off(agent, at, end, how)
                self._woe("school", agents, at, end, school.id)
        cameras = [camera.id for camera in school.cameras]
        for per_year, chosen, cause in (
            (0.3, cameras[2:], "network.unreachable"),
            (0.2, cameras, "network.timeout"),
            (0.1, cameras, "rtsp.auth"),
        ):
            for at in self._times(per_year):
                end = at + self._lasting(600, 28_800)
                self._ills(chosen, at, end, cause)
                self._woe("group", chosen, at, end, school.id)

    def _agents(self, school: School, *, at_night: bool) -> None:
        for agent in school.agents:
            for per_year, least_s, most_s in ((12, 90, 300), (0.3, 3600, 200_000)):
                for at in self._times(per_year):
                    end = at + self._lasting(least_s, most_s)
                    self._off(agent.id, at, end, Cut.CRASH)
                    self._woe("agent", [agent.id], at, end, school.id)
            if at_night:
                self._nights(school, agent.id)

    def _nights(self, school: School, agent: str) -> None:
        """Somebody switches the PC off in the evening, and on before school."""
        day = local_date(self.truth.start)
        while day < local_date(self.truth.end) - timedelta(days=1):
            at = local_moment(day, self.rng.randint(17 * 60 + 20, 18 * 60 + 30))
            end = local_moment(day + timedelta(days=1), self.rng.randint(5 * 60, 6 * 60 + 20))
            self._off(agent, at, end, Cut.GOODBYE)
            self._woe("night", [agent], at, end, school.id)
            day += timedelta(days=1)

    # ---------------------------------------------------------------- one camera

    def _camera(self, school: School, camera: str, *, gate: bool) -> None:
        single = [
            (30.0, 4, 25, _LOST, "blip"),
            (4.0, 60, 600, _LOST, "camera"),
            (1.0, 3600, 200_000, _LOST, "camera"),
            (5.0, 60, 7200, ("stream.lossy",), "poor"),
            (0.2, 3600, 40_000, ("picture.blurred",), "picture"),
            (0.5 if gate else 0.1, 180, 1800, ("picture.covered",), "covered"),
        ]
        for per_year, least_s, most_s, causes, what in single:
            for at in self._times(per_year):
                end = at + self._lasting(least_s, most_s)
                if self._ills([camera], at, end, self.rng.choice(causes)):
                    self._woe(what, [camera], at, end, school.id)
        for at in self._times(0.02):
            self._loose(school, camera, at)

    def _loose(self, school: School, camera: str, at: datetime) -> None:
        """A loose plug: the camera comes and goes for hours."""
        end = at + self._lasting(7200, 40_000)
        start = at
        while at < end:
            over = at + self._lasting(20, 180)
            self._ills([camera], at, over, "network.timeout", apart=timedelta(0))
            at = over + self._lasting(60, 900)
        self._woe("flapping", [camera], start, end, school.id, flaps=True)

    # ---------------------------------------------------------------- writing it down

    def _all_agents(self) -> list[str]:
        return [a.id for s in self.town.organisation.schools for a in s.agents]

    def _off(self, agent: str, start: datetime, end: datetime, how: Cut) -> None:
        self.truth.offs[agent].append(Off(start, end, how))

    def _ills(
        self,
        cameras: Sequence[str],
        start: datetime,
        end: datetime,
        cause: str,
        *,
        apart: timedelta = _APART,
    ) -> bool:
        """Put a spell to cameras that have none at that time; tell whether one took it."""
        took = False
        for camera in cameras:
            spells = self.truth.ills[camera]
            if all(end + apart <= ill.start or ill.end + apart <= start for ill in spells):
                spells.append(Ill(start, end, cause))
                took = True
        return took

    def _woe(
        self,
        what: str,
        subjects: Sequence[str],
        start: datetime,
        end: datetime,
        school: str | None = None,
        *,
        flaps: bool = False,
    ) -> None:
        woe = Woe(
            what=what,
            subjects=frozenset(subjects),
            start=start,
            end=end,
            school=school,
            flaps=flaps,
        )
        self.woes.append(woe)
