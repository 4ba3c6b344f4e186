"""What happened, line by line: the same seed tells the same story."""

import hashlib
from collections import Counter
from collections.abc import Callable


class Story:
    """Lines with their virtual time, kept (the last ones) and hashed (all)."""

    def __init__(self, time: Callable[[], float], *, verbose: bool = False) -> None:
        self.faults: Counter[str] = Counter()
        self.lines: list[str] = []
        self._time = time
        self._verbose = verbose
        self._hash = hashlib.sha256()

    def tell(self, who: str, what: str) -> None:
        """Note something."""
        line = f"{self._time():14.3f} {who:10} {what}"
        self._hash.update(line.encode())
        self._hash.update(b"\n")
        if self._verbose:
            print(line)

    def count(self, what: str) -> None:
        """Count something that shows that a path was taken."""
        self.faults[what] += 1

    def fault(self, kind: str, who: str, what: str = "") -> None:
        """Note that a fault was injected."""
        self.faults[kind] += 1
        self.lines.append(f"{self._time():14.3f} {who:10} {kind} {what}".rstrip())
        self.tell(who, f"FAULT {kind} {what}")

    @property
    def digest(self) -> str:
        """Name the story."""
        return self._hash.hexdigest()[:16]
