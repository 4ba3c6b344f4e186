"""One connection to the broker: paho-mqtt in its own thread, its callbacks brought to the loop.

MQTT 3.1.1, because every broker in question speaks it (NATS and amqtt nothing newer). The session
is clean: what must not be lost is in the spool, so the broker has nothing to remember for us. paho
reconnects by itself; first pauses are random, so that a city's agents don't come back in step. Each
process has a client id of its own: two machines that use one agent's name (a cloned disk) would
otherwise throw each other out for ever.
"""

import asyncio
import contextlib
import random
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.config.values import CentreConfig
from wire.codec import VERSION, encode
from wire.messages import Status
from wire.topics import Leaf, topic

_KEEP_ALIVE_S: Final = 15
"""A broker that misses us for half as long again tells our last will: it dates our silence."""
_CONNECT_TIMEOUT_S: Final = 5.0
_FAREWELL_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Connected:
    """The broker has let us in and the acks are subscribed to."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """There is no connection; ``why`` for the log."""

    why: str


@dataclass(frozen=True, slots=True)
class Received:
    """A message to us."""

    leaf: Leaf
    payload: bytes


LinkEvent: TypeAlias = Connected | Disconnected | Received


class Link(Protocol):
    """The seam to the broker."""

    def start(self, on_event: Callable[[LinkEvent], None]) -> None:
        """Connect, and keep connecting; events come on the running loop."""
        ...

    def publish(self, leaf: Leaf, payload: bytes, *, retain: bool = False) -> None:
        """Hand a message over (QoS 1); it may be lost, whoever needs it must ask for an answer."""
        ...

    async def close(self) -> None:
        """Say goodbye and stop."""
        ...


class PahoLink:
    """The real link. ``close`` must be awaited, also after a failed connection."""

    def __init__(self, agent: str, centre: CentreConfig, *, version: str) -> None:
        self._agent = agent
        self._centre = centre
        self._version = version
        self._client = self._make_client()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._on_event: Callable[[LinkEvent], None] = lambda _: None

    def start(self, on_event: Callable[[LinkEvent], None]) -> None:
        """Connect in the background."""
        self._loop = asyncio.get_running_loop()
        self._on_event = on_event
        self._client.connect_async(self._centre.host, self._centre.port, keepalive=_KEEP_ALIVE_S)
        self._client.loop_start()

    def publish(self, leaf: Leaf, payload: bytes, *, retain: bool = False) -> None:
        """Queue a message for paho's thread."""
        self._client.publish(topic(self._agent, leaf), payload, qos=1, retain=retain)

    async def close(self) -> None:
        """Leave word that we are offline, then end paho's thread, within about a second."""
        await asyncio.get_running_loop().run_in_executor(None, self._close)

    def _close(self) -> None:
        if self._client.is_connected():
            where = topic(self._agent, Leaf.STATUS)
            said = self._client.publish(where, self._status(online=False), qos=1, retain=True)
            with contextlib.suppress(RuntimeError, ValueError):  # the connection just went
                said.wait_for_publish(_FAREWELL_S)
        self._client.disconnect()
        self._client.loop_stop()

    def _make_client(self) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"vg-{self._agent}-{secrets.token_hex(4)}",
            clean_session=True,
            protocol=mqtt.MQTTv311,
        )
        password = self._centre.password
        client.username_pw_set(self._agent, password.reveal() if password else None)
        if self._centre.tls:
            ca_file = self._centre.ca_file
            client.tls_set_context(ssl.create_default_context(cafile=ca_file))
        client.will_set(
            topic(self._agent, Leaf.STATUS), self._status(online=False), qos=1, retain=True
        )
        client.connect_timeout = _CONNECT_TIMEOUT_S
        client.reconnect_delay_set(random.randint(1, 3), random.randint(8, 16))  # noqa: S311 (jitter)
        client.on_connect = self._connected
        client.on_connect_fail = self._failed
        client.on_disconnect = self._disconnected
        client.on_message = self._message
        return client

    def _status(self, *, online: bool) -> bytes:
        return encode(Status(v=VERSION, online=online, version=self._version))

    # ---------------------------------------------------------------- on paho's thread

    def _connected(
        self,
        client: mqtt.Client,
        _userdata: Any,
        _flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._tell(Disconnected(f"the broker refused us: {reason}"))
            return
        client.subscribe([(topic(self._agent, leaf), 1) for leaf in (Leaf.ACK, Leaf.COMMAND)])
        client.publish(
            topic(self._agent, Leaf.STATUS), self._status(online=True), qos=1, retain=True
        )
        self._tell(Connected())

    def _failed(self, _client: mqtt.Client, _userdata: Any) -> None:
        self._tell(Disconnected(f"no connection to {self._centre.host}:{self._centre.port}"))

    def _disconnected(
        self,
        _client: mqtt.Client,
        _userdata: Any,
        _flags: mqtt.DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._tell(Disconnected(f"the connection ended: {reason}"))

    def _message(self, _client: mqtt.Client, _userdata: Any, message: mqtt.MQTTMessage) -> None:
        leaf = message.topic.rpartition("/")[2]
        if leaf in {Leaf.ACK, Leaf.COMMAND}:
            self._tell(Received(Leaf(leaf), bytes(message.payload)))

    def _tell(self, event: LinkEvent) -> None:
        """Bring an event to the loop; once that has ended, nobody wants it."""
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(self._on_event, event)
        except RuntimeError:
            return
