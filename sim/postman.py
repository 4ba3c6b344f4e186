"""Brings an agent's past to the broker, as the agent would, and waits for the server's word.

The past goes where history goes, and a few reports at a time: the next leaves when one is answered.
Blocking, for a thread: paho has its own. ``deliver`` returns once everything is acknowledged.
"""

import threading
from collections.abc import Sequence
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from wire.codec import WireError, decode_ack, encode
from wire.messages import Report
from wire.topics import Leaf, topic

PATIENCE_S: Final = 60.0
IN_FLIGHT: Final = 4


class UndeliveredError(Exception):
    """The server did not acknowledge what was sent."""


class _Postman:
    def __init__(self, agent: str, reports: Sequence[Report]) -> None:
        self.agent = agent
        self.reports = reports
        self.spool = reports[0].spool
        self.last_seq = max((i.seq for r in reports for i in r.items), default=0)
        self.sent = 0
        self.answered = 0
        self.acknowledged = threading.Event()

    def on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, code: Any, _p: Any) -> None:
        if not code.is_failure:
            client.subscribe(topic(self.agent, Leaf.ACK), qos=1)

    def on_subscribe(self, client: mqtt.Client, *_rest: Any) -> None:
        self.send(client)

    def send(self, client: mqtt.Client) -> None:
        for report in self.reports[self.sent : self.answered + IN_FLIGHT]:
            client.publish(topic(self.agent, Leaf.HISTORY), encode(report), qos=1)
            self.sent += 1

    def on_message(self, client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        try:
            ack = decode_ack(bytes(message.payload))
        except WireError:
            return
        if ack.spool != self.spool:
            return
        self.answered += 1
        self.send(client)
        if self.answered >= len(self.reports) and ack.through >= self.last_seq:
            self.acknowledged.set()


def deliver(agent: str, password: str, reports: Sequence[Report], *, host: str, port: int) -> None:
    """Send ``reports`` as ``agent``; raise ``UndeliveredError`` if they are not acknowledged."""
    postman = _Postman(agent, reports)
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2, client_id=f"past-{agent}", protocol=mqtt.MQTTv311
    )
    client.username_pw_set(agent, password)
    client.on_connect = postman.on_connect
    client.on_subscribe = postman.on_subscribe
    client.on_message = postman.on_message
    client.connect(host, port)
    client.loop_start()
    try:
        if not postman.acknowledged.wait(PATIENCE_S):
            raise UndeliveredError(f"{agent}: the past was not acknowledged in {PATIENCE_S:g} s")
    finally:
        client.disconnect()
        client.loop_stop()
