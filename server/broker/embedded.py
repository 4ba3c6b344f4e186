"""The broker on one address: started, asked, ended."""

import logging

from amqtt.contexts import BrokerConfig, ListenerConfig

from server.broker.centre import Centre
from server.broker.guarded import GuardedBroker, SecretFits


class BrokerError(Exception):
    """The broker can't be started; its text is one line for a person."""


class EmbeddedBroker:
    """The broker on one address. After ``start`` its ``port`` is known.

    ``centre`` hears all agents and speaks to each; until it is started, agents wait.
    """

    def __init__(self, host: str, port: int, *, secret_fits: SecretFits) -> None:
        self._host = host
        self._port = port
        self._secret_fits = secret_fits
        self._broker: GuardedBroker | None = None
        self.centre = Centre(self._send)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._port

    async def start(self) -> None:
        """Listen. Raises ``BrokerError`` if the address is taken or not ours."""
        _quieten()
        bind = f"[{self._host}]" if ":" in self._host else self._host
        config = BrokerConfig(
            listeners={"default": ListenerConfig(bind=f"{bind}:{self._port}")}, plugins={}
        )
        broker = GuardedBroker(config, secret_fits=self._secret_fits, centre=self.centre)
        try:
            await broker.start()
        except Exception as error:
            cause = error.__cause__ or error
            raise BrokerError(f"MQTT can't listen on {self._host}:{self._port}: {cause}") from error
        self._broker = broker
        self._port = broker.bound_port()

    async def stop(self) -> None:
        """End every connection and stop listening."""
        if self._broker is not None:
            broker, self._broker = self._broker, None
            await broker.close()

    def _send(self, topic: str, payload: bytes) -> None:
        if self._broker is not None:
            self._broker.send(topic, payload)


def _quieten() -> None:
    """Keep amqtt's and its state machine's running commentary out of the server's log."""
    for name in ("amqtt", "amqtt.broker", "transitions"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
