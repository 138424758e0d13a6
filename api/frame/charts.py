"""Charts as SVG: bars beside their names and numbers. Colours come from the style sheet, so both modes have them."""

import unicodedata
from collections.abc import Sequence

from markupsafe import Markup, escape

from api.oversight.statistic_tables import Bar

WIDTH = 440
"""About as wide as a phone, so that words keep their size there."""

WIDEST_NAMES = 210
GAP = 10
LINE = 28
BAR = 16
STUB = 28
"""Width of the dashed frame that stands for a number which is not given: it says nothing of its size."""


def bar_chart(bars: Sequence[Bar], *, label: str, withheld: str) -> Markup:
    """A horizontal bar for each number, whole children, from zero.

    Parameters
    ----------
    bars
        Names and numbers, from above; None for one that is not given.
    label
        What the chart says, for who cannot see it. The numbers stand in the table beside it.
    withheld
        What stands in place of a number that is not given.
    """
    largest = max((bar.count for bar in bars if bar.count is not None), default=0) or 1
    words = [bar.words or (withheld if bar.count is None else f"{bar.count:,}") for bar in bars]
    names = min(max((_width(bar.name) for bar in bars), default=0) + GAP, WIDEST_NAMES)
    scale = (WIDTH - names - max(map(_width, words), default=0) - 2 * GAP) / largest
    parts = [_bar(bar, said, place, names, scale) for place, (bar, said) in enumerate(zip(bars, words, strict=True))]
    height = LINE * len(bars)
    axis = f'<line class="axis" x1="{names}" x2="{names}" y1="0" y2="{height}"/>'
    return Markup(  # noqa: S704 - every word in it is escaped
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label)}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}{axis}</svg>'
    )


def _width(words: str) -> int:
    """About how wide words are in the chart's letters of 13 pixels."""
    return sum(13 if unicodedata.east_asian_width(letter) in "WF" else 8 for letter in words)


def _bar(bar: Bar, said: str, place: int, names: int, scale: float) -> str:
    top = LINE * place + (LINE - BAR) / 2
    base = LINE * place + LINE / 2 + 5
    width = STUB if bar.count is None else max(bar.count * scale, 1)
    kind = "withheld" if bar.count is None else "bar"
    return (
        f'<text x="{names - GAP}" y="{base:g}" text-anchor="end">{escape(bar.name)}</text>'
        f'<rect class="{kind}" x="{names}" y="{top:g}" width="{width:.1f}" height="{BAR}"/>'
        f'<text class="small" x="{names + width + GAP:.1f}" y="{base:g}">{escape(said)}</text>'
    )
