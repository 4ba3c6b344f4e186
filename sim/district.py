"""A district to try things on: schools, gates, zones, cameras and agents, drawn from a seed. Pure.

The names follow a made-up commune on purpose close to real ones; no school of this list exists as
described. Not every school has all the cameras that the demo's plan asks for, so that coverage has
something to say about what is not installed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final, NamedTuple

from sim.clips import ClipSpec

UNIT: Final = ("xa-vinh-quynh", "Xã Vĩnh Quỳnh")
PROVINCE: Final = ("so-gddt", "Sở Giáo dục và Đào tạo")


class _Known(NamedTuple):
    id: str
    name: str
    kind: str


_SCHOOLS: Final = (
    _Known("thvq", "Trường Tiểu học Vĩnh Quỳnh", "tieu_hoc"),
    _Known("mnad", "Trường Mầm non Ánh Dương", "mam_non"),
    _Known("csvq", "Trường THCS Vĩnh Quỳnh", "thcs"),
    _Known("thqd", "Trường Tiểu học Quỳnh Đô", "tieu_hoc"),
    _Known("mnhs", "Trường Mầm non Hoa Sữa", "mam_non"),
    _Known("ptqs", "Trường THPT Quỳnh Sơn", "thpt"),
    _Known("csiv", "Trường THCS Ích Vịnh", "thcs"),
    _Known("thcd", "Trường Tiểu học Cổ Điển", "tieu_hoc"),
)
_LEVELS: Final = (
    ("th", "Trường Tiểu học", "tieu_hoc"),
    ("mn", "Trường Mầm non", "mam_non"),
    ("cs", "Trường THCS", "thcs"),
)
_PLACES: Final = (
    "Đông Ngạn",
    "Quỳnh Lễ",
    "Hoa Mai",
    "Ngọc Hồi",
    "Lạc Thị",
    "Yên Kiện",
    "Tam Hiệp",
    "Hữu Hòa",
    "Đại Áng",
    "Vĩnh Thịnh",
    "Thọ Am",
    "Nội Am",
)


class _ZoneKind(NamedTuple):
    id: str
    name: str
    kind: str
    place: str
    codec: str


_ZONES: Final = (
    _ZoneKind("cong-chinh", "Cổng chính", "cong_truong", "gate", "h264"),
    _ZoneKind("san-truong", "Sân trường", "san_truong", "yard", "h264"),
    _ZoneKind("bep-an", "Bếp ăn", "bep_an", "kitchen", "h265"),
    _ZoneKind("nha-xe", "Nhà xe", "nha_xe", "parking", "h264"),
    _ZoneKind("cong-phu", "Cổng phụ", "cong_truong", "gate", "h264"),
    _ZoneKind("hanh-lang-a", "Hành lang nhà A", "hanh_lang", "yard", "h264"),
)
GATES: Final = ("cong-chinh", "cong-phu")
_OWN_SIGNS: Final = 6
"""So many schools get a gate with their own name on it; more would cost time at the first start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """One camera, the zone that it watches and what it shows."""

    id: str
    name: str
    zone: str
    clip: ClipSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One place of a school."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """One school with one gate PC."""

    id: str
    name: str
    kind: str
    agent: str
    zones: tuple[Zone, ...]
    cameras: tuple[Camera, ...]

    @property
    def gates(self) -> tuple[str, ...]:
        """Ids of the gates that have a zone."""
        return tuple(f"{self.id}-{zone.id}" for zone in self.zones if zone.id in GATES)


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """All schools."""

    schools: tuple[School, ...]

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """All cameras, school by school."""
        return tuple(camera for school in self.schools for camera in school.cameras)

    def agent_of(self, camera: str) -> str:
        """Return the agent that watches a camera."""
        return next(s.agent for s in self.schools if any(c.id == camera for c in s.cameras))


def _names() -> Iterator[_Known]:
    yield from _SCHOOLS
    number = 1
    while True:
        for place in _PLACES:
            for short, level, kind in _LEVELS:
                name = f"{level} {place}" + (f" {number}" if number > 1 else "")
                yield _Known(f"{short}{_PLACES.index(place) + 1}-{number}", name, kind)
        number += 1


def _zones(rng: Random, kind: str, cameras: int) -> tuple[_ZoneKind, ...]:
    """Return a school's places: those of its cameras, and sometimes one that has none."""
    fitting = [z for z in _ZONES if not (kind == "mam_non" and z.kind == "nha_xe")]
    used = fitting[: max(1, min(cameras, len(fitting)))]
    more = fitting[len(used) : len(used) + 1] if rng.random() < 0.5 else []  # noqa: PLR2004
    return (*used, *more)


def _camera(school: _Known, zone: _ZoneKind, number: int, *, own_sign: bool) -> Camera:
    sign = zone.name.upper()
    if zone.place == "gate":
        sign = school.name.upper() if own_sign else "TRƯỜNG HỌC AN TOÀN"
    seed = 1 if zone.id != "cong-phu" else 2
    return Camera(
        id=f"c1-{school.id}-{zone.id}-{number}",
        name=f"{zone.name} {number}",
        zone=zone.id,
        clip=ClipSpec(place=zone.place, sign=sign, seed=seed, codec=zone.codec),
    )


def make_district(schools: int, cameras: int, *, seed: int = 1) -> District:
    """Return ``schools`` schools with ``cameras`` cameras each, the same for the same seed."""
    rng = Random(seed)
    made = []
    for index, known in zip(range(schools), _names(), strict=False):
        zones = _zones(rng, known.kind, cameras)
        watched = zones[: min(cameras, len(zones))]
        made.append(
            School(
                id=known.id,
                name=known.name,
                kind=known.kind,
                agent=f"c1-{known.id}-cong",
                zones=tuple(Zone(id=z.id, name=z.name, kind=z.kind) for z in zones),
                cameras=tuple(
                    _camera(
                        known,
                        watched[i % len(watched)],
                        i // len(watched) + 1,
                        own_sign=index < _OWN_SIGNS,
                    )
                    for i in range(cameras)
                ),
            )
        )
    return District(schools=tuple(made))
