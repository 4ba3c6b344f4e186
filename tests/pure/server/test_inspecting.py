"""What phones send, what photos may hold, what timelines say to findings and the register."""

import struct
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.calendar import DayWindow, SchoolHours, local_day, local_moment
from server.domain.citation import Citation
from server.domain.exceptions import NONE
from server.domain.inspection import (
    Fill,
    Finding,
    Paper,
    Side,
    Signed,
    Step,
    Visit,
    WrongStepError,
    step,
)
from server.domain.interval import Interval
from server.domain.plan import Plan
from server.domain.planbook import PlanBook, PlanVersion
from server.domain.timeline import Span, Timeline
from server.domain.units import Camera, School, Source, Zone
from server.inspecting.looking import Rules, fault_changes, healed
from server.inspecting.photos import PhotoError, plain_jpeg
from server.inspecting.receiving import BadPaperError, Sent, new_photos, read, taken
from wire.vocabulary import State

DAY = date(2026, 11, 23)  # a Monday
NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
SCHOOL = School(
    id="s",
    name="Trường THCS Thanh Trì",
    kind="thcs",
    unit="x",
    zones=(Zone(id="z", name="Cổng", kind="cong_truong"),),
    cameras=(Camera(id="c", name="Cổng 1", zone="z", sources=(Source("a", "c"),)),),
)
FINDING = Finding(id="t", what="Mờ", camera="c", healthy_days=2, photos=("ab",))
SIGNED = Signed(name="A", role="Trưởng đoàn", at=NOW)
SENT = Sent(base=1, change="change-1", sent_at=NOW, paper=Paper(findings=(FINDING,)))


# ---------------------------------------------------------------------- photos
def part(kind: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, kind, len(body) + 2) + body


def jpeg(*extra: bytes, width: int = 640, height: int = 480) -> bytes:
    frame = part(0xC0, struct.pack(">BHHB", 8, height, width, 3) + bytes(9))
    return b"\xff\xd8" + b"".join(extra) + frame + part(0xDA, bytes(10)) + b"data\xff\xd9"


JFIF = part(0xE0, b"JFIF\0")


def test_a_plain_photo_is_taken() -> None:
    assert plain_jpeg(jpeg(JFIF)) == (640, 480)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"\x89PNG\r\n",
        jpeg(JFIF, part(0xE1, b"Exif\0\0")),
        jpeg(JFIF, part(0xED, b"Photoshop")),
        jpeg(JFIF, part(0xFE, b"taken by")),
        jpeg(JFIF, width=1601),
        jpeg(JFIF, height=0),
        jpeg(JFIF) + b"more",
        b"\xff\xd8" + JFIF + part(0xDA, bytes(4)) + b"\xff\xd9",
        b"\xff\xd8" + b"\0" * 1_500_000,
    ],
)
def test_what_says_more_or_is_no_photo_is_refused(data: bytes) -> None:
    with pytest.raises(PhotoError):
        plain_jpeg(data)


@given(st.binary(max_size=200), st.integers(0, 60))
def test_no_bytes_break_the_look_at_a_photo(noise: bytes, at: int) -> None:
    whole = jpeg(JFIF)
    for data in (noise, whole[:at] + noise, whole[:at] + noise + whole[at:]):
        try:
            width, height = plain_jpeg(data)
        except PhotoError:
            continue
        assert 0 < max(width, height) <= 1600


# ------------------------------------------------------------------- receiving
def body(**changes: Any) -> bytes:
    told = msgspec.to_builtins(SENT)
    told["paper"] |= changes.pop("paper", {})
    return msgspec.json.encode(told | changes)


def test_what_a_phone_sends_is_read_as_it_is() -> None:
    assert read(msgspec.json.encode(SENT), SCHOOL) == SENT


@pytest.mark.parametrize(
    "changes",
    [
        {"change": "short"},
        {"sent_at": "2026-11-24T03:00:00"},
        {"strange": 1},
        {"signed": {"inspector": {"name": " ", "role": "", "at": "2026-11-24T03:00:00Z"}}},
        {"signed": {"nobody": {"name": "A", "role": "", "at": "2026-11-24T03:00:00Z"}}},
        {"paper": {"cameras": [{"camera": "elsewhere"}]}},
        {"paper": {"cameras": [{"camera": "c"}, {"camera": "c"}]}},
        {"paper": {"cameras": [{"camera": "c", "recorded_days": -1}]}},
        {"paper": {"zones": [{"zone": "elsewhere"}]}},
        {"paper": {"findings": [{"id": "t", "what": " "}]}},
        {"paper": {"findings": [{"id": "t", "what": "x", "zone": "c"}]}},
        {"paper": {"findings": [{"id": "t", "what": "x", "healthy_days": 0}]}},
        {"paper": {"findings": [{"id": "t", "what": "x", "photos": ["a"] * 7}]}},
        {"paper": {"findings": [{"id": "t", "what": "x", "deadline": "2026-02-30"}]}},
        {"paper": {"conclusion": "x" * 4001}},
        {"paper": {"conclusion": "\u0000"}},
        {"paper": {"team": [{"name": "x"}] * 201}},
    ],
)
def test_what_nobody_can_have_meant_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadPaperError):
        read(body(**changes), SCHOOL)


