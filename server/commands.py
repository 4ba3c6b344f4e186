"""What the centre asks of agents, and their answers, brought together.

A command goes out once, with a time until which it is good; whoever asked waits for that long. The
answer counts only if it comes from the agent that was asked (its topic is authenticated). Nothing
is kept: after a restart nobody waits any more, and a command that nobody took has expired.

With several servers an agent's reply reaches all of them, and only the one that asked knows it.
"""

import asyncio
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from server.clock import Clock
from wire.codec import VERSION, WireError, decode_reply
from wire.messages import Command, Reply
from wire.vocabulary import Objection, Verb

log = logging.getLogger(__name__)

GOOD_FOR_S: Final = 8.0
_MOST_WAITING: Final = 500
_MOST_OF_AN_AGENT: Final = 8
_BEFORE_OBJECTIONS: Final = "this version knows no "
"""How an agent that speaks 1.0 answers any command."""


class Outcome(StrEnum):
    """What came of a command; besides these a word of ``Objection``, as the agent said it.

    ``partly``: of several agents that watch one camera, some did it.
    """

    DONE = "done"
    PARTLY = "partly"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``outcome`` is a word of ``Outcome`` or of ``Objection``; ``reply`` is there if one came."""

    outcome: str
    reply: Reply | None = None

    @property
    def is_done(self) -> bool:
        """Whether the agent did what was asked."""
        return self.outcome == Outcome.DONE


@dataclass(frozen=True, slots=True)
class _Waiting:
    agent: str
    answered: "asyncio.Future[Reply]"


class Commands:
    """Sends commands through ``send``, which tells whether there is a way to the broker now."""

    def __init__(self, clock: Clock, *, send: Callable[[str, Command], bool]) -> None:
        self._clock = clock
        self._send = send
        self._waiting: dict[str, _Waiting] = {}

    async def ask(
        self,
        agent: str,
        verb: Verb,
        *,
        camera: str | None = None,
        evidence: str | None = None,
        side: str | None = None,
        good_for_s: float = GOOD_FOR_S,
    ) -> Answer:
        """Ask an agent and wait for its answer, no longer than the command is good for."""
        if self._is_crowded(agent):
            return Answer(outcome=Objection.BUSY)
        expires_at = self._clock.now() + timedelta(seconds=good_for_s)
        command = Command(
            v=VERSION,
            id=str(uuid.uuid4()),
            verb=verb,
            expires_utc_ms=round(expires_at.timestamp() * 1000),
            camera=camera,
            evidence=evidence,
            side=side,
        )
        waiting = _Waiting(agent, asyncio.get_running_loop().create_future())
        self._waiting[command.id] = waiting
        try:
            if not self._send(agent, command):
                return Answer(outcome=Outcome.UNREACHABLE)
            async with asyncio.timeout(good_for_s):
                return _answer(await waiting.answered)
        except TimeoutError:
            log.info("agent %s did not answer the command %s", agent, verb)
            return Answer(outcome=Outcome.TIMED_OUT)
        finally:
            del self._waiting[command.id]

    def take(self, agent: str, payload: bytes) -> None:
        """Take an agent's reply; one that nobody waits for is dropped."""
        try:
            reply = decode_reply(payload)
        except WireError as error:
            level = logging.WARNING if self._asked_of(agent) else logging.DEBUG  # no flood of lines
            log.log(level, "agent %s: a reply that can't be read: %s", agent, error)
            return
        waiting = self._waiting.get(reply.id)
        if waiting is None or waiting.agent != agent or waiting.answered.done():
            log.debug("agent %s: a reply that nobody waits for", agent)
            return
        waiting.answered.set_result(reply)

    def _is_crowded(self, agent: str) -> bool:
        own = self._asked_of(agent)
        return own >= _MOST_OF_AN_AGENT or len(self._waiting) >= _MOST_WAITING

    def _asked_of(self, agent: str) -> int:
        return sum(waiting.agent == agent for waiting in self._waiting.values())


def _answer(reply: Reply) -> Answer:
    if reply.ok:
        return Answer(outcome=Outcome.DONE, reply=reply)
    word = reply.text.partition(":")[0]
    if reply.text.startswith(_BEFORE_OBJECTIONS):
        word = Objection.UNKNOWN_VERB
    known = word in set(Objection)
    return Answer(outcome=word if known else Objection.FAILED, reply=reply)
