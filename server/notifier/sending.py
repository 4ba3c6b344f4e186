"""Sends what stands in the outbox: at least once, under a stable id, with back-off and a log.

A letter is done only after its transport said so; a crash in between sends it again under the same
id. A letter that no attempt of a day brought away is given up, loudly. A transport that is no
longer configured keeps its letters until it is, or the day is over. Of several servers only the one
that holds the duty sends, and it makes sure of that before each letter.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from server.clock import Clock
from server.domain.units import Organisation
from server.notifier.wording import compose
from server.storage import Duty, Letter, Store, StoreError
from server.texts.tongue import Tongue
from server.transports import GiveUpError, RetryError, Transport

log = logging.getLogger(__name__)

_EVERY_S: Final = 1.0
_FIRST_WAIT_S: Final = 5.0
_LONGEST_WAIT_S: Final = 1800.0
_GIVE_UP_AFTER: Final = timedelta(hours=24)


def wait_s(attempts: int) -> float:
    """Return how long to wait after ``attempts`` failed ones."""
    return float(min(_FIRST_WAIT_S * 2.0 ** min(attempts - 1, 20), _LONGEST_WAIT_S))


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifier:
    """Takes letters out of the store and gives them to transports."""

    store: Store
    organisation: Callable[[], Organisation]
    transports: Mapping[str, Transport]
    clock: Clock
    tongue: Tongue
    duty: Duty
    public_url: str | None = None

    async def run(self) -> None:
        """Send for ever."""
        while True:
            try:
                sent = await self.run_once() if await self.duty.held() else 0
            except StoreError as error:
                log.warning("could not look for letters: %s", error)
                sent = 0
            except Exception:
                log.exception("could not send letters")
                sent = 0
            if not sent:
                await self.clock.wait(_EVERY_S)

    async def run_once(self) -> int:
        """Try every letter that is due, each transport by itself; return how many were tried."""
        due = await self.store.due_letters(now=self.clock.now())
        lanes: dict[str, list[Letter]] = {}
        for letter in due:
            lanes.setdefault(letter.transport, []).append(letter)
        await asyncio.gather(*(self._send_in_turn(lane) for lane in lanes.values()))
        return len(due)

    async def _send_in_turn(self, letters: list[Letter]) -> None:
        for letter in letters:
            if not await self.duty.held():
                return
            await self._send(letter)

    async def _send(self, letter: Letter) -> None:
        now = self.clock.now()
        message = compose(
            letter,
            self.organisation(),
            tongue=self.tongue,
            public_url=self.public_url,
            now=now,
        )
        next_at, ok = None, False
        patient = now - letter.created_at < _GIVE_UP_AFTER
        later = now + timedelta(seconds=wait_s(letter.attempts + 1))
        try:
            transport = self.transports.get(letter.transport)
            if transport is None:
                raise RetryError(f"no {letter.transport} is configured")  # noqa: TRY301 (one way out)
            detail, ok = await transport.send(message), True
        except RetryError as error:
            detail = str(error)
            asked = timedelta(seconds=error.after_s or 0)
            next_at = max(later, now + asked) if patient else None
        except GiveUpError as error:
            detail = str(error)
        except Exception as error:  # one letter's fault must not hold up the others
            log.exception("letter %s by %s", letter.id, letter.transport)
            detail = f"unexpected: {type(error).__name__}"
            next_at = later if patient else None
        if not ok:
            level = logging.WARNING if next_at else logging.ERROR
            log.log(level, "letter %s by %s: %s", letter.id, letter.transport, detail)
        await self.store.delivered(
            letter, ok=ok, detail=detail, now=self.clock.now(), next_at=next_at
        )
