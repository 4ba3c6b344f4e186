"""The codec: golden payloads stay readable, versions are told apart, junk is only a WireError."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import codec
from wire.messages import Ack, GateEvent, Item, Message, Range, Report, Segment
from wire.vocabulary import State

GOLDEN = Path(__file__).parents[2] / "data" / "messages"
BOOT = "6f1f0f5e-2f0c-4f5e-9d55-0d3a2a3b4c5d"
SPOOL = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"

DECODERS: dict[str, Callable[[bytes], Message]] = {
    "report": codec.decode_report,
    "status": codec.decode_status,
    "ack": codec.decode_ack,
    "command": codec.decode_command,
    "reply": codec.decode_reply,
}


def kind(path: Path) -> str:
    return path.name.split("-", maxsplit=1)[0]


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda p: p.stem)
def test_every_golden_payload_is_read_and_written_back_with_the_same_meaning(path: Path) -> None:
    message = DECODERS[kind(path)](path.read_bytes())
    assert DECODERS[kind(path)](codec.encode(message)) == message


def test_there_is_a_golden_payload_of_every_kind() -> None:
    assert {kind(p) for p in GOLDEN.glob("*.json")} == set(DECODERS)


def test_the_full_golden_report_keeps_its_meaning() -> None:
    report = codec.decode_report((GOLDEN / "report-1.0-full.json").read_bytes())
    first, second, third, fourth = report.items
    assert first.segment == Segment(
        boot=BOOT,
        number=7,
        camera="c1-cong-chinh-1",
        state=State.DEGRADED,
        cause="picture.black",
        detail="mean 3 of 255",
        start_ms=120_000,
        end_ms=185_250,
    )
    assert second.segment is not None
    assert second.segment.end_ms is None
    assert third.gate_event is not None
    assert third.gate_event.direction == "in"
    assert fourth.gap is not None
    assert fourth.gap.count == 3
    assert report.watermarks[0].held[0].last_good_ms == 190_000
    assert report.vitals is not None
    assert report.vitals.cameras[0].fps == 25.0


def test_unknown_fields_of_a_newer_minor_version_are_ignored() -> None:
    raw = json.loads((GOLDEN / "report-1.0-full.json").read_bytes())
    raw["v"] = "1.9"
    raw["mood"] = {"nested": [1, 2]}
    raw["items"][0]["segment"]["confidence"] = 0.5
    assert codec.decode_report(json.dumps(raw).encode()).items[0].seq == 41


@pytest.mark.parametrize("version", ["2.0", "0.9", "10.0", "999999999999999999999.0"])
def test_another_major_version_is_refused_by_name(version: str) -> None:
    payload = json.dumps({"v": version, "shape": "not ours"}).encode()
    with pytest.raises(codec.WireError, match=r"is not one that this version 1\.4 reads"):
        codec.decode_report(payload)


@pytest.mark.parametrize("version", ["", "1", "1.", ".1", "one.two", "1.0.0", "-1.0", "١.٠"])
def test_a_version_that_is_none_is_refused(version: str) -> None:
    with pytest.raises(codec.WireError, match=r"major\.minor"):
        codec.decode_status(json.dumps({"v": version, "online": True}).encode())


def test_a_payload_over_the_limit_is_refused_unread() -> None:
    with pytest.raises(codec.WireError, match="over the limit"):
        codec.decode_report(b" " * (codec.MAX_BYTES + 1))


def test_nesting_without_end_is_refused() -> None:
    payload = b'{"v":"1.0","x":' + b"[" * 100_000
    with pytest.raises(codec.WireError):
        codec.decode_report(payload)


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_wire_error(junk: bytes) -> None:
    for decode in DECODERS.values():
        try:
            decode(junk)
        except codec.WireError:
            continue


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("items", 0, "segment", "camera"), "a/b"),
        (("items", 0, "segment", "camera"), "+"),
        (("items", 0, "segment", "camera"), "cam1\n"),
        (("items", 0, "segment", "state"), "asleep"),
        (("items", 0, "segment", "start_ms"), -1),
        (("items", 0, "segment", "start_ms"), 1.5),
        (("items", 0, "seq"), 0),
        (("items", 2, "gate_event", "note"), "x" * 501),
        (("items", 0, "segment", "boot"), "no uuid"),
        (("spool",), None),
        (("spool",), "50000000-0000-4000-8000-000000000001\n"),
    ],
)
def test_a_value_out_of_its_range_is_refused(where: tuple[str | int, ...], value: object) -> None:
    raw = json.loads((GOLDEN / "report-1.0-full.json").read_bytes())
    at = raw
    for step in where[:-1]:
        at = at[step]
    at[where[-1]] = value
    with pytest.raises(codec.WireError):
        codec.decode_report(json.dumps(raw).encode())


def test_an_item_that_carries_two_things_or_none_is_refused() -> None:
    event = GateEvent(
        id=BOOT, gate="g", kind="pass", occurred_utc_ms=1, accepted_utc_ms=1, direction="in"
    )
    segment = Segment(boot=BOOT, number=1, camera="c", state=State.UP, start_ms=0)
    with pytest.raises(ValueError, match="exactly one"):
        Item(seq=1, gate_event=event, segment=segment)
    with pytest.raises(codec.WireError, match="exactly one"):
        codec.decode_report(
            b'{"v":"1.0","spool":"%s","sent_utc_ms":1,"boots":[],"items":[{"seq":1}]}'
            % SPOOL.encode()
        )


def test_defaults_cost_no_bytes() -> None:
    report = Report(v=codec.VERSION, spool=SPOOL, sent_utc_ms=1, boots=())
    assert b"items" not in codec.encode(report)
    ack = Ack(
        v="1.0",
        spool=SPOOL,
        through=4,
        server_utc_ms=2,
        sent_utc_ms=1,
        ranges=(Range(first=6, last=9),),
    )
    assert codec.decode_ack(codec.encode(ack)) == ack


def test_the_golden_report_of_1_2_says_what_its_spool_no_longer_holds_and_where_it_comes_from() -> (
    None
):
    report = codec.decode_report((GOLDEN / "report-1.2-full.json").read_bytes())
    assert (report.kept_from, report.after, report.spool) == (30, 39, report.boots[0].id)
    assert report.boots[0].machine == "GATE-PC-7 · 192.168.1.20"
    gap = report.items[3].gap
    assert gap is not None
    assert (gap.cameras, gap.start_ms, gap.end_ms) == (("c1-cong-phu-1",), 1000, 90_000)
    assert report.vitals is not None
    assert (report.vitals.set_aside, report.vitals.spool_max_bytes) == (1, 512 * 1024 * 1024)


def test_the_golden_report_of_1_3_says_where_its_cameras_are() -> None:
    report = codec.decode_report((GOLDEN / "report-1.3-full.json").read_bytes())
    assert report.vitals is not None
    assert [c.host for c in report.vitals.cameras] == ["192.168.1.64:5541"]


def test_the_golden_report_of_1_4_says_for_how_long_nobody_looks_at_a_camera() -> None:
    report = codec.decode_report((GOLDEN / "report-1.4-full.json").read_bytes())
    assert report.vitals is not None
    assert [c.unseen_s for c in report.vitals.cameras] == [27]
