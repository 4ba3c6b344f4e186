"""One camera, watched for ever: a session held, pictures judged, sightings given out.

``watch`` opens and backs off, ``hold`` lives through one session, ``assess`` decides (pure),
``standing`` remembers what was said last (pure), ``seams`` is what they are made of.
"""

from edge.watcher.control import Control
from edge.watcher.seams import Feed, OnPicture, Opener, PictureJudge
from edge.watcher.watch import watch

__all__ = ["Control", "Feed", "OnPicture", "Opener", "PictureJudge", "watch"]
