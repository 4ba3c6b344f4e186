"""An MQTT broker in the server's own process, so that a district needs nothing else installed.

amqtt does the protocol. This module closes what it leaves open (all of it tested against real
sockets in tests/system):

* amqtt takes over or deletes a session *before* it has looked at the password. Here the password
  comes first, and a client id counts only within its user: nobody can push another out.
* Last wills pass amqtt's topic check unseen. Here a will on a topic that its agent may not publish
  to refuses the connection.
* amqtt hands every newcomer the retained messages of everybody's filters. Here it gets its own.
* amqtt keeps a connection whose other end has vanished (a power cut) for ever, and its last will
  with it. Here silence ends it after one and a half times its keep-alive.
* Packets are bounded, a connection has ten seconds to say who it is, and junk ends its connection
  and nothing else.
* amqtt takes in whatever comes and keeps it all. Here an agent is not read from while its own
  messages, or those on their way to the centre, wait in numbers: memory stays bounded, and whoever
  floods finds its own socket full.
* Sessions are always clean: what is owed to an agent is known by the database, not by the broker,
  and an absent agent's messages pile up nowhere. QoS 1 is acknowledged on receipt, because the
  acknowledgement that counts comes from the server after its commit.

The server's own client signs in under a name that no agent can have, with a secret of this run.
"""

from server.broker.embedded import CENTRE, BrokerError, EmbeddedBroker

__all__ = ["CENTRE", "BrokerError", "EmbeddedBroker"]
