"""An MQTT broker in the server's own process, so that a district needs nothing else installed.

amqtt does the protocol. This module closes what it leaves open (all of it tested against real
sockets in tests/system):

* amqtt takes over or deletes a session *before* it has looked at the password. Here the password
  comes first, and a client id counts only within its user: nobody can push another out.
* Last wills pass amqtt's topic check unseen. Here a will on a topic that its agent may not publish
  to refuses the connection.
* amqtt keeps a connection whose other end has vanished (a power cut) for ever, and its last will
  with it. Here silence ends it after one and a half times its keep-alive.
* Packets are bounded, a connection has ten seconds to say who it is, and junk ends its connection
  and nothing else.
* amqtt takes in whatever comes and keeps it all. Here an agent is neither acknowledged nor read
  from while its messages find no room at the centre, and not read from while many of them are on
  their way: memory stays bounded, and whoever floods finds its own socket full. What is sent to an
  agent that does not read is dropped.
* Sessions are always clean and nothing is retained: what is owed to an agent is known by the
  database, not by the broker, and an absent agent's messages pile up nowhere. QoS 1 is acknowledged
  when the centre has taken a message, because the acknowledgement that counts comes after its
  commit. QoS 2 ends the connection.

The centre is no client: it hears what agents send as it is read, and nobody else may hear it.
"""

from server.broker.centre import Centre
from server.broker.embedded import BrokerError, EmbeddedBroker

__all__ = ["BrokerError", "Centre", "EmbeddedBroker"]
