"""What we hand out for Prometheus, against the real thing: promtool, and a server that scrapes."""

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
import yaml

from server.config import Metrics, Secret
from tests.system.fixtures_server import BOUND_S, free_port, wait_for_port
from tests.system.test_metrics import (
    CONFIGS,
    TOKEN,
    agent_running,
    expressions,
    scrape,
    set_metrics,
)
from tests.system.web_district import serve

FOLDER: Final = CONFIGS / "prometheus"


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip("Prometheus is not installed (tests/system/install.sh)")
    return found


def promtool(*arguments: str | Path, stdin: str = "") -> str:
    """Return what promtool says; it must be content."""
    done = subprocess.run(
        [tool("promtool"), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_every_alert_fires_when_it_must_and_not_otherwise() -> None:
    promtool("check", "rules", FOLDER / "rules.yaml")
    promtool("test", "rules", FOLDER / "rules_test.yaml")
    rules = yaml.safe_load((FOLDER / "rules.yaml").read_text(encoding="utf-8"))
    tests = yaml.safe_load((FOLDER / "rules_test.yaml").read_text(encoding="utf-8"))["tests"]
    wanted = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    asked = [one for test in tests for one in test["alert_rule_test"]]
    assert {one["alertname"] for one in asked if one.get("exp_alerts")} == wanted
    assert {one["alertname"] for one in asked if not one.get("exp_alerts")} == wanted


def configured(folder: Path, centre: str, agent: str) -> Path:
    """Return our example, asked of two addresses here, twice a second."""
    config = yaml.safe_load((FOLDER / "prometheus.yaml").read_text(encoding="utf-8"))
    of_centre, of_agent = config["scrape_configs"]
    (folder / "token").write_text(TOKEN, encoding="utf-8")
    of_centre["authorization"]["credentials_file"] = str(folder / "token")
    of_centre["scheme"] = "http"
    of_centre["static_configs"] = [{"targets": [centre]}]
    of_agent["static_configs"] = [{"targets": [agent]}]
    of_centre["scrape_interval"] = of_agent["scrape_interval"] = "500ms"
    config["global"] = {"evaluation_interval": "500ms"}
    shutil.copy(FOLDER / "rules.yaml", folder)
    file = folder / "prometheus.yaml"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    return file


@contextmanager
def prometheus(config: Path) -> Iterator[str]:
    """Run the real server; yield the address of its API."""
    port = free_port()
    command = [tool("prometheus"), f"--config.file={config}"]
    command += [f"--storage.tsdb.path={config.parent}/data"]
    command += [f"--web.listen-address=127.0.0.1:{port}"]
    with (config.parent / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=config.parent, stdout=log, stderr=log)
    try:
        wait_for_port(port, process)
        yield f"http://127.0.0.1:{port}/api/v1"
    finally:
        process.terminate()
        process.wait(BOUND_S)


async def asked(url: str, **query: str) -> Any:
    async with aiohttp.ClientSession() as http, http.get(url, params=query) as answer:
        told = await answer.json()
    assert told["status"] == "success", told
    return told["data"]


async def is_scraped(api: str) -> bool:
    """Tell whether both were scraped twice, and every rule was evaluated."""
    if (await scrape(f"{api.removesuffix('/api/v1')}/-/ready"))[0] != HTTPStatus.OK:
        return False
    counted = await asked(f"{api}/query", query="count_over_time(up[1m]) >= 2")
    groups = (await asked(f"{api}/rules"))["groups"]
    health = {rule["health"] for group in groups for rule in group["rules"]}
    return len(counted["result"]) == 2 and "unknown" not in health


async def until_scraped(api: str) -> None:
    end = time.monotonic() + BOUND_S
    while not await is_scraped(api):
        assert time.monotonic() < end, "Prometheus does not get its figures"
        await asyncio.sleep(0.1)


@asynccontextmanager
async def centre_and_agent(folder: Path) -> AsyncIterator[tuple[str, str]]:
    """Run both; yield where they are."""
    (folder / "district").mkdir()
    async with serve(folder / "district") as site, agent_running(folder) as agent:
        set_metrics(site, Metrics(token=Secret(TOKEN), per_camera=True))
        yield site.url.removeprefix("http://"), agent.removeprefix("http://")


async def test_a_real_prometheus_scrapes_both_and_can_ask_all_that_we_hand_out(
    tmp_path: Path,
) -> None:
    async with centre_and_agent(tmp_path) as (centre, agent):
        _, of_centre = await scrape(f"http://{centre}/metrics", Authorization=f"Bearer {TOKEN}")
        _, of_agent = await scrape(f"http://{agent}/metrics")
        for text in (of_centre, of_agent):
            assert promtool("check", "metrics", stdin=text) == ""
        file = configured(tmp_path, centre, agent)
        promtool("check", "config", file)
        with prometheus(file) as api:
            await until_scraped(api)
            targets = (await asked(f"{api}/targets"))["activeTargets"]
            assert [(t["health"], t["lastError"]) for t in targets] == [("up", "")] * 2
            groups = (await asked(f"{api}/rules"))["groups"]
            for rule in (rule for group in groups for rule in group["rules"]):
                assert (rule["health"], rule.get("lastError", "")) == ("ok", ""), rule
            for expression in expressions()["board"]:
                found = (await asked(f"{api}/query", query=expression))["result"]
                assert found, expression
                assert "NaN" not in json.dumps(found), expression
