"""The frame of a chart, and how each state is filled."""

from collections.abc import Iterable
from typing import Final

from markupsafe import Markup, escape

from wire.vocabulary import State

FILL: Final = {
    State.UP: "f-up",
    State.DEGRADED: "f-deg o-deg",
    State.DOWN: "f-down o-down",
    State.UNKNOWN: "f-unk o-unk",
}


def svg(parts: Iterable[str], *, height: int, label: str, spill: bool = False) -> Markup:
    """Return the parts as one picture with a sentence for those who can't see it."""
    style = ' class="spill"' if spill else ""
    head = f'<svg width="100%" height="{height}"{style} role="img" aria-label="{escape(label)}">'
    return Markup(head + "".join(parts) + "</svg>")  # noqa: S704 - every text in it is escaped