def test_a_change_is_done_once_and_confirmed_by_how_long_ago() -> None:
    visit = taken(Visit(school="s", planned=DAY), SENT, now=NOW)
    assert (visit.step, visit.change) == (Step.DRAFT, "change-1")
    assert new_photos(visit, SENT) == set()
    assert new_photos(Visit(school="s", planned=DAY), SENT) == {"ab"}
    wrong_clock = datetime(2020, 1, 1, tzinfo=UTC)
    both = msgspec.structs.replace(
        SENT,
        change="change-2",
        sent_at=wrong_clock + timedelta(minutes=20),
        signed={Side.INSPECTOR: replace(SIGNED, at=wrong_clock), Side.SCHOOL: SIGNED},
    )
    visit = taken(visit, both, now=NOW)
    assert visit.step is Step.CONFIRMED
    inspector, school = visit.signature(Side.INSPECTOR), visit.signature(Side.SCHOOL)
    assert inspector == replace(SIGNED, at=NOW - timedelta(minutes=20))
    assert school == replace(SIGNED, at=NOW), "nobody has confirmed in the future"
    assert taken(visit, both, now=NOW + timedelta(hours=1)) == visit
    with pytest.raises(WrongStepError):
        taken(visit, msgspec.structs.replace(both, change="change-3"), now=NOW)


def test_who_has_confirmed_already_confirms_no_second_time() -> None:
    one = msgspec.structs.replace(SENT, signed={Side.SCHOOL: SIGNED})
    visit = taken(Visit(school="s", planned=DAY), one, now=NOW)
    later = msgspec.structs.replace(one, change="change-9")
    after = taken(visit, later, now=NOW + timedelta(hours=1))
    assert after.signature(Side.SCHOOL) == visit.signature(Side.SCHOOL)
    changed = msgspec.structs.replace(later, paper=Paper(), signed={})
    assert taken(visit, changed, now=NOW).signed is None


# --------------------------------------------------------------------- looking
def rules(percent: float | None = None) -> Rules:
    source = Citation(id="p", kind="commune_plan", ref="x")
    hours = SchoolHours(days=(0, 1, 2, 3, 4), windows=(DayWindow(420, 480),))
    plan = Plan(
        id="p",
        title="Kế hoạch",
        version="1",
        zones={},
        requirements={},
        school_hours={"thcs": hours},
        uptime_required_percent=percent,
        uptime_source=source,
        effective_from=date(2026, 1, 1),
    )
    version = PlanVersion(id="p", plan=plan, confirmed_at=NOW - timedelta(days=300))
    return Rules(plans=PlanBook((version,)), exceptions=NONE)


def days_drawn(text: str, *, minutes: int = 60) -> Timeline:
    """Return a letter a day from ``DAY``: the first minutes of its hour, the rest is up."""
    letters = {"U": State.UP, "D": State.DOWN, "?": State.UNKNOWN, "G": State.DEGRADED}
    spans: list[Span] = []
    for i, letter in enumerate(text):
        day = DAY + timedelta(days=i)
        whole = local_day(day)
        begin, end = local_moment(day, 420), local_moment(day, 420 + minutes)
        spans += [
            Span(interval=Interval(whole.start, begin), state=State.UP),
            Span(interval=Interval(begin, end), state=letters[letter]),
            Span(interval=Interval(end, whole.end), state=State.UP),
        ]
    return tuple(spans)


def confirmed(finding: Finding) -> Visit:
    visit = Visit(school="s", planned=DAY)
    filled = step(visit, Fill(Paper(findings=(finding,)), done=True))
    at = local_moment(DAY, 600)
    return replace(filled, step=Step.CONFIRMED, signed=dict.fromkeys(Side, replace(SIGNED, at=at)))


@settings(max_examples=60)
@given(st.text("UUUD?G", max_size=16), st.integers(1, 4), st.integers(0, 16))
def test_findings_heal_by_school_days_that_are_over(text: str, asked: int, passed: int) -> None:
    today = DAY + timedelta(days=passed)
    row, expected = 0, None
    for i, letter in enumerate(text):
        day = DAY + timedelta(days=i)
        if day <= DAY or day >= today or day.weekday() > 4 or expected:
            continue
        row = row + 1 if letter == "U" else 0
        expected = day if row == asked else None
    finding = replace(FINDING, healthy_days=asked)
    turns = healed(rules(), SCHOOL, confirmed(finding), {"c": days_drawn(text)}, today=today)
    assert [t.day for t in turns] == ([expected] if expected else [])
    assert all(t.by is None and t.closed for t in turns)


def test_weekends_are_no_gap_and_today_is_not_over() -> None:
    line, visit = {"c": days_drawn("UUUUUUUU")}, confirmed(replace(FINDING, healthy_days=5))
    monday = DAY + timedelta(days=7)
    assert not healed(rules(), SCHOOL, visit, line, today=monday)
    (turn,) = healed(rules(), SCHOOL, visit, line, today=monday + timedelta(days=1))
    assert turn.day == monday


def test_a_day_is_good_when_the_camera_watched_as_much_as_the_plan_asks() -> None:
    line, visit = {"c": days_drawn("UDD", minutes=6)}, confirmed(FINDING)
    today = DAY + timedelta(days=5)
    assert healed(rules(90), SCHOOL, visit, line, today=today)
    assert not healed(rules(91), SCHOOL, visit, line, today=today)
    assert not healed(rules(), SCHOOL, visit, line, today=today)
    by_hand = confirmed(replace(FINDING, healthy_days=None))
    assert not healed(rules(0), SCHOOL, by_hand, line, today=today)


def test_the_register_counts_required_time_alone() -> None:
    lines = {"c": days_drawn("UDUUUDU", minutes=60)}  # Tuesday, and Saturday
    changes = fault_changes(rules(), SCHOOL, lines, {}, least_s=3600)
    (entry,) = changes.values()
    assert entry.since == DAY + timedelta(days=1)
    assert fault_changes(rules(), SCHOOL, lines, changes, least_s=3600) == {}
    assert fault_changes(rules(), SCHOOL, lines, {}, least_s=3601) == {}
    assert fault_changes(rules(), SCHOOL, {"c": ()}, changes, least_s=3600) == {}
