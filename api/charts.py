"""Charts as SVG: bars beside their names and numbers. Colours come from the style sheet, so both modes have them."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from api.statistic_tables import Bar

WIDTH = 640
NAMES = 190
NUMBERS = 70
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
    room = WIDTH - NAMES - NUMBERS
    parts = [_bar(bar, place, room / largest, withheld) for place, bar in enumerate(bars)]
    height = LINE * len(bars)
    axis = f'<line class="axis" x1="{NAMES}" x2="{NAMES}" y1="0" y2="{height}"/>'
    return Markup(  # noqa: S704 - every word in it is escaped
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label)}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}{axis}</svg>'
    )


def _bar(bar: Bar, place: int, scale: float, withheld: str) -> str:
    top = LINE * place + (LINE - BAR) / 2
    base = LINE * place + LINE / 2 + 5
    width = STUB if bar.count is None else max(bar.count * scale, 1)
    words = bar.words or (withheld if bar.count is None else f"{bar.count:,}")
    kind = "withheld" if bar.count is None else "bar"
    return (
        f'<text x="{NAMES - 10}" y="{base:g}" text-anchor="end">{escape(bar.name)}</text>'
        f'<rect class="{kind}" x="{NAMES}" y="{top:g}" width="{width:.1f}" height="{BAR}"/>'
        f'<text class="small" x="{NAMES + width + 8:.1f}" y="{base:g}">{escape(words)}</text>'
    )
