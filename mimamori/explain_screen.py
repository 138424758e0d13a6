"""Explanations as lines of a terminal: tables, and the steps of a waterfall as bars."""

from collections.abc import Iterable, Sequence
from io import StringIO
from shutil import get_terminal_size

from rich.console import Console
from rich.table import Table

from linkage.explaining import Explanation, Reading
from mimamori.explain import PairShown, PersonShown
from mimamori.explain_tables import (
    group_rows,
    headers,
    joining_rows,
    step_rows,
    value_headers,
    value_rows,
    way_headers,
    way_rows,
)
from mimamori.explain_words import READINGS, group_name, pair_said, reading_title, steps, time_said
from mimamori.review_screen import evidence_line
from vocabulary.texts import text

BAR = 32
"""Columns of a waterfall."""


def explained_lines(shown: PairShown | PersonShown) -> list[str]:
    """What is shown of two groups of records, or of a child."""
    return pair_lines(shown) if isinstance(shown, PairShown) else person_lines(shown)


def pair_lines(shown: PairShown) -> list[str]:
    """The evidence between two groups of records, and their values."""
    explanation = shown.explanation
    lines = [
        f"{shown.left.profile} {group_name(shown.left)} · {shown.right.profile} {group_name(shown.right)}",
        evidence_line(explanation.evidence),
        *pair_said(shown),
    ]
    for reading in READINGS:
        decides = f" ({text('explain.decides')})" if explanation.decided_by == reading else ""
        lines += ["", f"{reading_title(explanation, reading)}{decides}", *_waterfall(explanation, reading)]
    lines += ["", text("explain.ways_lead", time=time_said(explanation.years))]
    lines += table_lines(way_headers(explanation), way_rows(explanation))
    return [*lines, "", text("explain.values_title"), *table_lines(value_headers(shown), value_rows(shown))]


def person_lines(shown: PersonShown) -> list[str]:
    """What holds a child's records together, and the evidence of the weakest link."""
    records = sum(group.records for group in shown.groups)
    lines = [text("explain.person_summary", person=shown.person_id, profiles=len(shown.groups), records=records)]
    columns = headers("profile", "source", "number", "first", "last", "records", "person")
    lines += table_lines(columns, group_rows(shown.groups))
    columns = headers("left", "right", "bits", "probability", "remark")
    if shown.weakest is None:
        lines += ["", text("explain.person_alone")]
    else:
        rows = joining_rows(shown.joinings, shown.groups, weakest=shown.joinings[-1])
        lines += ["", text("explain.joinings_title"), *table_lines(columns, rows)]
    if shown.apart:
        lines += ["", text("explain.apart_title"), *table_lines(columns, joining_rows(shown.apart, shown.groups))]
    else:
        lines += ["", text("explain.apart_none")]
    return lines if shown.weakest is None else [*lines, "", text("explain.weakest_title"), *pair_lines(shown.weakest)]


def _waterfall(explanation: Explanation, reading: Reading) -> list[str]:
    found = steps(explanation, reading)
    spans = [*((step.before, step.after) for step in found), (0.0, found[-1].after)]
    low, high = min(map(min, spans)), max(map(max, spans))
    bars = [_bar(start, end, low, high) for start, end in spans]
    rows = [(*row, bar) for row, bar in zip(step_rows(explanation, reading), bars, strict=True)]
    return table_lines(headers("term", "level", "bits", "sum", "bar"), rows)


def _bar(start: float, end: float, low: float, high: float) -> str:
    """A bar from `start` to `end` within `low` to `high`: full where it adds, shaded where it takes away."""
    first, last = sorted(round((bits - low) / ((high - low) or 1.0) * BAR) for bits in (start, end))
    return " " * first + ("█" if end >= start else "░") * (last - first)


def table_lines(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a table as wide as the terminal; what does not fit goes to the next line of its cell."""
    table = Table(show_header=True, header_style="", box=None, padding=(0, 2, 0, 0))
    for header in columns:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*row)
    output = StringIO()
    width = max(get_terminal_size((120, 24)).columns, 80)
    Console(file=output, width=width, color_system=None, highlight=False, emoji=False, markup=False).print(table)
    return [line.rstrip() for line in output.getvalue().splitlines()]
