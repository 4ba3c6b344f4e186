"""What people read, and when a letter is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from server.config import Language
from server.domain.units import Agent, Camera, Organisation, School, Source, Zone
from server.notifier import wait_s
from server.notifier.wording import compose
from server.storage import AlertRow, Letter
from server.texts.tongue import load
from server.transports.email import compose as mail_of
from server.transports.message import Message
from server.transports.webhook import headers, retry_after

BEGAN = datetime(2026, 11, 24, 0, 12, tzinfo=UTC)  # 07:12 in Vietnam
ORGANISATION = Organisation(
    units=(),
    schools=(
        School(
            id="tha", name="Trường Tiểu học A", kind="tieu_hoc", unit="u",
            zones=(Zone(id="cong", name="Cổng chính", kind="cong_truong"),),
            agents=(Agent(id="a1", name="Máy tính cổng chính"),),
            cameras=(Camera(id="c1", name="Cổng chính 1", zone="cong",
                            sources=(Source("a1", "c1"),)),),
        ),
    ),
)  # fmt: skip


def letter(reason: str = "opened", lasted: timedelta | None = None, **changes: object) -> Letter:
    ended = None if lasted is None else BEGAN + lasted
    values: dict[str, object] = {
        "id": 7, "key": "gate_camera_down/c1", "rule": "gate_camera_down", "school": "tha",
        "camera": "c1", "agent": None, "state": "down", "cause": "rtsp.auth", "zone": "cong",
        "began_at": BEGAN, "opened_at": BEGAN + timedelta(minutes=1),
        "ended_at": ended, "closed_at": ended,
    }  # fmt: skip
    alert = AlertRow(**(values | changes))  # type: ignore[arg-type]
    return Letter(id="l-1", alert=alert, reason=reason, transport="email", attempts=0,
                  created_at=BEGAN)  # fmt: skip


def message(written: Letter, language: Language = Language.VI, url: str | None = None) -> Message:
    return compose(written, ORGANISATION, tongue=load(language), public_url=url, now=BEGAN)


def test_the_first_line_says_everything_in_local_time() -> None:
    found = message(letter(), url="https://cam.example.vn/")
    assert found.subject == (
        "[Trường Tiểu học A] Camera Cổng chính 1 mất hình từ 07:12 ngày 24/11/2026."
    )
    assert found.text.splitlines() == [
        found.subject,
        "Khu vực: Cổng chính",
        "Nguyên nhân: camera từ chối mật khẩu",
        "",
        "Xem chi tiết: https://cam.example.vn/cameras/c1",
    ]


def test_an_agents_silence_calls_no_camera_broken() -> None:
    silent = letter(rule="agent_silent", camera=None, agent="a1", zone=None, cause="last_will")
    found = message(silent)
    assert found.subject == (
        "[Trường Tiểu học A] Máy tính cổng chính không gửi tín hiệu từ 07:12 ngày 24/11/2026."
    )
    assert "chưa rõ" in found.text
    assert "last_will" not in found.text


@pytest.mark.parametrize(
    ("lasted", "words"),
    [
        (timedelta(seconds=20), "1 phút"),
        (timedelta(minutes=28), "28 phút"),
        (timedelta(minutes=61), "1 giờ 1 phút"),
        (timedelta(hours=50), "2 ngày 2 giờ"),
    ],
)
def test_a_recovery_says_when_and_how_long(lasted: timedelta, words: str) -> None:
    found = message(letter("recovered", lasted))
    assert found.subject.startswith(
        "[Trường Tiểu học A] Đã khắc phục: camera Cổng chính 1 hoạt động lại lúc"
    )
    assert found.subject.endswith(f"({words}).")


def test_english_by_setting() -> None:
    found = message(letter(), Language.EN)
    assert found.subject == (
        "[Trường Tiểu học A] Camera Cổng chính 1 has had no picture since 07:12 on 24/11/2026."
    )
    assert "Cause: it refuses the password" in found.text


def test_what_is_no_longer_configured_shows_as_its_id() -> None:
    found = message(letter(school="gone", camera="c9", zone="z", cause="new.cause"))
    assert found.subject.startswith("[gone] Camera c9 ")
    assert "new.cause" in found.text


def test_a_rule_of_a_newer_version_is_still_told() -> None:
    assert "uptime_low" in message(letter(rule="uptime_low")).subject


def test_machines_get_the_same_facts() -> None:
    facts = message(letter("recovered", timedelta(minutes=28))).facts
    assert (facts["id"], facts["reason"]) == ("l-1", "recovered")
    assert facts["alert"]["began_at"] == "2026-11-24T00:12:00Z"
    assert facts["alert"]["ended_at"] == "2026-11-24T00:40:00Z"


def test_a_mail_has_a_stable_id_and_no_foreign_headers() -> None:
    bad = letter(school="x\r\nBcc: all@example.vn")
    mail = mail_of(message(bad), sender="vonggac@example.vn", to=("a@example.vn",))
    assert mail["Message-ID"] == "<l-1@example.vn>"
    assert mail["Bcc"] is None
    assert mail.get_content_charset() == "utf-8"


def test_a_signature_covers_time_and_body() -> None:
    one = headers(message(letter()), b"{}", secret="k")
    assert (
        one["X-Vonggac-Signature"]
        != headers(message(letter()), b"{ }", secret="k")["X-Vonggac-Signature"]
    )
    assert "X-Vonggac-Signature" not in headers(message(letter()), b"{}", secret=None)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None), ("", None), ("soon", None), ("-5", None), ("7", 7.0),
        ("999999999999", 3600.0),
        ("Tue, 24 Nov 2026 00:13:00 GMT", 60.0), ("Tue, 24 Nov 2020 00:13:00 GMT", 0.0),
        ("Tue, 99 Nov 2026", None), ("²", None),
    ],
)  # fmt: skip
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, message(letter())) == seconds


def test_waits_grow_to_half_an_hour() -> None:
    assert [wait_s(n) for n in (1, 2, 3, 20, 500)] == [5, 10, 20, 1800, 1800]
