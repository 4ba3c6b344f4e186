"""The whole way of a command, over real RTSP, MQTT and HTTP: a moved camera and its new view."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import aiohttp
import cv2
import numpy as np
import pytest
import yaml

from edge.agent import serve
from edge.cli import view
from edge.cli.main import main
from edge.clock import SystemClock
from edge.config import load
from edge.picture.judge import Finding, Judge
from edge.picture.picture import Luma, Picture
from server.clock import SystemClock as ServerClock
from server.storage import Role, hash_password
from sim.clips import ClipCache, ClipSpec
from sim.faults import Fault
from sim.fleet import CameraSpec, Fleet
from tests.system.centre import AGENT, SECRET, Centre, centre, configure

CAMERA, UNWATCHED = "c1-thvq-cong-chinh-1", "m1-mnhs-cong-1"
OFFICER, VIEWER, PASSWORD = "truc", "hoa", "mot mat khau rat dai"
API = "/api/v1"
BOUND_S = 40.0


class Telling(Judge):
    """The agent's own judge; a test hears what it finds."""

    heard: ClassVar[list[Finding]] = []

    def step(self, picture: Picture, at_ms: int) -> Finding:
        self.heard.append(super().step(picture, at_ms))
        return self.heard[-1]


async def has_learned() -> bool:
    return bool(Telling.heard) and not Telling.heard[-1].unchecked


@dataclass
class Scene:
    """A centre, an agent and its camera, all running."""

    centre: Centre
    fleet: Fleet
    config: Path
    url: str

    async def client(self, name: str) -> aiohttp.ClientSession:
        """Sign in over the API."""
        wanted = {"name": name, "password": PASSWORD}
        async with (
            aiohttp.ClientSession(self.url) as client,
            client.post(f"{API}/sessions", json=wanted) as answer,
        ):
            token = (await answer.json())["token"]
        return aiohttp.ClientSession(self.url, headers={"Authorization": f"Bearer {token}"})


@contextlib.asynccontextmanager
async def running(folder: Path, clips: Path) -> AsyncIterator[Scene]:
    clip = ClipSpec(width=320, height=180)
    fleet = Fleet([CameraSpec(id="c1", clip=clip)], cache=ClipCache(clips))
    await fleet.start()
    async with centre(configure(folder)) as found:
        for name, role in ((OFFICER, Role.OFFICER), (VIEWER, Role.VIEWER)):
            encoded = hash_password(PASSWORD)
            await found.store.create_user(name, encoded, now=ServerClock().now(), role=role)
        config = edge_config(folder, found.mqtt_port, fleet.url("c1"))
        async with agent(config):
            url = found.said[-1].split()[2]
            yield Scene(found, fleet, config, url)
    await fleet.stop()


def edge_config(folder: Path, mqtt_port: int, url: str) -> Path:
    content = {
        "schema": "vonggac.edge/1",
        "agent": AGENT,
        "data_dir": "edge",
        "centre": {"url": f"mqtt://127.0.0.1:{mqtt_port}", "password": SECRET},
        "watch": {"picture_every_s": 1, "confirm_s": 0.5},
        "watermark_every_s": 1,
        "cameras": [{"id": CAMERA, "url": url}],
    }
    path = folder / "edge.yaml"
    path.write_text(yaml.safe_dump(content), "utf-8")
    return path


@contextlib.asynccontextmanager
async def agent(config: Path) -> AsyncIterator[None]:
    stop = asyncio.Event()
    runs = serve(load(config), clock=SystemClock(), version=version("vonggac"), stop=stop)
    task = asyncio.create_task(runs)
    try:
        yield
    finally:
        stop.set()
        await task


async def said(client: aiohttp.ClientSession, state: str, cause: str | None) -> None:
    """Wait until the centre says this of the camera."""

    async def now() -> bool:
        found = await get(client, f"/cameras/{CAMERA}")
        return (found["state"], found["cause"]) == (state, cause)

    await until(now, f"{state} {cause}")


async def until(true: Callable[[], Any], what: str) -> Any:
    for _ in range(int(BOUND_S / 0.1)):
        if found := await true():
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"not within {BOUND_S} s: {what}")


