"""Real processes for a faults run: broker, database, servers, agents, and a faulty line to each."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from tests.system.fault_proxy import FaultProxy
from tests.system.fixtures_server import (
    Cluster,
    _as_nobody_special,
    folder_of,
    free_port,
    mosquitto_binary,
    postgres_bin,
)

CONFIGS: Final = Path(__file__).parents[2] / "configs"
TOKEN: Final = "faults-gate-token"
PASSWORD: Final = "faults-password"
CAMERAS_EACH: Final = 4
_OURS: Final = {"PYTHONPATH": str(CONFIGS.parent)}
_BOUND_S: Final = 30.0
_TMPFS_BYTES: Final = 12 * 1024 * 1024


@dataclass(eq=False)
class Service:
    """One program that is killed, stopped and started again. ``kills_ms``: when, in real time."""

    name: str
    command: Sequence[str]
    cwd: Path
    user: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    kills_ms: list[int] = field(default_factory=list)

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start, unless it runs."""
        if self.runs:
            return
        command = [part.replace("{n}", str(self.starts)) for part in self.command]
        self.starts += 1
        who: Mapping[str, Any] = _as_nobody_special(self.user) if self.user else {}
        with (self.cwd / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.cwd,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.environment},
                **who,
            )

    def send(self, number: signal.Signals) -> None:
        """Signal it, if it runs."""
        if self.runs and self.process is not None:
            if number is signal.SIGKILL:
                self.kills_ms.append(time.time_ns() // 1_000_000)
            self.process.send_signal(number)
            if number is signal.SIGKILL:
                self.process.wait(_BOUND_S)

    async def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait."""
        self.send(signal.SIGCONT)
        self.send(number)
        if self.process is not None:
            try:
                await asyncio.to_thread(self.process.wait, _BOUND_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


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
    has_small_disk: bool

    @property
    def services(self) -> list[Service]:
        return [self.broker, self.database, *self.servers, *(a.service for a in self.agents)]

    def heal(self) -> None:
        """End every fault: all run, all lines flow, all clocks are right, no disk is full."""
        for service in self.services:
            service.send(signal.SIGCONT)
        for proxy in (*self.lines.values(), *(a.line for a in self.agents)):
            proxy.mend()
        for agent in self.agents:
            agent.clock.write_text("0", "ascii")
            fill(agent, full=False)


def fill(agent: GatePc, *, full: bool) -> None:
    """Fill the agent's small disk to the last byte, or make room again."""
    if agent.small_disk is None:
        return
    ballast = agent.small_disk / "ballast"
    if not full:
        ballast.unlink(missing_ok=True)
        return
    with ballast.open("wb") as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 65536)
            file.flush()


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
        broker = _broker(for_broker, broker_port, names)
        database = _database(cluster)
        servers = _servers(folder, lines, names)
        pcs = [await _gate_pc(folder, stack, name, broker_port, plan) for name in names]
        pcs[0].small_disk = _small_disk(folder / names[0] / "var", stack)
        where = District(
            broker=broker,
            database=database,
            servers=servers,
            agents=pcs,
            lines=lines,
            database_url=cluster.url(),
            has_small_disk=pcs[0].small_disk is not None,
        )
        stack.push_async_callback(_end, where)
        for service in where.services:
            service.start()
            if service is database:
                await _answers(cluster.port)
            if service in servers:
                await _says(service, "connected to the MQTT broker")
        yield where


async def _end(where: District) -> None:
    where.heal()
    for service in reversed(where.services):
        await service.end(signal.SIGINT if service is where.database else signal.SIGTERM)


def _broker(folder: Path, port: int, names: Sequence[str]) -> Service:
    (folder / "acl").write_text((CONFIGS / "mosquitto" / "acl").read_text("utf-8"), "utf-8")
    for user in ("vonggac-server", *names):
        flags = ("-b",) if (folder / "passwd").exists() else ("-c", "-b")
        subprocess.run(
            ("mosquitto_passwd", *flags, "passwd", user, PASSWORD), cwd=folder, check=True
        )
    (folder / "mosquitto.conf").write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file passwd\nacl_file acl\n"
        "max_packet_size 270336\nmax_queued_messages 1000000\nmax_queued_bytes 268435456\n"
        "max_inflight_messages 1000\n",
        "utf-8",
    )
    for path in folder.iterdir():
        path.chmod(0o644)
    command = (mosquitto_binary(), "-c", "mosquitto.conf")
    return Service("mosquitto", command, folder, user="mosquitto")


