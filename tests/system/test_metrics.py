"""Real scrapes of a centre and an agent, and every name in the example rules and the dashboard."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio
import yaml
from prometheus_client.parser import text_string_to_metric_families

from edge.agent import serve as serve_agent
from edge.clock import SystemClock
from edge.config import load as load_edge
from server.config import Channel, Metrics, Secret, Telegram
from server.domain.paging.people import Call, Occasion, Way
from server.storage import UnavailableError
from server.web import metricsroutes
from tests.system.fixtures_server import free_port
from tests.system.web_district import Site, serve

CONFIGS = Path(__file__).resolve().parents[2] / "configs"
TOKEN = "a-token-of-twenty-characters"
NAME = re.compile(r"\bvonggac_\w+|\bprocess_\w+")
_CHANNEL = Channel(name="nhom", way=Telegram(token=Secret("1:x"), chat="-1"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with serve(tmp_path_factory.mktemp("district")) as opened:
        yield opened


def set_metrics(site: Site, metrics: Metrics | None) -> None:
    config = site.deps.config
    alerts = replace(config.alerts, channels={"nhom": _CHANNEL})
    changed = replace(config, http=replace(config.http, metrics=metrics), alerts=alerts)
    object.__setattr__(site.deps, "config", changed)


async def scrape(url: str, **headers: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as answer:
        return answer.status, await answer.text()


async def first_line(url: str, request: str) -> bytes:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(request.encode())
    line = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    return line


Samples = dict[tuple[str, ...], float]


def samples(text: str) -> Samples:
    return {
        (s.name, *s.labels.values()): s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
    }


@pytest.mark.asyncio(loop_scope="module")
async def test_a_centre_tells_how_it_is(site: Site) -> None:
    set_metrics(site, Metrics())
    status, text = await scrape(f"{site.url}/metrics")
    assert status == 200
    found = samples(text)
    assert found["vonggac_database_up",] == 1
    assert found["vonggac_cameras", "down"] == 5
    assert sum(v for k, v in found.items() if k[0] == "vonggac_agents") == 12
    assert found["vonggac_letters_waiting", "nhom"] == 0
    assert found["vonggac_incidents_open", "urgent"] >= 1
    assert not any(k[0] == "vonggac_camera_state" for k in found)
    set_metrics(site, Metrics(per_camera=True))
    each = samples((await scrape(f"{site.url}/metrics"))[1])
    assert sum(1 for k in each if k[0] == "vonggac_camera_state") == 73


def call(name: str, at: datetime) -> Call:
    return Call(
        id=name,
        incident=None,
        occasion=Occasion.TEST,
        receiver="r",
        way=Way(channel="nhom"),
        language="vi",
        at=at,
    )


@pytest.mark.asyncio(loop_scope="module")
async def test_letters_that_wait_and_that_never_left(site: Site) -> None:
    set_metrics(site, Metrics())
    now, store = site.deps.clock.now(), site.deps.store
    ages = {"old": -90, "new": -30, "later": 3600, "lost": -60}
    calls = [call(name, now + timedelta(seconds=s)) for name, s in ages.items()]
    await store.put_letters(calls, bodies={}, now=now)
    (lost,) = [one for one in await store.letters_due(now=now) if one.id == "lost"]
    await store.letter_tried(lost, ok=False, detail="HTTP 403", now=now, next_at=None)
    found = samples((await scrape(f"{site.url}/metrics"))[1])
    assert found["vonggac_letters_waiting", "nhom"] == 2
    assert 90 <= found["vonggac_letters_oldest_wait_seconds", "nhom"] < 150
    assert found["vonggac_letters_given_up", "nhom"] == 1
    await store.settle_letters(["old", "new", "later"], outcome="over", now=now)


@pytest.mark.asyncio(loop_scope="module")
async def test_who_may_ask(site: Site) -> None:
    url = f"{site.url}/metrics"
    set_metrics(site, None)
    assert (await scrape(url))[0] == 404
    set_metrics(site, Metrics())
    assert (await scrape(url, Host="localhost:8080"))[0] == 200
    for sign in ("X-Forwarded-For", "Forwarded", "x-forwarded-proto", "X-Real-IP", "Via"):
        assert (await scrape(url, **{sign: "203.0.113.7"}))[0] == 403, sign
    for host in ("camera.example.vn", "127.0.0.1.example.vn", "10.0.0.7:8080", "[::1"):
        assert (await scrape(url, Host=host))[0] in {400, 403}, host
    for host in ("", "Host: localhost"):  # as nginx asks, where nobody told it otherwise
        assert b" 403 " in await first_line(url, f"GET /metrics HTTP/1.0\r\n{host}\r\n\r\n")
    set_metrics(site, Metrics(token=Secret(TOKEN)))
    for wrong in ({}, {"Authorization": "Bearer ễ"}, {"Authorization": f"Basic {TOKEN}"}):
        assert (await scrape(url, **wrong))[0] == 403
    assert (await scrape(url, Authorization=f"Bearer {TOKEN}"))[0] == 200


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("frozen", [False, True])
async def test_a_database_that_is_away_is_a_figure(
    site: Site, monkeypatch: pytest.MonkeyPatch, *, frozen: bool
) -> None:
    async def away(*_: object, **__: object) -> None:
        if frozen:
            await asyncio.sleep(60)
        raise UnavailableError("away")

    set_metrics(site, Metrics())
    monkeypatch.setattr(metricsroutes, "_WITHIN_S", 0.5)
    monkeypatch.setattr(site.deps.store, "letters_waiting", away, raising=False)
    status, text = await scrape(f"{site.url}/metrics")
    assert status == 200
    assert samples(text)["vonggac_database_up",] == 0


EDGE = """
schema: vonggac.edge/1
agent: a1
data_dir: data
centre: {{url: "mqtt://127.0.0.1:{port}", password: x}}
gate_input: {{listen: "127.0.0.1:{own}", token: a-token-of-sixteen}}
"""


@asynccontextmanager
async def agent_running(folder: Path) -> AsyncIterator[str]:
    """Run an agent that has no centre; yield its address."""
    own = free_port()
    file = folder / "edge.yaml"
    file.write_text(EDGE.format(port=free_port(), own=own), encoding="utf-8")
    stop, started = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(
        serve_agent(
            load_edge(file, environment={}),
            clock=SystemClock(),
            version="1",
            stop=stop,
            on_started=lambda _: started.set(),
        )
    )
    try:
        await asyncio.wait_for(started.wait(), 30)
        yield f"http://127.0.0.1:{own}"
    finally:
        stop.set()
        await running


def expressions() -> dict[str, list[str]]:
    """Return what the examples ask, by file."""
    rules = yaml.safe_load((CONFIGS / "prometheus" / "rules.yaml").read_text(encoding="utf-8"))
    board = json.loads((CONFIGS / "grafana" / "vonggac.json").read_text(encoding="utf-8"))
    return {
        "rules": [rule["expr"] for group in rules["groups"] for rule in group["rules"]],
        "board": [t["expr"] for panel in board["panels"] for t in panel["targets"]],
    }


@pytest.mark.asyncio(loop_scope="module")
async def test_every_name_in_the_examples_and_the_documents_is_scraped(
    site: Site, tmp_path: Path
) -> None:
    set_metrics(site, Metrics(per_camera=True))
    centre = samples((await scrape(f"{site.url}/metrics"))[1])
    async with agent_running(tmp_path) as url:
        agent = samples((await scrape(f"{url}/metrics"))[1])
    assert agent["vonggac_edge_broker_connected",] == 0
    later = {"vonggac_edge_ack_age_seconds", "vonggac_edge_clock_offset_seconds"}  # once heard
    there = {k[0] for k in [*centre, *agent]} | later
    for file, asked in expressions().items():
        assert asked, file
        for expression in asked:
            assert set(NAME.findall(expression)) <= there, expression
            assert expression.count("(") == expression.count(")")
    written = NAME.findall((CONFIGS.parent / "docs" / "metrics.md").read_text(encoding="utf-8"))
    told = {n for n in written if n != "process_"}
    assert told <= there
    assert {n for n in there if n.startswith("vonggac_")} <= told


def test_the_rules_have_prometheus_shape() -> None:
    text = (CONFIGS / "prometheus" / "rules.yaml").read_text(encoding="utf-8")
    groups: list[dict[str, Any]] = yaml.safe_load(text)["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert re.fullmatch(r"\d+[smh]", rule.get("for", "0s"))
        assert rule["labels"]["severity"] in {"urgent", "normal"}
        assert rule["annotations"]["summary"]
