"""A recorder's recordings, as ONVIF's recording search and as Hikvision's ISAPI tell them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.onvif.markup import Node, escape
from sim.onvif.envelopes import envelope

_ZONE = timedelta(hours=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One channel's recordings: ``spans`` in rising order, UTC."""

    channel: int
    name: str
    spans: tuple[tuple[datetime, datetime], ...] = ()


def search_token() -> bytes:
    """Return the token of a search."""
    return envelope(
        "<tse:FindRecordingsResponse><tse:SearchToken>search-1</tse:SearchToken>"
        "</tse:FindRecordingsResponse>"
    )


def search_ended(at: datetime) -> bytes:
    """Return the end of a search."""
    return envelope(
        f"<tse:EndSearchResponse><tse:Endpoint>{at:%Y-%m-%dT%H:%M:%SZ}</tse:Endpoint>"
        "</tse:EndSearchResponse>"
    )


def search_results(tracks: Sequence[Track]) -> bytes:
    """Return all recordings."""
    found = "".join(_information(track) for track in tracks)
    return envelope(
        "<tse:GetRecordingSearchResultsResponse><tse:ResultList>"
        f"<tt:SearchState>Completed</tt:SearchState>{found}</tse:ResultList>"
        "</tse:GetRecordingSearchResultsResponse>"
    )


def _information(track: Track) -> str:
    known = ""
    if track.spans:
        known = (
            f"<tt:EarliestRecording>{track.spans[0][0]:%Y-%m-%dT%H:%M:%SZ}</tt:EarliestRecording>"
            f"<tt:LatestRecording>{track.spans[-1][1]:%Y-%m-%dT%H:%M:%SZ}</tt:LatestRecording>"
        )
    return (
        f"<tt:RecordingInformation><tt:RecordingToken>rec-{track.channel}</tt:RecordingToken>"
        f"<tt:Source><tt:SourceId>source-{track.channel}</tt:SourceId>"
        f"<tt:Name>{escape(track.name)}</tt:Name><tt:Location>-</tt:Location>"
        "<tt:Description>-</tt:Description><tt:Address>-</tt:Address></tt:Source>"
        f"{known}<tt:Content>-</tt:Content>"
        "<tt:RecordingStatus>Recording</tt:RecordingStatus></tt:RecordingInformation>"
    )


def isapi_time(utc: datetime) -> str:
    """Return the recorder's time, in Vietnam's zone."""
    local = utc + _ZONE
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Time version="2.0"'
        ' xmlns="http://www.hikvision.com/ver20/XMLSchema"><timeMode>manual</timeMode>'
        f"<localTime>{local:%Y-%m-%dT%H:%M:%S}+07:00</localTime>"
        "<timeZone>CST-7:00:00</timeZone></Time>"
    )


def isapi_storage(disks: Sequence[str]) -> str:
    """Return the state of each bay."""
    found = "".join(
        f"<hdd><id>{number}</id><hddName>hdd{number}</hddName><hddType>SATA</hddType>"
        f"<status>{status}</status><capacity>1907729</capacity><freeSpace>0</freeSpace>"
        "<property>RW</property></hdd>"
        for number, status in enumerate(disks, start=1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><storage version="1.0"'
        f' xmlns="http://www.hikvision.com/ver20/XMLSchema"><hddList size="{len(disks)}">{found}'
        '</hddList><nasList size="0"/></storage>'
    )


def isapi_search(question: Node, tracks: Sequence[Track], *, newest_first: bool = False) -> str:
    """Return a page of matches; times are local and end in Z, as the real ones do."""
    wanted = question.said("trackID") or "101"
    start = _read(question.said("timeSpan", "startTime"))
    end = _read(question.said("timeSpan", "endTime"))
    count = int(question.said("maxResults") or "40")
    first = int(question.said("searchResultPostion") or "0")
    spans = [
        span
        for track in tracks
        if f"{track.channel}01" == wanted
        for span in track.spans
        if span[1] > start and span[0] < end
    ]
    if newest_first:
        spans.reverse()
    page = spans[first : first + count]
    word = "NO MATCHES" if not spans else "MORE" if first + count < len(spans) else "OK"
    items = "".join(
        f"<searchMatchItem><trackID>{wanted}</trackID><timeSpan><startTime>{_write(a)}</startTime>"
        f"<endTime>{_write(b)}</endTime></timeSpan></searchMatchItem>"
        for a, b in page
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><CMSearchResult version="1.0"'
        ' xmlns="http://www.hikvision.com/ver20/XMLSchema"><responseStatus>true</responseStatus>'
        f"<responseStatusStrg>{word}</responseStatusStrg><numOfMatches>{len(page)}</numOfMatches>"
        f"<matchList>{items}</matchList></CMSearchResult>"
    )


def _read(text: str | None) -> datetime:
    return datetime.fromisoformat(text or "") - _ZONE


def _write(at: datetime) -> str:
    return f"{at + _ZONE:%Y-%m-%dT%H:%M:%S}Z"
