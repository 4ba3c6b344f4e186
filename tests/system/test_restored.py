"""A backup is put back: what the database has forgotten is unknown, and nothing is made up."""

from datetime import datetime, timedelta
from pathlib import Path

from server.domain.interval import Interval
from server.domain.timeline import build
from server.domain.units import Source
from server.storage import Store
from tests.pure.server.reports import ORIGIN, intake, item, segment, watermark
from tests.system.centre import command, configure
from tests.system.fixtures_server import postgres, postgres_url, store
from wire.messages import Hold, Watermark
from wire.vocabulary import State

__all__ = ["postgres", "postgres_url", "store"]

MINUTE = 60_000
HOUR = Interval(ORIGIN, ORIGIN + timedelta(hours=1))


async def told(store: Store, camera: str = "cam1") -> list[tuple[State, datetime]]:
    source = Source("agent1", camera)
    timeline = build((await store.claims([source], HOUR))[source], HOUR)
    return [(span.state, span.interval.end) for span in timeline]


def minute(n: int) -> datetime:
    return ORIGIN + timedelta(minutes=n)


async def test_what_was_forgotten_is_unknown_and_what_comes_anew_counts(store: Store) -> None:
    held = (Hold(camera="cam2", last_good_ms=8 * MINUTE),)
    backup = Watermark(boot=watermark(0).boot, until_ms=10 * MINUTE, after_seq=2, held=held)
    first = (item(1, segment(1, 0)), item(2, segment(2, 0, camera="cam2")))
    await store.commit([intake(*first, watermarks=(backup,), sent_ms=10 * MINUTE)])
    assert await store.end_open_segments() == 2
    assert await store.end_open_segments() == 0
    # Committed and forgotten: cam1 was down (number 3) and is up again (number 4).
    again = (item(6, segment(4, 30 * MINUTE)), item(7, segment(2, 0, camera="cam2")))
    after = watermark(60 * MINUTE, 7)
    await store.commit([intake(*again, watermarks=(after,), kept_from=6, sent_ms=60 * MINUTE)])
    up, unknown = State.UP, State.UNKNOWN
    assert await told(store) == [(up, minute(10)), (unknown, minute(30)), (up, minute(60))]
    assert await told(store, "cam2") == [(up, minute(8)), (unknown, minute(60))]


def test_the_command_says_what_to_do_next(tmp_path: Path) -> None:
    done = command("restored", "--config", str(configure(tmp_path)))
    assert (done.returncode, done.stderr) == (0, "")
    assert "restart the agents" in done.stdout
