"""Who there is in the example's commune, and on which days. Everything is made up. Pure.

Twelve schools of all types. During the year one camera is added, one moves to another place, one is
taken away, a nursery group opens, a primary school changes its cluster, the school of several
levels changes hands, and another nursery group is merged into a kindergarten, which gets its rooms
as a second site.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from sim.year.dates import EVER, OPEN
from sim.year.places import Agent, Camera, Days, School, Zone

PROVINCE: Final = "tinh-vi-du"
COMMUNE: Final = "xa-ha-dong"
NORTH: Final = "cum-bac"
SOUTH: Final = "cum-nam"
OFFICE: Final = "so-gddt-vi-du"
UNITS: Final = (
    (PROVINCE, "Tỉnh Ví Dụ", "tinh", None),
    (OFFICE, "Sở Giáo dục và Đào tạo tỉnh Ví Dụ", "so", PROVINCE),
    (COMMUNE, "Xã Hạ Đông", "xa", PROVINCE),
    (NORTH, "Cụm trường phía Bắc", "cum", COMMUNE),
    (SOUTH, "Cụm trường phía Nam", "cum", COMMUNE),
)


class _Place(NamedTuple):
    id: str
    name: str
    kind: str
    cameras: int


GATE: Final = _Place("cong-chinh", "Cổng chính", "cong_truong", 2)
_ONE_GATE: Final = _Place("cong-chinh", "Cổng chính", "cong_truong", 1)
_SIDE: Final = _Place("cong-phu", "Cổng phụ", "cong_truong", 1)
_YARD: Final = _Place("san-truong", "Sân trường", "san_truong", 1)
_WIDE_YARD: Final = _Place("san-truong", "Sân trường", "san_truong", 2)
_HALL: Final = _Place("hanh-lang-1", "Hành lang tầng 1", "hanh_lang", 1)
_BARE_HALL: Final = _Place("hanh-lang-1", "Hành lang tầng 1", "hanh_lang", 0)
_KITCHEN: Final = _Place("bep-an", "Bếp ăn", "bep_an", 1)
_PARKING: Final = _Place("nha-xe", "Nhà xe", "nha_xe", 1)
_PLAY: Final = _Place("san-choi", "Sân chơi", "san_choi", 1)
_ROOM: Final = _Place("lop-1", "Lớp mầm 1", "phong_hoc_mn", 1)

_NURSERY: Final = (GATE, _KITCHEN, _PLAY, _ROOM)
_GROUP: Final = (_ONE_GATE, _PLAY)
_PRIMARY: Final = (GATE, _YARD, _HALL, _KITCHEN)
_LOWER: Final = (GATE, _SIDE, _YARD, _HALL, _PARKING)
_UPPER: Final = (GATE, _WIDE_YARD, _HALL, _PARKING)
_SEVERAL: Final = (GATE, _YARD, _HALL, _KITCHEN, _PARKING)

MERGED: Final = date(2026, 1, 31)
"""The last day of the nursery group that was merged."""
MOVED: Final = date(2025, 12, 31)
"""The last day of two schools under their former units."""
ADDED: Final = date(2025, 11, 10)
REPLACED: Final = date(2026, 3, 1)
"""The last day of the camera in the corridor that was put up in the parking then."""
TAKEN: Final = date(2026, 4, 15)
LATE_START: Final = date(2025, 10, 13)


def _stays(*units: str, moved: date = MOVED) -> tuple[Days, ...]:
    if len(units) == 1:
        return (Days(units[0]),)
    former, now = units
    return (Days(former, last=moved), Days(now, first=date.fromordinal(moved.toordinal() + 1)))


def _cameras(agent: str, places: Sequence[_Place]) -> Iterator[Camera]:
    for place in places:
        for number in range(1, place.cameras + 1):
            name = f"{agent}-{place.id}-{number}"
            yield Camera(
                id=name,
                name=f"{place.name} {number}",
                zones=(Days(place.id),),
                eyes=((agent, name),),
            )


def _school(
    name: str, title: str, kind: str, units: tuple[Days, ...], places: Sequence[_Place]
) -> School:
    agent = f"m-{name}"
    return School(
        id=name,
        name=title,
        kind=kind,
        units=units,
        zones=tuple(Zone(id=p.id, name=p.name, kind=p.kind) for p in places),
        agents=(Agent(id=agent, name="Máy tính cổng"),),
        cameras=tuple(_cameras(agent, places)),
    )


def _with(school: School, **changes: object) -> School:
    fields = {name: getattr(school, name) for name in School.__slots__}
    return School(**{**fields, **changes})


def _hoa_mai() -> School:
    """Return the kindergarten that took the nursery group in, with its second site."""
    school = _school("mn-hoa-mai", "Trường Mầm non Hoa Mai", "mam_non", _stays(NORTH), _NURSERY)
    first = date.fromordinal(MERGED.toordinal() + 1)
    agent = Agent(id="m-mn-hoa-mai-2", name="Máy tính cơ sở 2", first=first, began=9)
    zone = Zone(id="cong-co-so-2", name="Cổng cơ sở 2", kind="cong_truong", first=first)
    camera = Camera(
        id="m-mn-hoa-mai-2-cong-1",
        name="Cổng cơ sở 2",
        zones=(Days(zone.id, first=first),),
        eyes=((agent.id, "m-mn-hoa-mai-2-cong-1"),),
    )
    return _with(
        school,
        zones=(*school.zones, zone),
        agents=(*school.agents, agent),
        cameras=(*school.cameras, camera),
    )


def _merged() -> School:
    """Return the nursery group that ended in January."""
    school = _school(
        "nt-ong-vang",
        "Nhóm trẻ độc lập Ong Vàng",
        "nhom_tre_doc_lap",
        (Days(NORTH, last=MERGED),),
        _GROUP,
    )
    agent = Agent(id=school.agents[0].id, name=school.agents[0].name, last=MERGED)
    return _with(school, agents=(agent,), merged_into="mn-hoa-mai")


def _late() -> School:
    """Return the nursery group that opened in October, in the middle of a morning."""
    title = "Nhóm trẻ độc lập Búp Măng"
    units = (Days(SOUTH, first=LATE_START),)
    school = _school("nt-bup-mang", title, "nhom_tre_doc_lap", units, _GROUP)
    name = school.agents[0].id
    agent = Agent(id=name, name="Máy tính cổng", first=LATE_START, began=9 * 3600 + 30 * 60)
    return _with(school, agents=(agent,))


def _ha_dong() -> School:
    """Return the primary school whose gate got its second camera in November."""
    school = _school("th-ha-dong", "Trường Tiểu học Hạ Đông", "tieu_hoc", _stays(NORTH), _PRIMARY)
    new = [_moved(c, first=ADDED) if c.name == "Cổng chính 2" else c for c in school.cameras]
    return _with(school, cameras=tuple(new))


def _moved(camera: Camera, *, first: date = EVER, last: date = OPEN) -> Camera:
    zone = camera.zones[0].value
    stays = (Days(zone, first=first, last=last),)
    return Camera(id=camera.id, name=camera.name, zones=stays, eyes=camera.eyes)


def _two_agents() -> School:
    """Return the lower secondary school with an agent at each gate; both see the parking."""
    school = _school("thcs-ha-dong", "Trường THCS Hạ Đông", "thcs", _stays(NORTH), _LOWER)
    second = Agent(id="m-thcs-ha-dong-phu", name="Máy tính cổng phụ")
    first = school.agents[0].id
    name = f"{first}-cong-phu-1"
    found = {c.name: c for c in school.cameras}
    found["Cổng phụ 1"] = _seen(found["Cổng phụ 1"], ((second.id, name),))
    parking = found["Nhà xe 1"]
    found["Nhà xe 1"] = _seen(parking, (*parking.eyes, (second.id, "nha-xe")))
    return _with(school, agents=(*school.agents, second), cameras=tuple(found.values()))


def _seen(camera: Camera, eyes: tuple[tuple[str, str], ...]) -> Camera:
    return Camera(id=camera.id, name=camera.name, zones=camera.zones, eyes=eyes)


def _upper() -> School:
    """Return the upper secondary school, one of whose yard cameras was taken down in April."""
    school = _school("thpt-ha-dong", "Trường THPT Hạ Đông", "thpt", _stays(OFFICE), _UPPER)
    kept = [_moved(c, last=TAKEN) if c.name == "Sân trường 2" else c for c in school.cameras]
    return _with(school, cameras=tuple(kept))


def _rehung() -> School:
    """Return the lower secondary school whose corridor camera hangs in the parking since March."""
    places = (GATE, _YARD, _HALL, _PARKING)
    school = _school("thcs-nguyen-hue", "Trường THCS Nguyễn Huệ", "thcs", _stays(SOUTH), places)
    after = date.fromordinal(REPLACED.toordinal() + 1)
    found = [
        Camera(
            id=c.id,
            name=c.name,
            zones=(Days("hanh-lang-1", last=REPLACED), Days("nha-xe", first=after)),
            eyes=c.eyes,
        )
        if c.name == "Hành lang tầng 1 1"
        else c
        for c in school.cameras
    ]
    return _with(school, cameras=tuple(found))


def _several() -> School:
    title = "Trường Tiểu học và THCS Minh Khai"
    units = _stays(COMMUNE, OFFICE)
    school = _school("lc-minh-khai", title, "lien_cap", units, _SEVERAL)
    return _with(school, levels=("tieu_hoc", "thcs"))


SCHOOLS: Final[tuple[School, ...]] = (
    _hoa_mai(),
    _school("mn-huong-sen", "Trường Mầm non Hương Sen", "mam_non", _stays(SOUTH), _NURSERY),
    _school("mn-tuoi-tho", "Trường Mầm non Tuổi Thơ", "mam_non", _stays(SOUTH), _NURSERY),
    _merged(),
    _late(),
    _ha_dong(),
    _school("th-le-loi", "Trường Tiểu học Lê Lợi", "tieu_hoc", _stays(SOUTH, NORTH), _PRIMARY),
    _school(
        "th-tran-phu",
        "Trường Tiểu học Trần Phú",
        "tieu_hoc",
        _stays(SOUTH),
        (GATE, _SIDE, _YARD, _BARE_HALL, _KITCHEN),
    ),
    _two_agents(),
    _rehung(),
    _upper(),
    _several(),
)
