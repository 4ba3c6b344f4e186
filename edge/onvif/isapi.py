"""What a Hikvision recorder holds of one channel, by ISAPI: XML over HTTP with Digest.

Channel 1's main stream is track 101. The search wants ``searchResultPostion``, so misspelt. Its
times end in ``Z`` and are the recorder's *local* time all the same (so on every firmware known), so
they are read against the recorder's own local time, which ``System/time`` gives with its zone; a
time with a zone of its own is taken by its word.
"""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import aiohttp

from edge.onvif.answers import RecorderAsk, RecordingAnswer
from edge.onvif.grade import Span, gaps
from edge.onvif.markup import MarkupError, Node, parse
from edge.onvif.soap import AskError, Refused, bounded, unanswered

_SEARCH: Final = """<?xml version="1.0" encoding="UTF-8"?>
<CMSearchDescription><searchID>{id}</searchID><trackList><trackID>{track}</trackID></trackList>\
<timeSpanList><timeSpan><startTime>{start}</startTime><endTime>{end}</endTime></timeSpan>\
</timeSpanList><maxResults>{count}</maxResults><searchResultPostion>{position}</searchResultPostion>\
<metadataList><metadataDescriptor>//recordType.meta.std-cgi.com</metadataDescriptor></metadataList>\
</CMSearchDescription>"""
_PAGE: Final = 64
_PAGES: Final = 20
_HALVINGS: Final = 32
_NEAR: Final = timedelta(minutes=30)
_BACK_H: Final = ((0, 1), (1, 24), (24, 96), (96, 400), (400, 10_000))
"""Where the newest recording is looked for, the likeliest first; hours before now."""
_YEARS: Final = range(1970, 2200)
_EVER: Final = timedelta(days=3650)
_REFUSED: Final = frozenset({401, 403})
_SOUND: Final = frozenset({"ok", "idle", "normal", "recording", "sleeping"})
_EMPTY: Final = frozenset({"notexist", "notexit", "unplugged", ""})


async def ask_isapi(recorder: RecorderAsk, *, now: datetime) -> RecordingAnswer:
    """Return what the recorder tells, in our time. Raises ``AskError``, ``Refused``."""
    login = recorder.login
    wares = (aiohttp.DigestAuthMiddleware(login.user, login.password),) if login else ()
    connector = aiohttp.TCPConnector(ssl=False)
    timeout = aiohttp.ClientTimeout(total=8)
    async with aiohttp.ClientSession(
        connector=connector, middlewares=wares, timeout=timeout
    ) as session:
        return await _Recorder(session, recorder, now).told()


class _Recorder:
    def __init__(self, session: aiohttp.ClientSession, ask: RecorderAsk, now: datetime) -> None:
        self._session = session
        self._base = ask.url.rstrip("/")
        self._login = ask.login
        self._track = track_of(ask.channel)
        self._now = now

    async def told(self) -> RecordingAnswer:
        """Ask for the time, the disks, the oldest recording, and the last day's."""
        clock = read_time(await self._get("GET", "/ISAPI/System/time"))
        disk = read_disk(await self._get("GET", "/ISAPI/ContentMgmt/Storage"))
        ever = self._now - _EVER
        first, _ = await self._search(clock, ever, self._now, count=1, pages=1)
        if not first:
            return RecordingAnswer(disk=disk)
        a_day_ago = self._now - timedelta(days=1)
        day, whole = await self._search(clock, a_day_ago, self._now)
        oldest = await self._oldest(clock, first[0].start)
        return RecordingAnswer(
            oldest_utc_ms=_ms(oldest),
            newest_utc_ms=_ms(await self._newest(clock, [*first, *day])),
            gaps=gaps(day, since=max(a_day_ago, oldest), until=self._now) if whole else None,
            disk=disk,
        )

    async def _oldest(self, clock: "RecorderClock", found: datetime) -> datetime:
        """Make sure that nothing is older: nobody promises that the oldest is told first.

        Where something is, the beginning is closed in on, to half an hour.
        """
        low, high = self._now - _EVER, found
        at = found - timedelta(seconds=1)
        for _ in range(_HALVINGS):
            spans, _whole = await self._search(clock, low, at, count=1, pages=1)
            older = [span.start for span in spans if span.start < at]
            if not older and high == found:
                return found
            low, high = (low, min(older)) if older else (at, high)
            if high - low < _NEAR:
                break
            at = low + (high - low) / 2
        return high

    async def _newest(self, clock: "RecorderClock", known: list[Span]) -> datetime:
        """Return the end of the newest: the last hour first, then ever further back."""
        for until, since in _BACK_H:
            spans, _ = await self._search(
                clock, self._now - timedelta(hours=since), self._now - timedelta(hours=until)
            )
            if spans:
                return max(span.end for span in spans)
        return max(span.end for span in known)

    async def _search(
        self, clock: "RecorderClock", start: datetime, end: datetime, *, count: int = _PAGE,
        pages: int = _PAGES,
    ) -> tuple[list[Span], bool]:  # fmt: skip
        """Return the recordings between, and whether those are all."""
        search_id, found = str(uuid.uuid4()).upper(), list[Span]()
        for _ in range(pages):
            body = _SEARCH.format(
                id=search_id, track=self._track, count=count, position=len(found),
                start=clock.write(start, self._now), end=clock.write(end, self._now),
            )  # fmt: skip
            answer = await self._get("POST", "/ISAPI/ContentMgmt/search", body)
            page = list(read_spans(answer, clock, self._now))
            found += page
            if not page or (answer.said("responseStatusStrg") or "").upper() != "MORE":
                return found, True
        return found, False

    async def _get(self, method: str, path: str, body: str | None = None) -> Node:
        try:
            async with self._session.request(
                method, self._base + path, data=body, allow_redirects=False
            ) as response:
                if response.status in _REFUSED:
                    raise Refused("its login was refused" if self._login else "it wants a login")
                content = await bounded(response)
                if response.status != 200:  # noqa: PLR2004
                    raise AskError(f"{path} was answered HTTP {response.status}")
                return parse(content)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            if isinstance(error, MarkupError):
                raise AskError(f"{path} was answered with no XML") from error
            raise unanswered(error) from error


