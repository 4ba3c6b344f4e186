"""A whole centre for tests: its configuration, in this process or as a child of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import yaml

from server import app
from server.clock import SystemClock
from server.config import load
from server.storage import Store
from tests.system.agents import Peer, until

EXAMPLES = Path(__file__).parents[2] / "configs"
AGENT = "c1-thvq-cong"
GATE = "thvq-cong-chinh"
OTHERS_GATE = "mnhs-cong-chinh"
SECRET = "s" * 43


def configure(folder: Path, **changes: object) -> Path:
    """Write the example configuration with changes; every port is free."""
    settings = yaml.safe_load((EXAMPLES / "server.example.yaml").read_text("utf-8"))
    settings |= {
        "data_dir": str(folder / "var"),
        "units": str(EXAMPLES / "units.example.yaml"),
        "plan": str(EXAMPLES / "plan.example.yaml"),
        "http": {"listen": "127.0.0.1:0"},
        "mqtt": {"embedded": {"listen": "127.0.0.1:0"}},
    }
    path = folder / "server.yaml"
    path.write_text(yaml.safe_dump(settings | changes, allow_unicode=True), "utf-8")
    return path


@asynccontextmanager
async def centre(path: Path) -> AsyncIterator["Centre"]:
    """A centre in this process; a second store looks at its database from outside."""
    configuration = load(path)
    said: list[str] = []
    async with app.running(configuration, clock=SystemClock(), say=said.append):
        outside = await Store.open(configuration.server.database.reveal())
        try:
            await outside.set_agent_secret(AGENT, SECRET, now=SystemClock().now())
            yield Centre(said, outside)
        finally:
            await outside.close()


class Centre:
    """What a test asks a running centre."""

    def __init__(self, said: list[str], store: Store) -> None:
        self.said = said
        self.store = store
        self.mqtt_port = int(said[-1].rsplit(":", 1)[1])

    async def agent(self, *, subscribe: bool = True) -> Peer:
        peer = Peer(AGENT, SECRET)
        assert await peer.connect(self.mqtt_port) == "Success"
        if subscribe:
            await peer.subscribe(f"vg/1/{AGENT}/ack")
        return peer


class Child:
    """``vonggac-server run`` as a process of its own."""

    def __init__(self, path: Path) -> None:
        self._log = path.with_suffix(".log")
        self._log.unlink(missing_ok=True)
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server.cli", "run", "--config", str(path)],
                stdout=log,
                stderr=log,
                cwd=EXAMPLES.parent,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8")

    async def ready(self) -> None:
        await until(lambda: "connected to the MQTT broker" in self.log, self.log, 20)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(15)


def command(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run one command of the server's command line."""
    return subprocess.run(
        [sys.executable, "-m", "server.cli", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=30,
        cwd=EXAMPLES.parent,
        check=False,
    )
