"""Who issues a report: letterhead, recipient and signature, from where somebody stands. Pure.

The register knows names and levels, no offices: what does not follow from them is a blank.
"""

from collections.abc import Sequence
from typing import Final

from server.domain.units import School, Unit
from server.reports.document import BLANK
from server.reports.facts import Author
from server.reports.wording import opened

_COMMUNES: Final = frozenset({"xa", "phuong", "dac_khu", "thi_tran", "cap_xa"})
_DISTRICTS: Final = frozenset({"huyen", "quan", "thi_xa", "cap_huyen", "cap_huyen_cu"})
_PROVINCES: Final = frozenset({"tinh", "thanh_pho", "cap_tinh"})
_DEPARTMENTS: Final = frozenset({"so", "so_gddt"})
_PREFIXES: Final = (
    "xã ",
    "phường ",
    "đặc khu ",
    "thị trấn ",
    "thị xã ",
    "huyện ",
    "quận ",
    "tỉnh ",
    "thành phố ",
)
_SCHOOLS: Final = (
    "Trường Trung học phổ thông",
    "Trường Trung học cơ sở",
    "Trường Tiểu học và Trung học cơ sở",
    "Trường Tiểu học",
    "Trường Mầm non",
    "Trường Mẫu giáo",
    "Trường THCS và THPT",
    "Trường THCS",
    "Trường THPT",
    "Sở Giáo dục và Đào tạo",
    "Phòng Giáo dục và Đào tạo",
)
_COMMITTEE: Final = "Ủy ban nhân dân"
_DEPARTMENT: Final = "Sở Giáo dục và Đào tạo"
_OFFICE: Final = "Phòng Giáo dục và Đào tạo"
_LONG_LINE: Final = 22


def school_author(school: School, path: Sequence[Unit]) -> Author:
    """Return a school as an author. ``path``: the units above it, from the root."""
    office = _office(path)
    above = authority(office) if office else None
    return Author(
        name=school.name,
        issuer=broken(school.name),
        superior=broken(above) if above else None,
        to=above,
        code=_initials(school.name),
        place=place_of(path),
        on_behalf=None,
        post="Chủ cơ sở" if school.kind == "nhom_tre_doc_lap" else "Hiệu trưởng",
    )


def unit_author(path: Sequence[Unit]) -> Author:
    """Return a unit as an author. ``path``: the units down to it, from the root."""
    unit = path[-1]
    name, above = authority(unit), _office(path[:-1])
    commune = unit.level in _COMMUNES
    committee = _committee_over(unit, above)
    return Author(
        name=name,
        issuer=broken(name),
        superior=broken(committee) if committee else None,
        to=committee if unit.level in _DEPARTMENTS or not above else authority(above),
        code="UBND" if commune else _CODES.get(unit.level, _initials(name)),
        place=place_of(path),
        on_behalf=f"TM. {_COMMITTEE}" if commune else None,
        post=_POSTS.get(unit.level, "Chủ tịch" if commune else "[…chức vụ…]"),
    )


_POSTS: Final = {
    **dict.fromkeys(_PROVINCES | _DEPARTMENTS, "Giám đốc"),
    **dict.fromkeys(_DISTRICTS, "Trưởng phòng"),
}
_CODES: Final = {
    **dict.fromkeys(_PROVINCES | _DEPARTMENTS, "SGDĐT"),
    **dict.fromkeys(_DISTRICTS, "PGDĐT"),
}


def authority(unit: Unit) -> str:
    """Return the body that answers for a unit's schools: a committee, a department, an office."""
    if unit.level in _COMMUNES:
        return f"{_COMMITTEE} {_lowered(unit.name)}"
    if unit.level in _PROVINCES:
        return f"{_DEPARTMENT} {_lowered(unit.name)}"
    if unit.level in _DISTRICTS:
        return f"{_OFFICE} {_lowered(unit.name)}"
    return unit.name


def subject_of(unit: Unit) -> str:
    """Return a unit as running text has it: ``xã Vĩnh Quỳnh``."""
    return _lowered(unit.name)


def place_of(path: Sequence[Unit]) -> str:
    """Return the place of a date line: the name of the nearest commune or province alone."""
    named = [u for u in path if u.level in _COMMUNES | _PROVINCES | _DISTRICTS]
    if not named:
        return BLANK
    name = named[-1].name
    prefix = next((p for p in _PREFIXES if name.lower().startswith(p)), "")
    return opened(name[len(prefix) :])


def broken(name: str) -> str:
    """Return a name as a letterhead breaks it: a committee's after its words, others in halves."""
    if name.startswith(f"{_COMMITTEE} "):
        return f"{_COMMITTEE}\n{name[len(_COMMITTEE) + 1 :]}"
    if len(name) <= _LONG_LINE or " " not in name:
        return name
    kind = next((k for k in _SCHOOLS if name.startswith(f"{k} ")), None)
    if kind is not None:
        return f"{kind}\n{name[len(kind) + 1 :]}"
    spaces = [i for i, letter in enumerate(name) if letter == " "]
    middle = min(spaces, key=lambda i: abs(i - len(name) / 2))
    return f"{name[:middle]}\n{name[middle + 1 :]}"


def _committee_over(unit: Unit, above: Unit | None) -> str | None:
    """Return the body over a unit's own, for its letterhead; a commune's committee has none."""
    if unit.level in _PROVINCES | _DISTRICTS:
        return _committee(unit)
    if unit.level in _DEPARTMENTS and above is not None:
        return _committee(above)
    return None if unit.level in _COMMUNES or above is None else authority(above)


def _office(path: Sequence[Unit]) -> Unit | None:
    """Return the nearest of some units that has an office for schools; None: none has."""
    levels = _COMMUNES | _DISTRICTS | _PROVINCES | _DEPARTMENTS
    return next((u for u in reversed(path) if u.level in levels), None)


def _committee(unit: Unit) -> str:
    return f"{_COMMITTEE} {_lowered(unit.name)}"


def _lowered(name: str) -> str:
    """Return a name whose kind of place (``Xã``, ``Tỉnh``) is in lower case."""
    return name[:1].lower() + name[1:] if name.lower().startswith(_PREFIXES) else name


def _initials(name: str) -> str:
    """Return ``THCSTT`` for ``Trường THCS Thanh Trì``."""
    words = [w for w in name.split() if w.lower() != "trường"]
    return "".join(w if w.isupper() or w.isdigit() else w[0].upper() for w in words)
