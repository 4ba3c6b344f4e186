"""Real processes for a faults run: broker, database, servers, agents, and a faulty line to each."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from tests.bench.faults_centre import OURS, PASSWORD, cameras_of, mosquitto, postgres, servers
from tests.bench.faults_service import Service
from tests.system.fault_proxy import FaultProxy
from tests.system.fixtures_server import Cluster, folder_of, free_port

TOKEN: Final = "faults-gate-token"
_BOUND_S: Final = 30.0
_LOOK_EVERY_S: Final = 1.0
_TMPFS_BYTES: Final = 12 * 1024 * 1024
_CHUNK: Final = 65536


@dataclass(eq=False)
class GatePc:
    """An agent, its line to the broker, and where its gate's events are posted."""

    service: Service
    line: FaultProxy
    name: str
    gate: str
    url: str
    cameras: tuple[str, ...]
    clock: Path
    journal: Path
    data_dir: Path
    small_disk: Path | None = None


@dataclass(eq=False)
class District:
    """All processes of a run. ``lines`` are the proxies by what they lead to."""

    broker: Service
    database: Service
    servers: list[Service]
    agents: list[GatePc]
    lines: dict[str, FaultProxy]
    database_url: str

    @property
    def ours(self) -> list[Service]:
        return [*self.servers, *(a.service for a in self.agents)]

    @property
    def services(self) -> list[Service]:
        return [self.broker, self.database, *self.ours]

    def heal(self) -> None:
        """End every fault: all run, all lines flow, all clocks are right, no disk is full."""
        for service in self.services:
            service.send(signal.SIGCONT)
        for proxy in (*self.lines.values(), *(a.line for a in self.agents)):
            proxy.mend()
        for agent in self.agents:
            agent.clock.write_text("0", "ascii")
            fill(agent, full=False)

    async def keep_up(self) -> None:
        """Start again whatever ended by itself, as systemd does; what was killed stays dead."""
        while True:
            for service in self.services:
                if service.look():
                    service.start()
            await asyncio.sleep(_LOOK_EVERY_S)


def fill(agent: GatePc, *, full: bool) -> None:
    """Fill the agent's small disk to the last byte, or make room again."""
    if agent.small_disk is None:
        return
    ballast = agent.small_disk / "ballast"
    if not full:
        ballast.unlink(missing_ok=True)
        return
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * _CHUNK)


@asynccontextmanager
async def district(
    folder: Path, plan: Mapping[str, int], *, agents: int
) -> AsyncIterator[District]:
    """Start everything; end everything."""
    async with AsyncExitStack() as stack:
        for_postgres = stack.enter_context(folder_of("postgres"))
        for_broker = stack.enter_context(folder_of("mosquitto"))
        cluster = Cluster(for_postgres)
        broker_port = free_port()
        lines = {
            "broker": await stack.enter_async_context(FaultProxy(broker_port)),
            "database": await stack.enter_async_context(FaultProxy(cluster.port)),
        }
        names = [f"gate-{n}" for n in range(agents)]
        pcs = [await _gate_pc(folder, stack, name, broker_port, plan) for name in names]
        pcs[0].small_disk = _small_disk(pcs[0].data_dir, stack)
        where = District(
            broker=mosquitto(for_broker, broker_port, names, folder / "mosquitto.log"),
            database=postgres(cluster, folder / "postgres.log"),
            servers=servers(folder, lines, names),
            agents=pcs,
            lines=lines,
            database_url=cluster.url(),
        )
        stack.push_async_callback(_end, where)
        for service in where.services:
            service.start()
            if service is where.database:
                await _answers(cluster.port)
            if service in where.servers:
                await _says(service, "connected to the MQTT broker")
        keeping = asyncio.create_task(where.keep_up())
        try:
            yield where
        finally:
            keeping.cancel()


async def _end(where: District) -> None:
    where.heal()
    await asyncio.gather(*(service.end() for service in where.ours))
    await asyncio.gather(where.broker.end(), where.database.end(signal.SIGINT))


async def _gate_pc(
    folder: Path, stack: AsyncExitStack, name: str, broker_port: int, plan: Mapping[str, int]
) -> GatePc:
    line = await stack.enter_async_context(FaultProxy(broker_port))
    own = folder / name
    (own / "var").mkdir(parents=True)
    port = free_port()
    settings = {
        "schema": "vonggac.edge/1",
        "agent": name,
        "data_dir": str(own / "var"),
        "language": "vi",
        "centre": {"url": f"mqtt://127.0.0.1:{line.port}", "password": "${FAULTS_PASSWORD}"},
        "gate_input": {"listen": f"127.0.0.1:{port}", "token": "${FAULTS_TOKEN}"},
        "watermark_every_s": 10,
        "cameras": [{"id": c, "name": c, "url": "rtsp://127.0.0.1:9/x"} for c in cameras_of(name)],
    }
    path = own / "edge.yaml"
    path.write_text(yaml.safe_dump(settings), "utf-8")
    journal = own / "journal"
    module = "tests.bench.faults_agent"
    command = (sys.executable, "-m", module, str(path), json.dumps(dict(plan)), f"{journal}.{{n}}")
    secrets = {"FAULTS_PASSWORD": PASSWORD, "FAULTS_TOKEN": TOKEN, **OURS}
    clock = path.with_suffix(".clock")
    clock.write_text("0", "ascii")
    return GatePc(
        service=Service(name, command, folder, folder / f"{name}.log", environment=secrets),
        line=line,
        name=name,
        gate=f"{name}-cong",
        url=f"http://127.0.0.1:{port}/v1/gate-events",
        cameras=cameras_of(name),
        clock=clock,
        journal=journal,
        data_dir=own / "var",
    )


def _small_disk(folder: Path, stack: AsyncExitStack) -> Path | None:
    """Mount a small tmpfs on the agent's data folder, where that is allowed."""
    size = f"size={_TMPFS_BYTES}"
    mount = ("mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder))
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        return None
    stack.callback(subprocess.run, ("umount", "-l", str(folder)), check=False)
    return folder


async def _answers(port: int) -> None:
    for _ in range(int(_BOUND_S / 0.1)):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            await asyncio.sleep(0.5)
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"nothing listens on {port}")


async def _says(service: Service, text: str) -> None:
    for _ in range(int(_BOUND_S / 0.1)):
        if text in service.log.read_text("utf-8"):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{service.name} never said {text!r}: {service.log.read_text('utf-8')}")
