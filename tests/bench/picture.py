"""The picture judge on folders of stills, for a scorer that holds alarms against known faults.

``factory(fps_hint)`` returns an object with ``update(frame_bgr, t_seconds) -> label | None``, one
per sequence: the label is the fault that the judge holds at that picture, by the last word of our
cause. ``python -m tests.bench.picture FOLDER [--every SECONDS]`` prints the findings for the stills
of a folder, in the order of their names.
"""

import argparse
from pathlib import Path
from typing import Final

from edge.config import WatchConfig
from edge.picture.judge import Judge
from edge.picture.stills import Bgr, picture_of, read_still
from edge.picture.threads import use_one_thread
from wire.vocabulary import Cause

_MS: Final = 1000
_FREEZE_AFTER_MS: Final = round(WatchConfig().freeze_after_s * _MS)
"""The agent's own default: what is scored is what runs."""
_LABELS: Final = {Cause.PICTURE_NO_SIGNAL: "black"}
"""Where the scorer has no word of its own."""


class Scored:
    """A judge as the scorer calls it."""

    def __init__(self) -> None:
        self._judge = Judge(freeze_after_ms=_FREEZE_AFTER_MS)

    def update(self, frame_bgr: Bgr, t_seconds: float) -> str | None:
        """Return the label of the fault held at this picture, or None."""
        finding = self._judge.step(picture_of(frame_bgr), round(t_seconds * _MS))
        if finding.cause is None:
            return None
        return _LABELS.get(finding.cause, finding.cause.value.rpartition(".")[2])


def factory(fps_hint: float) -> Scored:
    """Return a judge for one sequence; it needs no hint of the pictures a second."""
    del fps_hint  # pictures carry their time
    return Scored()


def main() -> None:
    """Judge one folder of stills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=float, default=10, help="seconds from still to still")
    arguments = parser.parse_args()
    use_one_thread()
    judge = Judge(freeze_after_ms=_FREEZE_AFTER_MS)
    for number, path in enumerate(sorted(arguments.folder.iterdir())):
        found = judge.step(read_still(path), round(number * arguments.every * _MS))
        print(path.name, found.cause or "-", found.detail or "", *found.unchecked)


if __name__ == "__main__":
    main()
