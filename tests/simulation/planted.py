"""All planted bugs."""

from typing import Final

from tests.simulation.planted_edge import EDGE
from tests.simulation.planted_server import SERVER

MUTANTS: Final = (*EDGE, *SERVER)
