"""The agent's questions: when they are asked, what is remembered, what they are worth."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from edge.config import CameraConfig, OnvifConfig, RecordingsConfig
from edge.onvif.answers import (
    CLOCK,
    RECORDINGS,
    Answer,
    Ask,
    ClockAnswer,
    Login,
    RecordingAnswer,
)
from edge.onvif.asker import EVERY_S, PAUSE_S, STALE, Asker
from edge.onvif.memory import FILE, Memory
from edge.onvif.questions import in_turn
from edge.onvif.worker import read_answers
from edge.redact import Secret
from edge.rtsp.url import CameraUrl, Credentials
from wire.messages import CameraFacts
from wire.vocabulary import Cause

START = datetime(2026, 11, 22, 1, tzinfo=UTC)
LOGIN = Credentials("viewer", Secret("s3cret-word"))
NVR = RecordingsConfig(via="hikvision", url="http://10.0.0.9", credentials=LOGIN, days=30)


class Clock:
    def __init__(self) -> None:
        self.passed_ms = 0
        self.wrong = timedelta()
        self.end_ms: int | None = None

    def now(self) -> datetime:
        return START + timedelta(milliseconds=self.passed_ms) + self.wrong

    def ms(self) -> int:
        return 5_000_000 + self.passed_ms

    async def wait(self, seconds: float) -> None:
        self.passed_ms += round(seconds * 1000)
        if self.end_ms is not None and self.passed_ms >= self.end_ms:
            raise asyncio.CancelledError


class Cameras:
    """Answers as told; ``asked`` keeps what came."""

    def __init__(self) -> None:
        self.asked: list[Sequence[Ask]] = []
        self.answer = Answer(key="")

    async def __call__(self, asks: Sequence[Ask]) -> tuple[Answer, ...]:
        self.asked.append(asks)
        return tuple(msgspec.structs.replace(self.answer, key=ask.key) for ask in asks)


def camera(name: str = "gate", *, recordings: RecordingsConfig | None = None) -> CameraConfig:
    return CameraConfig(
        id=name,
        name=name,
        url=CameraUrl.parse("rtsp://viewer:x@10.0.0.5/1"),
        onvif=OnvifConfig(url="http://10.0.0.5/onvif/device_service", credentials=LOGIN),
        recordings=recordings,
    )


class World:
    def __init__(self, folder: Path, *cameras: CameraConfig) -> None:
        self.clock, self.cameras, self.folder = Clock(), Cameras(), folder
        self.ours_off_ms: int | None = 0
        self.configs = cameras or (camera(),)
        self.asker = self.restarted()

    def restarted(self) -> Asker:
        self.asker = Asker(
            self.configs,
            clock=self.clock,
            memory=Memory(self.folder),
            ours_off_ms=lambda: self.ours_off_ms,
            ask=self.cameras,
        )
        return self.asker

    async def next_round(self) -> None:
        self.clock.passed_ms += round(EVERY_S * 1000)
        await self.asker.run_once()


def clock_off(seconds: float) -> ClockAnswer:
    return ClockAnswer(utc_ms=round(seconds * 1000), error_ms=510)


def kept(world: World, days: float, newest_h: float = 0.1) -> RecordingAnswer:
    now_ms = world.clock.now().timestamp() * 1000
    return RecordingAnswer(
        oldest_utc_ms=round(now_ms - days * 86_400_000),
        newest_utc_ms=round(now_ms - newest_h * 3_600_000),
        disk="ok",
        gaps=2,
    )


async def test_a_wrong_clock_is_trouble_until_it_is_right(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert world.asker.aside("gate") is None
    world.cameras.answer = Answer(key="", clock=clock_off(-3000))
    await world.next_round()
    trouble = world.asker.aside("gate")
    assert trouble is not None
    assert (trouble.cause, trouble.detail) == (Cause.CLOCK_DRIFT, "its clock is 50 min behind")
    facts = world.asker.facts(CameraFacts(camera="gate", fps=12))
    assert (facts.clock_offset_ms, facts.fps, facts.recording) == (-3_000_000, 12, None)
    world.cameras.answer = Answer(key="", clock=clock_off(1))
    await world.next_round()
    assert world.asker.aside("gate") is None


async def test_an_answer_goes_stale(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.cameras.answer = Answer(key="", clock=clock_off(-3000))
    await world.next_round()
    world.cameras.answer = Answer(key="", failed={CLOCK: "no connection"})
    for _ in range(STALE):
        await world.next_round()
        assert world.asker.aside("gate") is not None
    await world.next_round()
    assert world.asker.aside("gate") is None
    assert world.asker.facts(CameraFacts(camera="gate")).clock_offset_ms is None


async def test_no_clock_is_judged_by_one_that_may_be_wrong_itself(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.ours_off_ms = None
    world.cameras.answer = Answer(key="", clock=clock_off(300))
    await world.next_round()
    assert world.asker.aside("gate") is None
    world.ours_off_ms = 300_000
    world.clock.passed_ms += 600_000  # asked again sooner than in an hour
    await world.asker.run_once()
    assert len(world.cameras.asked[-1]) == 1
    assert world.asker.aside("gate") is None
    world.ours_off_ms = 0  # our clock has been set right: the reading is not judged anew
    assert world.asker.aside("gate") is None


async def test_each_camera_is_asked_once_an_hour_and_few_at_a_time(tmp_path: Path) -> None:
    world = World(tmp_path, *(camera(f"c{number}") for number in range(64)))
    world.clock.end_ms = round(2.5 * EVERY_S * 1000)
    with pytest.raises(asyncio.CancelledError):
        await world.asker.run()
    asked = Counter(ask.key for asks in world.cameras.asked for ask in asks)
    assert set(asked.values()) == {3}
    assert len(asked) == 64
    assert max(len(asks) for asks in world.cameras.asked) <= 32


def test_channels_of_one_recorder_are_due_together() -> None:
    other = replace(NVR, url="http://10.0.0.10")
    cameras = [camera("a", recordings=NVR), camera("b"), camera("c", recordings=NVR)]
    cameras.append(camera("d", recordings=other))
    assert [(place, one.id) for place, one in in_turn(cameras)] == [
        (0, "a"), (1, "b"), (0, "c"), (2, "d"),
    ]  # fmt: skip


async def test_a_recorder_s_answer_is_graded_and_told(tmp_path: Path) -> None:
    world = World(tmp_path, camera(recordings=NVR))
    world.cameras.answer = Answer(key="", recording=kept(world, 40, newest_h=30))
    await world.asker.run_once()
    (asks,) = world.cameras.asked
    assert asks[0].recorder is not None
    assert asks[0].wants == (CLOCK, RECORDINGS)
    trouble = world.asker.aside("gate")
    assert trouble is not None
    assert trouble.cause is Cause.RECORDING_MISSING
    told = world.asker.facts(CameraFacts(camera="gate")).recording
    assert told is not None
    assert (told.gaps, told.disk) == (2, "ok")


async def test_a_recorder_of_the_year_9999_leaves_the_report_readable(tmp_path: Path) -> None:
    world = World(tmp_path, camera(recordings=NVR))
    told = RecordingAnswer(oldest_utc_ms=-1, newest_utc_ms=253_402_300_799_000, disk="ok")
    world.cameras.answer = Answer(key="", clock=clock_off(8000 * 365 * 86_400), recording=told)
    await world.asker.run_once()
    facts = world.asker.facts(CameraFacts(camera="gate"))
    assert msgspec.json.decode(msgspec.json.encode(facts), type=CameraFacts) == facts
    assert facts.recording is not None
    assert facts.recording.newest_utc_ms is None


async def test_what_the_recorder_once_had_outlives_a_restart(tmp_path: Path) -> None:
    world = World(tmp_path, camera(recordings=NVR))
    world.cameras.answer = Answer(key="", recording=kept(world, 5))
    await world.next_round()
    assert world.asker.aside("gate") is None
    world.restarted()
    world.clock.passed_ms += 2 * 86_400_000
    world.cameras.answer = Answer(key="", recording=kept(world, 5))
    await world.next_round()
    trouble = world.asker.aside("gate")
    assert trouble is not None
    assert trouble.cause is Cause.RECORDING_SHORT
    assert trouble.detail == "kept 5 days, 30 days are asked; older ones are gone"


async def test_a_gate_pc_that_woke_in_2020_remembers_no_nonsense(tmp_path: Path) -> None:
    world = World(tmp_path, camera(recordings=NVR))
    world.ours_off_ms = None
    world.clock.wrong = -timedelta(days=6 * 365)
    world.cameras.answer = Answer(key="", recording=kept(world, 5))
    await world.asker.run_once()
    world.clock.wrong, world.ours_off_ms = timedelta(), 0
    world.restarted()
    world.cameras.answer = Answer(key="", recording=kept(world, 5))
    await world.next_round()
    assert world.asker.aside("gate") is None


async def test_a_refused_login_is_left_alone_through_restarts(tmp_path: Path) -> None:
    world = World(tmp_path, camera(recordings=NVR))
    world.cameras.answer = Answer(key="", refused=(RECORDINGS,), failed={RECORDINGS: "refused"})
    await world.asker.run_once()
    for _ in range(5):  # a service manager that starts it again and again
        world.restarted()
        world.clock.passed_ms += 5000
        await world.asker.run_once()
    asked = [ask for asks in world.cameras.asked for ask in asks if ask.recorder]
    assert len(asked) == 1
    assert all(CLOCK in ask.wants for asks in world.cameras.asked for ask in asks)
    world.clock.passed_ms += round(PAUSE_S * 1000)
    world.restarted()
    await world.asker.run_once()
    assert world.cameras.asked[-1][0].recorder is not None


async def test_another_password_is_tried_at_once(tmp_path: Path) -> None:
    world = World(tmp_path, camera(recordings=NVR))
    world.cameras.answer = Answer(key="", refused=(RECORDINGS,))
    await world.asker.run_once()
    better = replace(NVR, credentials=Credentials("viewer", Secret("better")))
    world.configs = (camera(recordings=better),)
    world.restarted()
    await world.asker.run_once()
    assert world.cameras.asked[-1][0].recorder is not None


async def test_a_try_whose_end_nobody_saw_counts_as_refused(tmp_path: Path) -> None:
    world = World(tmp_path, camera(recordings=NVR))

    async def dies(_: Sequence[Ask]) -> tuple[Answer, ...]:
        raise RuntimeError("killed in the middle")

    world.asker._ask = dies
    with pytest.raises(RuntimeError):
        await world.asker.run_once()
    world.restarted()
    await world.asker.run_once()
    assert world.cameras.asked[-1][0].recorder is None


async def test_an_accepted_or_unreachable_login_is_not_held_back(tmp_path: Path) -> None:
    world = World(tmp_path, camera(recordings=NVR))
    for answer in (
        Answer(key="", recording=kept(world, 3)),
        Answer(key="", failed={RECORDINGS: "no connection"}),
    ):
        world.cameras.answer = answer
        await world.next_round()
    world.restarted()
    await world.asker.run_once()
    assert all(ask.recorder for asks in world.cameras.asked for ask in asks)


def test_the_memory_holds_no_password_and_survives_damage(tmp_path: Path) -> None:
    memory, login = Memory(tmp_path), Login(user="viewer", password="s3cret-word")
    memory.trying([("http://10.0.0.9/x", login)], now=START)
    text = (tmp_path / FILE).read_text("utf-8")
    assert "s3cret" not in text
    assert "viewer" not in text
    assert json.loads(text)["refused"]
    again = Memory(tmp_path)
    assert not again.may_try("http://10.0.0.9/y", login, now=START, pause_s=60)
    assert again.may_try("http://10.0.0.8/x", login, now=START, pause_s=60)
    assert again.may_try("http://10.0.0.9/x", login, now=START + timedelta(minutes=2), pause_s=60)
    for damage in ("", "{}", '{"key": "zz"}', "\x00"):
        (tmp_path / FILE).write_text(damage, "utf-8")
        assert Memory(tmp_path).may_try("http://10.0.0.9/y", login, now=START, pause_s=60)


def test_a_login_never_prints() -> None:
    assert "s3cret" not in repr(
        Ask(key="k", url="u", wants=(), login=Login(user="u", password="s3cret"))
    )


def test_whole_lines_of_a_killed_process_are_kept() -> None:
    one = msgspec.json.encode(Answer(key="a"))
    assert read_answers(one + b"\n" + one[:5]) == (Answer(key="a"),)
    assert read_answers(b"Traceback\n" + one + b"\n") == (Answer(key="a"),)
    assert read_answers(b"") == ()
