"""What may be asked of one camera's watch from outside: by the centre, or by the agent's own CLI.

Wishes are only noted here; the watch takes them up within a second or so. None of them makes it
send a password that a camera has refused. Call on the loop's thread.
"""

from typing import Protocol


class Learner(Protocol):
    """What can learn a new view; ``edge.picture.judge.Judge`` is one."""

    def new_view(self) -> None:
        """Take what is seen from now on for what is meant to be seen."""
        ...


class Control:
    """One camera's wishes; ``judge`` is the one that its watch was given."""

    def __init__(self, judge: Learner | None = None) -> None:
        self._judge = judge
        self._look = False

    def look_now(self) -> None:
        """Look at the camera now: end a pause between two tries, judge a picture at once."""
        self._look = True

    def new_view(self) -> None:
        """What the camera shows from now on is how it is meant to be."""
        if self._judge is not None:
            self._judge.new_view()
        self._look = True

    @property
    def waits(self) -> bool:
        """Whether a look is wished for that nobody has begun."""
        return self._look

    def begin_look(self) -> bool:
        """Tell whether a look was wished for; the wish is fulfilled by whoever asks this."""
        wished, self._look = self._look, False
        return wished
