"""Rows of rude cameras, each watched by a real watcher: what it concluded, and when."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from edge.clock import SystemClock
from edge.config.values import CameraConfig, WatchConfig
from edge.picture.decoder import Decoder
from edge.picture.judge import Judge
from edge.rtsp.handshake import Limits, Timing
from edge.rtsp.replies import Trouble
from edge.rtsp.session import Pump
from edge.rtsp.stream import Stream
from edge.rtsp.url import CameraUrl
from edge.sighting import Sighting
from edge.watcher import watch
from wire.vocabulary import Cause

LIMIT_S: Final = 32.0
"""Nobody is waited for longer: a stream without a key frame is told after 20 s."""
_STAYS_S: Final = 3.0
_WATCH: Final = WatchConfig(picture_every_s=2, stall_after_s=3, connect_timeout_s=3)
_LATER: Final = frozenset({Cause.STREAM_LOSSY, Cause.STREAM_SLOW, Cause.PICTURE_BLACK})
"""Causes before which a camera may be called up: they want seconds of evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One misbehaviour.

    Attributes:
        name: Its short name.
        says: What the camera does.
        expect: The cause to be named; None: up.
        url: Where it is.
        told: Words that the detail must hold.
        stays_s: So long the verdict must stay.
        ca_file: Whom to trust.
        then: Done once the camera is up; what is expected counts from then on.
        beside: Whether another session of ours plays there before.
        also: Told at the end: whether the camera was treated well, as far as it can tell.
    """

    name: str
    says: str
    expect: Cause | None
    url: CameraUrl
    told: str = ""
    stays_s: float = _STAYS_S
    ca_file: Path | None = None
    then: Callable[[], Awaitable[None]] | None = None
    beside: bool = False
    also: Callable[[], str] = str


@dataclass(slots=True, kw_only=True)
class Result:
    """What was concluded of one row; ``wrong`` says what is not right, empty if all is."""

    row: Row
    cause: Cause | None = None
    detail: str = ""
    seconds: float | None = None
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Trusting:
    """An opener that checks certificates; the watcher's configuration has no key for it."""

    pump: Pump
    ca_file: Path | None

    async def open(
        self, url: CameraUrl, limits: Limits, timing: Timing | None = None
    ) -> Stream | Trouble:
        """Open with the row's CA file."""
        return await self.pump.open(url, replace(limits, ca_file=self.ca_file), timing)


@dataclass(slots=True)
class Witness:
    """Hears one watcher's sightings."""

    began_s: float
    heard: list[tuple[float, Sighting]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, sighting: Sighting) -> None:
        self.heard.append((asyncio.get_running_loop().time(), sighting))
        self.news.set()

    async def wait(
        self, wanted: Callable[[Sighting], bool], until_s: float
    ) -> tuple[float, Sighting] | None:
        """Return the first ``wanted`` sighting since ``began_s`` and when; None if time is up."""
        seen = 0
        while True:
            for at_s, sighting in self.heard[seen:]:
                seen += 1
                if at_s >= self.began_s and wanted(sighting):
                    return at_s, sighting
            self.news.clear()
            try:
                async with asyncio.timeout_at(until_s):
                    await self.news.wait()
            except TimeoutError:
                return None


async def run_row(row: Row, pump: Pump, decoder: Decoder) -> Result:
    """Watch one camera until its verdict is known and has stayed."""
    if not row.beside:
        return await _watched(row, pump, decoder)
    first = await pump.open(row.url, Limits())
    assert isinstance(first, Stream)
    async with asyncio.timeout(LIMIT_S):
        while first.counter.first_packet_ms is None:  # noqa: ASYNC110 (the pump reads it)
            await asyncio.sleep(0.05)
    try:
        return await _watched(row, pump, decoder)
    finally:
        await first.close()


async def _watched(row: Row, pump: Pump, decoder: Decoder) -> Result:
    loop = asyncio.get_running_loop()
    witness = Witness(loop.time())
    judge = Judge(freeze_after_ms=60_000)
    watching = asyncio.create_task(
        watch(
            CameraConfig(id=row.name, name=row.name, url=row.url, watch=_WATCH),
            clock=SystemClock(),
            opener=Trusting(pump, row.ca_file),
            decoder=decoder,
            judge=judge,
            on_sighting=witness,
            jitter=lambda: 0.5,
        )
    )
    try:
        return await _conclude(row, witness, loop.time() + LIMIT_S)
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


async def _conclude(row: Row, witness: Witness, until_s: float) -> Result:
    loop = asyncio.get_running_loop()
    result = Result(row=row)
    if row.then is not None:
        if await witness.wait(lambda s: s.verdict.cause is None, until_s) is None:
            result.wrong = "was not up before"
            return result
        await row.then()
        witness.began_s = loop.time()
    patient = row.expect in _LATER or row.then is not None
    found = await witness.wait(lambda s: s.verdict.cause is not None or not patient, until_s)
    if found is None:
        result.wrong = "no verdict in time"
        return result
    at_s, said = found
    result.seconds = round(at_s - witness.began_s, 1)
    result.cause, result.detail = said.verdict.cause, said.verdict.detail or ""
    result.wrong = _wrong(row, said)
    other = await witness.wait(
        lambda s: s.at_ms > said.at_ms and s.verdict.cause is not said.verdict.cause,
        loop.time() + row.stays_s,
    )
    if other is not None and not result.wrong:
        result.wrong = f"then {other[1].verdict.cause or 'up'}: {other[1].verdict.detail or ''}"
    return result


def _wrong(row: Row, said: Sighting) -> str:
    if said.verdict.cause is not row.expect:
        return f"expected {row.expect or 'up'}"
    if row.told not in (said.verdict.detail or ""):
        return f"does not say {row.told!r}"
    return ""


async def run_rows(rows: list[Row], decoder: Decoder) -> list[Result]:
    """Watch all at once."""
    pump = Pump(SystemClock())
    pumping = asyncio.create_task(pump.run())
    try:
        results = await asyncio.gather(*(run_row(row, pump, decoder) for row in rows))
    finally:
        pumping.cancel()
        await asyncio.gather(pumping, return_exceptions=True)
    await asyncio.sleep(0.3)  # a camera notices a closed connection a moment later
    for result in results:
        result.wrong = result.wrong or result.row.also()
    return results
