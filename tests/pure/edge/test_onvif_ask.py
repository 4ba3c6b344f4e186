"""One run of questions: a recorder's channels go through one door."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest

from edge.onvif.answers import RECORDINGS, Answer, Ask, Login, RecorderAsk, RecordingAnswer
from edge.onvif.ask import Asker
from edge.onvif.soap import AskError, Refused, SilentError

LOGIN = Login(user="viewer", password="x")


class Recorder:
    """A recorder that answers as told, one at a time, and counts."""

    def __init__(self, outcome: Exception | RecordingAnswer) -> None:
        self.outcome = outcome
        self.asked = 0
        self.at_once = 0

    async def __call__(self, recorder: RecorderAsk, *, now: datetime) -> RecordingAnswer:
        assert (recorder.url, now.tzinfo) == ("http://10.0.0.9", UTC)
        self.asked += 1
        self.at_once += 1
        assert self.at_once == 1
        await asyncio.sleep(0)
        self.at_once -= 1
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def channels(
    session: aiohttp.ClientSession, recorder: Recorder, *logins: Login | None
) -> list[Answer]:
    asker = Asker(session, isapi=recorder)
    asks = [
        Ask(
            key=str(number),
            url="",
            wants=(RECORDINGS,),
            recorder=RecorderAsk(via="hikvision", url="http://10.0.0.9", login=login),
        )
        for number, login in enumerate(logins or (LOGIN,) * 16)
    ]
    return await asyncio.gather(*(asker.answer(ask) for ask in asks))


async def test_a_refused_login_is_tried_once_for_all_channels(
    session: aiohttp.ClientSession,
) -> None:
    recorder = Recorder(Refused("its login was refused"))
    answers = await channels(session, recorder)
    assert recorder.asked == 1
    assert {answer.refused for answer in answers} == {(RECORDINGS,)}


async def test_another_login_is_another_try(session: aiohttp.ClientSession) -> None:
    recorder = Recorder(Refused("its login was refused"))
    await channels(session, recorder, LOGIN, Login(user="viewer", password="y"), LOGIN, None)
    assert recorder.asked == 3


@pytest.mark.parametrize("silence", [SilentError("no answer in time"), TimeoutError()])
async def test_who_is_silent_is_not_waited_for_sixteen_times(
    session: aiohttp.ClientSession, silence: Exception
) -> None:
    recorder = Recorder(silence)
    answers = await channels(session, recorder)
    assert recorder.asked == 1
    assert [a.failed for a in answers] == [{RECORDINGS: "no answer in time"}] * 16


async def test_a_fault_of_one_channel_is_no_fault_of_another(
    session: aiohttp.ClientSession,
) -> None:
    for outcome in (AskError("HTTP 500"), KeyError("x"), RecordingAnswer(disk="ok")):
        recorder = Recorder(outcome)
        await channels(session, recorder)
        assert recorder.asked == 16
