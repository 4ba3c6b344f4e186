"""From letters to people: ``telling`` says them, ``postman`` brings them away.

``escalation`` and ``daily`` write the letters that time makes due, ``deadman`` tells the outside
that this centre lives, ``making`` puts it all together.
"""

from server.notifier.deadman import DeadMan, Pulse
from server.notifier.making import make_notifier
from server.notifier.notifier import Notifier

__all__ = ["DeadMan", "Notifier", "Pulse", "make_notifier"]
