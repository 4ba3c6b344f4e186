"""Tells people that the database is away: straight through the channels, for there are no letters.

Only what ``watching.absence`` says is told, by the words of any other incident, without links: no
page answers meanwhile. A message that can't leave is tried again as the postman's are; what is
still waiting when the database is back is a letter by then, and the postman's. Zalo needs a token
that lies in the database, and fails.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from server.clock import Clock
from server.config import ServerConfig
from server.domain.paging.people import Call
from server.notifier.postman import wait_s
from server.notifier.speaking import Speaker
from server.storage import Brought, IncidentRow, LetterRow, StoreError
from server.texts.naming import Names
from server.texts.tongue import LANGUAGES, load
from server.transports import GiveUpError, RetryError, Transport
from server.watching import Alarm

log = logging.getLogger(__name__)

_EVERY_S: Final = 5.0
_PATIENCE_S: Final = 30.0
"""Longer than any channel's own: who is cut off may have sent."""
_GIVE_UP_AFTER: Final = timedelta(hours=24)


@dataclass(slots=True)
class _Try:
    """How one call does; ``next_at`` None: it is given up."""

    attempts: int = 0
    next_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Emergency:
    """Brings an alarm away.

    Attributes:
        alarm: Returns what is to be told now.
        speaker: Says it; it must know of no ``public_url``.
    """

    alarm: Callable[[], Alarm | None]
    speaker: Speaker
    transports: Mapping[str, Transport]
    clock: Clock
    _of: Alarm | None = field(default=None, init=False)
    _tries: dict[str, _Try] = field(default_factory=dict, init=False)

    async def run(self) -> None:
        """Look for ever whether there is an alarm."""
        while True:
            try:
                await self.run_once()
            except Exception:
                log.exception("could not tell that the database is away")
            await self.clock.wait(_EVERY_S)

    async def run_once(self) -> None:
        """Send what is due, each channel by itself."""
        alarm = self.alarm()
        if alarm is None:
            return
        if alarm is not self._of:
            self._of, self._tries = alarm, {c.id: _Try(next_at=c.at) for c in alarm.calls}
        now = self.clock.now()
        lanes: defaultdict[str, list[Call]] = defaultdict(list)
        for call in alarm.calls:
            next_at = None if call.id in alarm.brought else self._tries[call.id].next_at
            if next_at is not None and next_at <= now < call.at + _GIVE_UP_AFTER:
                lanes[call.way.channel].append(call)
        await asyncio.gather(*(self._walk(calls, alarm) for calls in lanes.values()))

    async def _walk(self, calls: Sequence[Call], alarm: Alarm) -> None:
        """Send one after the other; what has failed tells nothing of the next."""
        for call in calls:
            await self._try(call, alarm)

    async def _try(self, call: Call, alarm: Alarm) -> None:
        now, tried = self.clock.now(), self._tries[call.id]
        letter = _letter(call, now)
        tried.attempts += 1
        tried.next_at = now + timedelta(seconds=wait_s(tried.attempts))
        try:
            async with asyncio.timeout(_PATIENCE_S):
                detail = await self._send(letter, alarm, now)
        except (RetryError, StoreError, TimeoutError) as error:
            after_s = error.after_s if isinstance(error, RetryError) else None
            tried.next_at = max(tried.next_at, now + timedelta(seconds=after_s or 0))
            log.warning("what is told without letters waits: %s: %s", *_why(error, call))
        except GiveUpError as error:
            tried.next_at = None
            log.error("what is told without letters is given up: %s: %s", *_why(error, call))  # noqa: TRY400 - the channel's answer says it all
        else:
            alarm.brought[call.id] = Brought(letter=call.id, at=self.clock.now(), detail=detail)
            log.info("told without letters by %s: %s", call.way.channel, call.occasion)

    async def _send(self, letter: LetterRow, alarm: Alarm, now: datetime) -> str:
        transport = self.transports.get(letter.way.channel)
        if transport is None:
            raise GiveUpError("there is no such channel")
        row = IncidentRow(
            incident=alarm.incident,
            began_at=alarm.incident.began_at,
            ended_at=alarm.incident.ended_at,
        )
        message = self.speaker.say(letter, {alarm.incident.id: row}, key=b"", now=now)
        return await transport.send(message)


def _why(error: Exception, call: Call) -> tuple[str, str]:
    """Return a channel and what it said, as a log may have it: addresses are for officers."""
    text, address = str(error) or type(error).__name__, call.way.address
    return call.way.channel, text.replace(address, "...") if address else text


def _letter(call: Call, now: datetime) -> LetterRow:
    """Return a call as the letter that it will be."""
    return LetterRow(
        id=call.id,
        incident=call.incident,
        occasion=call.occasion,
        receiver=call.receiver,
        way=call.way,
        language=call.language,
        at=call.at,
        created_at=now,
        next_at=now,
    )


def make_emergency(
    alarm: Callable[[], Alarm | None],
    *,
    config: ServerConfig,
    names: Callable[[], Names],
    transports: Mapping[str, Transport],
    clock: Clock,
) -> Emergency:
    """Return what tells people while the database is away."""
    speaker = Speaker(
        tongues={code: load(code) for code in LANGUAGES},
        fallback=config.language if config.language in LANGUAGES else LANGUAGES[0],
        names=names,
        public_url=None,
    )
    return Emergency(alarm=alarm, speaker=speaker, transports=transports, clock=clock)
