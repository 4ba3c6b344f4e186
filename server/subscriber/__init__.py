"""The server's own MQTT client: reports, presence and replies in, acks and commands out.

``line`` is one connection (paho, in a thread of its own), ``subscriber`` holds the two that a
server has, ``deafness`` notices a broker that grants a subscription and delivers nothing.
"""

from server.subscriber.line import Endpoint
from server.subscriber.subscriber import Publish, Subscriber

__all__ = ["Endpoint", "Publish", "Subscriber"]
