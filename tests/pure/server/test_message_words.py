"""What people are told: every kind, cause and occasion has words, and the first line is short."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.domain.incident.model import Incident, Kind, Member, Phase, Severity
from server.domain.incident.signals import Aspect, Subject
from server.domain.paging.people import Occasion, Way
from server.domain.units import Agent, Camera, Gate, Organisation, School, Source, Unit, Zone
from server.notifier.telling import Said, tell_incident, tell_many, tell_test
from server.storage.incident_rows import IncidentRow, LetterRow
from server.texts.first_lines import CAUSES, WHAT, cause_text, first_line
from server.texts.naming import Names
from server.texts.tongue import load
from wire.vocabulary import Cause

BEGAN = datetime(2026, 11, 23, 23, 48, tzinfo=UTC)  # 06:48 in Viet Nam
NOW = BEGAN + timedelta(minutes=2)
SCHOOL = "Trường Tiểu học Vĩnh Quỳnh"
ORGANISATION = Organisation(
    units=(Unit(id="xa", name="Xã Vĩnh Quỳnh", level="xa"),),
    schools=(
        School(
            id="th", name=SCHOOL, kind="tieu_hoc", unit="xa",
            zones=(Zone(id="cong", name="Cổng chính", kind="cong_truong"),
                   Zone(id="san", name="Sân trường", kind="san_truong")),
            gates=(Gate(id="g1", name="Cổng chính"),),
            agents=(Agent(id="a1", name="Máy tính cổng chính"),),
            cameras=tuple(
                Camera(id=f"c{n}", name=f"Cổng chính {n}", zone="cong" if n < 5 else "san",
                       sources=(Source("a1", f"c{n}"),))
                for n in range(1, 10)
            ),
        ),
    ),
)  # fmt: skip
NAMES = Names(ORGANISATION)
_ASPECTS = {
    Kind.AGENT: (Aspect.AGENT, "a1", "agent.silent"),
    Kind.SCHOOL: (Aspect.AGENT, "a1", "agent.silent"),
    Kind.LINE: (Aspect.AGENT, "a1", "agent.silent"),
    Kind.CLOCK: (Aspect.CLOCK, "a1", "clock.off"),
    Kind.SPOOL: (Aspect.SPOOL, "a1", "spool.filling"),
    Kind.CERTIFICATE: (Aspect.CERTIFICATE, "a1", "certificate.near"),
    Kind.GATE_DOOR: (Aspect.GATE_DOOR, "g1", "gate.forced"),
    Kind.GATE_STREAM: (Aspect.GATE_STREAM, "g1", "gate.silent"),
    Kind.CENTRE: (Aspect.CENTRE, "database", "centre.database"),
    Kind.CHANNEL: (Aspect.CHANNEL, "zalo", "channel.failing"),
    Kind.CREDENTIALS: (Aspect.CAMERA, "c1", Cause.RTSP_AUTH),
    Kind.PICTURE: (Aspect.CAMERA, "c1", Cause.PICTURE_COVERED),
    Kind.STREAM: (Aspect.CAMERA, "c1", Cause.STREAM_LOSSY),
    Kind.RECORDING: (Aspect.CAMERA, "c1", Cause.RECORDING_MISSING),
}
_OF_CENTRE = {Kind.CENTRE, Kind.CHANNEL}
_TOLD = (Occasion.OPENED, Occasion.WORSENED, Occasion.UNSTABLE, Occasion.ESCALATED,
         Occasion.RECOVERED)  # fmt: skip


def made(kind: Kind, *, cameras: int = 3, sure: bool = False) -> Incident:
    aspect, name, cause = _ASPECTS.get(kind, (Aspect.CAMERA, "c1", Cause.NETWORK_UNREACHABLE))
    names = [name]
    if aspect is Aspect.CAMERA and kind not in {Kind.CAMERA, Kind.PICTURE, Kind.STREAM}:
        names = [f"c{n}" for n in range(1, cameras + 1)]
    members = tuple(
        Member(subject=Subject(aspect, n), cause=cause, since=BEGAN + timedelta(seconds=i))
        for i, n in enumerate(names)
    )
    placed = kind not in _OF_CENTRE
    return Incident(
        id="5e7ab4d6-0c9c-4b3c-8b6b-1f6d7a1f0001",
        kind=kind,
        root=f"{kind}:{names[0]}",
        school="th" if placed and kind is not Kind.LINE else None,
        unit="xa" if kind is Kind.LINE else None,
        severity=Severity.URGENT,
        members=members,
        affected=tuple(names) if aspect is Aspect.CAMERA else (),
        required=("cong",) if placed else (),
        began_at=BEGAN,
        opened_at=NOW,
        tell_at=NOW,
        sure=sure,
        why=(("schools", 12), ("of", 40)) if kind is Kind.LINE else (),
    )


def over(incident: Incident, *, after: timedelta = timedelta(minutes=24)) -> Incident:
    ended = incident.began_at + after
    return replace(incident, phase=Phase.CLOSED, ended_at=ended, closed_at=ended)


def letter(occasion: Occasion = Occasion.OPENED, *, language: str = "vi") -> LetterRow:
    return LetterRow(
        id="0d5b3c2e-7b54-5a0e-9d0a-111111111111", incident="i", occasion=occasion,
        receiver="r", way=Way(channel="email", address="a@example.vn"), language=language,
        at=NOW, created_at=NOW, next_at=NOW,
    )  # fmt: skip


def said(language: str = "vi", url: str | None = "https://cam.example.vn/") -> Said:
    return Said(tongue=load(language), names=NAMES, public_url=url, now=NOW)


def row(incident: Incident) -> IncidentRow:
    return IncidentRow(incident=incident, began_at=incident.began_at, ended_at=incident.ended_at)


def line(incident: Incident, occasion: Occasion = Occasion.OPENED, language: str = "vi") -> str:
    return first_line(load(language), incident, occasion, NAMES, NOW)


def every() -> list[tuple[Kind, Occasion, str]]:
    return [(k, o, code) for k in Kind for o in _TOLD for code in ("vi", "en")]


@pytest.mark.parametrize(("kind", "occasion", "language"), every())
def test_every_kind_and_occasion_has_a_short_first_line(
    kind: Kind, occasion: Occasion, language: str
) -> None:
    incident = made(kind)
    if occasion is Occasion.RECOVERED:
        incident = over(incident, after=timedelta(hours=1, minutes=5))
    found = line(incident, occasion, language)
    assert len(found) <= 120, found
    assert "%(" not in found
    assert "None" not in found
    if kind not in _OF_CENTRE | {Kind.LINE}:
        assert SCHOOL in found


def test_the_first_line_is_that_of_the_issue() -> None:
    assert line(made(Kind.NETWORK)) == (
        f"{SCHOOL}: 3/4 camera cổng mất kết nối từ 06:48, nghi mất mạng"
    )


def test_cameras_that_are_not_all_at_gates_are_counted_among_all() -> None:
    assert ": 6/9 camera mất kết nối" in line(made(Kind.NETWORK, cameras=6))


def test_a_root_that_is_certain_is_not_suspected() -> None:
    assert line(made(Kind.NETWORK, sure=True)).endswith(", do mất mạng")


def test_a_recovery_tells_the_length() -> None:
    assert line(over(made(Kind.CAMERA)), Occasion.RECOVERED) == (
        f"Đã khắc phục sau 24 phút: {SCHOOL}: camera Cổng chính 1 mất kết nối từ 06:48"
    )


def test_a_silent_agent_leaves_its_cameras_unknown() -> None:
    found = line(replace(made(Kind.AGENT), affected=("c1", "c2")))
    assert found == (f"{SCHOOL}: Máy tính cổng chính mất liên lạc từ 06:48, chưa rõ 2 camera")


def test_what_comes_and_goes_from_its_beginning_is_told_so() -> None:
    found = line(replace(made(Kind.CAMERA), phase=Phase.UNSTABLE))
    assert found == f"Chập chờn: {SCHOOL}: camera Cổng chính 1 mất kết nối từ 06:48"


def test_several_cameras_of_one_picture_trouble_are_counted() -> None:
    members = tuple(
        Member(subject=Subject(Aspect.CAMERA, f"c{n}"), cause=Cause.PICTURE_NO_SIGNAL, since=BEGAN)
        for n in (1, 2)
    )
    several = replace(made(Kind.PICTURE), members=members, affected=("c1", "c2"))
    assert line(several).startswith(f"{SCHOOL}: 2/4 camera cổng ")


def test_what_is_of_no_school_names_the_centre_or_several_units() -> None:
    own = replace(made(Kind.CERTIFICATE), school=None)
    assert line(own).startswith("Trung tâm giám sát: chứng thư số")
    assert line(replace(made(Kind.LINE), unit=None)).startswith("Nhiều đơn vị: 12/40 trường")


def test_another_day_is_named() -> None:
    later = NOW + timedelta(days=1)
    found = first_line(load("vi"), made(Kind.CAMERA), Occasion.ESCALATED, NAMES, later)
    assert "từ 06:48 hôm qua" in found


@pytest.mark.parametrize("cause", [*Cause, *CAUSES])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_cause_has_words(cause: str, language: str) -> None:
    found = cause_text(load(language), cause)
    assert found
    assert found != cause


def test_every_kind_has_a_sentence() -> None:
    assert set(WHAT) == set(Kind)


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_message_says_what_to_do_and_how_to_take_it_on(kind: Kind, language: str) -> None:
    found = tell_incident(letter(language=language), row(made(kind)), said(language), token="t0k")
    lines = found.text.splitlines()
    assert lines[0] == found.subject
    assert any(one.startswith("1. ") for one in lines)
    assert any("https://cam.example.vn/a/t0k" in one for one in lines)
    assert any(one.endswith("/incidents/5e7ab4d6-0c9c-4b3c-8b6b-1f6d7a1f0001") for one in lines)
    assert found.to == ("a@example.vn",)


def test_a_whole_message() -> None:
    found = tell_incident(letter(), row(made(Kind.NETWORK)), said(), token="t0k")
    assert found.text.splitlines()[:9] == [
        f"{SCHOOL}: 3/4 camera cổng mất kết nối từ 06:48, nghi mất mạng",
        "",
        "Nghi nguyên nhân gốc: Bộ chia mạng chung của các camera này, hoặc nguồn điện",
        "3 thiết bị cùng mất trong vòng 2 giây.",
        "Từ: 06:48 ngày 24/11/2026 (đã 2 phút)",
        "Khu vực bắt buộc bị ảnh hưởng: Cổng chính",
        "• Cổng chính 1: không có đường mạng đến camera, từ 06:48",
        "• Cổng chính 2: không có đường mạng đến camera, từ 06:48",
        "• Cổng chính 3: không có đường mạng đến camera, từ 06:48",
    ]


def test_a_line_names_the_schools_of_its_members() -> None:
    found = tell_incident(letter(), row(made(Kind.LINE)), said(), token="t0k").text
    assert f"• {SCHOOL}: Máy tính cổng chính: không có tín hiệu, từ 06:48" in found
    assert "Khu vực bắt buộc bị ảnh hưởng: 1" in found


def test_a_recovery_has_no_link_to_take_it_on() -> None:
    found = tell_incident(
        letter(Occasion.RECOVERED), row(over(made(Kind.CAMERA))), said(), token="t0k"
    )
    assert "/a/t0k" not in found.text
    assert "Khắc phục: 07:12 ngày 24/11/2026, sau 24 phút" in found.text


def test_what_is_taken_on_has_no_link_to_take_it_on() -> None:
    taken = replace(row(made(Kind.CAMERA)), acknowledged_at=NOW, acknowledged_by="x")
    assert "/a/t0k" not in tell_incident(letter(), taken, said(), token="t0k").text


def test_without_an_address_of_ours_there_are_no_links() -> None:
    found = tell_incident(letter(), row(made(Kind.CAMERA)), said(url=None), token="t0k")
    assert "http" not in found.text
    assert found.facts["url"] is None


def test_many_in_one_have_a_line_each_and_one_link() -> None:
    told = [(Occasion.OPENED, row(made(kind))) for kind in (Kind.CAMERA, Kind.SPOOL)]
    told.append((Occasion.RECOVERED, row(over(made(Kind.AGENT)))))
    found = tell_many(letter(Occasion.DIGEST), told, said(), token="t0k")
    assert found.subject.startswith(f"Gộp 3 tin: {SCHOOL}: camera Cổng chính 1")
    assert sum(one.startswith("- ") for one in found.text.splitlines()) == 3
    assert found.text.count("/a/t0k") == 1
    assert [one["kind"] for one in found.facts["incidents"]] == ["camera", "spool", "agent"]


def test_hundreds_in_one_are_cut_with_their_number() -> None:
    told = [(Occasion.OPENED, row(made(Kind.CAMERA)))] * 100
    lines = tell_many(letter(Occasion.DIGEST), told, said(), token="t").text.splitlines()
    assert "và 85 mục nữa" in lines


def test_a_test_message_alarms_nobody() -> None:
    assert tell_test(letter(Occasion.TEST), said()).subject == "Vọng Gác: tin thử của kênh email"
