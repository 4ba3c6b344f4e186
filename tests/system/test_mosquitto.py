"""The production broker with the shipped configuration: isolation, TLS, and the whole way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pure.server.reports import item, passage, uuid
from tests.system.agents import Peer, report, until
from tests.system.centre import AGENT, GATE, SECRET, centre, configure
from tests.system.fixtures_broker import TlsBroker, tls_broker

SERVER = "vonggac-server"


UPWARD = ("report", "history", "status", "reply")
HEARD_BY_SERVER = [f"vg/1/+/{leaf}" for leaf in UPWARD]


@pytest.fixture(scope="module")
def broker() -> Iterator[TlsBroker]:
    """Mosquitto with configs/mosquitto as it stands, but for the port."""
    with tls_broker({SERVER: "w" * 43, AGENT: SECRET, "other": "o" * 43}) as made:
        yield made


async def test_an_agent_speaks_and_hears_for_itself_alone(broker: TlsBroker) -> None:
    server = Peer(SERVER, "w" * 43)
    assert await server.connect(broker.port, ca_file=str(broker.ca_file)) == "Success"
    await server.subscribe(*HEARD_BY_SERVER)
    agent = Peer(AGENT, SECRET)
    assert await agent.connect(broker.port, ca_file=str(broker.ca_file)) == "Success"
    downward = [
        f"vg/1/{who}/{leaf}" for who in ("+", "other", AGENT) for leaf in ("ack", "command")
    ]
    await agent.subscribe("#", *downward)
    for leaf in ("ack", "command"):
        server.publish(f"vg/1/other/{leaf}", b"not yours")
        server.publish(f"vg/1/{AGENT}/{leaf}", b"yours")
    for leaf in UPWARD:
        agent.publish(f"vg/1/{AGENT}/{leaf}", b"own")
    await until(lambda: len(server.heard) >= 4 and len(agent.heard) >= 2, "what is allowed")
    assert server.heard == [(f"vg/1/{AGENT}/{leaf}", b"own") for leaf in UPWARD]
    assert set(agent.heard) == {(f"vg/1/{AGENT}/{leaf}", b"yours") for leaf in ("ack", "command")}
    await agent.close()
    await server.close()


@pytest.mark.parametrize(
    "topic", [*(f"vg/1/other/{leaf}" for leaf in UPWARD), f"vg/1/{AGENT}/ack", "vg/1/other/ack"]
)
async def test_a_spoofed_report_goes_nowhere(broker: TlsBroker, topic: str) -> None:
    server = Peer(SERVER, "w" * 43)
    await server.connect(broker.port, ca_file=str(broker.ca_file))
    await server.subscribe(*HEARD_BY_SERVER)
    spoofer, agent = Peer(AGENT, SECRET), Peer("other", "o" * 43)
    await spoofer.connect(broker.port, ca_file=str(broker.ca_file))
    await agent.connect(broker.port, ca_file=str(broker.ca_file))
    await agent.subscribe("vg/1/other/ack")
    spoofer.publish(topic, b"spoof")
    unanswered = spoofer.client._out_messages
    await until(lambda: spoofer.lost or not unanswered, "Mosquitto's answer, whatever it is")
    agent.publish("vg/1/other/report", b"own")
    await until(lambda: server.heard, "the true report")
    assert server.heard == [("vg/1/other/report", b"own")]
    for peer in (spoofer, agent, server):
        await peer.close()


async def test_sharing_a_subscription_opens_no_door_to_others(broker: TlsBroker) -> None:
    """``$share/group/filter`` is checked as the filter is, at the latest on delivery."""
    server, other = Peer(SERVER, "w" * 43), Peer("other", "o" * 43)
    agent = Peer(AGENT, SECRET)
    for peer in (server, other, agent):
        await peer.connect(broker.port, ca_file=str(broker.ca_file))
    await agent.subscribe(
        *(f"$share/vonggac/vg/1/+/{leaf}" for leaf in (*UPWARD, "ack")), "$share/x/#"
    )
    await other.subscribe("vg/1/other/ack")
    for leaf in UPWARD:
        other.publish(f"vg/1/other/{leaf}", b"not yours")
    server.publish("vg/1/other/ack", b"not yours")
    server.publish(f"vg/1/{AGENT}/ack", b"yours")
    await until(lambda: other.heard and agent.heard, "what is allowed")
    assert set(agent.heard) == {(f"vg/1/{AGENT}/ack", b"yours")}
    for peer in (server, other, agent):
        await peer.close()


@pytest.mark.parametrize(("user", "password"), [(AGENT, "wrong"), ("nobody", SECRET), ("", "")])
async def test_a_stranger_is_refused(broker: TlsBroker, user: str, password: str) -> None:
    peer = Peer(user, password)
    assert await peer.connect(broker.port, ca_file=str(broker.ca_file)) == "Not authorized"
    await peer.close()


async def test_the_whole_way_over_tls(broker: TlsBroker, tmp_path: Path) -> None:
    async with centre(configure(tmp_path, mqtt=_mqtt(broker))) as made:
        agent = Peer(AGENT, SECRET)
        await agent.connect(broker.port, ca_file=str(broker.ca_file))
        await agent.subscribe(f"vg/1/{AGENT}/ack")
        for _ in range(50):  # the server may still be connecting; an agent resends
            agent.send(report(item(1, passage(1, gate=GATE))))
            if await _acked(agent):
                break
        assert agent.acks[-1].through == 1
        assert [e.id for e in await made.store.gate_events()] == [uuid(1)]
        await agent.close()


async def test_an_agent_that_joins_the_servers_share_takes_nothing_from_them(
    broker: TlsBroker, tmp_path: Path
) -> None:
    """Mosquitto lets it join, delivers it nothing, and counts its part as delivered."""
    rogue = Peer("other", "o" * 43)
    await rogue.connect(broker.port, ca_file=str(broker.ca_file))
    await rogue.subscribe("$share/vonggac/vg/1/+/report", "$share/vonggac-server/vg/1/+/report")
    async with centre(configure(tmp_path, mqtt=_mqtt(broker))):
        agent = Peer(AGENT, SECRET)
        await agent.connect(broker.port, ca_file=str(broker.ca_file))
        await agent.subscribe(f"vg/1/{AGENT}/ack")
        for n in range(1, 11):
            agent.send(report(item(n, passage(n, gate=GATE))))
        assert (await agent.acked(10)).ranges == ()
        await agent.close()
    await rogue.close()


def _mqtt(broker: TlsBroker) -> dict[str, object]:
    url = f"mqtts://127.0.0.1:{broker.port}"
    signing_in = {"user": SERVER, "password": "w" * 43, "ca_file": str(broker.ca_file)}
    return {"broker": {"url": url, **signing_in}}


async def _acked(agent: Peer) -> bool:
    try:
        await until(lambda: agent.acks, "an ack", 0.5)
    except AssertionError:
        return False
    return True
