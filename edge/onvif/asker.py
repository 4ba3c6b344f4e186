"""The agent's questions beside the pictures: each camera's clock and recordings, once an hour.

One process at a time (``worker``) asks all cameras that are due; the channels of one recorder are
due together, so that a refused login is found out once for all of them. What was answered stands
until it is ``STALE``: a recorder that can't be asked any more says nothing of its recordings.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import msgspec

from edge.clock import Clock
from edge.config.values import CameraConfig
from edge.onvif.answers import RECORDINGS, Answer, Ask, ClockAnswer, Login, RecordingAnswer
from edge.onvif.grade import Kept, clock_trouble, recording_trouble
from edge.onvif.memory import Memory
from edge.onvif.questions import in_turn, login_of, question, recording_name, secrets_of, utc
from edge.onvif.reading import Offset
from edge.onvif.worker import answers_to
from edge.redact import redact
from edge.rtsp.replies import Trouble
from wire.messages import CameraFacts, Recording

EVERY_S: Final = 3600.0
FIRST_S: Final = 5.0
APART_S: Final = 2.0
TOGETHER_S: Final = 60.0
STALE: Final = 3
"""So many rounds an answer stands."""
PAUSE_S: Final = 3600.0
"""A refused login is left alone for this long at least, or the camera's own pause."""
_PATIENCE_S: Final = 60
_AGAIN_MS: Final = 600_000
"""While our own clock's error is not known, nothing can be graded: ask again sooner."""
_LATEST_UTC_MS: Final = 10**14  # the wire's limit, the year 5138
_log: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class _Told:
    """What was answered last, when, and what it is worth."""

    at_ms: int
    at: datetime
    trouble: Trouble | None
    clock: ClockAnswer | None = None
    recording: RecordingAnswer | None = None


@dataclass(slots=True)
class _Asked:
    """One camera: when it is due, what it answered last, and what could not be answered."""

    camera: CameraConfig
    due_ms: int
    clock: _Told | None = None
    recording: _Told | None = None
    failed: dict[str, str] = field(default_factory=dict)


