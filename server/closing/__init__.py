"""Closes each school's days some hours after their end, and amends them when history comes late.

``due`` (pure) says what is to be done next, ``counting`` counts a batch of school days from the
store's claims, ``closer`` is the task.
"""

from server.closing.closer import Closer
from server.closing.due import CATCH_UP_AT_MOST, last_closable

__all__ = ["CATCH_UP_AT_MOST", "Closer", "last_closable"]
