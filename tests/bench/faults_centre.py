"""The centre of a faults run: Mosquitto, PostgreSQL and two servers, as a district has them."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from tests.bench.faults_service import Service
from tests.system.fault_proxy import FaultProxy
from tests.system.fixtures_server import Cluster, mosquitto_binary, postgres_bin

CONFIGS: Final = Path(__file__).parents[2] / "configs"
PASSWORD: Final = "faults-password"
OURS: Final = {"PYTHONPATH": str(CONFIGS.parent)}
_CAMERAS_EACH: Final = 4


def mosquitto(folder: Path, port: int, names: Sequence[str], log: Path) -> Service:
    """Return the broker with everybody's password and the shipped ACL."""
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
    return Service("mosquitto", command, folder, log, user="mosquitto")


def postgres(cluster: Cluster, log: Path) -> Service:
    """PostgreSQL that may be killed: its fsync is on, for what it calls committed must stay."""
    command = (str(postgres_bin() / "postgres"), "-D", "cluster", "-p", str(cluster.port))
    options = ("-k", str(cluster.folder), "-c", "listen_addresses=127.0.0.1")
    return Service("postgres", (*command, *options), cluster.folder, log, user="postgres")


def servers(folder: Path, lines: Mapping[str, FaultProxy], names: Sequence[str]) -> list[Service]:
    """Return two servers behind the faulty lines ``broker`` and ``database``."""
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
        secret = {"FAULTS_PASSWORD": PASSWORD, **OURS}
        log = folder / f"server-{number}.log"
        found.append(Service(f"server-{number}", command, folder, log, environment=secret))
    return found


def cameras_of(name: str) -> tuple[str, ...]:
    """Return the ids of an agent's cameras."""
    return tuple(f"{name}-cam-{n}" for n in range(_CAMERAS_EACH))


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
                for camera in cameras_of(name)
            ],
        }
        for name in names
    ]
    units = [{"id": "xa", "name": "Xã", "level": "xa", "parent": None}]
    return {"schema": "vonggac.units/1", "units": units, "schools": schools}
