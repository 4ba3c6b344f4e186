"""What the server hears of its agents: reports, presence and replies in, acks and commands out.

``subscriber`` sends each thing its way. Beneath it is a ``feed``: ``mqtt`` with its two connections
(each a ``line``: paho, in a thread of its own), or the server's own broker, which hands over what
it reads. ``deafness`` notices a broker that grants a subscription and delivers nothing.
"""

from server.subscriber.feed import Feed
from server.subscriber.line import Endpoint
from server.subscriber.mqtt import MqttFeed
from server.subscriber.subscriber import Subscriber

__all__ = ["Endpoint", "Feed", "MqttFeed", "Subscriber"]
