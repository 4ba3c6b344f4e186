"""The shape of an advice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """One cause's advice.

    Attributes:
        summary: What was found, in one sentence.
        steps: What to bring, look at and do, in order; at most three.
        not_needed: What can stay at home, or empty.
    """

    summary: str
    steps: tuple[str, ...] = ()
    not_needed: str = ""

    @property
    def text(self) -> str:
        """All of it as one paragraph."""
        return " ".join(part for part in (self.summary, *self.steps, self.not_needed) if part)
