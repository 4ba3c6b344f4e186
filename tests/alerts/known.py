"""Days that do not yet come out as they should, and why. Take out what does.

``ONE_OF_TWO``: when the centre's line is cut, silent gate PCs wait for each other as long as it
looks like a line. One of a school that has two does not: its school is not dark yet, so it is told
of before the line is known (``server.domain.incident.silences``).

``TWO_EYES``: a recorder or a switch is looked for behind each gate PC by itself
(``server.domain.incident.roots``), so one at which two of them look is told as two.
"""

from collections.abc import Mapping
from typing import Final

ONE_OF_TWO: Final = "one of a school's two gate PCs is told of before the centre's line is known"

TWO_EYES: Final = "a recorder at which two gate PCs look is told twice"

KNOWN: Final[Mapping[str, str]] = {
    f"24 the centre's {what} ({number})": ONE_OF_TWO
    for what in ("own line is cut", "line is cut, and a school's power meanwhile")
    for number in (4, 5)
} | {"24 a recorder dies whose channels two gate PCs look at": TWO_EYES}
