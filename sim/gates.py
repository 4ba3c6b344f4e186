"""Gate readers: they post to their school's agent as a card reader or the guard's page does.

Every event has an id of its own from the reader. One that got no answer is posted again with the
same id until it gets one, so "acknowledged" is exactly the set of ids that were answered with 201
(or 200: the agent had it already). The subject is a code that is used once, which would show an
event that was stored twice under two ids.
"""

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

import aiohttp

from sim.clock import Clock

OK: Final = frozenset({200, 201})
RETRY_S: Final = 1.0
_TIMEOUT: Final = aiohttp.ClientTimeout(total=5)
_KINDS: Final = (
    ("pupil", "in", "HS"),
    ("pupil", "out", "HS"),
    ("visitor", "in", "KH"),
    ("staff", "in", "GV"),
    ("vehicle", "in", "XE"),
)
_WEIGHTS: Final = (10, 4, 2, 3, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Where one school's reader posts, and for which gates."""

    url: str
    token: str
    gates: tuple[str, ...]
    every_s: tuple[float, float] = (1.0, 4.0)


@dataclass(slots=True)
class Tally:
    """What the readers know: answered events by id, and those without an answer yet."""

    acknowledged: dict[str, str] = field(default_factory=dict)  # id -> subject
    refused: list[str] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)
    repeats: int = 0


def events(reader: Reader, name: str, rng: Random) -> Iterator[dict[str, str]]:
    """Return an endless realistic trickle of events without their times."""
    for number in itertools.count(1):
        kind, direction, letters = rng.choices(_KINDS, weights=_WEIGHTS)[0]
        yield {
            "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "gate": rng.choice(reader.gates),
            "kind": kind,
            "direction": direction,
            "subject": f"{letters}-{name}-{number:05d}",
            "reader": f"{name}-the-1",
        }


class Poster:
    """One school's reader at work."""

    def __init__(self, reader: Reader, *, name: str, seed: int, tally: Tally, clock: Clock) -> None:
        self._reader = reader
        self._rng = Random(f"{seed}/{name}")
        self._events = events(reader, name, self._rng)
        self._tally = tally
        self._clock = clock
        self._stopping = False

    def stop(self) -> None:
        """Begin no new event; what is waiting for its answer goes on."""
        self._stopping = True

    async def run(self, http: aiohttp.ClientSession) -> None:
        """Post until stopped and everything is answered."""
        while not self._stopping:
            event = next(self._events)
            event["occurred_at"] = self._clock.now().isoformat()
            self._tally.waiting.add(event["id"])
            while not await self._post(http, event):
                self._tally.repeats += 1
                await self._clock.wait(RETRY_S)
            self._tally.waiting.discard(event["id"])
            await self._clock.wait(self._rng.uniform(*self._reader.every_s))

    async def _post(self, http: aiohttp.ClientSession, event: dict[str, str]) -> bool:
        """Post once; return whether there was a final answer."""
        headers = {"Authorization": f"Bearer {self._reader.token}"}
        try:
            async with http.post(
                self._reader.url, json=event, headers=headers, timeout=_TIMEOUT
            ) as answer:
                status, text = answer.status, await answer.text()
        except (TimeoutError, aiohttp.ClientError, OSError):
            return False
        if status in OK:
            self._tally.acknowledged[event["id"]] = event["subject"]
            return True
        if status < 500:  # noqa: PLR2004 (a refusal is final; anything else is tried again)
            self._tally.refused.append(f"{status} {text[:200]}")
            return True
        return False