async def get(client: aiohttp.ClientSession, path: str) -> Any:
    async with client.get(API + path) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def command(client: aiohttp.ClientSession, verb: str, camera: str = CAMERA) -> int:
    async with client.post(f"{API}/cameras/{camera}/commands", json={"verb": verb}) as answer:
        return answer.status


async def picture(client: aiohttp.ClientSession, address: str) -> Luma:
    async with client.get(address) as answer:
        assert answer.status == 200, await answer.text()
        content = np.frombuffer(await answer.read(), np.uint8)
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_GRAYSCALE), np.uint8)


async def test_a_moved_camera_is_seen_before_and_after_and_learns_its_new_view(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("edge.agent.serve"), "Judge", Telling)
    clips = tmp_path_factory.getbasetemp() / "clips"
    async with (
        running(tmp_path, clips) as scene,
        await scene.client(OFFICER) as officer,
        await scene.client(VIEWER) as viewer,
    ):
        await until(has_learned, "the view is learned")
        await said(officer, "up", None)
        assert await get(officer, f"/cameras/{CAMERA}/evidence") == {"camera": CAMERA, "pieces": []}
        scene.fleet.set_fault("c1", Fault.MOVED)
        await said(officer, "degraded", "picture.moved")
        async with officer.get(f"/cameras/{CAMERA}") as page:
            assert "Đây là hướng nhìn mới" in await page.text()
        await see_evidence(officer, viewer)
        assert await command(viewer, "new_view") == 403
        assert await command(officer, "new_view", UNWATCHED) == 503
        assert await command(officer, "new_view") == 200
        await said(officer, "up", None)
        assert await command(officer, "look") == 200
        kept = (await get(officer, f"/cameras/{CAMERA}/evidence"))["pieces"]
        assert [piece["cause"] for piece in kept] == [None, "picture.moved"]
        await look_at_audit(scene)
        asked = ["new-view", CAMERA, "--config", str(scene.config), "--lang", "en"]
        assert await asyncio.to_thread(main, asked) == 0
        assert await asyncio.to_thread(main, ["new-view", "roof", *asked[2:]]) == 64
    assert (tmp_path / "edge" / "references" / f"camera-{CAMERA}.ref").is_file()


async def see_evidence(officer: aiohttp.ClientSession, viewer: aiohttp.ClientSession) -> None:
    """The pictures show two views; whoever may not see them does not."""
    (piece,) = (await get(officer, f"/cameras/{CAMERA}/evidence"))["pieces"]
    assert (piece["agent"], piece["cause"]) == (AGENT, "picture.moved")
    before, after = await picture(officer, piece["before"]), await picture(officer, piece["after"])
    assert before.shape == after.shape == (180, 320)
    assert float(np.mean(cv2.absdiff(before, after))) > 20
    for path in (piece["before"], piece["after"], f"{API}/cameras/{CAMERA}/evidence"):
        async with viewer.get(path) as answer:
            assert answer.status == 403


async def look_at_audit(scene: Scene) -> None:
    """Who did what stands in the database; what was refused to the viewer was never asked for."""
    actions = ("look", "new_view", "evidence", "evidence_picture")
    deeds = await scene.centre.store.deeds(CAMERA, actions=actions)
    assert [(deed.person, deed.action, deed.outcome) for deed in reversed(deeds)] == [
        (OFFICER, "evidence", "done"),
        (OFFICER, "evidence", "done"),
        (OFFICER, "evidence_picture", "done"),
        (OFFICER, "evidence_picture", "done"),
        (OFFICER, "new_view", "done"),
        (OFFICER, "look", "done"),
        (OFFICER, "evidence", "done"),
    ]


def test_without_an_agent_the_command_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(view, "_WAIT_S", 0.3)
    config = edge_config(tmp_path, 1, "rtsp://127.0.0.1:1/x")
    asked = ["new-view", CAMERA, "--config", str(config)]
    assert main(asked) == 1
    (tmp_path / "edge" / "letterbox").mkdir(parents=True)
    assert main(asked) == 1
    assert capsys.readouterr().err.count("không trả lời") == 2
    assert list((tmp_path / "edge" / "letterbox").iterdir()) == []
