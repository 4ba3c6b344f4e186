"""From letters to people: ``telling`` says them, ``postman`` brings them away.

``escalation`` and ``daily`` write the letters that time makes due, ``emergency`` tells without
letters that the database is away, ``deadman`` tells the outside that this centre lives, ``making``
puts it all together.
"""

from server.notifier.deadman import DeadMan, Pulse
from server.notifier.emergency import Emergency, make_emergency
from server.notifier.making import make_notifier
from server.notifier.notifier import Notifier

__all__ = ["DeadMan", "Emergency", "Notifier", "Pulse", "make_emergency", "make_notifier"]
