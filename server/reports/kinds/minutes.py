"""Biên bản kiểm tra: the minutes of an inspection, by Decree 30's layout of a biên bản.

Not one of ``KINDS``: it is written from a visit, not from a period's facts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.domain.calendar import LOCAL, local_date
from server.domain.inspection import (
    Member,
    Side,
    Visit,
)
from server.domain.known import Known
from server.domain.units import School, Unit
from server.reports.authors import school_author, unit_author
from server.reports.document import (
    BLANK,
    Annex,
    Block,
    Column,
    Document,
    Heading,
    Item,
    Kind,
    Letterhead,
    Paragraph,
    Picture,
    Signature,
    Table,
)
from server.reports.kinds.minutes_tables import camera_table, finding_table, zone_table
from server.reports.wording import long_day, number


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photo of a finding, and its size in pixels."""

    jpeg: bytes
    width_px: int
    height_px: int


def minutes(
    visit: Visit, school: School, path: Sequence[Unit], *, photos: Mapping[str, Photo] | None = None
) -> Document:
    """Return the paper of a visit.

    ``path``: the units above the school, from the root; ``photos``: by their SHA-256, to be shown;
    None: the paper names them only.
    """
    author = unit_author(path) if path else school_author(school, path)
    correction = f"\n(Bản đính chính lần {len(visit.corrections)})" if visit.corrections else ""
    return Document(
        letterhead=Letterhead(
            superior=author.superior,
            issuer=author.issuer,
            number=f"[…]/BB-{author.code}",
            place=author.place,
            day=visit.planned,
        ),
        name="Biên bản",
        about=f"Kiểm tra hệ thống camera giám sát tại {school.name}{correction}",
        blocks=tuple(_blocks(visit, school)),
        signatures=(
            _signature(visit, Side.SCHOOL, "Đại diện nhà trường"),
            _signature(visit, Side.INSPECTOR, "Đại diện đoàn kiểm tra"),
        ),
        annexes=_annexes(visit, school, photos or {}),
    )


def _signature(visit: Visit, side: Side, post: str) -> Signature:
    signed = visit.signature(side)
    return Signature(post=post, name=signed.name if signed else BLANK)


def _blocks(visit: Visit, school: School) -> Iterator[Block]:
    paper = visit.paper
    began = f"{paper.began} " if paper.began else "[…giờ…] "
    yield Paragraph(
        f"Thời gian bắt đầu: {began}{long_day(visit.planned)}. Địa điểm: {school.name}."
    )
    for correction in visit.corrections:
        yield Paragraph(
            f"Biên bản này đính chính biên bản đã xác nhận trước đó, do {correction.by} lập lại"
            f" {_at(correction.at)}. Lý do: {correction.reason}."
        )
    yield Heading("Thành phần tham dự")
    yield Paragraph("Đoàn kiểm tra:")
    yield from _people(paper.team)
    yield Paragraph("Đại diện nhà trường:")
    yield from _people(paper.received_by)
    yield Heading("Nội dung và kết quả kiểm tra")
    if visit.known is not None:
        yield Paragraph(_knowledge(visit.known))
    yield zone_table(visit)
    yield camera_table(visit, school)
    yield Heading("Tồn tại và thời hạn khắc phục")
    yield finding_table(paper.findings, school)
    yield Heading("Kết luận")
    yield Paragraph(paper.conclusion or "[…kết luận của đoàn kiểm tra…]")
    yield Heading("Ý kiến của nhà trường")
    yield Paragraph(paper.school_words or "Nhà trường không có ý kiến khác.")
    for side, who in ((Side.SCHOOL, "nhà trường"), (Side.INSPECTOR, "đoàn kiểm tra")):
        signed = visit.signature(side)
        if signed is not None:
            role = f", {signed.role}" if signed.role else ""
            yield Paragraph(
                f"Đã xác nhận trên hệ thống, thay mặt {who}: {signed.name}{role}, {_at(signed.at)}."
            )
    ended = paper.ended or "[…giờ…]"
    yield Paragraph(
        f"Biên bản kết thúc vào {ended} {long_day(visit.planned)}, đã được đọc cho những người có"
        " mặt cùng nghe, thống nhất nội dung và ký tên."
    )


def _people(members: Sequence[Member]) -> Iterator[Block]:
    for member in members or (Member(name="[…họ tên, chức vụ…]"),):
        yield Item(f"{member.name}{f', {member.role}' if member.role else ''}")


def _at(moment: datetime) -> str:
    return f"lúc {moment.astimezone(LOCAL):%H:%M} {long_day(local_date(moment))}"


def _knowledge(known: Known) -> str:
    working = sum(c.state == "up" for c in known.cameras)
    return (
        f"Số liệu của hệ thống {_at(known.at)}, theo kế hoạch phiên bản {known.plan}:"
        f" {number(working)} trên {number(len(known.cameras))} camera đang hoạt động. Tỷ lệ hoạt"
        " động là của 30 ngày trước đó; thời gian chưa rõ được ghi thành khoảng."
    )


def _annexes(visit: Visit, school: School, photos: Mapping[str, Photo]) -> tuple[Annex, ...]:
    """Return the photos: shown where they are given, and named by their SHA-256."""
    named = [
        (i, f.what, n, sha)
        for i, f in enumerate(visit.paper.findings, 1)
        for n, sha in enumerate(f.photos, 1)
    ]
    if not named:
        return ()
    table = Table(
        title="Ảnh chụp kèm theo, lưu tại hệ thống",
        columns=(
            Column("Tồn tại số", Kind.NUMBER, weight=2),
            Column("Nội dung", weight=6),
            Column("Ảnh số", Kind.NUMBER, weight=2),
            Column("Mã SHA-256 của ảnh", weight=10),
        ),
        rows=tuple(named),
    )
    shown = tuple(
        Picture(
            title=f"Tồn tại số {i}, ảnh {n}: {what}",
            jpeg=photos[sha].jpeg,
            width_px=photos[sha].width_px,
            height_px=photos[sha].height_px,
        )
        for i, what, n, sha in named
        if sha in photos
    )
    return (Annex(title=f"Ảnh chụp tại {school.name}", blocks=(table, *shown)),)
