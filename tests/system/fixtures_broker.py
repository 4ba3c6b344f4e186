"""Mosquitto as a centre runs it: passwords, the shipped ACL, with TLS or without."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.system.fixtures_server import folder_of, free_port, mosquitto_binary, running

CONFIGS = Path(__file__).parents[2] / "configs"


@dataclass(frozen=True, slots=True)
class TlsBroker:
    """A running broker and the certificate that signed its own."""

    port: int
    ca_file: Path


def run(*command: str, cwd: Path) -> None:
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, timeout=30)


def make_certificates(folder: Path, *, days: int = 400, name: str = "IP:127.0.0.1") -> None:
    """Make ``ca.pem`` and a ``server.pem`` with its key that is good for ``days``."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    run("openssl", "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem",
        "-subj", "/CN=test ca", "-days", "500", cwd=folder)  # fmt: skip
    run("openssl", "req", *key, "-keyout", "server.key", "-out", "server.csr",
        "-subj", "/CN=broker", cwd=folder)  # fmt: skip
    (folder / "san").write_text(f"subjectAltName={name}", "utf-8")
    run("openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
        "-CAcreateserial", "-out", "server.pem", "-days", str(days), "-extfile", "san",
        cwd=folder)  # fmt: skip


@contextmanager
def tls_broker(users: dict[str, str], *, acl: str | None = None) -> Iterator[TlsBroker]:
    """Run Mosquitto with ``configs/mosquitto`` as it stands, but for the port (and the ACL)."""
    binary = mosquitto_binary()
    with folder_of("mosquitto") as folder:
        port = free_port()
        text = (CONFIGS / "mosquitto" / "mosquitto.conf").read_text("utf-8")
        assert "listener 8883\n" in text
        (folder / "mosquitto.conf").write_text(
            text.replace("listener 8883\n", f"listener {port} 127.0.0.1\n"), "utf-8"
        )
        make_certificates(folder)
        let_in(folder, users, acl)
        with running(binary, "-c", "mosquitto.conf", port=port, user="mosquitto", cwd=folder):
            yield TlsBroker(port, folder / "ca.pem")


@contextmanager
def plain_broker(users: dict[str, str]) -> Iterator[int]:
    """Run Mosquitto with ``configs/docker/mosquitto.conf`` (no TLS); yield its port."""
    binary = mosquitto_binary()
    with folder_of("mosquitto") as folder:
        port = free_port()
        text = (CONFIGS / "docker" / "mosquitto.conf").read_text("utf-8")
        for shipped, here in (
            ("listener 1883\n", f"listener {port} 127.0.0.1\n"),
            ("/secrets/passwd\n", "passwd\n"),
            ("/mosquitto/config/acl\n", "acl\n"),
        ):
            assert shipped in text
            text = text.replace(shipped, here)
        (folder / "mosquitto.conf").write_text(text, "utf-8")
        let_in(folder, users, None)
        with running(binary, "-c", "mosquitto.conf", port=port, user="mosquitto", cwd=folder):
            yield port


def let_in(folder: Path, users: dict[str, str], acl: str | None) -> None:
    """Write who may come in, and what they may do: as shipped, or ``acl``."""
    shipped = (CONFIGS / "mosquitto" / "acl").read_text("utf-8")
    (folder / "acl").write_text(shipped if acl is None else acl, "utf-8")
    for user, password in users.items():
        flags = ("-b",) if (folder / "passwd").exists() else ("-c", "-b")
        run("mosquitto_passwd", *flags, "passwd", user, password, cwd=folder)
    for path in folder.iterdir():
        path.chmod(0o644)
