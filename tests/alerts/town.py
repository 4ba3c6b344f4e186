"""A district of made-up schools: who stands where, when it must be watched, and who is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final

from server.domain.calendar import DayWindow, SchoolHours
from server.domain.citation import Citation
from server.domain.paging.directory import Directory
from server.domain.paging.people import Policy, Receiver, Rota, Stage, Target, Way
from server.domain.plan import GATE_ZONE, Plan, Requirement, ZoneKind
from server.domain.schoolyear import DayOff, SchoolCalendar, SchoolYear
from server.domain.units import (
    Agent,
    Camera,
    Contact,
    Gate,
    Organisation,
    School,
    Source,
    Unit,
    Zone,
)
from server.storage import CameraView

OPENS_MIN: Final = 6 * 60 + 30
CLOSES_MIN: Final = 17 * 60
YARD: Final = "san_truong"
HALL: Final = "hanh_lang"
HOLIDAY: Final = date(2026, 11, 20)
"""Teachers' Day, off in the made-up plan."""
_SAID: Final = Citation(id="kh", kind="commune_plan", ref="KH 1")
_KINDS: Final = (GATE_ZONE, GATE_ZONE, YARD, HALL)
_RECORDER: Final = "192.168.1.9"

PLAN: Final = Plan(
    id="kh",
    title="Kế hoạch",
    version="1",
    zones={kind: ZoneKind(id=kind, vi=kind) for kind in (GATE_ZONE, YARD, HALL)},
    requirements={
        "tieu_hoc": {
            kind: Requirement(kind=kind, required=True, min_cameras=1, source=_SAID)
            for kind in (GATE_ZONE, HALL)
        }
    },
    school_hours={
        "tieu_hoc": SchoolHours(days=(0, 1, 2, 3, 4), windows=(DayWindow(OPENS_MIN, CLOSES_MIN),))
    },
    calendar=SchoolCalendar(
        years=tuple(
            SchoolYear(id=f"{y}-{y + 1}", first=date(y, 9, 5), last=date(y + 1, 5, 31))
            for y in (2025, 2026, 2027)
        ),
        holidays={HOLIDAY: "Ngày Nhà giáo", date(2027, 1, 1): "Tết Dương lịch"},
        days_off=(DayOff(first=date(2027, 2, 1), last=date(2027, 2, 14), reason="Tết"),),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """What is registered.

    ``hosts``: where cameras are in their schools' networks; ``unseen_s``: for how long nobody looks
    between two looks at those that are visited.
    """

    organisation: Organisation
    hosts: Mapping[Source, str]
    directory: Directory
    unseen_s: Mapping[str, int] = field(default_factory=dict)

    def views(self) -> dict[Source, CameraView]:
        """Return what the agents tell of how they look at cameras."""
        return {
            source: CameraView(host=host, unseen_s=self.unseen_s.get(source.camera, 0))
            for source, host in self.hosts.items()
        }


def town(
    schools: int = 12, *, cameras: int = 6, two_agents: frozenset[str] = frozenset({"s2"})
) -> Town:
    """Return schools ``s1`` ... in units of four; cameras ``s1.1`` ... of each.

    1 and 2 watch the gate, 3 the yard (not asked for), the others the hall; from 3 on they are
    channels of one recorder. The schools of ``two_agents`` have a second gate PC for every other
    camera.
    """
    made = tuple(_school(n, cameras, two_agents) for n in range(1, schools + 1))
    units = tuple(
        Unit(id=name, name=name, level="xa", parent="h")
        for name in dict.fromkeys(s.unit for s in made)
    )
    organisation = Organisation(
        units=(Unit(id="h", name="Huyện", level="huyen"), *units), schools=made
    )
    hosts = {
        source: _host(int(camera.id.partition(".")[2]))
        for school in made
        for camera in school.cameras
        for source in camera.sources
    }
    return Town(organisation=organisation, hosts=hosts, directory=people(organisation))


def people(organisation: Organisation, *policies: Policy) -> Directory:
    """Return whose turn it is: An, then Bình, a week each; and every school's headmaster."""
    receivers = {
        name: Receiver(id=name, name=name, ways=(Way(channel="email", address=f"{name}@x.vn"),))
        for name in ("an", "binh", "phong", "it")
    }
    duty = Stage(after_s=0, target=Target.ROTA, id="truc")
    school = Stage(after_s=0, target=Target.SCHOOL)
    return Directory(
        organisation=organisation,
        receivers=MappingProxyType(receivers),
        rotas=MappingProxyType({"truc": _ROTA}),
        policies=policies or (Policy(id="p", name="p", stages=(duty, school)),),
        contact_ways=(("mail", "email"),),
    )


_ROTA: Final = Rota(
    id="truc", name="Trực", members=("an", "binh"), start=date(2026, 8, 3), handover=time(7)
)


def with_receiver(directory: Directory, receiver: Receiver) -> Directory:
    """Return it with a receiver as given."""
    known = {**directory.receivers, receiver.id: receiver}
    return replace(directory, receivers=MappingProxyType(known))


def _school(number: int, cameras: int, two_agents: frozenset[str]) -> School:
    name = f"s{number}"
    agents = (f"{name}-a", f"{name}-b") if name in two_agents else (f"{name}-a",)
    zones = dict.fromkeys(_KINDS)
    return School(
        id=name,
        name=f"Trường {number}",
        kind="tieu_hoc",
        unit=f"x{(number - 1) // 4 + 1}",
        zones=tuple(Zone(id=f"{name}/{kind}", name=kind, kind=kind) for kind in zones),
        gates=(Gate(id=f"{name}/g", name="Cổng", zone=f"{name}/{GATE_ZONE}"),),
        cameras=tuple(_camera(name, n, agents) for n in range(1, cameras + 1)),
        agents=tuple(Agent(id=agent, name=agent, gates=(f"{name}/g",)) for agent in agents),
        contacts=(Contact(id="ht", name="Hiệu trưởng", mail=f"ht@{name}.vn"),),
    )


def _camera(school: str, number: int, agents: tuple[str, ...]) -> Camera:
    name = f"{school}.{number}"
    kind = _KINDS[min(number, len(_KINDS)) - 1]
    agent = agents[(number - 1) % len(agents)]
    return Camera(id=name, name=name, zone=f"{school}/{kind}", sources=(Source(agent, name),))


def _host(number: int) -> str:
    return _RECORDER if number >= 3 else f"192.168.1.{10 + number}"


def required_at(school: str, at: datetime) -> bool:
    """Tell whether a school's places must be watched then: looked up by hand, not by the product.

    Monday to Friday from 6:30 to 17:00, in the school years, without holidays and Tết.
    """
    del school
    local = at + timedelta(hours=7)
    day, minute = local.date(), local.hour * 60 + local.minute
    in_year = (day.month, day.day) >= (9, 5) or (day.month, day.day) <= (5, 31)
    tet = date(2027, 2, 1) <= day <= date(2027, 2, 14)
    off = tet or day in {HOLIDAY, date(2027, 1, 1)}
    return day.weekday() < 5 and in_year and not off and OPENS_MIN <= minute < CLOSES_MIN
