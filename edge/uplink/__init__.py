"""To the centre and back: ``uplink`` decides what to send, ``link`` is paho.

What is sent stays in the spool until the centre's ack says that it is committed; the broker's
PUBACK means nothing (``forwarding`` holds the rules). Whatever happens to broker or network, this
part waits and begins again; it never stops the watching.
"""

from edge.uplink.link import Link, PahoLink
from edge.uplink.source import Source
from edge.uplink.uplink import Uplink

__all__ = ["Link", "PahoLink", "Source", "Uplink"]
