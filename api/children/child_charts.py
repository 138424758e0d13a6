"""An indicator over a child's years as a small picture: its values, and the child's usual range behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate
from unicodedata import east_asian_width

from markupsafe import Markup

from vocabulary.texts import Language, text

WIDE, TALL, LEFT, TOP, BOTTOM = 272, 104, 60, 10, 22
LABEL = 10
"""Width of a label of the axis, in letters of which a Chinese one counts two."""

INK, QUIET, MARK, BAND = "#1a1a1c", "#4d4d4d", "#0017c1", "#d9e6ff"


@dataclass(frozen=True)
class Point:
    """An indicator in one year; what is not known is None."""

    year: int
    value: float
    said: str
    level: int
    usual_low: float | None
    usual_high: float | None
    expected: float | None
    percentile: float | None


@dataclass(frozen=True)
class Series:
    """An indicator over the years in which it is known."""

    name: str
    title: str
    domain: str
    points: tuple[Point, ...]

    @property
    def is_drawn(self) -> bool:
        """Whether a picture says more than the table: the value changes, or a level was reached."""
        return len({point.value for point in self.points}) > 1 or self.reached

    @property
    def reached(self) -> bool:
        """Whether a level was reached in any year."""
        return any(point.level for point in self.points)

    @property
    def by_year(self) -> dict[int, Point]:
        """The points by their year."""
        return {point.year: point for point in self.points}

    @property
    def last(self) -> Point:
        """The latest year."""
        return self.points[-1]


class _Scale:
    """From years and values to the picture's coordinates."""

    def __init__(self, series: Series, years: Sequence[int]) -> None:
        every = [
            value
            for point in series.points
            for value in (point.value, point.usual_low, point.usual_high, point.expected)
            if value is not None
        ]
        self.low, self.high = min(every), max(every)
        self._span = (self.high - self.low) or 1.0
        self._years = years
        self.step = (WIDE - LEFT - 8) / max(len(years), 1)

    def x(self, year: int) -> float:
        return LEFT + self.step * (year - self._years[0] + 0.5)

    def y(self, value: float) -> float:
        inside = TALL - TOP - BOTTOM
        share = (value - self.low) / self._span if self.high > self.low else 0.5
        return round(TOP + inside * (1 - share), 1)


def chart(series: Series, years: Sequence[int], language: Language, *, low: str, high: str) -> Markup:
    """The picture of an indicator.

    Parameters
    ----------
    series
        What is drawn.
    years
        From the first to the last year of the child, the same for all its pictures.
    language
        Of the words.
    low, high
        The least and the greatest drawn value, as people say it.
    """
    scale = _Scale(series, years)
    last = series.last
    desc = text("child.chart_desc", language=language, year=last.year, value=last.said, count=len(series.points))
    label = f"chart-{escape(series.name)}"
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDE} {TALL}" width="{WIDE}" height="{TALL}" role="img" '
        f'aria-labelledby="{label}-t {label}-d" xmlns="http://www.w3.org/2000/svg">',
        f'<title id="{label}-t">{escape(series.title)}</title><desc id="{label}-d">{escape(desc)}</desc>',
        f'<line class="line" x1="{LEFT}" x2="{WIDE}" y1="{TALL - BOTTOM}" y2="{TALL - BOTTOM}" stroke="#c0c0c0"/>',
        *_band(series, scale),
        *_line(series, scale),
        _words(LEFT - 4, TOP + 4, _short(high), "end"),
        _words(scale.x(years[0]), TALL - 6, str(years[0])),
    ]
    if scale.high > scale.low:
        parts.append(_words(LEFT - 4, TALL - BOTTOM, _short(low), "end"))
    if len(years) > 1:
        parts.append(_words(scale.x(years[-1]), TALL - 6, str(years[-1])))
    return Markup("".join([*parts, "</svg>"]))  # noqa: S704 - every word is escaped where it is put in


def extremes(series: Series) -> tuple[float, float]:
    """The least and the greatest value that the picture shows."""
    scale = _Scale(series, [series.last.year])
    return scale.low, scale.high


def _short(said: str) -> str:
    """As much of a label as there is room for; the whole is in the table."""
    wide = list(accumulate(2 if east_asian_width(letter) in "WF" else 1 for letter in said))
    return said if wide[-1] <= LABEL else said[: sum(width < LABEL for width in wide)] + "…"


def _words(x: float, y: float, said: str, anchor: str = "middle") -> str:
    return (
        f'<text class="quiet" x="{x:.1f}" y="{y:.1f}" font-size="10" fill="{QUIET}" text-anchor="{anchor}">'
        f"{escape(said)}</text>"
    )


def _band(series: Series, scale: _Scale) -> list[str]:
    """The usual range of each year in which it is known, and the value that was expected."""
    band, expected = [], []
    for point in series.points:
        x = scale.x(point.year) - scale.step / 2
        if point.usual_low is not None and point.usual_high is not None:
            high, low = scale.y(point.usual_high), scale.y(point.usual_low)
            band.append(f"M{x:.1f} {high}h{scale.step:.1f}v{max(low - high, 2):.1f}h-{scale.step:.1f}z")
        if point.expected is not None:
            expected.append(f"M{x:.1f} {scale.y(point.expected)}h{scale.step:.1f}")
    dashes = f'fill="none" stroke="{QUIET}" stroke-dasharray="3 2"'
    return [
        f'<path class="usual" fill="{BAND}" d="{"".join(band)}"/>' if band else "",
        f'<path class="expected" {dashes} d="{"".join(expected)}"/>' if expected else "",
    ]


def _line(series: Series, scale: _Scale) -> list[str]:
    """The values, joined where years follow each other; larger where a level is reached."""
    line, points = [], []
    before: int | None = None
    for point in series.points:
        x, y = scale.x(point.year), scale.y(point.value)
        line.append(f"{'L' if before == point.year - 1 else 'M'}{x:.1f} {y}")
        points.append(f'<circle cx="{x:.1f}" cy="{y}" r="{2.5 + point.level}"/>')
        before = point.year
    return [
        f'<path class="value" fill="none" stroke="{MARK}" stroke-width="1.5" d="{"".join(line)}"/>',
        f'<g class="mark" fill="{MARK}">{"".join(points)}</g>',
    ]
