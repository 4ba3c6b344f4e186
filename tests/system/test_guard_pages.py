"""Guards over a real store: posts, the gate log's shift events, training, and who has left."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from server.domain.calendar import local_moment
from server.domain.citation import Citation
from server.domain.duties import Guards
from server.domain.interval import Interval
from server.domain.plan import Plan
from server.domain.planbook import PlanBook, PlanVersion
from server.guards.book import GUARD, load_roster
from server.guards.duty import PlaceDuty, Wanted, duty_of
from server.storage import Intake, Role, Store, hash_password
from tests.system.test_pages_requests import client_of
from tests.system.web_district import NOW, PASSWORD, SEEDS, USER, Site, plan, serve
from wire.messages import BootStory, GateEvent, Item, Watermark

SCHOOL = SEEDS[1].id
GATE, AGENT = f"{SCHOOL}-g1", f"{SCHOOL}-cong"
TODAY = NOW.date()
HERE = f"/guards/schools/{SCHOOL}"


def asking() -> Plan:
    source = Citation(id="p", kind="commune_plan", ref="Kế hoạch 12/KH-UBND (ví dụ)")
    asked = Guards(per_gate=1, source=source, training_every_months=12, training_source=source)
    return replace(plan(), guards=asked)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with serve(tmp_path, seeds=SEEDS[1:2]) as running:
        version = PlanVersion(id="kh", plan=asking(), confirmed_at=NOW)
        running.deps.standing.plans = PlanBook((version,))
        yield running


@pytest.fixture
async def officer(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with await client_of(site, USER, PASSWORD) as client:
        yield client


async def page(client: aiohttp.ClientSession, path: str = HERE) -> str:
    async with client.get(path) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.text()


async def sent(client: aiohttp.ClientSession, path: str, **form: str) -> int:
    async with client.post(f"{HERE}/{path}", data=form, allow_redirects=False) as answer:
        return answer.status


def moment(minute: int) -> datetime:
    return local_moment(TODAY, minute)


async def shift_events(store: Store, *events: tuple[int, str, str]) -> None:
    """Send shift events of today: minute, direction, code."""
    boot, origin = str(uuid.uuid4()), round(NOW.timestamp() * 1000) - 1000
    items = tuple(
        Item(
            seq=number,
            gate_event=GateEvent(
                id=str(uuid.uuid4()),
                gate=GATE,
                kind="shift",
                occurred_utc_ms=round(moment(minute).timestamp() * 1000),
                accepted_utc_ms=round(moment(minute).timestamp() * 1000),
                direction=direction,
                subject=code,
            ),
        )
        for number, (minute, direction, code) in enumerate(events, 1)
    )
    now = round(NOW.timestamp() * 1000)
    await store.commit(
        [
            Intake(
                agent=AGENT,
                spool=str(uuid.uuid4()),
                sent_utc_ms=now,
                received_utc_ms=now,
                boots=(BootStory(id=boot, origin_utc_ms=origin, offset_ms=0),),
                items=items,
                watermarks=(Watermark(boot=boot, until_ms=1, after_seq=len(items)),),
            )
        ]
    )


async def duty(site: Site) -> PlaceDuty:
    """Return the gate's guards of today, six to nine."""
    roster = await load_roster(site.store, SCHOOL)
    school = site.deps.organisation.school(SCHOOL)
    assert school is not None
    wanted = Wanted(
        school=school,
        story=site.deps.standing.register.school(SCHOOL),
        plan=site.deps.plan,
        exceptions=site.deps.standing.exceptions,
        posts=[kept.value for kept in roster.posts.values()],
        codes=frozenset(kept.value.code for kept in roster.guards.values()),
        window=Interval(moment(0), moment(1440)),
        now=NOW.astimezone(UTC),
    )
    return (await duty_of(site.store, wanted))[0]


async def test_guards_posts_and_shift_events_make_presence(
    site: Site, officer: aiohttp.ClientSession
) -> None:
    assert "chưa nhập vị trí trực" in await page(officer)
    assert await sent(officer, "guard", name="Nguyễn Văn Gác", code="BV1", phone="0912 345") == 303
    assert await sent(officer, "guard", name="Khác", code="BV1") == 400, "the code is taken"
    post = {"gate": GATE, "name": "Ca sáng", "start": "06:00", "end": "09:00", "d1": "1"}
    assert await sent(officer, "post", **post | {"gate": "nobody"}) == 400
    assert await sent(officer, "post", **post, first="2026-11-24") == 303
    found = await duty(site)
    assert found.seconds is not None
    assert (found.seconds.met, found.seconds.not_met) == (0, 3 * 3600), "nobody took over"
    await shift_events(site.store, (7 * 60, "in", "BV1"), (8 * 60, "out", "BV1"))
    found = await duty(site)
    assert found.seconds is not None
    assert (found.seconds.met, found.seconds.not_met) == (3600, 2 * 3600), "late events amend"
    await shift_events(site.store, (8 * 60, "in", "la"), (9 * 60, "out", "la"))
    found = await duty(site)
    assert found.seconds is not None
    assert (found.seconds.not_met, found.seconds.cannot_tell) == (3600, 3600), "a strange code"
    assert "Thiếu bảo vệ" in await page(officer)
    assert "Ca trực" in await page(officer, "/gate-log")


async def test_training_runs_out_and_who_leaves_is_forgotten(
    site: Site, officer: aiohttp.ClientSession
) -> None:
    assert await sent(officer, "guard", name="Nguyễn Văn Gác", code="BV1", phone="0912 345") == 303
    (name,) = (await load_roster(site.store)).guards
    assert "Chưa tập huấn" in await page(officer)
    assert await sent(officer, "training", guard=name, day="2025-12-01") == 303
    assert "Sắp hết hạn" in await page(officer)
    assert "Sắp hết hạn: 1" in await page(officer, "/guards")
    assert await sent(officer, f"guard/{name}/leave", revision="0") == 409
    assert "Nguyễn Văn Gác" in await page(officer), "a refusal erases nothing"
    assert await sent(officer, f"guard/{name}/leave", revision="1") == 303
    assert "Nguyễn" not in await page(officer)
    kept = [await site.store.record(GUARD, name), *await site.store.record_history(GUARD, name)]
    for record in kept:
        assert record is not None
        assert "Nguyễn".encode() not in record.data
        assert b"0912" not in record.data
    assert (await load_roster(site.store)).guards[name].value.code == "BV1"


async def test_lookers_write_nothing_and_see_no_phone(site: Site) -> None:
    await site.store.create_user("hoa", hash_password("chi xem"), now=NOW, role=Role.VIEWER)
    async with await client_of(site, USER, PASSWORD) as client:
        assert await sent(client, "guard", name="Gác", code="BV1", phone="0912 345") == 303
    async with await client_of(site, "hoa", "chi xem") as viewer:
        assert "/guards/schools" in await page(viewer, "/guards")
        assert "0912" not in await page(viewer), "a phone is for officers"
        assert await sent(viewer, "guard", name="x", code="y") == 403
