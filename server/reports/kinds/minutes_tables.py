"""The tables of an inspection's minutes: zones, cameras, findings."""

from collections.abc import Sequence
from typing import Final

from server.domain.inspection import CameraCheck, Finding, Severity, Visit
from server.domain.known import KnownCamera
from server.domain.units import School
from server.domain.uptime import Availability
from server.reports.document import BLANK, UNSET, Column, Kind, Table
from server.reports.facts import up_share
from server.reports.wording import dashed, day

_YES_NO: Final = {True: "Đạt", False: "Không đạt", None: "Không kiểm tra"}
_WORKS: Final = {True: "Có hình", False: "Không có hình", None: "Không kiểm tra"}
_SEVERE: Final = {
    Severity.SERIOUS: "Nghiêm trọng",
    Severity.MODERATE: "Trung bình",
    Severity.SLIGHT: "Nhẹ",
}
_STATES: Final = {
    "up": "hoạt động",
    "degraded": "hình ảnh kém",
    "down": "mất kết nối",
    "unknown": "chưa rõ",
}


def zone_table(visit: Visit) -> Table:
    """Return what was found of each zone beside what the plan asks."""
    checks = {z.zone: z for z in visit.paper.zones}
    zones = visit.known.zones if visit.known else ()
    return Table(
        title="Khu vực theo kế hoạch",
        columns=(
            Column("Khu vực", weight=6),
            Column("Cần", Kind.NUMBER, weight=3),
            Column("Đã lắp", Kind.NUMBER, weight=2),
            Column("Đang hoạt động", Kind.NUMBER, weight=3),
            Column("Kiểm tra tại chỗ", weight=4),
            Column("Ghi chú", weight=6),
        ),
        rows=tuple(
            (
                z.name,
                UNSET if z.need is None else z.need,
                z.installed,
                z.working,
                _YES_NO[checks[z.zone].covered if z.zone in checks else None],
                checks[z.zone].note if z.zone in checks else "",
            )
            for z in zones
        ),
        empty="Không có số liệu của hệ thống.",
    )


def camera_table(visit: Visit, school: School) -> Table:
    """Return the result for each camera: what the system knew, what was seen."""
    checks = {c.camera: c for c in visit.paper.cameras}
    known = {c.camera: c for c in visit.known.cameras} if visit.known else {}
    zones = {z.id: z.name for z in school.zones}
    return Table(
        title="Kết quả từng camera",
        columns=(
            Column("Camera", weight=6),
            Column("Hệ thống ghi nhận", weight=7),
            Column("Hình", weight=3),
            Column("Đúng khung cảnh", weight=3),
            Column("Đúng giờ", weight=3),
            Column("Lưu (ngày)", Kind.NUMBER, weight=3),
            Column("Ghi chú", weight=5),
        ),
        rows=tuple(
            (
                f"{c.name} ({zones.get(c.zone, c.zone)})",
                _told(known.get(c.id)),
                *_checked(checks.get(c.id, CameraCheck(camera=c.id))),
            )
            for c in school.cameras
        ),
        empty="Trường chưa có camera nào được đăng ký.",
    )


def _checked(check: CameraCheck) -> tuple[str, str, str, int | None, str]:
    return (
        _WORKS[check.works],
        _YES_NO[check.picture],
        _YES_NO[check.clock],
        check.recorded_days,
        check.note,
    )


def _told(camera: KnownCamera | None) -> str:
    """Return what the system knew of a camera: state, thirty days, picture, recordings."""
    if camera is None:
        return "Không có số liệu"
    parts = [_STATES.get(camera.state, camera.state)]
    share = up_share(_availability(camera))
    if share is not None:
        parts.append(f"30 ngày: {dashed(share)}")
    if camera.width and camera.height:
        verdict = {True: ", đạt", False: ", không đạt", None: ""}[camera.suits]
        parts.append(f"{camera.width}×{camera.height}{verdict}")
    if camera.recorded_days is not None:
        parts.append(f"lưu {camera.recorded_days} ngày")
    text = "; ".join(parts)
    return text[:1].upper() + text[1:]


def _availability(camera: KnownCamera) -> Availability:
    rest = camera.counted_s - camera.up_s - camera.unknown_s
    return Availability(up=camera.up_s, unknown=camera.unknown_s, down=rest)


def finding_table(findings: Sequence[Finding], school: School) -> Table:
    """Return the findings with who puts them right until when."""
    return Table(
        title="Các tồn tại",
        columns=(
            Column("TT", Kind.NUMBER, weight=2),
            Column("Nội dung", weight=8),
            Column("Vị trí", weight=5),
            Column("Mức độ", weight=3),
            Column("Người khắc phục", weight=4),
            Column("Thời hạn", Kind.DAY, weight=4),
        ),
        rows=tuple(
            (i, f.what, _place(f, school), _SEVERE[f.severity], f.acts or BLANK, _deadline(f))
            for i, f in enumerate(findings, 1)
        ),
        empty="Không phát hiện tồn tại.",
    )


def _deadline(finding: Finding) -> str:
    return day(finding.deadline) if finding.deadline else "Chưa đặt"


def _place(finding: Finding, school: School) -> str:
    """Return where a finding is, in words."""
    cameras = {c.id: c for c in school.cameras}
    zones = {z.id: z.name for z in school.zones}
    if finding.camera in cameras:
        camera = cameras[finding.camera]
        return f"{camera.name} ({zones.get(camera.zone, camera.zone)})"
    return zones.get(finding.zone or "", "Toàn trường")
