"""A server that heard nobody for a while gives everybody their time anew."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.app.hearing import Hearing
from tests.pure.server.reports import ORIGIN


@dataclass
class Scene:
    now_s: float = 0
    listening: datetime | None = ORIGIN
    behind: datetime | None = None

    def now(self) -> datetime:
        return ORIGIN + timedelta(seconds=self.now_s)

    async def wait(self, seconds: float) -> None:
        self.now_s += seconds

    def hearing(self) -> Hearing:
        return Hearing(self, listening=lambda: self.listening, behind_since=lambda: self.behind)

    def asked(self, hearing: Hearing, *at: float) -> list[float | None]:
        said = []
        for self.now_s in at:
            since = hearing.since()
            said.append(None if since is None else (since - ORIGIN).total_seconds())
        return said


def test_it_hears_since_its_connection_stands() -> None:
    scene = Scene()
    hearing = scene.hearing()
    assert scene.asked(hearing, 2, 4) == [0, 0]
    scene.listening = None
    assert scene.asked(hearing, 6) == [None]
    scene.listening = ORIGIN + timedelta(seconds=7)
    assert scene.asked(hearing, 8) == [7]


def test_a_process_that_was_stopped_or_a_clock_that_was_set_begins_anew() -> None:
    scene = Scene()
    assert scene.asked(scene.hearing(), 2, 4, 300, 302, 290) == [0, 0, 300, 300, 300]
    scene = Scene()
    assert scene.asked(scene.hearing(), 500, 502, 100) == [0, 0, 100]


def test_a_clock_that_was_put_back_beyond_the_connections_beginning_makes_nobody_wait_for_it() -> (
    None
):
    scene = Scene()
    assert scene.asked(scene.hearing(), 2, 4, -1000, -998, -990) == [0, 0, -1000, -1000, -1000]


def test_while_reports_wait_for_the_database_nothing_is_known_of_their_agents() -> None:
    scene = Scene()
    hearing = scene.hearing()
    scene.behind = ORIGIN + timedelta(seconds=1)
    assert scene.asked(hearing, 2, 10, 12, 14) == [0, 0, 12, 14]
    scene.behind = None
    assert scene.asked(hearing, 16, 18) == [14, 14]
