"""Gate PCs of the drawn district that need a hand, one of each kind of trouble."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from server.storage import Intake, Store
from wire.messages import BootStory, Gap, GateEvent, Item, Segment, Vitals, Watermark
from wire.vocabulary import State

TWIN, FULL, DEAD_BATTERY = "th-vinh-quynh-cong", "thcs-ich-vinh-cong", "s1-cong"
MACHINES = ("MAY-CONG · 192.168.1.20", "MAY-CONG-2 · 192.168.1.24")


async def seed_warnings(store: Store, now: datetime) -> None:
    """Make three gate PCs troubled."""
    for intake in warned(now):
        await store.commit([intake])


def warned(now: datetime) -> Iterator[Intake]:
    """Yield what they report."""
    for machine in MACHINES:
        yield _boot(TWIN, now, now - timedelta(hours=3), timedelta(hours=3), machine=machine)
    lost = _boot(FULL, now, now - timedelta(days=19), timedelta())
    yield _with(lost, vitals=FILLING, items=(_gap(lost),))
    yield _passage(now)
    for hours in (3, 4):
        begun = datetime(2010, 1, 1, tzinfo=UTC)
        yield _boot(DEAD_BATTERY, now, begun, timedelta(hours=hours), offset_ms=None)
    running = _boot(DEAD_BATTERY, now, now - timedelta(minutes=1), timedelta(), offset_ms=FAST_MS)
    yield _with(running, vitals=_vitals(clock_offset_ms=FAST_MS))


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _boot(
    agent: str,
    now: datetime,
    begin: datetime,
    ran: timedelta,
    *,
    machine: str | None = None,
    offset_ms: int | None = 120,
) -> Intake:
    """A boot that watched a camera which nobody registered, for as long as it ran."""
    boot = str(uuid.uuid4())
    wrong_ms = 0 if offset_ms is None or abs(offset_ms) <= 2000 else offset_ms
    segment = Segment(boot=boot, number=1, camera="nobodys", state=State.UP, start_ms=0)
    mark = Watermark(boot=boot, until_ms=ran // timedelta(milliseconds=1), after_seq=1)
    story = BootStory(
        id=boot, origin_utc_ms=_ms(begin) - wrong_ms, offset_ms=offset_ms, machine=machine
    )
    return Intake(
        agent=agent,
        spool=boot,
        sent_utc_ms=_ms(now) - 9000,
        received_utc_ms=_ms(now) - 9000,
        boots=(story,),
        items=(Item(seq=1, segment=segment),) if ran else (),
        watermarks=(mark,) if ran else (),
    )


def _with(intake: Intake, *, vitals: Vitals, items: tuple[Item, ...] = ()) -> Intake:
    return Intake(
        agent=intake.agent,
        spool=intake.spool,
        sent_utc_ms=intake.sent_utc_ms,
        received_utc_ms=intake.received_utc_ms,
        boots=intake.boots,
        items=items,
        vitals=vitals,
    )


def _vitals(*, spool_bytes: int = 4096, set_aside: int = 0, clock_offset_ms: int = 120) -> Vitals:
    return Vitals(
        version="0.2.0",
        uptime_s=60,
        cpu=0.04,
        memory=183_000_000,
        disk_free=71_200_000_000,
        spool_items=120,
        spool_bytes=spool_bytes,
        spool_max_bytes=536_870_912,
        set_aside=set_aside,
        clock_offset_ms=clock_offset_ms,
    )


def _gap(intake: Intake) -> Item:
    """Three days of two cameras."""
    gap = Gap(
        first_seq=1,
        last_seq=1240,
        kind="segment",
        count=1240,
        reason="no room",
        boot=intake.spool,
        start_ms=0,
        end_ms=3 * 86_400_000,
        cameras=("thcs-ich-vinh-c1", "thcs-ich-vinh-c2"),
    )
    return Item(seq=1241, gap=gap)


def _passage(now: datetime) -> Intake:
    """Yesterday's passage by a reader whose clock was eleven minutes off, received today."""
    happened = now - timedelta(hours=17)
    event = GateEvent(
        id=str(uuid.uuid4()),
        gate="thcs-ich-vinh-g1",
        kind="passage",
        direction="in",
        subject="LATE1",
        occurred_utc_ms=_ms(happened),
        accepted_utc_ms=_ms(happened) + 660_000,
    )
    boot = _boot(FULL, now, happened, timedelta())
    return _with(boot, vitals=FILLING, items=(Item(seq=1, gate_event=event),))


FILLING = _vitals(spool_bytes=471_859_200, set_aside=3)
FAST_MS = -187_000
