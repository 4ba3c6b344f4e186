"""Pictures from before and after a change of what a camera's picture was judged to be, on the disk.

Each piece is one or two small JPEGs, ``<folder>/camera-<id>/<piece>.after.jpg`` and
``.before.jpg``; the piece's name says all that is known of it:
``<after>_<cause or end>_<before or 0>``, times as milliseconds of UTC. So there is no index that
could disagree with the files. The picture from before is written first: a piece counts once its
``after`` is there. Beside the pieces lies one ``<utc>.good.jpg``: the last picture that
surely showed nothing wrong, for a camera that is moved or covered while the agent is off.

Who deletes: ``keep`` and ``trim``, first what is older than ``keep_days``, then, over
``max_bytes``, the oldest piece of the camera that holds the most, so that one restless camera
never pushes another's out. A disk that is full or broken costs evidence, never the watch.

One thread at a time may use an ``EvidenceStore``. ``folder`` knows names, ``store`` the rules.
"""

from edge.evidence.folder import SIDES, piece
from edge.evidence.store import EvidenceStore

__all__ = ["SIDES", "EvidenceStore", "piece"]
