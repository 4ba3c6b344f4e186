"""An agent as the broker sees it: paho, one connection, what it hears."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from tests.pure.server.reports import BOOT, ORIGIN_MS, SPOOL
from wire.codec import VERSION, decode_ack, encode
from wire.messages import Ack, BootStory, Item, Report, Watermark
from wire.topics import Leaf, topic

BOUND_S = 10.0


async def until(true: Callable[[], Any], what: str, bound_s: float = BOUND_S) -> None:
    """Wait until something real has happened."""
    for _ in range(int(bound_s / 0.02)):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {bound_s} s: {what}")


def report(*items: Item, sent: int = 1, **more: Any) -> Report:
    values = {"boots": (BootStory(id=BOOT, origin_utc_ms=ORIGIN_MS),), "spool": SPOOL, **more}
    return Report(v=VERSION, sent_utc_ms=ORIGIN_MS + sent, items=items, **values)


class Peer:
    """One MQTT client, as an agent or as anybody else."""

    _sent = itertools.count(1)

    def __init__(self, user: str, password: str, *, client_id: str = "", **will: Any) -> None:
        self.user = user
        self.answer: str | None = None
        self.lost: list[str] = []
        self.granted: list[str] = []
        self.heard: list[tuple[str, bytes]] = []
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id)
        self.client.username_pw_set(user, password)
        if will:
            self.client.will_set(**will)
        self.client.on_connect = lambda *a: setattr(self, "answer", str(a[3]))
        self.client.on_disconnect = lambda *a: self.lost.append(str(a[3]))
        self.client.on_subscribe = lambda *a: self.granted.extend(str(c) for c in a[3])
        self.client.on_message = lambda *a: self.heard.append((a[2].topic, bytes(a[2].payload)))

    async def connect(self, port: int, *, ca_file: str | None = None) -> str:
        if ca_file is not None:
            self.client.tls_set(ca_certs=ca_file)
        self.client.connect_async("127.0.0.1", port, 30)
        self.client.loop_start()
        await until(lambda: self.answer, f"an answer to {self.user}")
        assert self.answer is not None
        return self.answer

    async def subscribe(self, *topics: str) -> list[str]:
        self.granted.clear()
        self.client.subscribe([(t, 1) for t in topics])
        await until(lambda: len(self.granted) == len(topics), "a SUBACK")
        return self.granted

    def subscribe_always(self, name: str) -> None:
        """Subscribe at every connect from now on."""

        def on_connect(client: mqtt.Client, *_: Any) -> None:
            client.subscribe(name, 1)

        self.client.on_connect = on_connect
        self.client.reconnect_delay_set(1, 1)

    def publish(self, name: str, payload: bytes, *, retain: bool = False) -> None:
        self.client.publish(name, payload, qos=1, retain=retain)

    def send(self, message: Report) -> None:
        self.publish(topic(self.user, Leaf.REPORT), encode(message))

    @property
    def acks(self) -> list[Ack]:
        return [decode_ack(p) for t, p in self.heard if t == topic(self.user, Leaf.ACK)]

    async def acked(self, through: int, *, more_than: int = 0) -> Ack:
        await until(
            lambda: len(self.acks) > more_than and self.acks[-1].through >= through,
            f"an ack of {self.user} through {through}",
        )
        return self.acks[-1]

    async def close(self) -> None:
        self.client.disconnect()
        await asyncio.to_thread(self.client.loop_stop)

    def drop(self) -> None:
        """Vanish without a DISCONNECT."""
        self.client.loop_stop()
        sock = self.client.socket()
        if sock is not None:
            sock.close()


def watermark(until_ms: int, after_seq: int) -> Watermark:
    return Watermark(boot=BOOT, until_ms=until_ms, after_seq=after_seq)
