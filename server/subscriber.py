"""The server's own MQTT client: reports, presence and replies in, acks and commands out.

paho, in a thread of its own.

The same client serves the embedded broker (with this run's secret) and any other by address. It
reconnects for ever with growing, jittered waits, subscribes anew each time, and holds nothing: what
is lost on the way is not acknowledged, so its agent sends it again. MQTT's own acknowledgement is
given on receipt; several brokers slow to a crawl if it is withheld, and the one that counts is
ours, after the commit.
"""

import asyncio
import logging
import random
import secrets
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from server.clock import Clock
from server.ingest import Delivery
from wire.codec import encode
from wire.messages import Ack, Command
from wire.topics import Leaf, every_agent, parse_topic, topic

log = logging.getLogger(__name__)

_KEEPALIVE_S: Final = 20
_SUBSCRIPTIONS: Final = [(every_agent(x), 1) for x in (Leaf.REPORT, Leaf.STATUS, Leaf.REPLY)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A broker to connect to. ``ca_file`` None with ``tls``: the system's authorities."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    tls: bool = False
    ca_file: Path | None = None

    def __repr__(self) -> str:
        """Leave the password out."""
        return f"Endpoint({self.host}:{self.port}, tls={self.tls})"


class Subscriber:
    """Connects the broker with the event loop that ``start`` is called in.

    ``listening_since`` is when the present connection was made, None without one: a server that
    hears nobody has no right to call anybody silent.
    """

    def __init__(self, endpoint: Endpoint, clock: Clock) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._offer: Callable[[Delivery], bool] | None = None
        self._take_reply: Callable[[str, bytes], None] = lambda _agent, _payload: None
        self.listening_since: datetime | None = None
        self._client = self._make_client()

    def start(
        self,
        offer: Callable[[Delivery], bool],
        take_reply: Callable[[str, bytes], None] = lambda _agent, _payload: None,
    ) -> None:
        """Connect in the background; both are called in this event loop.

        ``offer`` takes reports and presence, ``take_reply`` an agent's answer to a command.
        Raises ``OSError`` for a certificate file that can't be read.
        """
        self._loop, self._offer = asyncio.get_running_loop(), offer
        self._take_reply = take_reply
        endpoint = self._endpoint
        if endpoint.tls:
            context = ssl.create_default_context(cafile=endpoint.ca_file)
            self._client.tls_set_context(context)
        self._client.connect_async(endpoint.host, endpoint.port, _KEEPALIVE_S)
        self._client.loop_start()

    async def stop(self) -> None:
        """Disconnect and end the thread."""
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    def send_ack(self, agent: str, ack: Ack) -> None:
        """Publish an ack; lost ones are asked for again by the agent's next report."""
        self._client.publish(topic(agent, Leaf.ACK), encode(ack), qos=0)

    def send_command(self, agent: str, command: Command) -> bool:
        """Publish a command; False without a connection, for it would come too late."""
        if self.listening_since is None:
            return False
        self._client.publish(topic(agent, Leaf.COMMAND), encode(command), qos=1)
        return True

    def _listen(self, connected: bool) -> None:  # noqa: FBT001 (called by _soon)
        self.listening_since = self._clock.now() if connected else None

    def _make_client(self) -> mqtt.Client:
        name = f"vonggac-server-{secrets.token_hex(6)}"
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name)
        client.username_pw_set(self._endpoint.user, self._endpoint.password)
        client.reconnect_delay_set(1, 15 + random.randrange(15))  # noqa: S311 (jitter, no secret)
        client.on_socket_open = _without_delay
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    # -- called in paho's thread

    def _on_connect(
        self, client: mqtt.Client, _data: object, _flags: object, code: ReasonCode, _props: object
    ) -> None:
        if code.is_failure:
            log.error("the MQTT broker at %r refuses this server: %s", self._endpoint, code)
            return
        client.subscribe(_SUBSCRIPTIONS)
        log.info("connected to the MQTT broker at %r", self._endpoint)
        self._soon(self._listen, True)

    def _on_disconnect(
        self, _client: mqtt.Client, _data: object, _flags: object, code: ReasonCode, _props: object
    ) -> None:
        if code.is_failure:
            log.warning("lost the MQTT broker at %r: %s; trying again", self._endpoint, code)
        self._soon(self._listen, False)

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        try:
            about = parse_topic(message.topic)
        except UnicodeDecodeError:  # would end paho's thread, and with it all hearing
            return
        if about is not None and about.leaf is Leaf.REPLY:
            self._soon(self._take_reply, about.agent, bytes(message.payload))
        elif about is not None and self._offer is not None:
            delivery = Delivery(agent=about.agent, leaf=about.leaf, payload=bytes(message.payload))
            self._soon(self._offer, delivery)

    def _soon(self, act: Callable[..., Any], *values: object) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act, *values)


def _without_delay(_client: mqtt.Client, _data: object, sock: Any) -> None:
    """Send acks at once: behind paho's own PUBACK, Nagle's algorithm held each back by 40 ms."""
    if isinstance(sock, socket.socket):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
