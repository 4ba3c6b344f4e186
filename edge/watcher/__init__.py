"""One camera, watched for ever: a session held, pictures judged, sightings given out.

``watch`` opens and backs off, ``hold`` lives through one session, ``assess`` decides (pure),
``standing`` remembers what was said last (pure), ``seams`` is what they are made of.
"""

from edge.watcher.seams import Feed, Opener, PictureJudge
from edge.watcher.watch import watch

__all__ = ["Feed", "Opener", "PictureJudge", "watch"]
