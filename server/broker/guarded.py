"""amqtt's broker with the door moved to the front, and bounds to what it holds."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final

from amqtt.broker import Broker
from amqtt.contexts import Action, BrokerConfig, ListenerConfig
from amqtt.errors import AMQTTError, MQTTError, NoDataError
from amqtt.mqtt.connack import NOT_AUTHORIZED, ConnackPacket
from amqtt.session import Session

from server.broker.centre import Centre
from server.broker.connection import Handler
from server.broker.streams import PacketReader, PacketWriter, publish_packet
from wire.topics import is_id, may_use

log = logging.getLogger(__name__)

SecretFits = Callable[[str, str], Awaitable[bool]]
"""Tells whether a password is the agent's: ``Store.agent_secret_fits``."""

_HELLO_S: Final = 10.0
_SILENT_AT_MOST_S: Final = 600
_MAX_CONNECTIONS: Final = 5000


class GuardedBroker(Broker):  # type: ignore[misc] # amqtt is untyped
    """amqtt's broker with the door moved to the front."""

    def __init__(self, config: BrokerConfig, *, secret_fits: SecretFits, centre: Centre) -> None:
        super().__init__(config)
        self._secret_fits = secret_fits
        self._centre = centre
        self._connections: set[asyncio.Task[Any]] = set()

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
        packets = PacketReader(reader)
        try:
            await self._client_connected(listener_name, packets, PacketWriter(writer))
        except asyncio.CancelledError:
            log.debug("connection ended by shutdown")
        except Exception as error:  # noqa: BLE001 (the top of this connection's task)
            log.info("a connection was ended: %r", error)
        finally:
            self._connections.discard(task)
            packets.end()
            writer.close()

    async def _initialize_client_session(
        self, reader: PacketReader, writer: PacketWriter, remote_address: str, remote_port: int
    ) -> tuple[Handler, Session]:
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
        silent_s = session.keep_alive * 1.5 or _SILENT_AT_MOST_S
        session.keep_alive = 0  # amqtt's, which would look at each packet
        await self._push_out(session.client_id)
        handler.let_in(session.username, self._centre.take, reader, writer, silent_s=silent_s)
        return handler, session

    def send(self, topic: str, payload: bytes) -> None:
        """Send a message of our own to whoever listens to its topic, at QoS 0; never waits."""
        listeners = self._subscriptions.get(topic)
        if not listeners:
            return
        packet = publish_packet(topic, payload)
        for session, _ in listeners:
            handler = self._get_handler(session)
            if handler is not None and isinstance(handler.writer, PacketWriter):
                handler.writer.send(packet)

    async def _broadcast_message(
        self, session: Session | None, topic: Any, data: Any, force_qos: int | None = None
    ) -> None:
        """Hand a last will to the centre: all that amqtt still has to send on by itself."""
        del session, force_qos
        self._centre.take_will(str(topic), bytes(data))

    async def retain_message(self, *_: Any, **__: Any) -> None:
        """Keep nothing: nobody but the centre may hear agents, and it has always been here."""

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        """Do nothing. amqtt calls it at each connect for every filter that *anybody* has."""

    async def _push_out(self, client_id: str) -> None:
        """End an older connection of the same user and client id, without its last will."""
        old = self._sessions.get(client_id)
        if old is None:
            return
        old[0].will_flag = False
        await old[1].handle_connection_closed()
        await self._cleanup_session(client_id)

    async def _may_enter(self, session: Session) -> bool:
        user, password = session.username, session.password
        if not user or not password:
            return False
        if not is_id(user) or not await self._secret_fits(user, password):
            return False
        return not session.will_flag or may_use(user, str(session.will_topic), publish=True)

    async def _authenticate(self, _session: Session, _: ListenerConfig) -> bool:
        return True  # a session exists only after _may_enter

    async def _topic_filtering(self, session: Session, topic: str, action: Action) -> bool:
        return may_use(str(session.username), topic, publish=action is Action.PUBLISH)
