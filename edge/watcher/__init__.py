"""One camera, watched for ever: let in, a session held or visits paid, pictures judged.

``watch`` goes in, leaves and backs off; ``door`` is its way in, by the lockout guard (``guard``,
pure, and ``guard_file``) and the budget of sessions (``budget``, pure), which all cameras of an
agent share (``devices``). ``hold`` lives through one session, ``assess`` and ``window`` decide
(pure), ``facts`` are measured, ``standing`` remembers what was said last (pure), ``control`` takes
wishes, ``seams`` is what they are made of.
"""

from edge.watcher.control import Control
from edge.watcher.devices import Devices
from edge.watcher.guard_file import FILE as LOGINS
from edge.watcher.guard_file import LoginBook
from edge.watcher.seams import Feed, OnPicture, Opener, PictureJudge
from edge.watcher.watch import starts_s, watch

__all__ = [
    "LOGINS",
    "Control",
    "Devices",
    "Feed",
    "LoginBook",
    "OnPicture",
    "Opener",
    "PictureJudge",
    "starts_s",
    "watch",
]
