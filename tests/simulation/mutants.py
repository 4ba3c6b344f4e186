"""Bugs planted one at a time in the real code: each must be caught, or the simulator is blind.

A mutant (``planted``) replaces texts in the source of a module as it is imported. Each must stand
there exactly once: when the code changes, its mutants change with it. ``seeds`` are tried first:
seeds that are known to catch it.
"""

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Final

from tests.simulation.mutant import Mutant
from tests.simulation.planted import MUTANTS

_OURS: Final = ("edge", "server", "wire", "tests.simulation")
_STAY: Final = ("tests.simulation.mutants", "tests.simulation.planted", "tests.simulation.cli")


@dataclass(frozen=True, slots=True)
class Found:
    """How a mutant fared: ``caught_by`` None after so many seeds."""

    name: str
    seeds: int
    caught_by: str | None
    seed: int | None = None


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module with its bug in it."""

    def __init__(self, name: str, path: str, mutant: Mutant) -> None:
        super().__init__(name, path)
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        """Compile the changed source; nothing is cached."""
        path = self.get_filename(fullname)
        source = self.get_data(path).decode()
        for old, new in self._mutant.in_module(fullname):
            if source.count(old) != 1:
                raise LookupError(f"{self._mutant.name}: not once in {path}: {old!r}")
            source = source.replace(old, new)
        return self.source_to_code(source.encode(), path)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds the module that has a bug."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, _target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the spec of the mutated module, None for all others."""
        if not self._mutant.in_module(fullname):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(fullname, spec.origin, self._mutant)
        return spec


def hunt(name: str, most: int) -> Found:
    """Run seeds until one catches the mutant, at most so many. In a process of its own."""
    (mutant,) = (m for m in MUTANTS if m.name == name)
    sys.meta_path.insert(0, _Finder(mutant))
    for module in [m for m in sys.modules if m.startswith(_OURS) and m not in _STAY]:
        del sys.modules[module]
    world = importlib.import_module("tests.simulation.world")
    importlib.import_module(mutant.module)
    tried = 0
    for seed in dict.fromkeys([*mutant.seeds, *range(most)]):
        tried += 1
        outcome = world.simulate(seed)
        if outcome.broken:
            return Found(name, tried, outcome.broken[0].partition(":")[0], seed)
    return Found(name, tried, None)
