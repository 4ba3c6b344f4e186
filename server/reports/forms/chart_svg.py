"""A chart as SVG, for the PDF. Millimetres; the same order and colours as the DOCX's."""

from html import escape
from typing import Final

from server.reports.document import Chart, clean
from server.reports.forms.lines import COLOURS, thirds
from server.reports.wording import dashed

_WIDTH: Final = 160
_LABELS: Final = 60
_FIGURES: Final = 32
_BARS: Final = _WIDTH - _LABELS - _FIGURES
_STEP: Final = 7
_THICK: Final = 4.6
_TEXT: Final = 'font-family="Tinos" font-size="3.4"'
_LONGEST: Final = 36


def svg(chart: Chart) -> str:
    """Return the drawing."""
    tall = _STEP * len(chart.bars) + 16
    rows = "".join(_row(chart, index) for index in range(len(chart.bars)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}mm" height="{tall}mm"'
        f' viewBox="0 0 {_WIDTH} {tall}" role="img"><title>{escape(clean(chart.title))}</title>'
        f"{_scale(chart)}{rows}{_legend(chart, tall)}</svg>"
    )


def _row(chart: Chart, index: int) -> str:
    bar, top, x = chart.bars[index], _STEP * index + 1, float(_LABELS)
    label = clean(bar.label)
    short = label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
    parts = [
        f'<text x="{_LABELS - 2}" y="{top + 3.5}" text-anchor="end" {_TEXT}>{escape(short)}</text>'
    ]
    for colour, values in zip(COLOURS, thirds(chart), strict=True):
        width = values[index] * _BARS
        parts.append(
            f'<rect x="{x:.3f}" y="{top}" width="{width:.3f}" height="{_THICK}" fill="#{colour}"/>'
        )
        x += width
    figure = escape(dashed(bar.share))
    parts.append(f'<text x="{_LABELS + _BARS + 2}" y="{top + 3.5}" {_TEXT}>{figure}</text>')
    return "".join(parts)


def _scale(chart: Chart) -> str:
    foot = _STEP * len(chart.bars) + 1
    lines = []
    for quarter in range(5):
        x = _LABELS + _BARS * quarter / 4
        lines.append(
            f'<path d="M{x} 0V{foot}" stroke="#d3dae3" stroke-width="0.2"/>'
            f'<text x="{x}" y="{foot + 4}" text-anchor="middle" {_TEXT}>{25 * quarter}%</text>'
        )
    return "".join(lines)


def _legend(chart: Chart, tall: int) -> str:
    x, parts = float(_LABELS), []
    for colour, name in zip(COLOURS, chart.parts, strict=True):
        parts.append(
            f'<rect x="{x:.1f}" y="{tall - 4.6}" width="3" height="3" fill="#{colour}"/>'
            f'<text x="{x + 4:.1f}" y="{tall - 2}" {_TEXT}>{escape(clean(name))}</text>'
        )
        x += 8 + 1.75 * len(name)
    return "".join(parts)