class Asker:
    """Asks in turn, and grades what was answered.

    ``ours_off_ms`` tells the centre's clock minus ours, None if not known; ``moved`` gives a
    device's URL at the address that it has now.
    """

    def __init__(
        self,
        cameras: Sequence[CameraConfig],
        *,
        clock: Clock,
        memory: Memory,
        ours_off_ms: Callable[[], int | None] = lambda: None,
        moved: Callable[[str, str], str] = lambda _camera, url: url,
        ask: Callable[[Sequence[Ask]], Awaitable[tuple[Answer, ...]]] = answers_to,
        every_s: float = EVERY_S,
    ) -> None:
        asked = [one for one in cameras if one.onvif or one.recordings]
        start_ms = clock.ms() + round(FIRST_S * 1000)
        self._clock = clock
        self._memory = memory
        self._ours_off_ms = ours_off_ms
        self._moved = moved
        self._ask = ask
        self._every_ms = round(every_s * 1000)
        self._asked = {
            one.id: _Asked(one, start_ms + round(turn * APART_S * 1000))
            for turn, one in in_turn(asked)
        }

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to ask at all."""
        return bool(self._asked)

    async def run(self) -> None:
        """Ask for ever."""
        while True:
            next_ms = min(one.due_ms for one in self._asked.values())
            await self._clock.wait(max(0.0, (next_ms - self._clock.ms()) / 1000))
            await self._until_ours_is_known()
            await self.run_once()

    async def _until_ours_is_known(self) -> None:
        """Give the centre a minute to tell how far off our own clock is."""
        for _ in range(_PATIENCE_S):
            if self._ours_off_ms() is not None:
                return
            await self._clock.wait(1)

    async def run_once(self) -> None:
        """Ask all that are due soon, in one go."""
        soon_ms = self._clock.ms() + round(TOGETHER_S * 1000)
        due = [one for one in self._asked.values() if one.due_ms <= soon_ms]
        answers = await self._answers([self._question(one.camera) for one in due])
        now_ms, ours_off_ms = self._clock.ms(), self._ours_off_ms()
        wait_ms = self._every_ms if ours_off_ms is not None else min(self._every_ms, _AGAIN_MS)
        for one in due:
            one.due_ms = now_ms + wait_ms
            if answer := answers.get(one.camera.id):
                self._note(one, answer, ours_off_ms)

    async def _answers(self, asks: Sequence[Ask]) -> dict[str, Answer]:
        """Ask; a login counts as refused from before it is tried until it has proven good."""
        logins = {ask.key: login_of(ask) for ask in asks}
        tried = [pair for pair in logins.values() if pair]
        self._memory.trying(tried, now=self._clock.now())
        answers = {answer.key: answer for answer in await self._ask(asks)}
        refused = [
            logins[ask.key]
            for ask in asks
            if ask.key not in answers or RECORDINGS in answers[ask.key].refused
        ]
        self._memory.accepted([pair for pair in tried if pair not in refused])
        return answers

    def _question(self, camera: CameraConfig) -> Ask:
        def may_try(url: str, login: Login) -> bool:
            pause_s = max(PAUSE_S, camera.watch.auth_retry_s)
            return self._memory.may_try(url, login, now=self._clock.now(), pause_s=pause_s)

        return question(camera, moved=partial(self._moved, camera.id), may_try=may_try)

    def aside(self, camera: str) -> Trouble | None:
        """Return what is wrong beside the camera's stream, as last told; None if nothing is."""
        one = self._asked.get(camera)
        told = (self._fresh(one.clock), self._fresh(one.recording)) if one else ()
        return next((known.trouble for known in told if known and known.trouble), None)

    def facts(self, facts: CameraFacts) -> CameraFacts:
        """Return a camera's facts with what was told beside its stream."""
        one = self._asked.get(facts.camera)
        if one is None:
            return facts
        clock, recording = self._fresh(one.clock), self._fresh(one.recording)
        return msgspec.structs.replace(
            facts,
            clock_offset_ms=clock.clock.utc_ms if clock and clock.clock else None,
            recording=_recording(recording) if recording else None,
        )

    def _fresh(self, told: _Told | None) -> _Told | None:
        if told is None or self._clock.ms() - told.at_ms > STALE * self._every_ms:
            return None
        return told

    def _note(self, one: _Asked, answer: Answer, ours_off_ms: int | None) -> None:
        """Grade at once, while it is known how far off our own clock is: it may be set any time."""
        at_ms, at = self._clock.ms(), self._clock.now()
        if answer.clock:
            trouble = _clock_trouble(one.camera, answer.clock, ours_off_ms)
            one.clock = _Told(at_ms, at, trouble, clock=answer.clock)
        if answer.recording:
            worth = self._recording_trouble(one.camera, answer.recording, at, ours_off_ms)
            one.recording = _Told(at_ms, at, worth, recording=answer.recording)
        secrets = secrets_of(one.camera)
        for want, why in answer.failed.items():
            if one.failed.get(want) != why:
                _log.warning("camera %s: no %s: %s", one.camera.id, want, redact(why, secrets))
        one.failed = dict(answer.failed)

    def _recording_trouble(
        self, camera: CameraConfig, told: RecordingAnswer, at: datetime, ours_off_ms: int | None
    ) -> Trouble | None:
        config, began_ms = camera.recordings, None
        if config is None:
            return None
        if ours_off_ms is not None and told.oldest_utc_ms is not None:
            # By the centre's clock: a gate PC that wakes in 2020 would remember nonsense for good.
            oldest_ms = told.oldest_utc_ms + ours_off_ms
            began_ms = self._memory.began(recording_name(camera), oldest_ms) - ours_off_ms
        kept = Kept(
            oldest=utc(told.oldest_utc_ms),
            newest=utc(told.newest_utc_ms),
            told=told.told,
            disk=told.disk,
            began=utc(began_ms),
        )
        within = timedelta(hours=config.newest_within_h)
        return recording_trouble(kept, now=at, days=config.days, newest_within=within)


def _clock_trouble(
    camera: CameraConfig, told: ClockAnswer, ours_off_ms: int | None
) -> Trouble | None:
    """Nobody's clock is judged by one that may be wrong itself: ours must be known."""
    if ours_off_ms is None:
        return None
    return clock_trouble(
        Offset(utc_ms=told.utc_ms, error_ms=told.error_ms, local_ms=told.local_ms),
        max_offset_s=camera.watch.max_clock_offset_s,
        ours_off_ms=ours_off_ms,
    )


def _recording(told: _Told) -> Recording | None:
    if told.recording is None:
        return None
    return Recording(
        asked_utc_ms=round(told.at.timestamp() * 1000),
        oldest_utc_ms=_sane(told.recording.oldest_utc_ms),
        newest_utc_ms=_sane(told.recording.newest_utc_ms),
        gaps=told.recording.gaps,
        disk=told.recording.disk,
    )


def _sane(ms: int | None) -> int | None:
    """A recorder that lives in the year 9999 must not make the whole report unreadable."""
    return ms if ms is not None and 0 <= ms <= _LATEST_UTC_MS else None
