"""The shape of a check's text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """One code's text; ``{name}`` stands for a fact of the check.

    Attributes:
        found: What was found, in one sentence.
        steps: What to do, in order; at most four.
    """

    found: str
    steps: tuple[str, ...] = ()
