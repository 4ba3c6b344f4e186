"""What to send when, and what a clock is worth: the uplink's decisions as frozen values. Pure.

``window`` holds what is under way in one lane (the present, or what is left of former boots);
``centre_clock`` measures the centre's time through acks.
"""

from edge.forwarding.centre_clock import CentreClock, Measured
from edge.forwarding.under_way import LONELY_TRIES, MARK, Ask, Done, Limits, Sent
from edge.forwarding.window import HISTORY, LIVE, Window

__all__ = [
    "HISTORY",
    "LIVE",
    "LONELY_TRIES",
    "MARK",
    "Ask",
    "CentreClock",
    "Done",
    "Limits",
    "Measured",
    "Sent",
    "Window",
]
