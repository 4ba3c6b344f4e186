"""Cells that a spreadsheet would take for a formula: an apostrophe keeps them text. Pure."""

from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def guarded(cell: str) -> str:
    """Return the cell so that no spreadsheet runs it."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


def unguarded(cell: str) -> str:
    """Return what a guarded cell said."""
    bare = cell.removeprefix("'")
    return bare if bare.lstrip(" ").startswith(_FORMULA) else cell
