"""paho's client, which leaves what comes in the socket while there is no room for it.

MQTT 5 has a receive window for this, but it can't be relied on: Mosquitto 2.0 honours it until the
first acknowledgements and then sends all that it has (its count begins at the message that was
acknowledged), older protocols have none, and QoS 0 knows no window at all. A socket that nobody
reads pushes back whatever the broker is.
"""

import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

from paho.mqtt import client as mqtt
from paho.mqtt.enums import MQTTErrorCode

_LOOK_EVERY_S: Final = 0.05
_MURMUR_EVERY_S: Final = 4.0
_NOTHING: Final = "vonggac/nothing"


class PatientClient(mqtt.Client):
    """``has_room`` is asked before each packet is read; ``room`` is set when it may be so again."""

    def __init__(self, *args: Any, has_room: Callable[[], bool], **more: Any) -> None:
        super().__init__(*args, **more)
        self.room = threading.Event()
        self._has_room = has_room
        self._said_at = 0.0

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        """Read a packet, if there is room for one."""
        if self._has_room():
            return super().loop_read(max_packets)
        self.room.clear()
        if not self._has_room():
            self.room.wait(_LOOK_EVERY_S)
        return mqtt.MQTT_ERR_SUCCESS

    def loop_misc(self) -> MQTTErrorCode:
        """Keep the connection alive.

        Pings would stay unanswered while nobody reads, and the connection would be given up. A
        subscription that we never had is given up instead: something to say to the broker.
        """
        if self._has_room():
            return super().loop_misc()
        self._ping_t = 0.0  # paho's: when a ping was sent that has no answer yet
        if monotonic() - self._said_at > _MURMUR_EVERY_S:
            self._said_at = monotonic()
            self.unsubscribe(_NOTHING)
        return mqtt.MQTT_ERR_SUCCESS
