"""The faults of a period: what timelines say, what the register and people say beside."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from server.domain.calendar import DayWindow, SchoolHours, local_moment
from server.domain.dated import EVER, OPEN, Dated, Story
from server.domain.exceptions import NONE
from server.domain.faults import FaultEntry, Seen, Written
from server.domain.interval import Interval
from server.domain.period import CameraPeriod, SchoolPeriod, ZonePeriod
from server.domain.plan import Plan
from server.domain.planbook import PlanBook, PlanVersion
from server.domain.points import PointSums
from server.domain.timeline import Span, Timeline
from server.domain.units import Camera, School, Source, Zone
from server.domain.uptime import Availability
from server.inspecting.looking import Rules
from server.reports.facts import Fault
from server.reports.faultlist import period_faults
from wire.vocabulary import State

DAY = date(2026, 11, 23)  # a Monday
LAST = DAY + timedelta(days=2)
CAMERA = Camera(id="c", name="Cổng 1", zone="z", sources=(Source("a", "c"),))
ZONE = Zone(id="z", name="Cổng", kind="cong_truong")
PERIOD = SchoolPeriod(
    school=School(id="s", name="Trường A", kind="thcs", unit="x", zones=(ZONE,)),
    unit="x",
    first=DAY,
    last=LAST,
    zones=(
        ZonePeriod(
            zone=ZONE,
            need=1,
            installed=1,
            installed_min=1,
            installed_max=1,
            seconds=None,
            unset_days=0,
            uptime=Availability(),
            cameras=(CameraPeriod(camera=CAMERA, uptime=Availability()),),
        ),
    ),
    sums=PointSums(),
    uptime=Availability(),
    unset_days=0,
    by_day=(),
)
PLAN = Plan(
    id="kh",
    title="Kế hoạch",
    version="1",
    zones={},
    requirements={},
    school_hours={"thcs": SchoolHours(days=(0, 1, 2), windows=(DayWindow(420, 660),))},
    counts_degraded=frozenset({"stream.lossy"}),
)
BOOK = PlanBook((PlanVersion(id="1", plan=PLAN, confirmed_at=datetime(2026, 9, 1, tzinfo=UTC)),))
U, D, P, N = State.UP, State.DOWN, State.DEGRADED, State.UNKNOWN
Piece = tuple[int, int, State, str | None]


def timeline(*pieces: Piece) -> Timeline:
    """Return spans given in minutes from the first day's midnight."""
    return tuple(
        Span(interval=Interval(minute(begin), minute(end)), state=state, cause=cause)
        for begin, end, state, cause in pieces
    )


def minute(value: int) -> datetime:
    return local_moment(DAY, value)


def found(
    *pieces: Piece,
    entries: Mapping[str, FaultEntry] | None = None,
    story: Story[School] = (),
) -> list[Fault]:
    return period_faults(
        Rules(plans=BOOK, exceptions=NONE),
        PERIOD,
        {"c": timeline(*pieces)} if pieces else {},
        entries or {},
        story=story,
        words={"network.timeout": "không trả lời"},
        least_s=1800,
    )


def brief(*faults: Fault) -> list[tuple[object, ...]]:
    return [(f.camera, f.zone, f.cause, f.since, f.repaired, f.days, f.seconds) for f in faults]


LONG: tuple[Piece, ...] = (
    (0, 600, U, None),
    (600, 1440 + 480, D, "network.timeout"),
    (1440 + 480, 3 * 1440, U, None),
)


def test_a_fault_runs_over_days_and_counts_school_hours_only() -> None:
    after = DAY + timedelta(days=1)
    assert brief(*found(*LONG)) == [
        ("Cổng 1", "Cổng", "không trả lời", DAY, after, 2, 60 * 60 + 60 * 60)
    ]


def test_a_blink_the_night_and_what_nobody_saw_are_no_faults() -> None:
    assert found((0, 500, U, None), (500, 529, D, None), (529, 700, U, None)) == []
    assert found((0, 400, D, None), (400, 700, U, None)) == []
    assert found((0, 420, U, None), (420, 700, N, None)) == []
    assert found((0, 420, U, None), (420, 440, D, None), (440, 700, N, None)) == []


