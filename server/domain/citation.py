"""Who says so: what stands behind every number and every day that an authority sets."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a number comes from: one entry of the plan file's ``sources``, maybe with a note."""

    id: str
    kind: str
    ref: str
    note: str | None = None
