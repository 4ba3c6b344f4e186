"""When the outside hears that this centre lives, and when it no longer does. Time by hand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Self

import aiohttp
import pytest

from server.config import DeadMan as DeadManConfig
from server.config.secret import Secret
from server.notifier import DeadMan, Pulse
from server.storage import UnavailableError
from tests.pure.server.incident_world import at

END_S: Final = 1800
FAULT_S, BACK_S = 610, 1210
Fault = Callable[["Centre"], None]


class Over(BaseException):
    """The story has come to its end."""


@dataclass
class Centre:
    """A centre to which something happens at ``FAULT_S``; all is well from ``BACK_S`` on."""

    fault: Fault
    time: datetime = field(default_factory=at)
    asked: list[int] = field(default_factory=list)
    listening: bool = True
    commits: bool = True
    looks: bool = True
    answers: bool = True

    def now(self) -> datetime:
        return self.time

    async def wait(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        if self.seconds >= END_S:
            raise Over
        if self.seconds >= BACK_S:
            self.listening = self.commits = self.looks = self.answers = True
        elif self.seconds >= FAULT_S:
            self.fault(self)

    @property
    def seconds(self) -> int:
        return int((self.time - at()).total_seconds())

    async def count_users(self) -> int:
        if not self.answers:
            raise UnavailableError("away")
        return 1

    def pulse(self) -> Pulse:
        store: Any = self
        return Pulse(
            store=store,
            listening_since=lambda: at() if self.listening else None,
            behind_since=lambda: None if self.commits else at(FAULT_S),
            looked_at=lambda: self.time if self.looks else at(FAULT_S),
        )


@dataclass
class Outside:
    """What stands for HTTP: it notes when it was asked."""

    centre: Centre
    status: int = 200

    def get(self, _url: str, **_options: object) -> Self:
        self.centre.asked.append(self.centre.seconds)
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Nothing is open."""


def beats(monkeypatch: pytest.MonkeyPatch, fault: Fault, *, every_s: int) -> list[int]:
    """Return the seconds at which the outside was asked."""
    centre = Centre(fault)
    monkeypatch.setattr(aiohttp, "ClientSession", lambda **_: Outside(centre))
    config = DeadManConfig(url=Secret("https://example.vn/x"), every_s=every_s)
    with pytest.raises(Over):
        asyncio.run(DeadMan(config=config, trouble=centre.pulse().trouble, clock=centre).run())
    return centre.asked


def _set(name: str) -> Fault:
    return lambda centre: setattr(centre, name, False)


@pytest.mark.parametrize(
    ("fault", "noticed_s"),
    [("listening", 0), ("answers", 0), ("commits", 60), ("looks", 60)],
)
@pytest.mark.parametrize("every_s", [30, 60, 300])
def test_who_counts_its_beats_misses_one_within_minutes(
    monkeypatch: pytest.MonkeyPatch, fault: str, noticed_s: int, every_s: int
) -> None:
    asked = beats(monkeypatch, _set(fault), every_s=every_s)
    before = [s for s in asked if s < FAULT_S]
    assert before == list(range(0, FAULT_S, every_s))
    silent = [s for s in asked if FAULT_S + noticed_s < s < BACK_S]
    assert silent == []
    missed_at = max(s for s in asked if s < BACK_S) + every_s
    assert missed_at <= FAULT_S + noticed_s + every_s
    again = min(s for s in asked if s >= BACK_S)
    assert again <= BACK_S + 5


def test_a_centre_that_is_well_is_never_late(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = beats(monkeypatch, lambda _: None, every_s=60)
    assert asked == list(range(0, END_S, 60))