def test_a_fault_that_goes_on_is_not_repaired() -> None:
    assert brief(*found((0, 450, U, None), (450, 700, D, None))) == [
        ("Cổng 1", "Cổng", "mất kết nối", DAY, None, 3, 210 * 60)
    ]


def test_a_cause_that_still_counts_as_watching_is_no_fault() -> None:
    assert found((0, 420, U, None), (420, 700, P, "stream.lossy")) == []
    assert len(found((0, 420, U, None), (420, 700, P, "picture.blurred"))) == 1


def entry(since: int, until: int | None, written: Written | None = None) -> FaultEntry:
    seen = Seen(
        since=minute(since),
        until=None if until is None else minute(until),
        state="down",
        cause="network.timeout",
        seconds=7,
    )
    return FaultEntry(school="s", camera="c", seen=seen, written=written or Written())


def test_what_people_wrote_stands_beside_what_was_seen() -> None:
    written = Written(
        reported=DAY,
        reported_to="Công ty A",
        repaired_by="ông B",
        warranty_until=date(2027, 1, 5),
        cost=800_000,
        note="thay dây",
    )
    (fault,) = found(*LONG, entries={"x": entry(605, 900, written)})
    assert (fault.reported, fault.by, fault.seconds) == (DAY, "ông B", 7200)
    assert fault.note == "báo Công ty A; bảo hành đến 05/01/2027; 800.000 đồng; thay dây"


def test_without_timelines_the_register_alone_is_told() -> None:
    kept = {
        "before": entry(-3000, -2000),
        "into": entry(-3000, 100),
        "within": entry(600, None),
        "after": entry(3 * 1440 + 60, None),
    }
    told = found(entries=kept)
    assert [(f.since, f.seconds) for f in told] == [(DAY - timedelta(days=3), 7), (DAY, 7)]


def test_a_repair_after_the_period_is_known_from_the_register() -> None:
    pieces = ((0, 450, U, None), (450, 3 * 1440, D, "network.timeout"))
    (fault,) = found(*pieces, entries={"x": entry(450, 5 * 1440)})
    assert (fault.repaired, fault.days) == (DAY + timedelta(days=5), 6)


def test_a_fault_that_was_withdrawn_is_told_no_more() -> None:
    assert found((0, 3 * 1440, U, None), entries={"x": entry(450, 700)}) == []


def test_an_entry_by_hand_needs_no_camera() -> None:
    by_hand = FaultEntry(school="s", written=Written(what="hỏng đầu ghi", since=DAY))
    (fault,) = found(*LONG[:1], entries={"h": by_hand})
    assert (fault.camera, fault.cause, fault.repaired, fault.seconds) == (
        "–",
        "hỏng đầu ghi",
        None,
        0,
    )


def test_a_camera_that_moved_is_told_of_where_it_stood_when_it_broke() -> None:
    yard = Zone(id="y", name="Sân", kind="san_truong")
    before = School(
        id="s",
        name="Trường A",
        kind="thcs",
        unit="x",
        zones=(ZONE, yard),
        cameras=(replace(CAMERA, name="Sân 1", zone="y"),),
    )
    after, moved = replace(before, cameras=(CAMERA,)), DAY + timedelta(days=1)
    story = (
        Dated(first=EVER, last=DAY, value=before),
        Dated(first=moved, last=OPEN, value=after),
    )
    entries = {"old": entry(450, 500), "new": entry(1440 + 450, 1440 + 500)}
    told = [(f.camera, f.zone) for f in found(entries=entries, story=story)]
    assert told == [("Sân 1", "Sân"), ("Cổng 1", "Cổng")]
    strange = (Dated(first=EVER, last=OPEN, value=replace(before, cameras=())),)
    assert [f.zone for f in found(entries=entries, story=strange)] == ["Cổng", "Cổng"]
