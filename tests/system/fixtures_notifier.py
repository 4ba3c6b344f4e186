"""A notifier over a real store, a clock that a test moves, channels that do as they are told."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from server.changes import Changes
from server.domain.incident.model import Change
from server.domain.paging.directory import Directory
from server.notifier.notifier import Notifier
from server.notifier.postman import Postman
from server.notifier.speaking import Speaker
from server.storage import IncidentBatch, Store
from server.texts.naming import Names
from server.texts.tongue import LANGUAGES, load
from server.transports import Message, Transport
from tests.pure.server.paging_people import MORNING, ORGANISATION

URL = "https://cam.example.vn"


@dataclass
class MovedClock:
    """Stands still but for ``move``."""

    at: datetime = MORNING

    def now(self) -> datetime:
        return self.at

    async def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Channel:
    """Takes messages; ``answers`` are raised first, ``hold`` is waited for, before each."""

    answers: list[Exception] = field(default_factory=list)
    hold: asyncio.Event | None = None
    taken: list[Message] = field(default_factory=list)

    async def send(self, message: Message) -> str:
        if self.hold is not None:
            await self.hold.wait()
        if self.answers:
            raise self.answers.pop(0)
        self.taken.append(message)
        return "taken"

    async def close(self) -> None:
        """Nothing is open."""

    @property
    def subjects(self) -> list[str]:
        return [message.subject for message in self.taken]


@dataclass
class Scene:
    """A notifier, its store, its clock, its channels by name, and who is told."""

    store: Store
    clock: MovedClock
    book: Directory
    channels: dict[str, Channel]
    per_minute: dict[str, int] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    version: int = 0
    news: int = 0

    def __post_init__(self) -> None:
        self.notifier = self.another()

    def another(self, store: Store | None = None) -> Notifier:
        """Return a notifier that has just been started, over ``store`` where that is another."""
        store = store or self.store
        transports: dict[str, Transport] = dict(self.channels)
        postman = Postman(
            store=store,
            directory=self.directory,
            speaker=Speaker(
                tongues={code: load(code) for code in LANGUAGES},
                fallback="vi",
                names=lambda: Names(ORGANISATION),
                public_url=URL,
            ),
            transports=transports,
            per_minute=self.per_minute,
            machines=frozenset({"webhook"}),
            clock=self.clock,
            duty=self.store.duty("notifier"),
            on_news=self.hear,
        )
        return Notifier(
            store=store,
            directory=self.directory,
            postman=postman,
            clock=self.clock,
            duty=self.store.duty("notifier"),
            silent_after_s=75,
            changes=self.changes,
        )

    def hear(self) -> None:
        self.news += 1

    async def directory(self) -> Directory:
        return self.book

    async def happen(self, *changes: Change) -> None:
        """Write changes as the watch does."""
        batch = IncidentBatch(memory=b"m", directory=self.book, changes=changes)
        assert await self.store.change_incidents(batch, expected=self.version, now=self.clock.now())
        self.version += 1

    async def rounds(self, number: int = 1, *, every_s: float = 1) -> None:
        """Let the notifier look so many times, and finish what it began."""
        for _ in range(number):
            await self.notifier.run_once()
            await self.notifier.postman.rest()
            self.clock.move(every_s)


@asynccontextmanager
async def scene(
    path: Path,
    book: Directory,
    *,
    channels: Iterable[str] = ("email",),
    per_minute: dict[str, int] | None = None,
) -> AsyncIterator[Scene]:
    """Open a store in a folder, and a notifier over it."""
    store = await Store.open(f"sqlite:///{path / 'centre.db'}")
    made = {name: Channel() for name in channels}
    one = Scene(store, MovedClock(), book, made, per_minute or {})
    try:
        yield one
    finally:
        await one.notifier.postman.close()
        await store.close()


class Killed(BaseException):
    """What stands for kill -9: nothing of ours catches it."""


class Deadly:
    """A store whose ``at``-th call kills its caller before it does anything."""

    def __init__(self, store: Store, at: int) -> None:
        self._store, self._left = store, at

    @property
    def killed(self) -> bool:
        """Whether that call was made."""
        return self._left <= 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def counted(*args: Any, **more: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                raise Killed
            return await found(*args, **more)

        return counted
