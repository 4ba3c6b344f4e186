"""Lines that every form of a paper writes alike."""

from collections.abc import Iterator, Sequence
from typing import Final

from server.reports.document import Chart, Document, Picture
from server.reports.wording import long_day

COLOURS: Final = ("1A4F9F", "C9CFD8", "A9182A")
"""Of a chart's parts, sure, not known, not: dark, light and middle, so that a grey print still
tells them apart."""

_DECIMALS: Final = 6
_WIDEST_MM: Final = 120
_TALLEST_MM: Final = 90


def ended(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield lines with the mark that ends them: ``;``, and ``.`` after the last."""
    for index, line in enumerate(lines):
        yield line, "." if index == len(lines) - 1 else ";"


def addressed(to: Sequence[str]) -> str:
    """Return the line, or lines, to whom a paper goes."""
    if len(to) == 1:
        return f"Kính gửi: {to[0]}"
    return "\n".join(["Kính gửi:", *(f"- {one}{end}" for one, end in ended(to))])


def enclosed(document: Document) -> str:
    """Return the line that ties an annex to its paper."""
    head, name = document.letterhead, document.name.capitalize()
    issuer = " ".join(head.issuer.split())
    return f"(Kèm theo {name} số {head.number} {long_day(head.day)} của {issuer})"


def picture_mm(picture: Picture) -> tuple[float, float]:
    """Return how wide and how tall a picture is on paper: its own shape, within bounds."""
    scale = min(_WIDEST_MM / picture.width_px, _TALLEST_MM / picture.height_px)
    return round(picture.width_px * scale, 1), round(picture.height_px * scale, 1)


def thirds(chart: Chart) -> tuple[list[float], list[float], list[float]]:
    """Return the three parts of every bar of a chart, as shares that sum to 1."""
    low = [float(bar.share.low) for bar in chart.bars]
    high = [float(bar.share.high) for bar in chart.bars]
    maybe = [round(h - lo, _DECIMALS) for lo, h in zip(low, high, strict=True)]
    return [round(lo, _DECIMALS) for lo in low], maybe, [round(1 - h, _DECIMALS) for h in high]
