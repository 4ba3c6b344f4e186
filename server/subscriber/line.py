"""One connection to the broker: paho in a thread of its own, and a bounded way into the event loop.

What has been read and not been dealt with is bounded by ``Window``; more is left in the socket, and
so in the broker and, through its limits, in the agents. Two manners besides, by
``Endpoint.shared``:

* MQTT 5, which is told the window, and whose deliveries are acknowledged when they are dealt with.
* MQTT 3.1.1, acknowledged on receipt: for brokers that know nothing else.

Either way the acknowledgement that counts is ours, after the commit. The line reconnects for ever
with growing, jittered waits, subscribes anew each time and keeps nothing over a reconnect.
"""

import asyncio
import logging
import random
import secrets
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from server.subscriber.feed import Hear, Stand
from server.subscriber.patience import PatientClient
from wire.topics import Topic, parse_topic

log = logging.getLogger(__name__)

_KEEPALIVE_S: Final = 10
_SHARED: Final = "$share/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A broker to connect to.

    ``ca_file`` None with ``tls``: the system's authorities. ``shared``: it speaks MQTT 5 and shares
    deliveries out among several servers.
    """

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca_file: Path | None = None
    shared: bool = False

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Window:
    """How much may be under way in this process: read from the broker and not yet dealt with."""

    messages: int
    size: int


class Line:
    """A connection with its subscriptions."""

    def __init__(
        self, endpoint: Endpoint, *, name: str, filters: Sequence[str], window: Window
    ) -> None:
        self._endpoint = endpoint
        self._filters = filters
        self._window = window
        self._hear: Hear = lambda _about, _payload, _done: None
        self._stand: Stand = lambda _up: None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connection = 0
        self._shares = True
        self._lock = threading.Lock()
        self._inbox: list[tuple[Topic, bytes, Callable[[], None]]] = []
        self._held = 0
        self._held_bytes = 0
        self._quiet = asyncio.Event()
        self._client = self._make_client(f"vg-server-{secrets.token_hex(6)}-{name}")

    def start(self, hear: Hear, stand: Stand) -> None:
        """Connect in the background; both are called in this event loop.

        ``hear`` takes messages, ``stand`` whether the line is up and all subscriptions are granted.
        Raises ``OSError`` for a certificate that can't be read.
        """
        self._hear, self._stand = hear, stand
        self._loop = asyncio.get_running_loop()
        endpoint = self._endpoint
        if endpoint.tls:
            self._client.tls_set_context(ssl.create_default_context(cafile=endpoint.ca_file))
        if endpoint.shared:
            wanted = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            wanted.ReceiveMaximum = self._window.messages
            self._client.connect_async(
                endpoint.host, endpoint.port, _KEEPALIVE_S, clean_start=True, properties=wanted
            )
        else:
            self._client.connect_async(endpoint.host, endpoint.port, _KEEPALIVE_S)
        self._client.loop_start()

    def publish(self, topic: str, payload: bytes, *, qos: int = 0) -> None:
        """Send a message, if there is a connection; never waits."""
        self._client.publish(topic, payload, qos=qos)

    def share(self, *, on: bool) -> None:
        """Join the shared subscriptions, or leave them; never waits."""
        self._shares = on
        shared = [name for name in self._filters if name.startswith(_SHARED)]
        if on:
            self._client.subscribe([(name, 1) for name in shared])
        else:
            self._client.unsubscribe(shared)

    async def hush(self, within_s: float) -> None:
        """Give the subscriptions up; what was delivered can still be answered."""
        self._quiet.clear()
        code, _ = self._client.unsubscribe(list(self._filters))
        if code is mqtt.MQTT_ERR_SUCCESS:
            try:
                await asyncio.wait_for(self._quiet.wait(), within_s)
            except TimeoutError:
                log.warning("the MQTT broker did not confirm the end of a subscription")

    async def stop(self) -> None:
        """Send what is queued, disconnect and end the thread."""
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    def _make_client(self, name: str) -> PatientClient:
        shared = self._endpoint.shared
        client = PatientClient(
            CallbackAPIVersion.VERSION2,
            has_room=self._has_room,
            client_id=name,
            protocol=mqtt.MQTTv5 if shared else mqtt.MQTTv311,
            manual_ack=shared,
        )
        client.username_pw_set(self._endpoint.user, self._endpoint.password)
        client.reconnect_delay_set(1, 15 + random.randrange(15))  # noqa: S311 (jitter, no secret)
        client.on_socket_open = _without_delay
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_unsubscribe = lambda *_: self._soon(self._quiet.set)
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    # -- called in paho's thread

    def _on_connect(
        self, client: mqtt.Client, _data: object, _flags: object, code: ReasonCode, _props: object
    ) -> None:
        if code.is_failure:
            log.error("the MQTT broker at %s refuses this server: %s", self._endpoint, code)
            return
        self._connection += 1
        wanted = [n for n in self._filters if self._shares or not n.startswith(_SHARED)]
        if wanted:
            client.subscribe([(name, 1) for name in wanted])

    def _on_subscribe(
        self, _client: object, _data: object, _mid: int, codes: list[ReasonCode], _props: object
    ) -> None:
        if any(code.is_failure for code in codes):
            log.error("the MQTT broker at %s does not let this server hear all agents: is its ACL"
                      " the one of configs/mosquitto?", self._endpoint)  # fmt: skip
        else:
            self._soon(self._stand, True)

    def _on_disconnect(
        self, _client: mqtt.Client, _data: object, _flags: object, code: ReasonCode, _props: object
    ) -> None:
        if code.is_failure:
            log.warning("lost the MQTT broker at %s: %s; trying again", self._endpoint, code)
        self._soon(self._stand, False)

    def _has_room(self) -> bool:
        return self._held < self._window.messages and self._held_bytes < self._window.size

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        done = partial(
            self._finish, self._connection, message.mid, message.qos, len(message.payload)
        )
        with self._lock:
            self._held += 1
            self._held_bytes += len(message.payload)
        try:
            about = parse_topic(message.topic)
        except UnicodeDecodeError:  # would end paho's thread, and with it all hearing
            about = None
        if about is None:
            done()
        else:
            self._cross(about, bytes(message.payload), done)

    def _cross(self, about: Topic, payload: bytes, done: Callable[[], None]) -> None:
        """Bring a message into the event loop; a burst goes in one."""
        with self._lock:
            self._inbox.append((about, payload, done))
            is_first = len(self._inbox) == 1
        if is_first:
            self._soon(self._deliver)

    def _soon(self, act: Callable[..., Any], *values: object) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act, *values)

    # -- called in either

    def _finish(self, connection: int, mid: int, qos: int, size: int) -> None:
        """Make room, and tell the broker if it is still the same connection."""
        with self._lock:
            self._held -= 1
            self._held_bytes -= size
        if self._endpoint.shared and qos and connection == self._connection:
            self._client.ack(mid, qos)
        self._client.room.set()

    # -- called in the event loop

    def _deliver(self) -> None:
        with self._lock:
            inbox, self._inbox = self._inbox, []
        for heard in inbox:
            self._hear(*heard)


def _without_delay(_client: mqtt.Client, _data: object, sock: Any) -> None:
    """Send acks at once: behind paho's own PUBACK, Nagle's algorithm held each back by 40 ms."""
    if isinstance(sock, socket.socket):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
