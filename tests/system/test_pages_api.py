"""The REST API and the doors: who may come in, what is refused, and that nothing breaks."""

import asyncio
import contextlib
import logging
import random
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import ClientConnectionResetError, web

from server.domain.paging.people import Occasion
from server.paging.silences import load_silences
from server.storage import Role, hash_password
from server.web.live import Interest
from tests.system.web_district import NOW, PASSWORD, SEEDS, USER, Site, news, organisation, serve
from tests.system.web_incidents import CUT
from wire.vocabulary import Cause, State

API = "/api/v1"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with serve(tmp_path, seeds=SEEDS[:3]) as running:
        yield running


@pytest.fixture
async def stranger(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(site.url, cookie_jar=aiohttp.DummyCookieJar()) as client:
        yield client


@pytest.fixture
async def program(
    site: Site, stranger: aiohttp.ClientSession
) -> AsyncIterator[aiohttp.ClientSession]:
    token = await token_of(stranger)
    head = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(site.url, headers=head) as client:
        yield client


async def token_of(client: aiohttp.ClientSession) -> str:
    async with client.post(f"{API}/sessions", json={"name": USER, "password": PASSWORD}) as answer:
        assert answer.status == 201, await answer.text()
        return str((await answer.json())["token"])


async def get(client: aiohttp.ClientSession, path: str, **query: str) -> Any:
    async with client.get(API + path, params=query) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def test_cameras_say_what_they_do_now(program: aiohttp.ClientSession) -> None:
    found = {c["id"]: c for c in (await get(program, "/cameras"))["cameras"]}
    assert len(found) == 22
    covered = found["th-vinh-quynh-c2"]
    assert (covered["state"], covered["cause"]) == ("degraded", "picture.covered")
    assert covered["since"] == "2026-11-23T23:48:00Z"
    assert covered["state_since"] == "2026-11-23T23:46:00Z"
    silent = found["mn-anh-duong-c1"]
    assert (silent["state"], silent["cause"], silent["why"]) == ("unknown", None, "agent_silent")
    assert silent["since"] == "2026-11-24T01:55:00Z"
    assert await get(program, "/cameras/th-vinh-quynh-c2") == covered
    own = await get(program, "/cameras", school="mn-anh-duong")
    assert len(own["cameras"]) == 4


async def test_a_timeline_fills_its_window_and_availability_sums_to_it(
    program: aiohttp.ClientSession,
) -> None:
    window = {"from": "2026-11-23T00:00:00+07:00", "to": "2026-11-24T00:00:00+07:00"}
    spans = (await get(program, "/cameras/th-vinh-quynh-c2/timeline", **window))["spans"]
    assert spans[0]["start"] == "2026-11-22T17:00:00Z"
    assert spans[-1]["end"] == "2026-11-23T17:00:00Z"
    assert [a["end"] for a in spans[:-1]] == [b["start"] for b in spans[1:]]
    assert [(s["state"], s["cause"]) for s in spans] == [
        ("up", None), ("unknown", None), ("up", None), ("degraded", "picture.black"), ("up", None),
    ]  # fmt: skip
    for counted, all_counted in (("all", 86_400), ("school_hours", 30_600)):
        a = await get(program, "/cameras/th-vinh-quynh-c2/availability", counted=counted, **window)
        assert a["unknown"] == 24 * 60
        assert a["degraded"] == 26 * 60
        sums = a["up"] + a["degraded"] + a["down"] + a["unknown"]
        assert sums == all_counted
        assert sums + a["excluded"] == 86_400
        assert a["low"] == pytest.approx(a["up"] / sums, abs=1e-6)


async def test_coverage_and_schools_tell_the_same(program: aiohttp.ClientSession) -> None:
    coverage = await get(program, "/coverage")
    assert coverage["places"] == {
        "required": 7, "installed": 6, "certain": 3, "possible": 5, "unset": 5,
    }  # fmt: skip
    schools = (await get(program, "/schools"))["schools"]
    assert {s["id"]: s["status"] for s in schools} == {
        "thcs-ich-vinh": "down", "th-vinh-quynh": "degraded", "mn-anh-duong": "unknown",
    }  # fmt: skip
    for name in ("required", "installed", "certain", "possible", "unset"):
        assert sum(s["places"][name] for s in schools) == coverage["places"][name]


async def test_agents_units_and_gate_events(program: aiohttp.ClientSession) -> None:
    agents = {a["id"]: a for a in (await get(program, "/agents"))["agents"]}
    assert agents["mn-anh-duong-cong"]["presence"] == "silent"
    assert agents["th-vinh-quynh-cong"]["spool_items"] == 3
    assert [u["id"] for u in (await get(program, "/units"))["units"]] == ["xa-vinh-quynh"]
    seen: list[str] = []
    query = {"school": "th-vinh-quynh", "limit": "70"}
    while True:
        page = await get(program, "/gate-events", **query)
        seen += [e["id"] for e in page["events"]]
        assert page["total"] == 180
        if page["next"] is None:
            break
        query["before"] = page["next"]
    assert len(seen) == len(set(seen)) == 180


async def test_incidents_are_told_with_their_root_and_messages(
    program: aiohttp.ClientSession,
) -> None:
    found = (await get(program, "/incidents"))["incidents"]
    assert [i["kind"] for i in found] == ["agent", "network", "picture", "camera"]
    assert [i["id"] for i in (await get(program, "/incidents", q="ich vinh"))["incidents"]] == [CUT]
    mine = (await get(program, "/incidents", state="mine"))["incidents"]
    assert {i["acknowledged_by"] for i in mine} == {USER}
    page = await get(program, "/incidents", limit="2")
    rest = await get(program, "/incidents", limit="100", before=page["next"])
    assert [*page["incidents"], *rest["incidents"]] == found
    one = await get(program, f"/incidents/{CUT}")
    assert [m["id"] for m in one["incident"]["members"]] == [
        "thcs-ich-vinh-c3", "thcs-ich-vinh-c4", "thcs-ich-vinh-c9",
    ]  # fmt: skip
    assert [x["occasion"] for x in one["letters"]] == ["opened", "escalated"]
    assert one["steps"]
    assert (await get(program, "/incidents/response"))["days"] == 30


async def test_taking_an_incident_on_twice_keeps_the_first(program: aiohttp.ClientSession) -> None:
    for _ in range(2):
        async with program.post(f"{API}/incidents/{CUT}/acknowledge") as answer:
            assert answer.status == 200
            row = await answer.json()
    assert row["acknowledged_by"] == USER
    async with program.post(f"{API}/incidents/99/acknowledge") as answer:
        assert answer.status == 404


async def test_an_incident_is_handed_over_noted_and_paused(
    site: Site, program: aiohttp.ClientSession
) -> None:
    here = f"{API}/incidents/{CUT}"
    until = (site.now() + timedelta(hours=2)).isoformat()
    past = site.now().isoformat()
    for path, body, status in (
        ("assign", {"to": "Kỹ thuật viên cụm"}, 200),
        ("assign", {"to": ""}, 400),
        ("notes", {"text": "Đã gọi trường, tủ điện bị ngắt."}, 200),
        ("notes", {"text": "x" * 1001}, 400),
        ("pause", {"until": until, "reason": "Thay tủ điện"}, 201),
        ("pause", {"until": until, "reason": ""}, 400),
        ("pause", {"until": past, "reason": "Thay tủ điện"}, 400),
        ("pause", {"until": until[:16], "reason": "Thay tủ điện"}, 400),
        ("pause", {"until": "9999-12-31T23:59:59-12:00", "reason": "x"}, 400),
    ):
        async with program.post(f"{here}/{path}", json=body) as answer:
            assert answer.status == status, (path, body, await answer.text())
    told = await get(program, f"/incidents/{CUT}")
    assert [s["step"] for s in told["course"]] == ["opened", "assigned", "note", "silenced"]
    assert told["incident"]["assigned_to"] == "Kỹ thuật viên cụm"
    held = [k.silence for k in await load_silences(site.store) if k.silence.reason[0] == "T"]
    assert any(len(silence.subjects) == 3 for silence in held)


async def test_rules_are_previewed_and_changed(program: aiohttp.ClientSession) -> None:
    rules = await get(program, "/alerting/rules")
    assert rules["revision"] == 0
    rules["kinds"]["network"]["grace_s"] = 86_400 * 7
    async with program.post(f"{API}/alerting/rules/preview", json=rules) as answer:
        assert answer.status == 200, await answer.text()
        found = await answer.json()
    assert found["observations"] == 6
    assert found["asked"]["messages"] < found["standing"]["messages"]
    assert found["standing"]["kinds"]["network"] == 1
    assert "network" not in found["asked"]["kinds"]
    assert found["sent"] == 4
    assert found["escalated"] == 2
    for status in (200, 409):
        async with program.put(f"{API}/alerting/rules", json=rules) as answer:
            assert answer.status == status
    for name, value in (("flaps", 0), ("line_share", 2), ("moon", 1)):
        wrong = rules | {"revision": 1, "figures": {name: value}}
        async with program.put(f"{API}/alerting/rules", json=wrong) as answer:
            assert answer.status == 400, name
    assert (await get(program, "/alerting/rules"))["kinds"]["network"]["grace_s"] == 86_400 * 7


async def test_who_is_told_is_changed_and_nobody_is_taken_away_who_is_named(
    program: aiohttp.ClientSession,
) -> None:
    async def send(method: str, path: str, body: object = None) -> int:
        async with program.request(method, f"{API}/alerting/{path}", json=body) as answer:
            return answer.status

    kept = (await get(program, "/alerting"))["receivers"][0]
    one = kept["receiver"] | {"id": "moi", "name": "Người mới"}
    assert await send("PUT", "receivers/moi", {"receiver": one}) == 200
    assert await send("PUT", "receivers/moi", {"receiver": one}) == 409
    assert await send("PUT", "receivers/khac", {"receiver": one}) == 400
    bad = one | {"ways": [{"channel": "sms"}]}
    assert await send("PUT", "receivers/moi", {"receiver": bad, "revision": 1}) == 400
    assert await send("DELETE", "receivers/moi?revision=1") == 204
    assert await send("DELETE", "receivers/moi?revision=2") == 404
    assert await send("DELETE", f"receivers/{kept['receiver']['id']}?revision=1") == 400
    rota = (await get(program, "/alerting"))["rotas"][0]
    assert rota["on_turn"] == "du-phong"
    assert await send("DELETE", "rotas/truc-ky-thuat?revision=1") == 400
    assert await send("DELETE", "policies/xa?revision=1") == 204
    assert await send("DELETE", "rotas/truc-ky-thuat?revision=1") == 204
    channels = (await get(program, "/alerting/channels"))["channels"]
    assert [(c["name"], c["addressing"]) for c in channels] == [
        ("email", "needed"), ("webhook", "none"),
    ]  # fmt: skip


async def test_what_was_taken_away_can_be_entered_again_and_keeps_its_history(
    site: Site, program: aiohttp.ClientSession
) -> None:
    """By a program under the same id, and by a button; ids are as long as the API lets them."""
    own, name = (await get(program, "/alerting"))["receivers"][0], "r" * 100
    one = own["receiver"] | {"id": name, "name": "Người cũ"}
    api, page = f"{API}/alerting/receivers/{name}", f"/alerting/receivers/{name}"
    for before in (0, 2):
        async with program.put(api, json={"receiver": one}) as answer:
            assert (await answer.json())["revision"] == before + 1
        async with program.put(api, json={"receiver": one}) as answer:
            assert answer.status == 409
        async with program.delete(f"{api}?revision={before + 1}") as answer:
            assert answer.status == 204
    async with program.put(f"{api}r", json={"receiver": one | {"id": f"{name}r"}}) as answer:
        assert answer.status == 400
    async with program.get("/alerting/receivers") as answer:
        assert f'action="{page}/restore"' in await answer.text()
    other = own["receiver"]["id"]
    async with program.post(f"/alerting/receivers/{other}/test", allow_redirects=False) as answer:
        assert answer.headers["Location"].startswith("/alerting/channels?sent=")
    tests = [x for x in await site.store.letters_since(NOW) if x.occasion is Occasion.TEST]
    assert {x.receiver for x in tests} == {other}
    for seen, status in ((3, 409), (4, 303), (5, 404)):
        back = {"revision": str(seen)}
        async with program.post(f"{page}/restore", data=back, allow_redirects=False) as answer:
            assert answer.status == status
    async with program.post(
        f"{page}/remove", data={"revision": "5"}, allow_redirects=False
    ) as answer:
        assert answer.status == 303
    history = await site.store.record_history("receiver", name)
    assert [r.gone for r in history] == [False, True, False, True, False, True]


async def test_who_may_only_look_takes_nothing_on(
    site: Site, program: aiohttp.ClientSession
) -> None:
    await site.store.set_role(USER, Role.VIEWER)
    assert (await get(program, f"/incidents/{CUT}"))["incident"]["acknowledged_by"] is None
    for path, body in (
        ("acknowledge", None),
        ("assign", {"to": "x"}),
        ("notes", {"text": "x"}),
        ("pause", {"until": site.now().isoformat(), "reason": "x"}),
    ):
        async with program.post(f"{API}/incidents/{CUT}/{path}", json=body) as answer:
            assert answer.status == 403, path
    rules = await get(program, "/alerting/rules")
    for method, path in (("PUT", "rules"), ("POST", "rules/preview")):
        async with program.request(method, f"{API}/alerting/{path}", json=rules) as answer:
            assert answer.status == 403, path
    ways = [r["receiver"]["ways"] for r in (await get(program, "/alerting"))["receivers"]]
    assert {way.get("address", "") for own in ways for way in own} == {""}
    async with program.get("/alerting/receivers") as answer:
        assert "@vinhquynh.example" not in await answer.text()
    for path in ("channels/webhook/test", "receivers/ky-thuat/test"):
        async with program.post(f"/alerting/{path}") as answer:
            assert answer.status == 403


async def test_the_document_describes_every_route(
    site: Site, program: aiohttp.ClientSession
) -> None:
    document = await get(program, "/openapi.json")
    assert document["openapi"].startswith("3.1")
    assert site.runner is not None
    served = {
        (r.resource.canonical.removeprefix(API), r.method.lower())
        for r in site.runner.app.router.routes()
        if r.resource
        and r.resource.canonical.startswith(f"{API}/")
        and r.method not in {"HEAD", "*"}
    }
    told = {(path, method) for path, item in document["paths"].items() for method in item}
    assert told == served - {("/openapi.json", "get")}
    names = re.findall(r'"#/components/schemas/(\w+)"', msgspec.json.encode(document).decode())
    assert set(names) <= set(document["components"]["schemas"])


async def test_strangers_get_nothing(stranger: aiohttp.ClientSession) -> None:
    for path in ("/cameras", "/incidents", "/openapi.json", "/nothing"):
        async with stranger.get(API + path) as answer:
            assert answer.status == 401
            assert (await answer.json())["error"]["code"] == "not_signed_in"
    async with stranger.get("/events") as answer:
        assert answer.status == 401
    for path in ("/", "/cameras/th-vinh-quynh-c2?zoom=week", "/gate-log.csv"):
        async with stranger.get(path, allow_redirects=False) as answer:
            assert answer.status == 303
            assert answer.headers["Location"] == f"/login?next={path}"
    async with stranger.get(
        "/", headers={"Authorization": "Bearer made-up"}, allow_redirects=False
    ) as answer:
        assert answer.status == 303


async def test_a_token_ends_when_it_is_signed_out(stranger: aiohttp.ClientSession) -> None:
    head = {"Authorization": f"Bearer {await token_of(stranger)}"}
    async with stranger.delete(f"{API}/sessions", headers=head) as answer:
        assert answer.status == 204
    async with stranger.get(f"{API}/cameras", headers=head) as answer:
        assert answer.status == 401


async def test_a_new_password_ends_every_session(
    site: Site, stranger: aiohttp.ClientSession
) -> None:
    head = {"Authorization": f"Bearer {await token_of(stranger)}"}
    await site.store.set_password(USER, hash_password("another long one"), now=NOW)
    async with stranger.get(f"{API}/cameras", headers=head) as answer:
        assert answer.status == 401


async def test_guessing_is_slowed_down(stranger: aiohttp.ClientSession) -> None:
    wrong = {"name": USER, "password": "wrong"}
    statuses = []
    for _ in range(7):
        async with stranger.post(f"{API}/sessions", json=wrong) as answer:
            statuses.append(answer.status)
            retry = answer.headers.get("Retry-After")
    assert statuses == [401] * 5 + [429] * 2
    assert int(retry or 0) in {1, 2}
    async with stranger.post("/login", data={"name": USER, "password": PASSWORD}) as answer:
        assert answer.status == 429
        assert "Thử quá nhiều lần" in await answer.text()


async def test_another_site_can_change_nothing(site: Site, stranger: aiohttp.ClientSession) -> None:
    async with stranger.post(
        "/login",
        data={"name": USER, "password": PASSWORD, "next": "//evil.example"},
        allow_redirects=False,
    ) as answer:
        assert answer.headers["Location"] == "/"
        cookie = answer.cookies["vonggac"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    own = {"Cookie": f"vonggac={cookie.value}"}
    for head in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": site.url},
        {"Sec-Fetch-Site": "same-site"},
    ):
        for path in (
            f"/incidents/{CUT}/acknowledge",
            "/logout",
            "/preferences",
            f"{API}/incidents/{CUT}/acknowledge",
            "/cameras/th-vinh-quynh-c2/commands",
            f"{API}/cameras/th-vinh-quynh-c2/commands",
        ):
            async with stranger.post(path, headers=own | head, allow_redirects=False) as answer:
                assert answer.status == 403, (head, path)
    row = await site.store.incident(CUT)
    assert row is not None
    assert row.acknowledged_at is None
    assert site.gate_pc.obeyed == []
    head = own | {"Origin": site.url, "Sec-Fetch-Site": "same-origin"}
    async with stranger.post(
        f"/incidents/{CUT}/acknowledge", headers=head, allow_redirects=False
    ) as answer:
        assert answer.status == 303


async def test_pages_carry_the_headers_that_protect_them(stranger: aiohttp.ClientSession) -> None:
    for path in ("/login", "/nothing", "/static/app.js"):
        async with stranger.get(path, allow_redirects=False) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "script-src 'self'" in policy
            assert "unsafe-eval" not in policy
            assert "frame-ancestors 'none'" in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            if path != "/static/app.js":
                assert answer.headers["Cache-Control"] == "no-store"
                assert not re.search(r"<script(?![^>]*\ssrc=)|\son\w+=", await answer.text())


async def test_over_tls_the_cookie_is_bound_to_the_host(tmp_path: Path) -> None:
    async with (
        serve(tmp_path, seeds=SEEDS[:1], public_url="https://vonggac.example") as site,
        aiohttp.ClientSession(site.url) as client,
        client.post(
            "/login", data={"name": USER, "password": PASSWORD}, allow_redirects=False
        ) as answer,
    ):
        cookie = answer.cookies["__Host-vonggac"]
        assert cookie["secure"]
        assert cookie["path"] == "/"
        assert answer.headers["Strict-Transport-Security"]


JUNK = (
    "", "\x00", "a\x00b", "%00", "../../etc/passwd", "' OR 1=1 --", "<script>", "𝕍" * 30, "\ud83d",
    "x" * 1500, "-1", "0", "1e9", "99999999999999999999", "2026-13-45", "2026-11-24", "9999-12-31",
    "0001-01-01", "2026-11-24T00:00:00Z", "9999-12-31T23:59:59-23:59", "2026-11-24T02:00:00~x",
    "0001-01-01T00:00:00.000000~a", "9999-12-31T23:59:59.999999~a", "th-vinh-quynh", "hour",
    "month",     "th-vinh-quynh-g1", "%", "_", "\\", "\u202eabc", "=1+1",
)  # fmt: skip
PATHS = (
    "/", "/schools", "/schools/{}", "/cameras/{}", "/cameras/th-vinh-quynh-c2", "/gate-log",
    "/gate-log.csv", "/agents", "/static/{}", "/incidents", f"/incidents/{CUT}",
    "/incidents/{}", "/alerting/silences", "/alerting/rules", "/alerting/receivers",
    "/alerting/rotas", "/alerting/policies", "/alerting/channels", "/login", f"{API}/cameras",
    f"{API}/cameras/{{}}", f"{API}/cameras/{{}}/timeline",
    f"{API}/cameras/th-vinh-quynh-c2/timeline",
    f"{API}/cameras/th-vinh-quynh-c2/availability", f"{API}/gate-events",
    f"{API}/incidents", f"{API}/incidents/{{}}", f"{API}/coverage", f"{API}/sessions",
    f"{API}/{{}}", "/{}",
    "/cameras/{}/evidence", "/cameras/th-vinh-quynh-c2/evidence", "/cameras/{}/new-view",
    f"{API}/cameras/{{}}/evidence", f"{API}/cameras/th-vinh-quynh-c2/evidence/x/{{}}/before",
    "/cameras/th-vinh-quynh-c2/evidence/th-vinh-quynh-cong/{}/after.jpg",
)  # fmt: skip
FIELDS = (
    "q", "zoom", "day", "from", "to", "school", "gate", "text", "before", "limit", "state",
    "counted", "next", "piece", "asked", "which", "do", "edit", "sent",
)  # fmt: skip


async def test_no_junk_on_any_address_breaks_anything(program: aiohttp.ClientSession) -> None:
    rng = random.Random(11)
    for path in PATHS:
        for _ in range(22):
            words = {name: rng.choice(JUNK) for name in rng.sample(FIELDS, 3)}
            words = {k: v.encode("utf-8", "replace").decode() for k, v in words.items()}
            place = rng.choice(JUNK).encode("utf-8", "replace").decode().replace("/", "%2F")
            target = path.format(place or "x")
            async with program.get(target, params=words, allow_redirects=False) as answer:
                body = await answer.text()
                assert answer.status < 500, (target, words, body[:300])
                if target.startswith("/api/") and answer.status >= 400:
                    assert set((await answer.json())["error"]) >= {"code", "message"}
    assert await get(program, "/coverage")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_no_junk_in_any_body_breaks_anything(
    program: aiohttp.ClientSession, method: str
) -> None:
    bodies: tuple[bytes, ...] = (
        b"", b"{", b"[" * 60_000, b"\xff\xfe", b'{"name": 1}',
        b'{"name": "a", "password": "b", "c": 1}', b'{"name": "\\u0000", "password": "\\ud800"}',
        b"name=%ff&password=%00&next=%0d%0a", b"x" * 70_000,
    )  # fmt: skip
    form = "application/x-www-form-urlencoded"
    kinds = ("application/json", form, "multipart/form-data", "a/b", f"{form}; charset=nonsense")
    for path in (
        "/login",
        "/preferences",
        f"/incidents/{CUT}/silence",
        f"{API}/incidents/{CUT}/pause",
        "/alerting/rules",
        "/alerting/policies",
        f"{API}/alerting/rules/preview",
        f"{API}/sessions",
        "/cameras/th-vinh-quynh-c2/commands",
        f"{API}/cameras/th-vinh-quynh-c2/commands",
        "/",
        f"{API}/x",
    ):
        for body in bodies:
            for kind in kinds:
                async with program.request(
                    method, path, data=body, headers={"Content-Type": kind}, allow_redirects=False
                ) as answer:
                    assert answer.status < 500, (path, kind, body[:40], await answer.text())


async def test_the_stream_is_throttled_and_tells_of_the_last_change(
    site: Site, program: aiohttp.ClientSession
) -> None:
    lines: list[str] = []
    opened = asyncio.Event()

    async def listen() -> None:
        async with program.get("/events") as answer:
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            async for raw in answer.content:
                lines.append(raw.decode().strip())
                opened.set()

    listening = asyncio.create_task(listen())
    loop = asyncio.get_running_loop()
    await asyncio.wait_for(opened.wait(), 5)
    began = loop.time()
    while loop.time() - began < 2.2:
        site.changes.publish("agent/x")
        await asyncio.sleep(0.01)
    listening.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await listening
    assert 2 <= lines.count("event: change") <= 4


def test_a_page_is_told_only_of_what_it_shows() -> None:
    vinh_quynh = organisation().school("th-vinh-quynh")
    whole, log = Interest(), Interest(agents=False, gates=True)
    own = Interest(gates=True, school=vinh_quynh)
    for topic, told in (
        ("agent/s0-cong", (True, False, False)),
        ("agent/th-vinh-quynh-cong", (True, False, True)),
        ("gate/s0-g1", (False, True, False)),
        ("gate/th-vinh-quynh-g1", (False, True, True)),
        ("incidents", (True, True, True)),
        ("*", (True, True, True)),
        ("something new", (True, True, True)),
    ):
        assert tuple(i.concerns(topic) for i in (whole, log, own)) == told, topic


async def test_an_open_page_fetches_the_same_middle_as_a_whole_page(
    program: aiohttp.ClientSession,
) -> None:
    middle = []
    for head in ({}, {"HX-Request": "true"}, {"HX-Request": "true"}):
        async with program.get("/", headers=head) as answer:
            text = await answer.text()
            middle.append(text[text.index('<div id="live"') : text.index("</main>")])
            assert (USER in text[: text.index("<main")]) is not bool(head)
    plain = [re.sub(r'data-since="[^"]*">[^<]*', "", m) for m in middle]
    assert plain[1] == plain[2]
    assert len(plain[0]) == len(plain[1])


async def test_a_change_is_read_at_once_and_not_from_the_second_before(
    site: Site, program: aiohttp.ClientSession
) -> None:
    assert (await get(program, "/cameras/th-vinh-quynh-c5"))["state"] == "up"
    report = news(
        "th-vinh-quynh-c5", "th-vinh-quynh-cong", State.DOWN, Cause.STREAM_STALLED, site.now()
    )
    await site.store.commit([report])
    site.changes.publish("agent/th-vinh-quynh-cong")
    await asyncio.sleep(0)
    found = await get(program, "/cameras/th-vinh-quynh-c5")
    assert (found["state"], found["cause"]) == ("down", "stream.stalled")


async def test_news_that_another_process_took_in_is_found_without_being_told(
    site: Site, program: aiohttp.ClientSession
) -> None:
    assert (await get(program, "/cameras/th-vinh-quynh-c5"))["state"] == "up"
    await site.store.commit(
        [news("th-vinh-quynh-c5", "th-vinh-quynh-cong", State.DOWN, Cause.RTSP_BUSY, site.now())]
    )
    for _ in range(40):
        if (await get(program, "/cameras/th-vinh-quynh-c5"))["state"] == "down":
            break
        await asyncio.sleep(0.1)
    else:
        pytest.fail("the page kept what it had read before")


async def test_a_browser_that_leaves_before_it_is_answered_is_no_traceback(
    program: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def gone(_: web.StreamResponse, request: web.BaseRequest) -> None:
        if request.transport is not None:
            request.transport.close()
        raise ClientConnectionResetError("Cannot write to closing transport")

    monkeypatch.setattr(web.StreamResponse, "prepare", gone)
    with pytest.raises(aiohttp.ClientConnectionError):
        await program.get("/events")
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


async def test_the_server_stops_at_once_with_streams_open(
    site: Site, program: aiohttp.ClientSession
) -> None:
    answers = [await program.get("/events") for _ in range(5)]
    began = asyncio.get_running_loop().time()
    await site.stop()
    assert timedelta(seconds=asyncio.get_running_loop().time() - began) < timedelta(seconds=2)
    for answer in answers:
        answer.close()


def spoil(folder: Path) -> None:
    for file in folder.glob("web.db*"):
        file.write_bytes(b"no database " * 400)


async def test_a_broken_database_is_said_and_is_no_traceback(
    site: Site, tmp_path: Path, program: aiohttp.ClientSession
) -> None:
    await site.store.close()
    spoil(tmp_path)
    async with program.get(f"{API}/cameras") as answer:
        assert answer.status == 503, await answer.text()
        assert (await answer.json())["error"]["code"] == "unavailable"
    async with program.get("/login") as answer:
        assert answer.status == 503
        assert "máy tính trực cổng vẫn giữ" in await answer.text()
    async with program.get("/static/app.js") as answer:
        assert answer.status == 200
