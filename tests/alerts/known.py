"""Days that do not yet come out as they should, and why. Take out what does.

``ONE_OF_TWO``: when the centre's line is cut, silent gate PCs wait for each other as long as it
looks like a line. One of a school that has two does not: its school is not dark yet, so it is told
of before the line is known (``server.domain.incident.silences``).
"""

from collections.abc import Mapping
from typing import Final

ONE_OF_TWO: Final = "one of a school's two gate PCs is told of before the centre's line is known"


KNOWN: Final[Mapping[str, str]] = {
    f"24 the centre's {what} ({number})": ONE_OF_TWO
    for what in ("own line is cut", "line is cut, and a school's power meanwhile")
    for number in (4, 5)
}
