"""What a Hikvision recorder's XML means."""

from datetime import UTC, datetime, timedelta

import pytest

from edge.onvif.isapi import RecorderClock, read_disk, read_spans, read_time, track_of
from edge.onvif.markup import Node, parse
from edge.onvif.soap import AskError
from sim.onvif.recorder import Track, isapi_search, isapi_storage, isapi_time

NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
OFF = timedelta(minutes=40)


def test_times_that_end_in_z_are_the_recorder_s_local_time() -> None:
    clock = read_time(parse(isapi_time(NOW + OFF).encode()))
    assert clock.read("2026-11-22T08:40:00Z", NOW) == NOW
    assert clock.read("2026-11-22T07:40:00Z", NOW) == NOW - timedelta(hours=1)
    assert clock.read("2026-11-22T08:40:00", NOW) == NOW
    assert clock.write(NOW, NOW) == "2026-11-22T08:40:00Z"


def test_a_time_with_a_zone_is_taken_by_its_word() -> None:
    clock = read_time(parse(isapi_time(NOW + OFF).encode()))
    assert clock.read("2026-11-22T08:40:00+07:00", NOW) == NOW
    assert clock.read("2026-11-22T01:10:00+00:30", NOW) == NOW - timedelta(hours=1)


@pytest.mark.parametrize(
    "text", [None, "", "gestern", "2026-13-01T00:00:00Z", "9999-12-31T23:59:59Z"]
)
def test_a_time_that_is_none(text: str | None) -> None:
    clock = RecorderClock(datetime(1971, 1, 1, tzinfo=UTC))
    assert clock.read(text, NOW) is None


@pytest.mark.parametrize("text", ["", "heute", "0026-11-22T08:00:00+07:00", "9026-11-22T08:00:00"])
def test_a_recorder_that_does_not_tell_its_time_is_not_believed(text: str) -> None:
    with pytest.raises(AskError):
        read_time(Node("Time", children=[Node("localTime", text=text)]))


@pytest.mark.parametrize(
    ("states", "disk"),
    [
        (("ok",), "ok"),
        (("ok", "notexist"), "ok"),
        (("ok", "idle"), "ok"),
        (("OK", "error"), "error"),
        (("unformatted",), "error"),
        (("full",), "full"),
        ((), "none"),
        (("notexist",), "none"),
    ],
)
def test_disks(states: tuple[str, ...], disk: str) -> None:
    assert read_disk(parse(isapi_storage(states).encode())) == disk


def test_pages_of_recordings_come_back_as_they_were() -> None:
    clock = read_time(parse(isapi_time(NOW + OFF).encode()))
    told = NOW + OFF
    spans = tuple((told - timedelta(hours=h), told - timedelta(hours=h - 1)) for h in (3, 2, 1))
    question = Node("q", children=[
        Node("trackID", text="101"), Node("maxResults", text="2"),
        Node("timeSpan", children=[
            Node("startTime", text=clock.write(NOW - timedelta(days=1), NOW)),
            Node("endTime", text=clock.write(NOW, NOW)),
        ]),
    ])  # fmt: skip
    page = parse(isapi_search(question, [Track(channel=1, name="x", spans=spans)]).encode())
    assert page.said("responseStatusStrg") == "MORE"
    found = list(read_spans(page, clock, NOW))
    assert [span.start for span in found] == [NOW - timedelta(hours=3), NOW - timedelta(hours=2)]


@pytest.mark.parametrize(
    ("channel", "track"), [(None, "101"), ("1", "101"), ("16", "1601"), ("201", "201")]
)
def test_tracks(channel: str | None, track: str) -> None:
    assert track_of(channel) == track
