"""The gate input over real HTTP: what is taken, what is refused and how it is said."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from edge.clock import SystemClock
from edge.config import GateInputConfig
from edge.gate_input import GateInput, GateInputError
from edge.redact import Secret
from edge.spool import Spool
from wire.messages import BootStory, Item

BOOT = "0b2c3d4e-1111-4222-8333-444455556666"
TOKEN = "right-token-ễ"
GOOD = {"gate": "thvq-cong-chinh", "kind": "passage"}


@dataclass
class Desk:
    spool: Spool
    http: aiohttp.ClientSession
    url: str
    pokes: list[None]

    async def post(self, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {TOKEN}"} | headers
        async with self.http.post(f"{self.url}/v1/gate-events", data=data, headers=headers) as r:
            return r.status, await r.json()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    spool = Spool.open(tmp_path, agent="a1", max_bytes=2 * 1024 * 1024)
    await spool.begin(BootStory(id=BOOT, origin_utc_ms=1))
    pokes: list[None] = []
    config = GateInputConfig(host="127.0.0.1", port=0, token=Secret(TOKEN))
    service = GateInput(
        config, spool=spool, clock=SystemClock(), on_saved=lambda: pokes.append(None)
    )
    await service.start()
    async with aiohttp.ClientSession() as http:
        yield Desk(spool, http, f"http://127.0.0.1:{service.port}", pokes)
    await service.close()
    spool.close()


async def test_an_event_is_on_the_disk_before_its_201(desk: Desk) -> None:
    body = GOOD | {
        "occurred_at": "2026-11-22T06:48:00+07:00",
        "direction": "in",
        "subject": "HS-0142",
        "reader": "r1",
        "note": "cổng phụ",
    }
    status, saved = await desk.post(body)
    assert status == 201
    (item,) = await desk.spool.peek(BOOT, 0, 10)
    event = item.gate_event
    assert event is not None
    assert (event.id, item.seq) == (saved["id"], saved["seq"])
    assert (event.direction, event.subject, event.reader) == ("in", "HS-0142", "r1")
    assert event.note == "cổng phụ"
    assert event.occurred_utc_ms == 1_795_304_880_000
    assert saved["saved_at"].endswith("Z")
    assert len(desk.pokes) == 1


async def test_whatever_is_taken_can_be_read_by_the_centre(desk: Desk) -> None:
    words = ("kind", "direction", "subject", "reader")
    worst = dict.fromkeys(words, '\x01\u2028"\\' * 16)
    body = {"gate": "g", "note": "\x01ễ😀" * 166} | worst
    assert (await desk.post(body | {"occurred_at": "5000-01-01T00:00:00Z"}))[0] == 201
    (item,) = await desk.spool.peek(BOOT, 0, 10)
    assert msgspec.json.decode(msgspec.json.encode(item), type=Item) == item


async def test_an_event_without_a_time_is_of_now(desk: Desk) -> None:
    await desk.post(GOOD)
    (item,) = await desk.spool.peek(BOOT, 0, 10)
    assert item.gate_event
    assert item.gate_event.occurred_utc_ms == item.gate_event.accepted_utc_ms


async def test_a_repeat_gets_the_firsts_number_and_time(desk: Desk) -> None:
    body = GOOD | {"id": str(uuid.uuid4())}
    first_status, first = await desk.post(body)
    await desk.spool.ack(BOOT, first["seq"])
    status, again = await desk.post(body)
    assert (first_status, status) == (201, 200)
    assert again == first
    assert await desk.spool.peek(BOOT, 0, 10) == ()


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        (b"not json", 400, "not_json", None),
        (b"\xff\xfe", 400, "not_json", None),
        (b'{"gate": ' + b"[" * 8000, 422, "invalid", "gate"),
        (b'{"gate": "g", "kind": "k", "note": "\\ud800"}', 400, "not_json", None),
        (b'{"gate": "g", "kind": "k", "more": ' + b"[" * 8000, 422, "invalid", "more"),
        ([], 422, "invalid", None),
        ({"kind": "passage"}, 422, "invalid", "gate"),
        ({"gate": "g", "kind": ""}, 422, "invalid", "kind"),
        ({"gate": "Cổng/#", "kind": "passage"}, 422, "invalid", "gate"),
        (GOOD | {"gate": 7}, 422, "invalid", "gate"),
        (GOOD | {"colour": "red"}, 422, "invalid", "colour"),
        (GOOD | {"note": "n" * 501}, 422, "invalid", "note"),
        (GOOD | {"note": "a\0b"}, 422, "invalid", "note"),
        (GOOD | {"id": "one"}, 422, "invalid", "id"),
        (GOOD | {"occurred_at": "yesterday"}, 422, "invalid", "occurred_at"),
        (GOOD | {"occurred_at": "2026-11-22T06:48:00"}, 422, "invalid", "occurred_at"),
        (GOOD | {"occurred_at": "1900-01-01T00:00:00Z"}, 422, "invalid", "occurred_at"),
        (GOOD | {"occurred_at": "9999-01-01T00:00:00Z"}, 422, "invalid", "occurred_at"),
        (b" " * (16 * 1024 + 1), 413, "too_large", None),
    ],
)
async def test_what_cannot_be_taken_is_named(
    desk: Desk, body: Any, status: int, code: str, field: str | None
) -> None:
    answer, said = await desk.post(body)
    assert answer == status, said
    assert said["error"]["code"] == code
    assert said["error"].get("field") == field
    assert said["error"]["message"]
    assert (await desk.spool.stats()).items == 0


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer wrong", "Basic right-token", "Bearer \xff"]
)
async def test_without_the_token_nothing_is_taken(desk: Desk, given: str) -> None:
    status, said = await desk.post(GOOD, Authorization=given)
    assert (status, said["error"]["code"]) == (401, "unauthorized")
    assert TOKEN not in json.dumps(said, ensure_ascii=False)


async def test_a_full_spool_says_507_and_goes_on_when_there_is_room(desk: Desk) -> None:
    body = GOOD | {"note": "n" * 500}
    status, saved = 201, {"seq": 0}
    last = 0
    for _ in range(5_000):
        status, saved = await desk.post(body)
        if status != 201:
            break
        last = saved["seq"]
    assert (status, saved["error"]["code"]) == (507, "spool_full")  # type: ignore[index]
    await desk.spool.ack(BOOT, last)
    assert (await desk.post(body))[0] == 201


async def test_health_and_unknown_ways_answer_in_json(desk: Desk) -> None:
    async with desk.http.get(f"{desk.url}/v1/health") as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})
    async with desk.http.get(f"{desk.url}/etc/passwd") as response:
        assert (response.status, (await response.json())["error"]["code"]) == (404, "not_found")
    async with desk.http.get(f"{desk.url}/v1/gate-events") as response:
        assert response.status == 405
        assert response.headers["Allow"] == "POST"


async def test_a_port_that_is_taken_is_named(desk: Desk) -> None:
    port = int(desk.url.rpartition(":")[2])
    config = GateInputConfig(host="127.0.0.1", port=port, token=Secret(TOKEN))
    service = GateInput(config, spool=desk.spool, clock=SystemClock())
    with pytest.raises(GateInputError, match=f"cannot listen on 127.0.0.1:{port}: "):
        await service.start()


async def test_callers_that_send_junk_or_stop_halfway_hold_nobody_up(desk: Desk) -> None:
    port = int(desk.url.rpartition(":")[2])
    junk = (
        b"\x00\xff" * 500,
        b"GET " + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /v1/gate-events HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/gate-events HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    )
    for content in junk:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(content)
        await asyncio.wait_for(reader.read(100), 5)
        writer.close()
    _, halfway = await asyncio.open_connection("127.0.0.1", port)
    halfway.write(
        b"POST /v1/gate-events HTTP/1.1\r\nHost: h\r\nContent-Length: 99\r\n"
        b"Authorization: Bearer " + TOKEN.encode() + b"\r\n\r\n{"
    )
    assert (await desk.post(GOOD))[0] == 201
    assert (await desk.spool.stats()).items == 1
    halfway.close()
