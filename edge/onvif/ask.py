"""``python -m edge.onvif.ask``: asks cameras in a process of its own.

Standard input is a JSON list of ``Ask``; standard output gets one ``Answer`` a line, as they come,
so that what is known is kept when the rest hangs and the process is killed. It is started by
``edge.onvif.worker`` and does nothing else: passwords come through the pipe, never as arguments.
"""

import asyncio
import logging
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import urlsplit

import aiohttp
import msgspec

from edge.clock import SystemClock
from edge.onvif.answers import (
    CLOCK,
    DETAILS,
    RECORDINGS,
    Answer,
    Ask,
    ClockAnswer,
    DetailsAnswer,
    Login,
    RecorderAsk,
    RecordingAnswer,
)
from edge.onvif.isapi import ask_isapi
from edge.onvif.probe import endpoint_of
from edge.onvif.reading import Offset, best, offset, read_clocks
from edge.onvif.soap import AskError, Refused, SilentError, ask

AT_ONCE: Final = 8
READINGS: Final = 3
ASK_S: Final = 25
_IN_TIME: Final = "no answer in time"
_TIMEOUT: Final = aiohttp.ClientTimeout(total=6)
_log: Final = logging.getLogger(__name__)


class Isapi(Protocol):
    """Asks a Hikvision recorder."""

    async def __call__(self, recorder: RecorderAsk, *, now: datetime) -> RecordingAnswer:
        """Return what it tells. Raises ``AskError``, ``Refused``."""
        ...


class Asker:
    """One run: a session for questions without a login, and the logins refused in this run.

    ``isapi`` asks a Hikvision recorder; ``isapi.ask_isapi`` is the real one.
    """

    def __init__(self, session: aiohttp.ClientSession, *, isapi: Isapi = ask_isapi) -> None:
        self._session = session
        self._isapi = isapi
        self._clock = SystemClock()
        self._rooms = asyncio.Semaphore(AT_ONCE)
        self._doors: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._refused: set[tuple[str, str, str]] = set()
        self._silent: set[str] = set()

    async def answer(self, one: Ask) -> Answer:
        """Answer one camera's questions; whatever goes wrong is told in the answer."""
        answer = Answer(key=one.key)
        for want in (CLOCK, DETAILS, RECORDINGS):
            if want in one.wants:
                answer = await self._one(one, want, answer)
        return answer

    async def _one(self, one: Ask, want: str, so_far: Answer) -> Answer:
        try:
            match want:
                case "clock":
                    async with self._rooms, asyncio.timeout(ASK_S):
                        read = await self._read_clock(one.url)
                    return msgspec.structs.replace(so_far, clock=read)
                case "details":
                    found = await self._details(one, so_far.clock)
                    return msgspec.structs.replace(so_far, details=found)
                case _:
                    kept = await self._recordings(one)
                    return msgspec.structs.replace(so_far, recording=kept)
        except Refused as error:
            refused = (*so_far.refused, want)
            failed = so_far.failed | {want: str(error)}
            return msgspec.structs.replace(so_far, refused=refused, failed=failed)
        except (AskError, TimeoutError) as error:
            why = str(error) or _IN_TIME
            return msgspec.structs.replace(so_far, failed=so_far.failed | {want: why})
        except Exception as error:  # noqa: BLE001 (the top of a task: the other cameras go on)
            _log.warning("%s of %s: %s", want, one.key, type(error).__name__)
            failed = so_far.failed | {want: f"no sound answer ({type(error).__name__})"}
            return msgspec.structs.replace(so_far, failed=failed)

    async def _read_clock(self, url: str) -> ClockAnswer:
        offsets: list[Offset | None] = []
        for _ in range(READINGS):
            asked = self._clock.now()
            answer = await ask(self._session, url, "GetSystemDateAndTime")
            clocks = read_clocks(answer)
            offsets.append(offset(clocks, asked=asked, answered=self._clock.now()))
        read = best(offsets)
        if read is None:
            raise AskError("it does not tell its time")
        return ClockAnswer(utc_ms=read.utc_ms, error_ms=read.error_ms, local_ms=read.local_ms)

    async def _details(self, one: Ask, clock: ClockAnswer | None) -> DetailsAnswer:
        from edge.onvif.details import details  # noqa: PLC0415 (the library, only where needed)

        async with self._door(one.url, one.login):
            offset_ms = clock.utc_ms if clock else 0
            found = await details(self._session, one.url, one.login, offset_ms=offset_ms)
            return msgspec.structs.replace(found, endpoint=await self._endpoint(one.url))

    async def _endpoint(self, url: str) -> str:
        try:
            answer = await ask(self._session, url, "GetEndpointReference")
        except AskError:
            return ""
        return endpoint_of(answer.said("GUID"))

    async def _recordings(self, one: Ask) -> RecordingAnswer:
        recorder = one.recorder
        if recorder is None:
            raise AskError("no recorder was named")
        async with self._door(recorder.url, recorder.login):
            if recorder.via == "hikvision":
                return await self._isapi(recorder, now=self._clock.now())
            from edge.onvif.recordings import ask_onvif  # noqa: PLC0415 (as above)

            read = await self._read_clock(recorder.url)
            return await ask_onvif(self._session, recorder, offset_ms=read.utc_ms)

    @asynccontextmanager
    async def _door(self, url: str, login: Login | None) -> AsyncIterator[None]:
        """One at a time at a host; not with a login that it refused, not if nobody answered.

        The time of who waits for his turn does not run.
        """
        host = urlsplit(url).netloc
        key = (host, login.user, login.password) if login else None
        async with self._doors[host]:
            if key in self._refused:
                raise Refused("its login was refused")
            if host in self._silent:
                raise AskError(_IN_TIME)
            try:
                async with self._rooms, asyncio.timeout(ASK_S):
                    yield
            except Refused:
                if key:
                    self._refused.add(key)
                raise
            except (SilentError, TimeoutError):
                self._silent.add(host)
                raise


async def run(asks: list[Ask]) -> None:
    """Answer all, each on a line as soon as it is known."""
    connector = aiohttp.TCPConnector(ssl=False)  # cameras sign their own certificates
    async with aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT) as session:
        asker = Asker(session)
        for answered in asyncio.as_completed([asker.answer(one) for one in asks]):
            sys.stdout.buffer.write(msgspec.json.encode(await answered) + b"\n")
            sys.stdout.buffer.flush()


def main() -> int:
    """Answer what standard input asks; return the exit code."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)  # before the library does it
    asks = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Ask])
    asyncio.run(run(asks))
    return 0


if __name__ == "__main__":
    sys.exit(main())
