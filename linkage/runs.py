"""Runs: records of one number that show the same, one after another, as one row.

A number shows the same at most of its dates, so there are a third as many runs as records, and what a number showed is
collected from its runs.
"""

import polars as pl

from vocabulary.fiscal import fiscal_year_of

FIRST_YEAR = 1990
"""Fiscal year of the lowest bit of `<attribute>_years`; earlier ones count as this."""


def run() -> pl.Expr:
    """Number of the run: records one after another that show the same, whatever their dates."""
    shown = pl.exclude("as_of")
    return pl.any_horizontal(shown.ne_missing(shown.shift(1))).cum_sum()


def runs_of(records: pl.DataFrame) -> pl.DataFrame:
    """Records in the order of their `run`, a row each: its first `as_of`, `last_seen`, `records` and `years_shown`."""
    held = records.group_by("run", maintain_order=True).agg(
        pl.col("as_of").max().alias("last_seen"),
        pl.len().alias("records"),
        years_shown(pl.col("as_of")).bitwise_or().alias("years"),
    )
    first = pl.col("run").ne_missing(pl.col("run").shift(1))
    return records.filter(first).join(held, on="run", maintain_order="left")


def years_shown(as_of: pl.Expr) -> pl.Expr:
    """The fiscal year of a date and the year after it, as bits of an Int64."""
    place = (fiscal_year_of(as_of) - FIRST_YEAR).clip(0, 61)
    return pl.lit(3, pl.Int64) * pl.lit(2, pl.Int64).pow(place)
