"""What a comparison of two runs tells; `mimamori.comparing_runs` makes it."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from governance.disclosure import ALL

STATUSES = ("new", "left", "stays")
"""What became of a place on the list: it is on the later one alone, on the earlier one alone, or on both."""

TOTAL = ALL
"""Kind or school of the row of all together."""


@dataclass(frozen=True)
class Comparison:
    """What changed from one run to a later one.

    A list is that of the latest fiscal year of its run. Where the comparison is for statistics only, a count is rounded
    or null (hidden), and there are no rows of children.
    """

    earlier: str  # run ids
    later: str
    years: tuple[int | None, int | None]  # whose lists are compared; None where a run raised no flag
    persons: Mapping[str, int | None]  # before · after · new · gone · merged · split
    listed: Mapping[str, int | None]  # children on the lists: before · after · new · left · stays · up · down
    held: Mapping[str, int | None]  # flags held for a review of their link: before · after
    by_kind: pl.DataFrame  # kind · new · left · stays: flags; a row `TOTAL` where protected
    by_school: pl.DataFrame  # school (null: none known) · new · left · stays: children
    judgements: pl.DataFrame  # domain · before · after · children: of the same child and year, where it changed
    children: pl.DataFrame | None  # person_id · status · rank_before · rank_after · kinds · school, by rank
    events: pl.DataFrame | None  # run · kind · person_id · other_id · records · reason
