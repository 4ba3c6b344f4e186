"""amqtt's broker with the door moved to the front, and bounds to what it holds."""

import asyncio
import logging
import secrets
import socket
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from math import ceil
from typing import Any, Final

from amqtt.adapters import StreamWriterAdapter
from amqtt.broker import Broker
from amqtt.contexts import Action, BrokerConfig, ListenerConfig
from amqtt.errors import AMQTTError, MQTTError, NoDataError
from amqtt.mqtt.connack import NOT_AUTHORIZED, ConnackPacket
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.session import Session

from server.broker.connection import BoundedReader, Handler
from wire.topics import UPWARD, Leaf, every_agent, is_id, may_use, parse_topic

log = logging.getLogger(__name__)

SecretFits = Callable[[str, str], Awaitable[bool]]
"""Tells whether a password is the agent's: ``Store.agent_secret_fits``."""

CENTRE: Final = "$centre"
"""The server's own user; ``$`` is outside the alphabet of agents' names."""

_HELLO_S: Final = 10.0
_SILENT_AT_MOST_S: Final = 600
_MAX_CONNECTIONS: Final = 5000
_WAITING: Final = 200
"""Messages on their way to the centre that are enough for now; each is at most 256 KiB."""
_WAITING_OF_ONE: Final = 20
_TASKS_KEPT: Final = 1000
_AGAIN_S: Final = 0.01
_SENT_AT_ONCE: Final = 100
_CENTRE_READS: Final = frozenset(map(every_agent, UPWARD))
_CENTRE_WRITES: Final = frozenset({Leaf.ACK, Leaf.CONFIG, Leaf.COMMAND})


