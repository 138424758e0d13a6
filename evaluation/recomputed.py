"""What is computed anew for an evaluation, from a run's own data and rules: longer lists, all scores, other inputs.

Whoever evaluates makes these frames (`mimamori` does); an evaluation leaves out what it is not given.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl


@dataclass(frozen=True)
class Recomputed:
    """Frames beside those of the run.

    longer
        FLAGS of lists longer than the run's, in the run's own order.
    scores
        `person_id, year, score` of every child and year.
    truly_linked
        FLAGS raised when every link is true; `person_id` is the truth's child.
    without
        FLAGS raised without one column, by (source, column); the column is `*` for a whole source, the flags None for
        a column that no indicator reads.
    without_all
        Raises FLAGS without all of some columns, given as (source, column).
    """

    longer: pl.DataFrame | None = None
    scores: pl.DataFrame | None = None
    truly_linked: pl.DataFrame | None = None
    without: Mapping[tuple[str, str], pl.DataFrame | None] = field(default_factory=dict)
    without_all: Callable[[Sequence[tuple[str, str]]], pl.DataFrame] | None = None
