"""What a recorder holds of one camera, by ONVIF's recording search (Profile G)."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp

from edge.onvif.answers import RecorderAsk, RecordingAnswer
from edge.onvif.camera import Door, asked, opened
from edge.onvif.soap import AskError

_TURNS: Final = 20
_MAX: Final = 256
_KEEP_ALIVE: Final = timedelta(seconds=10)
_WAIT: Final = timedelta(seconds=2)


async def ask_onvif(
    session: aiohttp.ClientSession, recorder: RecorderAsk, *, offset_ms: int
) -> RecordingAnswer:
    """Return what the recorder tells; ``offset_ms`` is its clock minus ours.

    Raises ``AskError``, ``Refused``.
    """
    async with opened(session, recorder.url, recorder.login, offset_ms=offset_ms) as (door, _):
        await door.look_around()
        found = await _search(door)
    one = choose(found, recorder.channel)
    if one is None:
        return RecordingAnswer()
    return RecordingAnswer(
        oldest_utc_ms=_ms(one.EarliestRecording, offset_ms),
        newest_utc_ms=_ms(one.LatestRecording, offset_ms),
    )


def choose(found: list[Any], channel: str | None) -> Any | None:
    """Return the recording of ``channel``: its token, or its source's id or name.

    Without a channel, the only one there is; None if there is none. Raises ``AskError``.
    """
    if channel is None and len(found) <= 1:
        return found[0] if found else None
    names = [_names(one) for one in found]
    for one, known in zip(found, names, strict=True):
        if channel in known:
            return one
    there = ", ".join(known[0] for known in names[:10]) or "none"
    raise AskError(f"it has no recording {channel or '(none was named)'}; there are: {there}")


async def _search(door: Door) -> list[Any]:
    search = await door.service("search")
    token = await asked(
        search.FindRecordings({"Scope": {}, "MaxMatches": _MAX, "KeepAliveTime": _KEEP_ALIVE})
    )
    question = {"SearchToken": token, "MinResults": 1, "MaxResults": 64, "WaitTime": _WAIT}
    found: list[Any] = []
    for _ in range(_TURNS):
        results = await asked(search.GetRecordingSearchResults(question))
        found += list(results.RecordingInformation or [])[: _MAX - len(found)]
        if results.SearchState == "Completed":
            break
    with suppress(AskError):
        await asked(search.EndSearch({"SearchToken": token}))
    return found


def _names(one: Any) -> tuple[str, ...]:
    source = one.Source
    names = (one.RecordingToken, getattr(source, "Name", None), getattr(source, "SourceId", None))
    return tuple(str(name) for name in names if name) or ("?",)


def _ms(told: datetime | None, offset_ms: int) -> int | None:
    if not isinstance(told, datetime):
        return None
    utc = told if told.tzinfo else told.replace(tzinfo=UTC)
    return max(0, round(utc.timestamp() * 1000) - offset_ms)
