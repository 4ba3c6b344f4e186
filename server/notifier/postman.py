"""Brings letters away: at least once, under a stable id, with back-off, limits and a log.

A letter is done only after its channel said so; a crash in between sends it again under the same
id. Each channel has a lane of its own, so that a slow one holds up no other. A letter that no
attempt of a day brought away is given up, loudly. A channel that is no longer configured keeps its
letters until it is, or the day is over. Of several servers only the one that holds the duty sends,
and it makes sure of that before each letter.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import msgspec

from server.clock import Clock
from server.domain.incident.model import Severity
from server.domain.paging.calls import call_id
from server.domain.paging.directory import Directory
from server.domain.paging.people import Call, Occasion
from server.domain.paging.posting import WINDOW, Door, Due, room_left, sort_post
from server.notifier.speaking import Speaker, spoken_of
from server.paging.acknowledging import Bundled, bundled
from server.paging.links import load_key
from server.storage import Duty, Store, StoreError
from server.storage.incident_rows import IncidentRow, LetterRow
from server.transports import GiveUpError, RetryError, Transport

log = logging.getLogger(__name__)

OVERTAKEN: Final = "overtaken"
"""The outcome of a letter whose news the message that it is over tells as well."""
_FIRST_WAIT_S: Final = 5.0
_LONGEST_WAIT_S: Final = 1800.0
_GIVE_UP_AFTER: Final = timedelta(hours=24)
_MOST: Final = 1000
_FAILURES_IN_A_ROW: Final = 3


def wait_s(attempts: int) -> float:
    """Return how long to wait after ``attempts`` failed ones."""
    return float(min(_FIRST_WAIT_S * 2.0 ** min(attempts - 1, 20), _LONGEST_WAIT_S))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """What one look found for one channel. ``key``: what links are signed with."""

    key: bytes
    channel: str
    letters: tuple[LetterRow, ...]
    incidents: Mapping[str, IncidentRow]
    directory: Directory


@dataclass(slots=True, kw_only=True)
class Postman:
    """Takes letters out of the store and gives them to channels.

    Attributes:
        transports: Ways out by the channels' names.
        per_minute: Limits of channels that have one.
        machines: Channels that programs read: they get no digests.
        on_news: Called when something has become of letters, for pages that show it.
    """

    store: Store
    directory: Callable[[], Awaitable[Directory]]
    speaker: Speaker
    transports: Mapping[str, Transport]
    per_minute: Mapping[str, int]
    machines: frozenset[str]
    clock: Clock
    duty: Duty
    on_news: Callable[[], None] = lambda: None
    next_at: datetime | None = field(default=None, init=False)
    """When the first of the letters is due that waited at the last look; None: none waits."""
    _key: bytes | None = field(default=None, init=False)
    _lanes: dict[str, "asyncio.Task[None]"] = field(default_factory=dict, init=False)
    _closed_until: dict[str, datetime] = field(default_factory=dict, init=False)

    async def run_once(self) -> int:
        """Start a lane for each channel that has letters and none; return how many letters."""
        now = self.clock.now()
        waiting = await self.store.channels_waiting()
        self.next_at = min(waiting.values(), default=None)
        due = sorted(channel for channel, at in waiting.items() if at <= now)
        if not due:
            return 0  # and so no end of an incident is due that overtakes a letter
        overtaken = await self.store.overtaken_letters(now=now)
        if overtaken:
            await self.store.settle_letters(overtaken, outcome=OVERTAKEN, now=now)
        free = [c for c in due if self._is_free(c, now)]
        if not free:
            return 0
        directory = await self.directory()
        if self._key is None:
            self._key = await load_key(self.store)
        started = 0
        for channel in free:
            letters = await self.store.letters_due(now=now, channel=channel, limit=_MOST)
            named = set().union(*(spoken_of(letter) for letter in letters))
            lane = Lane(
                key=self._key,
                channel=channel,
                letters=tuple(letters),
                incidents=await self.store.incidents_of(named),
                directory=directory,
            )
            self._lanes[channel] = asyncio.create_task(self._walk(lane))
            started += len(letters)
        return started

    async def rest(self) -> None:
        """Wait until every lane that is under way has come to its end."""
        await asyncio.gather(*self._lanes.values())

    async def close(self) -> None:
        """End every lane; what was under way is sent again by whoever comes next."""
        for task in self._lanes.values():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def _is_free(self, channel: str, now: datetime) -> bool:
        lane, closed = self._lanes.get(channel), self._closed_until.get(channel)
        return (lane is None or lane.done()) and (closed is None or closed <= now)

    async def _walk(self, lane: Lane) -> None:
        """Send what may leave now, one after the other. A lane of its own, hence its own end."""
        try:
            await self._send_all(lane)
        except StoreError as error:
            log.warning("the letters of %s wait: %s", lane.channel, error)
        except Exception:
            log.exception("the letters of %s wait", lane.channel)

    async def _send_all(self, lane: Lane) -> None:
        now = self.clock.now()
        left = await self.store.letters_left(lane.channel, since=now - WINDOW)
        post = sort_post(
            [_due(letter, lane.incidents) for letter in lane.letters],
            left=left,
            digest=lambda receiver: _digest_of(lane.directory, receiver),
            room=self._room(lane.channel, left.values(), now),
            now=now,
            apart=lane.channel in self.machines,
        )
        if not post.bundles and not post.leaving:
            return
        by_id = {letter.id: letter for letter in lane.letters}
        try:
            for bundle in post.bundles:
                await self._bundle(bundle, by_id)
            await self._send_in_turn([by_id[due.id] for due in post.leaving], lane)
        finally:
            self.on_news()

    async def _send_in_turn(self, letters: Sequence[LetterRow], lane: Lane) -> None:
        failures = 0
        for letter in letters:
            if failures >= _FAILURES_IN_A_ROW or not await self.duty.held():
                return
            if not self._is_open(lane.channel):
                return
            sent = await self._send(letter, lane)
            failures = 0 if sent else failures + 1

    def _is_open(self, channel: str) -> bool:
        closed = self._closed_until.get(channel)
        return closed is None or closed <= self.clock.now()

    def _room(self, channel: str, left: Iterable[Sequence[datetime]], now: datetime) -> int | None:
        times = (at for some in left for at in some)
        return room_left(times, per_minute=self.per_minute.get(channel), now=now)

    async def _bundle(self, bundle: Sequence[Due], by_id: Mapping[str, LetterRow]) -> None:
        """Put one letter in the place of many; it leaves with the next look, under its own id."""
        first = by_id[bundle[0].id]
        members = sorted(bundle, key=lambda due: (due.at, due.id))
        call = Call(
            id=call_id(
                Occasion.DIGEST, "\n".join(d.id for d in members), first.receiver, first.way
            ),
            incident=None,
            occasion=Occasion.DIGEST,
            receiver=first.receiver,
            way=first.way,
            language=first.language,
            at=members[0].at,
        )
        told = [Bundled(d.occasion, d.incident) for d in members if d.incident is not None]
        await self.store.bundle_letters(
            call,
            [d.id for d in members],
            body=msgspec.json.encode(told).decode(),
            now=self.clock.now(),
        )

    async def _send(self, letter: LetterRow, lane: Lane) -> bool:
        """Try one letter; return whether the channel took it, or at least answered."""
        now = self.clock.now()
        next_at, ok, answered = None, False, True
        patient = now - letter.at < _GIVE_UP_AFTER
        later = now + timedelta(seconds=wait_s(letter.attempts + 1))
        try:
            transport = self.transports.get(lane.channel)
            if transport is None:
                raise RetryError(f"no {lane.channel} is configured")  # noqa: TRY301 (one way out)
            message = self.speaker.say(letter, lane.incidents, key=lane.key, now=now)
            detail, ok = await transport.send(message), True
        except RetryError as error:
            detail, answered = str(error), False
            asked = timedelta(seconds=error.after_s or 0)
            next_at = max(later, now + asked) if patient else None
            if asked:
                self._closed_until[lane.channel] = now + asked
        except GiveUpError as error:
            detail = str(error)
        except Exception as error:  # one letter's fault must not hold up the others
            log.exception("letter %s by %s", letter.id, lane.channel)
            detail = f"unexpected: {type(error).__name__}"
            next_at = later if patient else None
        if not ok:
            level = logging.WARNING if next_at else logging.ERROR
            said = "waits" if next_at else "is given up"
            why = _unaddressed(detail, letter)
            log.log(level, "letter %s by %s %s: %s", letter.id, lane.channel, said, why)
        await self.store.letter_tried(
            letter, ok=ok, detail=detail, now=self.clock.now(), next_at=next_at
        )
        return answered


def _unaddressed(detail: str, letter: LetterRow) -> str:
    """Return an outcome as a log may have it: addresses are for officers."""
    address = letter.way.address
    return detail.replace(address, "...") if address else detail


def _due(letter: LetterRow, incidents: Mapping[str, IncidentRow]) -> Due:
    rows = [incidents[one.incident] for one in bundled(letter) if one.incident in incidents]
    return Due(
        id=letter.id,
        door=Door(letter.receiver, letter.way),
        occasion=letter.occasion,
        incident=letter.incident,
        urgent=any(row.incident.severity is Severity.URGENT for row in rows),
        at=letter.at,
    )


def _digest_of(directory: Directory, receiver: str) -> int:
    """Return how many messages a receiver takes within ten minutes; a school's contact, a few."""
    known = directory.receivers.get(receiver)
    return 5 if known is None else known.digest
