"""From stored facts to incidents, every two seconds, in one transaction.

``eyes`` looks at cameras, ``agents`` at gate PCs, ``gates`` at gates and ``centre`` at this server
itself; each says how a subject stands. ``heard`` lets through what is news to the engine. ``watch``
is the loop: it gives the news to the engine and writes the news, the engine's memory, what became
of incidents and the letters as a whole, or not at all. ``world`` is what the engine asks about,
``absence`` what is to be told while there is no database to write to.
"""

from server.watching.absence import Alarm
from server.watching.gathering import Gathering
from server.watching.watch import ListeningSince, Watch

__all__ = ["Alarm", "Gathering", "ListeningSince", "Watch"]
