"""One camera, watched for ever: a session held, pictures judged, sightings given out.

``assess`` decides (pure), ``standing`` remembers what was said last (pure), ``watch`` acts.
"""

from edge.watcher.watch import Feed, Opener, PictureJudge, watch

__all__ = ["Feed", "Opener", "PictureJudge", "watch"]
