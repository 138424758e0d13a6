"""The evidence of a pair as a bar for each step, from the sum before it to the sum after it; a table stands beside."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.links.link_reviews import Step

WIDTH, ROW, NAMES, MARGIN = 720, 26, 260, 60
"""Pixels: of the drawing, of a row, of the names at its left, of the figures at its right."""


@dataclass(frozen=True)
class Bar:
    """A row of the drawing: its place, its bar from `x` on, and whether it takes away."""

    y: int
    name: str
    x: float
    width: float
    end: float
    bits: float
    takes: bool
    total: bool


@dataclass(frozen=True)
class Waterfall:
    """The drawing's size, the place of 0, and its rows."""

    width: int
    height: int
    zero: float
    rows: tuple[Bar, ...]


def waterfall(steps: Sequence[Step], total: str) -> Waterfall:
    """Lay out the steps one upon the other, and last their sum from 0."""
    reached = steps[-1].after if steps else 0.0
    spans = [(step.name, step.before, step.after, step.bits) for step in steps] + [(total, 0.0, reached, reached)]
    low = min(0.0, *(min(start, end) for _, start, end, _ in spans))
    high = max(0.0, *(max(start, end) for _, start, end, _ in spans))
    scale = (WIDTH - NAMES - MARGIN) / max(high - low, 1.0)

    def place(bits: float) -> float:
        return round(NAMES + (bits - low) * scale, 1)

    rows = tuple(
        Bar(
            y=number * ROW,
            name=name,
            x=place(min(start, end)),
            width=round(max(abs(end - start) * scale, 1.0), 1),
            end=place(max(start, end)),
            bits=bits,
            takes=bits < 0,
            total=number == len(steps),
        )
        for number, (name, start, end, bits) in enumerate(spans)
    )
    return Waterfall(WIDTH, len(spans) * ROW, place(0.0), rows)
