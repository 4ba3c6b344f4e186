"""Charts as SVG text: ribbons, day bars, shares and passages. Pure.

Trouble stands taller: a good span is a thin band on the base line, whatever is wrong rises from it,
in its own pattern. Every span carries a title with state, times and cause, and every chart one
sentence for those who can't see it. Widths are percentages, so a chart fits any column.
"""
