"""A child's records as a graph: a row for each number of a source over the years, arcs for what joins them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from api.links.link_reviews import Group, Link

ROW, LEFT, NAMES, YEAR, MARGIN = 34, 150, 210, 34, 30
"""Pixels: of a row, of the arcs at the left, of the names, of a year, at the right end."""


@dataclass(frozen=True)
class Node:
    """A group of records: its row and the bar of the years it was seen in."""

    y: int
    group: Group
    x: float
    width: float


@dataclass(frozen=True)
class Arc:
    """A joining of two rows, as the path that is drawn."""

    path: str
    middle: tuple[float, float]
    link: Link
    weakest: bool


@dataclass(frozen=True)
class Graph:
    """The drawing's size, its years, rows and arcs."""

    width: int
    height: int
    names: int
    years: tuple[tuple[float, int], ...]
    nodes: tuple[Node, ...]
    arcs: tuple[Arc, ...]


def graph(groups: Sequence[Group], joined: Sequence[Link]) -> Graph:
    """Lay out the groups from the earliest on; `joined` is in the order of its evidence, the weakest last."""
    first = min(one.first.year for one in groups)
    last = max(one.last.year for one in groups)
    start = LEFT + NAMES

    def place(day: date) -> float:
        return round(start + (day.year - first + (day.timetuple().tm_yday - 1) / 366) * YEAR, 1)

    row = {one.profile: ROW + number * ROW for number, one in enumerate(groups)}
    nodes = tuple(
        Node(row[one.profile], one, place(one.first), max(round(place(one.last) - place(one.first), 1), 6.0))
        for one in groups
    )
    arcs = tuple(
        _arc(row[one.left], row[one.right], one, weakest=one is joined[-1] and len(joined) > 1)
        for one in joined
        if one.left in row and one.right in row
    )
    years = tuple((start + (year - first) * YEAR, year) for year in range(first, last + 2))
    width = start + (last - first + 1) * YEAR + MARGIN
    return Graph(width, ROW * (len(groups) + 1), LEFT, years, nodes, arcs)


def _arc(one: int, other: int, link: Link, *, weakest: bool) -> Arc:
    top, bottom = sorted((one, other))
    reach = min(20 + (bottom - top) * 0.6, LEFT - 10)
    path = f"M {LEFT} {top} C {LEFT - reach:.0f} {top}, {LEFT - reach:.0f} {bottom}, {LEFT} {bottom}"
    return Arc(path, (LEFT - reach * 0.75, (top + bottom) / 2), link, weakest)
