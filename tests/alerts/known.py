"""Days that do not yet come out as they should, and why. Take out what does.

``IN_STEP``: an agent begins its minute anew with each connection (``edge.uplink.present``), so
after the broker was away all of them speak within the same 16 s of each minute. The 44 s in between
are taken for the centre's line (``server.watching.centre.line_finding``, "nobody at all").

``STALE``: when the database comes back, what was heard last is as old as its absence. For one look
everybody is silent, and over ten minutes the line's own finding looks at nobody.
"""

from collections.abc import Mapping
from typing import Final

IN_STEP: Final = "agents speak in step after a reconnection, which is taken for a cut line"
STALE: Final = "after the database was away everybody is silent for one look"
MANY: Final = "passwords that are changed one after the other make several incidents"

KNOWN: Final[Mapping[str, str]] = {
    "24 the broker is away for ten minutes": IN_STEP,
    "24 a camera is lost while the broker is away, and told of afterwards": IN_STEP,
    "24 the centre's own line is cut": IN_STEP,
    "24 the centre's line is cut, and a school's power meanwhile": IN_STEP,
    "24 the database is away for five minutes": STALE,
    "24 the database is away for ten minutes, and a camera is lost meanwhile": STALE,
    "29 the server is away for an hour, in which a gate PC falls and comes back": IN_STEP,
    "29 the server is away for an hour, in which a gate PC falls for long": IN_STEP,
    "16 the passwords of cameras are changed by hand, three a minute": MANY,
}