class GuardedBroker(Broker):  # type: ignore[misc] # amqtt is untyped
    """amqtt's broker with the door moved to the front."""

    def __init__(self, config: BrokerConfig, *, secret_fits: SecretFits, password: str) -> None:
        super().__init__(config)
        self._secret_fits = secret_fits
        self._password = password
        self._connections: set[asyncio.Task[Any]] = set()
        self._centre: list[Session] = []
        self._sweep_from = _TASKS_KEPT

    def bound_port(self) -> int:
        """Return the port that was bound (the configured one may be 0)."""
        sockets: tuple[socket.socket, ...] = self._servers["default"].instance.sockets
        return int(sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Shut down; connections that never said who they are don't hold it up."""
        self._servers["default"].instance.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self.shutdown()

    async def stream_connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
    ) -> None:
        """Serve one connection; whatever it sends, only it can end."""
        task = asyncio.current_task()
        if task is None or len(self._connections) >= _MAX_CONNECTIONS:
            writer.close()
            return
        self._connections.add(task)
        try:
            await self._client_connected(
                listener_name, BoundedReader(reader), StreamWriterAdapter(writer)
            )
        except asyncio.CancelledError:
            log.debug("connection ended by shutdown")
        except Exception as error:  # noqa: BLE001 (the top of this connection's task)
            log.info("a connection was ended: %r", error)
        finally:
            self._connections.discard(task)
            writer.close()

    async def _initialize_client_session(
        self, reader: BoundedReader, writer: Any, remote_address: str, remote_port: int
    ) -> tuple[BrokerProtocolHandler, Session]:
        """Read CONNECT, look at the password, and only then touch any session."""
        try:
            handler, session = await asyncio.wait_for(
                Handler.init_from_connect(reader, writer, self.plugins_manager),
                _HELLO_S,
            )
        except (AMQTTError, MQTTError, NoDataError) as error:
            raise AMQTTError(f"no CONNECT from {remote_address}: {error}") from error
        except TimeoutError as error:
            raise AMQTTError(f"no CONNECT from {remote_address} in {_HELLO_S} s") from error
        if not await self._may_enter(session):
            log.warning("refused user %.70r from %s", session.username, remote_address)
            await ConnackPacket.build(0, NOT_AUTHORIZED).to_stream(writer)
            raise AMQTTError("not authorised")
        session.client_id = f"{session.username}/{session.client_id or remote_port}"
        session.clean_session = True
        session.parent = 0
        session.keep_alive = ceil(session.keep_alive * 1.5) or _SILENT_AT_MOST_S
        await self._push_out(session.client_id)
        if session.username == CENTRE:
            self._centre = [s for s in self._centre if s.client_id in self._sessions] + [session]
        else:
            reader.room = partial(self._room, session)
        return handler, session

    async def _room(self, session: Session) -> None:
        """Wait until an agent may send more."""
        self._sweep()
        while self._is_crowded(session):  # noqa: ASYNC110 (amqtt doesn't tell when it no longer is)
            await asyncio.sleep(_AGAIN_S)

    def _is_crowded(self, session: Session) -> bool:
        own = session.delivered_message_queue.qsize() + len(session.inflight_in)
        leaving = self._broadcast_queue.qsize() + sum(len(s.inflight_out) for s in self._centre)
        return bool(own >= _WAITING_OF_ONE or leaving >= _WAITING)

    def _sweep(self) -> None:
        """Forget deliveries that have ended.

        amqtt does so in their order, and one agent that does not answer holds them all for seconds.
        """
        tasks = self._tasks_queue
        if len(tasks) < self._sweep_from:
            return
        under_way = [task for task in tasks if not task.done()]
        for task in tasks:
            if task.done() and not task.cancelled():
                task.exception()  # one that nobody asks for would be told on the console
        tasks.clear()
        tasks.extend(under_way)
        self._sweep_from = _TASKS_KEPT + 2 * len(under_way)

    def enqueue(self, topic: str, payload: bytes) -> None:
        """Let a message of our own go its way."""
        message = {"session": None, "topic": topic, "data": payload, "qos": 0}
        self._broadcast_queue.put_nowait(message)

    async def _run_broadcast(self, running_tasks: deque[asyncio.Task[Any]]) -> None:
        """Send what waits to those who listen.

        amqtt compares each message with every filter that anybody has. Here a filter is either an
        agent's own topic or a leaf of every agent, so two looks are enough.
        """
        queue = self._broadcast_queue
        self._send_on(await queue.get(), running_tasks)
        for _ in range(min(queue.qsize(), _SENT_AT_ONCE)):
            self._send_on(queue.get_nowait(), running_tasks)

    def _send_on(self, message: dict[str, Any], running_tasks: deque[asyncio.Task[Any]]) -> None:
        topic = message["topic"]
        about = parse_topic(topic)
        if about is None:
            return
        for name in (topic, every_agent(about.leaf)):
            for session, granted in self._subscriptions.get(name, ()):
                handler = self._get_handler(session)
                if session.transitions.state != "connected" or handler is None:
                    continue
                qos = message.get("qos", granted)
                sending = handler.mqtt_publish(topic, message["data"], qos, retain=False)
                running_tasks.append(asyncio.ensure_future(sending))

    async def _push_out(self, client_id: str) -> None:
        """End an older connection of the same user and client id, without its last will."""
        old = self._sessions.get(client_id)
        if old is None:
            return
        old[0].will_flag = False
        await old[1].handle_connection_closed()
        await self._cleanup_session(client_id)

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        """Send retained messages for a filter of the session's own.

        amqtt also calls this at each connect for every filter that *anybody* has.
        """
        own = self._subscriptions.get(subscription[0], ())
        if any(s.client_id == session.client_id for s, _ in own):
            await super()._publish_retained_messages_for_subscription(subscription, session)

    async def _may_enter(self, session: Session) -> bool:
        user, password = session.username, session.password
        if not user or not password:
            return False
        if user == CENTRE:
            return secrets.compare_digest(password.encode(), self._password.encode())
        if not is_id(user) or not await self._secret_fits(user, password):
            return False
        return not session.will_flag or may_use(user, str(session.will_topic), publish=True)

    async def _authenticate(self, _session: Session, _: ListenerConfig) -> bool:
        return True  # a session exists only after _may_enter

    async def _topic_filtering(self, session: Session, topic: str, action: Action) -> bool:
        user = str(session.username)
        if action is Action.RECEIVE:
            return True  # it could subscribe
        if user != CENTRE:
            return may_use(user, topic, publish=action is Action.PUBLISH)
        if action is Action.SUBSCRIBE:
            return topic in _CENTRE_READS
        parsed = parse_topic(topic)
        return parsed is not None and parsed.leaf in _CENTRE_WRITES