def _database(cluster: Cluster) -> Service:
    """PostgreSQL that may be killed: its fsync is on, for what it calls committed must stay."""
    command = (str(postgres_bin() / "postgres"), "-D", "cluster", "-p", str(cluster.port))
    options = ("-k", str(cluster.folder), "-c", "listen_addresses=127.0.0.1")
    return Service("postgres", (*command, *options), cluster.folder, user="postgres")


def _servers(folder: Path, lines: Mapping[str, FaultProxy], names: Sequence[str]) -> list[Service]:
    (folder / "units.yaml").write_text(yaml.safe_dump(_units(names), allow_unicode=True), "utf-8")
    found = []
    for number in range(2):
        settings = {
            "schema": "vonggac.server/1",
            "data_dir": str(folder / f"server-{number}"),
            "database": f"postgresql://vonggac@127.0.0.1:{lines['database'].port}/postgres",
            "units": str(folder / "units.yaml"),
            "plan": str(CONFIGS / "plan.example.yaml"),
            "http": {"listen": "127.0.0.1:0"},
            "mqtt": {
                "broker": {
                    "url": f"mqtt://127.0.0.1:{lines['broker'].port}",
                    "user": "vonggac-server",
                    "password": "${FAULTS_PASSWORD}",
                }
            },
            "language": "vi",
        }
        path = folder / f"server-{number}.yaml"
        path.write_text(yaml.safe_dump(settings), "utf-8")
        command = (sys.executable, "-m", "server.cli", "run", "--config", str(path))
        secret = {"FAULTS_PASSWORD": PASSWORD, **_OURS}
        found.append(Service(f"server-{number}", command, folder, environment=secret))
    return found


def _units(names: Sequence[str]) -> dict[str, Any]:
    schools = [
        {
            "id": f"truong-{name}",
            "name": f"Trường {name}",
            "kind": "tieu_hoc",
            "unit": "xa",
            "zones": [{"id": "cong", "name": "Cổng", "kind": "cong_truong"}],
            "gates": [{"id": f"{name}-cong", "name": "Cổng", "zone": "cong"}],
            "agents": [{"id": name, "name": "Máy cổng", "gates": [f"{name}-cong"]}],
            "cameras": [
                {"id": camera, "name": camera, "zone": "cong", "agent": name}
                for camera in _cameras(name)
            ],
        }
        for name in names
    ]
    units = [{"id": "xa", "name": "Xã", "level": "xa", "parent": None}]
    return {"schema": "vonggac.units/1", "units": units, "schools": schools}


def _cameras(name: str) -> tuple[str, ...]:
    return tuple(f"{name}-cam-{n}" for n in range(CAMERAS_EACH))


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
        "cameras": [{"id": c, "name": c, "url": "rtsp://127.0.0.1:9/x"} for c in _cameras(name)],
    }
    path = own / "edge.yaml"
    path.write_text(yaml.safe_dump(settings), "utf-8")
    journal = own / "journal"
    module = "tests.bench.faults_agent"
    command = (sys.executable, "-m", module, str(path), json.dumps(dict(plan)), f"{journal}.{{n}}")
    secrets = {"FAULTS_PASSWORD": PASSWORD, "FAULTS_TOKEN": TOKEN, **_OURS}
    service = Service(name, command, folder, environment=secrets)
    clock = path.with_suffix(".clock")
    clock.write_text("0", "ascii")
    return GatePc(
        service=service,
        line=line,
        name=name,
        gate=f"{name}-cong",
        url=f"http://127.0.0.1:{port}/v1/gate-events",
        cameras=_cameras(name),
        clock=clock,
        journal=journal,
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
    log = service.cwd / f"{service.name}.log"
    for _ in range(int(_BOUND_S / 0.1)):
        if text in log.read_text("utf-8"):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{service.name} never said {text!r}: {log.read_text('utf-8')}")
