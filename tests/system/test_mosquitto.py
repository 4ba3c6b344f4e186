"""The production broker with the shipped configuration: isolation, TLS, and the whole way."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.pure.server.reports import item, passage, uuid
from tests.system.agents import Peer, report, until
from tests.system.centre import AGENT, EXAMPLES, GATE, SECRET, centre, configure
from tests.system.fixtures_server import (
    folder_of,
    free_port,
    mosquitto_binary,
    running,
)

SERVER = "vonggac-server"


@dataclass(frozen=True, slots=True)
class Broker:
    port: int
    ca_file: str


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """Mosquitto with configs/mosquitto as it stands, but for the port."""
    binary = mosquitto_binary()
    with folder_of("mosquitto") as folder:
        port = free_port()
        text = (EXAMPLES / "mosquitto" / "mosquitto.conf").read_text("utf-8")
        assert "listener 8883\n" in text
        (folder / "mosquitto.conf").write_text(
            text.replace("listener 8883\n", f"listener {port} 127.0.0.1\n"), "utf-8"
        )
        (folder / "acl").write_bytes((EXAMPLES / "mosquitto" / "acl").read_bytes())
        _certificates(folder)
        for user, password in ((SERVER, "w" * 43), (AGENT, SECRET), ("other", "o" * 43)):
            flags = ("-b",) if (folder / "passwd").exists() else ("-c", "-b")
            _run("mosquitto_passwd", *flags, "passwd", user, password, cwd=folder)
        for path in folder.iterdir():
            path.chmod(0o644)
        with running(binary, "-c", "mosquitto.conf", port=port, user="mosquitto", cwd=folder):
            yield Broker(port, str(folder / "ca.pem"))


def _certificates(folder: Path) -> None:
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    _run("openssl", "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem",
         "-subj", "/CN=test ca", "-days", "2", cwd=folder)  # fmt: skip
    _run("openssl", "req", *key, "-keyout", "server.key", "-out", "server.csr",
         "-subj", "/CN=127.0.0.1", cwd=folder)  # fmt: skip
    (folder / "san").write_text("subjectAltName=IP:127.0.0.1", "utf-8")
    _run("openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
         "-CAcreateserial", "-out", "server.pem", "-days", "2", "-extfile", "san",
         cwd=folder)  # fmt: skip


def _run(*command: str, cwd: Path) -> None:
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, timeout=30)


async def test_an_agent_speaks_and_hears_for_itself_alone(broker: Broker) -> None:
    server = Peer(SERVER, "w" * 43)
    assert await server.connect(broker.port, ca_file=broker.ca_file) == "Success"
    await server.subscribe("vg/1/+/report", "vg/1/+/status", "vg/1/+/reply")
    agent = Peer(AGENT, SECRET)
    assert await agent.connect(broker.port, ca_file=broker.ca_file) == "Success"
    downward = [
        f"vg/1/{who}/{leaf}" for who in ("+", "other", AGENT) for leaf in ("ack", "command")
    ]
    await agent.subscribe("#", *downward)
    for leaf in ("ack", "command"):
        server.publish(f"vg/1/other/{leaf}", b"not yours")
        server.publish(f"vg/1/{AGENT}/{leaf}", b"yours")
    agent.publish(f"vg/1/{AGENT}/report", b"own")
    agent.publish(f"vg/1/{AGENT}/reply", b"own")
    await until(lambda: len(server.heard) >= 2 and len(agent.heard) >= 2, "what is allowed")
    assert server.heard == [(f"vg/1/{AGENT}/{leaf}", b"own") for leaf in ("report", "reply")]
    assert set(agent.heard) == {(f"vg/1/{AGENT}/{leaf}", b"yours") for leaf in ("ack", "command")}
    await agent.close()
    await server.close()


@pytest.mark.parametrize(
    "topic", ["vg/1/other/report", "vg/1/other/status", "vg/1/other/reply", f"vg/1/{AGENT}/ack"]
)
async def test_a_spoofed_report_goes_nowhere(broker: Broker, topic: str) -> None:
    server = Peer(SERVER, "w" * 43)
    await server.connect(broker.port, ca_file=broker.ca_file)
    await server.subscribe("vg/1/+/report", "vg/1/+/status", "vg/1/+/reply")
    spoofer, agent = Peer(AGENT, SECRET), Peer("other", "o" * 43)
    await spoofer.connect(broker.port, ca_file=broker.ca_file)
    await agent.connect(broker.port, ca_file=broker.ca_file)
    await agent.subscribe("vg/1/other/ack")
    spoofer.publish(topic, b"spoof")
    await until(lambda: spoofer.lost, "Mosquitto's answer to it: the end of the connection")
    agent.publish("vg/1/other/report", b"own")
    await until(lambda: server.heard, "the true report")
    assert server.heard == [("vg/1/other/report", b"own")]
    for peer in (spoofer, agent, server):
        await peer.close()


@pytest.mark.parametrize(("user", "password"), [(AGENT, "wrong"), ("nobody", SECRET), ("", "")])
async def test_a_stranger_is_refused(broker: Broker, user: str, password: str) -> None:
    peer = Peer(user, password)
    assert await peer.connect(broker.port, ca_file=broker.ca_file) == "Not authorized"
    await peer.close()


async def test_the_whole_way_over_tls(broker: Broker, tmp_path: Path) -> None:
    mqtt = {
        "broker": {
            "url": f"mqtts://127.0.0.1:{broker.port}",
            "user": SERVER,
            "password": "w" * 43,
            "ca_file": broker.ca_file,
        }
    }
    async with centre(configure(tmp_path, mqtt=mqtt)) as made:
        agent = Peer(AGENT, SECRET)
        await agent.connect(broker.port, ca_file=broker.ca_file)
        await agent.subscribe(f"vg/1/{AGENT}/ack")
        for _ in range(50):  # the server may still be connecting; an agent resends
            agent.send(report(item(1, passage(1, gate=GATE))))
            if await _acked(agent):
                break
        assert agent.acks[-1].through == 1
        assert [e.id for e in await made.store.gate_events()] == [uuid(1)]
        await agent.close()


async def _acked(agent: Peer) -> bool:
    try:
        await until(lambda: agent.acks, "an ack", 0.5)
    except AssertionError:
        return False
    return True
