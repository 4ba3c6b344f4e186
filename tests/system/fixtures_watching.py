"""A watch over a real store, with one school's agent and a clock that is set by hand."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from server.changes import Changes
from server.domain.incident.model import Kind, Phase
from server.domain.units import Organisation
from server.paging.desk import PagingDesk
from server.standing import Standing
from server.storage import Duty, IncidentFilter, IncidentRow, Store
from server.watching import Watch
from server.watching.gathering import Gathering
from tests.pure.server.reports import ORIGIN, intake, item, segment, watermark
from tests.system.centre import AGENT
from tests.system.late_world import ORGANISATION, PLAN, FakeClock
from wire.vocabulary import State

CAMERA = "c1-thvq-cong-chinh-1"
UP, DOWN = State.UP, State.DOWN


def watch_of(
    store: Store,
    standing: Standing,
    clock: FakeClock,
    *,
    channels: Sequence[str] = (),
    listening_since: Callable[[], datetime | None] = lambda: ORIGIN,
    changes: Changes | None = None,
    duty: Duty | None = None,
) -> Watch:
    """Return a watch that has just begun."""
    gathering = Gathering(
        store=store,
        clock=clock,
        data_dir=Path(tempfile.gettempdir()),
        silent_s=75,
        channels=tuple(channels),
    )
    desk = PagingDesk(
        store=store, organisation=lambda: standing.organisation, channels=tuple(channels)
    )
    return Watch(
        store=store,
        standing=standing,
        gathering=gathering,
        directory=desk.directory,
        clock=clock,
        changes=changes or Changes(),
        listening_since=listening_since,
        duty=duty or Duty(None, "watching"),
    )


@dataclass
class Scene:
    """A watch and its world; ``look`` looks as one that has just begun, or goes on."""

    store: Store
    channels: tuple[str, ...] = ()
    organisation: Organisation = ORGANISATION
    clock: FakeClock = field(default_factory=lambda: FakeClock(ORIGIN))
    changes: Changes = field(default_factory=Changes)
    listening: datetime | None = ORIGIN
    seq: int = 0
    standing: Standing = field(init=False)
    watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        self.standing = Standing.always(self.clock, self.organisation, PLAN)
        self.restart()

    def restart(self) -> None:
        """Forget all that is not in the database."""
        self.watch = watch_of(
            self.store,
            self.standing,
            self.clock,
            channels=self.channels,
            listening_since=lambda: self.listening,
            changes=self.changes,
        )

    async def report(
        self,
        at_s: int,
        *spans: tuple[int, int | None, State],
        cause: str = "network.timeout",
        cameras: Sequence[str] = (CAMERA,),
    ) -> None:
        """Tell, at second ``at_s``, of the cameras' segments from a boot at second 0."""
        items = []
        for place, camera in enumerate(cameras):
            for number, (start, end, state) in enumerate(spans, 1 + 100 * place):
                self.seq += 1
                why = {} if state is UP else {"cause": cause}
                until = None if end is None else end * 1000
                told = segment(number, start * 1000, until, state, camera=camera, **why)
                items.append(item(self.seq, told))
        mark = watermark(at_s * 1000, self.seq)
        await self.store.commit(
            [intake(*items, agent=AGENT, watermarks=(mark,), sent_ms=at_s * 1000)]
        )

    async def quiet_minute(self, at_s: int) -> None:
        """Tell that all is as it was."""
        mark = watermark(at_s * 1000, self.seq)
        await self.store.commit([intake(agent=AGENT, watermarks=(mark,), sent_ms=at_s * 1000)])

    async def look(self, at_s: float) -> int:
        """Look at that second; return how many incidents were changed."""
        self.clock.at = ORIGIN + timedelta(seconds=at_s)
        return await self.watch.run_once()

    async def look_on(self, first_s: int, last_s: int, *, every_s: int = 5) -> int:
        """Look again and again; return how many incidents were changed."""
        return sum([await self.look(at_s) for at_s in range(first_s, last_s + 1, every_s)])

    async def open(self) -> list[tuple[Kind, str]]:
        """Return what is open: kinds and roots, the newest first."""
        rows = await self.store.incidents(IncidentFilter(open=True))
        return [(row.incident.kind, row.incident.root) for row in rows]

    async def only(self) -> IncidentRow:
        """Return the one incident that there is."""
        [row] = await self.store.incidents()
        return row

    async def is_over(self) -> bool:
        """Tell whether the one incident that there is has closed."""
        return (await self.only()).incident.phase is Phase.CLOSED
