"""What warnings follow from, on SQLite and on PostgreSQL: clocks of boots, and gaps."""

from datetime import timedelta

from server.domain.clocks import Grade, grades
from server.domain.interval import Interval
from server.storage import Store
from server.storage.gaps import GapRow
from tests.pure.server.reports import BOOT, ORIGIN, ORIGIN_MS, intake, item, uuid, watermark
from tests.system.fixtures_server import postgres, postgres_url, store
from wire.messages import BootStory, Gap

__all__ = ["postgres", "postgres_url", "store"]

DAY = Interval(ORIGIN, ORIGIN + timedelta(days=1))
HOUR_MS = 3_600_000


async def test_clocks_are_read_back_with_what_they_are_graded_by(store: Store) -> None:
    told = BootStory(id=BOOT, origin_utc_ms=ORIGIN_MS, offset_ms=5, machine="pc · 10.0.0.5")
    ancient = BootStory(id=uuid(2), origin_utc_ms=1_262_304_000_000)
    await store.commit(
        [
            intake(boots=(told,), watermarks=(watermark(HOUR_MS),), sent_ms=HOUR_MS),
            intake(boots=(ancient,), watermarks=(watermark(60_000, boot=uuid(2)),), spool=uuid(2)),
            intake(agent="agent2"),
        ]
    )
    found = {c.boot: c for c in await store.boot_clocks(["agent1"], DAY)}
    assert set(found) == {BOOT, uuid(2)}
    known = found[BOOT]
    assert (known.zero_ms, known.last_ms, known.measured) == (ORIGIN_MS, HOUR_MS, True)
    assert known.machine == "pc · 10.0.0.5"
    assert known.latest_zero_ms == ORIGIN_MS + 100, "received a tenth of a second after it was sent"
    graded = grades(found.values())
    assert graded == {("agent1", BOOT): Grade.MEASURED, ("agent1", uuid(2)): Grade.SUSPECT}
    later = Interval(DAY.end + timedelta(days=30), DAY.end + timedelta(days=31))
    assert await store.boot_clocks(["agent1"], later) == []


async def test_gaps_are_read_back_on_the_axis_of_utc(store: Store) -> None:
    dated = Gap(
        first_seq=1,
        last_seq=9,
        kind="segment",
        count=7,
        reason="no room",
        boot=BOOT,
        start_ms=1000,
        end_ms=HOUR_MS,
        cameras=("c1", "c2"),
    )
    plain = Gap(first_seq=1, last_seq=2, kind="segment", count=2, reason="no room")
    await store.commit([intake(item(10, dated)), intake(item(3, plain), agent="agent2")])
    received = ORIGIN + timedelta(seconds=60, milliseconds=100)
    assert await store.gaps(["agent1", "agent2"], since=ORIGIN) == [
        GapRow(
            agent="agent1",
            kind="segment",
            count=7,
            reason="no room",
            received_at=received,
            start=ORIGIN + timedelta(seconds=1),
            end=ORIGIN + timedelta(hours=1),
            cameras=("c1", "c2"),
        ),
        GapRow(agent="agent2", kind="segment", count=2, reason="no room", received_at=received),
    ]
    assert await store.gaps(["agent1"], since=received + timedelta(seconds=1)) == []
    assert await store.gaps([], since=ORIGIN) == []
