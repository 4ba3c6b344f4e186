"""What a planted bug is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted bug: in ``module`` each old text becomes a new one; ``also``: in others, too."""

    name: str
    module: str
    edits: tuple[tuple[str, str], ...]
    seeds: tuple[int, ...] = ()
    also: tuple[tuple[str, str, str], ...] = ()

    def in_module(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return the edits of one module."""
        own = self.edits if name == self.module else ()
        return (*own, *((old, new) for module, old, new in self.also if module == name))
