"""The guards' page over real HTTP: recorded once, said plainly, and by nobody else's page."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from edge.clock import SystemClock
from edge.config import GateConfig, GateInputConfig
from edge.gate_input import GateInput, ShiftBook
from edge.gate_input.shiftbook import FILE
from edge.redact import Secret
from edge.spool import Saved, Spool, SpoolFull
from wire.messages import BootStory, GateEvent

BOOT = "0b2c3d4e-1111-4222-8333-444455556666"
GATES = (GateConfig(id="cong-chinh", name="Cổng chính"), GateConfig(id="cong-sau", name="Sau"))
GOOD = {"gate": "cong-chinh", "code": "NV-03", "direction": "in"}


@dataclass
class Desk:
    spool: Spool
    http: aiohttp.ClientSession
    url: str
    folder: Path

    async def get(self, path: str = "/", **headers: str) -> tuple[int, str]:
        async with self.http.get(f"{self.url}{path}", headers=headers) as response:
            return response.status, await response.text()

    async def post(self, form: dict[str, str] | bytes, **headers: str) -> tuple[int, str]:
        headers = {
            "Origin": self.url,
            "Content-Type": "application/x-www-form-urlencoded",
        } | headers
        data = form if isinstance(form, bytes) else aiohttp.FormData(form, charset="utf-8")
        async with self.http.post(f"{self.url}/shift", data=data, headers=headers) as response:
            return response.status, await response.text()

    async def events(self) -> list[GateEvent]:
        items = await self.spool.peek(BOOT, 0, 100)
        return [item.gate_event for item in items if item.gate_event]


def serve(spool: Spool, folder: Path) -> GateInput:
    config = GateInputConfig(host="127.0.0.1", port=0, token=Secret("t"), gates=GATES)
    return GateInput(config, spool=spool, clock=SystemClock(), shifts=ShiftBook.open(folder))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    spool = Spool.open(tmp_path, agent="a1", max_bytes=2 * 1024 * 1024)
    await spool.begin(BootStory(id=BOOT, origin_utc_ms=1))
    service = serve(spool, tmp_path)
    await service.start()
    async with aiohttp.ClientSession() as http:
        yield Desk(spool, http, f"http://127.0.0.1:{service.port}", tmp_path)
    await service.close()
    spool.close()


async def test_a_guard_is_on_the_disk_before_the_page_says_so(desk: Desk) -> None:
    status, text = await desk.post(GOOD)
    assert status == 200
    assert re.search(r"Đã ghi lúc \d\d:\d\d: <b>NV-03 vào ca</b>", text)
    (event,) = await desk.events()
    assert (event.kind, event.direction, event.subject, event.gate, event.reader) == (
        "shift", "in", "NV-03", "cong-chinh", "page"
    )  # fmt: skip
    assert "<li><b>NV-03</b><span>Cổng chính</span>" in text
    again = ShiftBook.open(desk.folder).on_shift(SystemClock().now())
    assert [one.code for one in again] == ["NV-03"], "the next run knows it too"
    _, text = await desk.post(GOOD | {"direction": "out", "gate": "cong-sau"})
    assert "NV-03 ra ca" in text
    assert "Chưa ai vào ca" in text
    assert [e.direction for e in await desk.events()] == ["in", "out"]


async def test_one_page_sent_twice_is_one_event_but_another_guard_is_another(desk: Desk) -> None:
    _, text = await desk.get()
    found = re.search(r'name="id" value="([^"]+)"', text)
    assert found is not None
    form = GOOD | {"id": found[1]}
    first, again = await asyncio.gather(desk.post(form), desk.post(form))  # a double click
    assert "NV-03 vào ca" in first[1]
    assert "NV-03 vào ca" in again[1]
    assert len(await desk.events()) == 1
    await desk.post(form | {"code": "NV-04"})
    assert [e.subject for e in await desk.events()] == ["NV-03", "NV-04"]


async def test_a_repeat_after_the_notes_were_lost_is_answered_all_the_same(desk: Desk) -> None:
    form = GOOD | {"id": BOOT}
    await desk.post(form)
    again = serve(desk.spool, desk.folder / "elsewhere")
    await again.start()
    other = Desk(desk.spool, desk.http, f"http://127.0.0.1:{again.port}", desk.folder)
    _, text = await other.post(form)
    await again.close()
    assert "NV-03 vào ca" in text
    assert len(await desk.events()) == 1


async def test_enter_asks_for_the_direction_and_records_nothing(desk: Desk) -> None:
    status, text = await desk.post(GOOD | {"direction": "ask"})
    assert (status, "NV-03: vào ca hay ra ca?" in text) == (200, True)
    assert await desk.events() == []


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"code": "  "}, 422, "chưa có mã"),
        ({"code": "NV 03<"}, 422, "mã này không đúng"),
        ({"code": "n" * 33}, 422, "mã này không đúng"),
        ({"gate": "elsewhere"}, 422, "chưa chọn cổng"),
    ],
)
async def test_what_cannot_be_recorded_is_said(
    desk: Desk, change: dict[str, str], status: int, said: str
) -> None:
    answer, text = await desk.post(GOOD | change)
    assert answer == status
    assert said in text
    assert await desk.events() == []


async def test_a_full_spool_sends_the_guard_to_the_paper_log(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_event: GateEvent) -> Saved:
        raise SpoolFull("the disk is full")

    monkeypatch.setattr(desk.spool, "append_event", full)
    answer, text = await desk.post(GOOD)
    assert answer == 507
    assert "máy hết chỗ lưu" in text
    assert "sổ trực giấy" in text
    assert "Đã ghi" not in text
    assert not (desk.folder / FILE).exists()


async def test_other_pages_and_other_names_are_refused(desk: Desk) -> None:
    for origin in ("http://evil.example", "null", ""):
        assert (await desk.post(GOOD, Origin=origin))[0] == 403
    for host in ("evil.example", "192.168.1.5:8787", "["):
        assert (await desk.get(Host=host))[0] in {400, 403}
        assert (await desk.post(GOOD, Host=host, Origin=f"http://{host}"))[0] in {400, 403}
    assert await desk.events() == []


async def test_junk_is_no_form_and_stops_nobody(desk: Desk) -> None:
    for body in (b"", b"\xff\xfe=1", b"a=1&" * 4000, b"code=%00&gate=cong-chinh&direction=in"):
        assert (await desk.post(body))[0] == 422
    assert (await desk.post(b"x" * 17_000))[0] == 413
    assert (await desk.post(GOOD))[0] == 200


async def test_a_readers_shift_shows_on_the_page_and_english_is_spoken(desk: Desk) -> None:
    body = {"gate": "cong-sau", "kind": "shift", "direction": "in", "subject": "BV<1>"}
    async with desk.http.post(
        f"{desk.url}/v1/gate-events", json=body, headers={"Authorization": "Bearer t"}
    ) as response:
        assert response.status == 201
    _, text = await desk.get("/?lang=en")
    assert "<b>BV&lt;1&gt;</b><span>Sau</span><span>since " in text
    assert 'action="/shift?lang=en"' in text
    async with desk.http.get(f"{desk.url}/") as response:
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    for name in ("shift.css", "shift.js"):
        assert (await desk.get(f"/{name}"))[0] == 200