class RecorderClock:
    """A recorder's local time: how it is turned into ours and back."""

    def __init__(self, local: datetime) -> None:
        self._local = local

    def read(self, text: str | None, now: datetime) -> datetime | None:
        """Return a time of the recorder in our UTC; ``now`` is when it told its local time."""
        try:
            told = datetime.fromisoformat((text or "").strip())
            if told.tzinfo not in {None, UTC} and self._local.tzinfo:
                return told.astimezone(UTC) + (now - self._local.astimezone(UTC))
            return now + (told.replace(tzinfo=None) - self._local.replace(tzinfo=None))
        except (ValueError, OverflowError):
            return None

    def write(self, moment: datetime, now: datetime) -> str:
        """Return our UTC as the recorder writes its times."""
        local = self._local.replace(tzinfo=None) + (moment - now)
        return f"{local:%Y-%m-%dT%H:%M:%S}Z"


def track_of(channel: str | None) -> str:
    """Return the track of a channel's main stream; a track (101) is taken as it is."""
    text = channel or "1"
    if not text.isdecimal():
        raise AskError(f"channel {text!r} is no number")
    return text if len(text) > 2 else f"{int(text)}01"  # noqa: PLR2004


def read_time(answer: Node) -> RecorderClock:
    """Return the recorder's clock. Raises ``AskError``."""
    try:
        local = datetime.fromisoformat(answer.said("localTime") or "")
    except ValueError as error:
        raise AskError("it does not tell its time") from error
    if local.year not in _YEARS:
        raise AskError(f"it lives in the year {local.year}")
    return RecorderClock(local)


def read_disk(answer: Node) -> str:
    """Return ``ok``, ``full``, ``error`` or ``none``; an empty bay is no fault."""
    states = [(disk.said("status") or "").lower() for disk in _disks(answer)]
    fitted = [state for state in states if state not in _EMPTY]
    if not fitted:
        return "none"
    if any(state not in _SOUND | {"full"} for state in fitted):
        return "error"
    return "full" if "full" in fitted else "ok"


def read_spans(answer: Node, clock: RecorderClock, now: datetime) -> Iterator[Span]:
    """Yield the recordings of a page of results; what has no sound times is left out."""
    for item in answer.every("searchMatchItem"):
        start = clock.read(item.said("timeSpan", "startTime"), now)
        end = clock.read(item.said("timeSpan", "endTime"), now)
        if start and end and start <= end:
            yield Span(start=start, end=end)


def _disks(answer: Node) -> Iterator[Node]:
    yield from answer.every("hdd")
    yield from answer.every("nas")


def _ms(moment: datetime) -> int:
    return max(0, round(moment.timestamp() * 1000))
