"""What keeps a number of a statistic from telling of one child: redaction, rounding, coding of extremes, k-anonymity.

Functions over frames. Counts below 10, zeros too, are redacted and the others rounded to 5; means are of 10 children or
more; the largest and smallest quantities are set to a limit that at least ten share. That margins and earlier releases
do not give a redacted count away is for `governance.suppression`.
"""

from collections.abc import Sequence
from itertools import combinations, product

import polars as pl

THRESHOLD = 10
"""Counts below it are redacted, and no mean is of fewer children."""

ROUNDING = 5
"""Counts are given to the nearest multiple of it."""

EXTREME_SHARE = 0.01
"""Share of the quantities at each end that is set to a limit; never of fewer than `THRESHOLD` children."""

ALL = "*"
"""Category of a margin: all categories of the dimension together."""


def rounded(count: pl.Expr) -> pl.Expr:
    """`count` (integers of at least 0) to the nearest multiple of `ROUNDING`, which is odd, so there is no half."""
    return (count + ROUNDING // 2) // ROUNDING * ROUNDING


def shown(count: pl.Expr, hidden: pl.Expr) -> pl.Expr:
    """What a reader gets of a count: rounded, or null where it is hidden or below `THRESHOLD`."""
    return pl.when(~hidden & (count >= THRESHOLD)).then(rounded(count))


def told(count: int) -> int | None:
    """What a reader gets of a single count: rounded, or None below `THRESHOLD`."""
    return None if count < THRESHOLD else (count + ROUNDING // 2) // ROUNDING * ROUNDING


def counts(cases: pl.DataFrame, categories: pl.DataFrame) -> pl.DataFrame:
    """Count `cases` by the columns of `categories`, margins included.

    Parameters
    ----------
    cases
        One row a child, with the columns of `categories`.
    categories
        Every combination that can be, one a row, also those nobody is in: leaving them out would say that they are 0.

    Returns
    -------
    pl.DataFrame
        The columns of `categories`, `ALL` where a row is a margin, and `count` (Int64), sorted.
    """
    dimensions = categories.columns
    found = cases.group_by(dimensions).agg(count=pl.len().cast(pl.Int64)) if dimensions else None
    if found is None:
        return pl.DataFrame({"count": [cases.height]}, schema={"count": pl.Int64})
    cells = categories.join(found, on=dimensions, how="left").with_columns(pl.col("count").fill_null(0))
    parts = []
    for size in range(len(dimensions) + 1):
        for kept in combinations(dimensions, size):
            grouped = cells.group_by(kept).agg(pl.col("count").sum()) if kept else cells.select(pl.col("count").sum())
            parts.append(
                grouped.with_columns(pl.lit(ALL).alias(name) for name in dimensions if name not in kept).select(
                    *dimensions, "count"
                )
            )
    return pl.concat(parts).sort(dimensions)


def means(
    cases: pl.DataFrame, cells: pl.DataFrame, dimensions: Sequence[str], value: str, percentiles: Sequence[int] = ()
) -> pl.DataFrame:
    """Add `mean` (Float64) of `value` to cells: null where hidden, of too few, or where a hidden part could be had.

    A mean of a margin that has a hidden cell within it is not given, since the means of the other cells would, with
    their counts, tell about the hidden one. A percentile is no child's own value, but the mean of the `THRESHOLD`
    children nearest to it, and given where at least as many lie on either side.

    Parameters
    ----------
    cases
        One row a child: `dimensions`, and `value` (Float64), null where not recorded.
    cells
        `dimensions`, `ALL` in margins, `count`, `hidden` (Boolean).
    dimensions
        Columns that name a cell.
    value
        Column of `cases`; to be given to `code_extremes` first.
    percentiles
        Of 1 to 99; columns `p25` and so on (Float64), null where `mean` is, too.
    """
    known, figures = cases.drop_nulls(value), ["mean", *(f"p{percent}" for percent in percentiles)]
    parts = []
    for margin in product([False, True], repeat=len(dimensions)):
        kept = [name for name, over in zip(dimensions, margin, strict=True) if not over]
        given = [pl.col(value).mean().round(1).alias("mean"), pl.len().alias("of")]
        given += [_percentile(value, percent).alias(f"p{percent}") for percent in percentiles]
        grouped = known.group_by(kept).agg(given) if kept else known.select(given)
        blank = [pl.lit(ALL).alias(name) for name in dimensions if name not in kept]
        within = cells.filter(pl.col("hidden"), *(pl.col(name) != ALL for name in dimensions))
        broken = within.select(kept).unique().with_columns(broken=True) if kept else None
        if broken is None:
            grouped = grouped.with_columns(broken=pl.lit(within.height > 0))
        else:
            grouped = grouped.join(broken, on=kept, how="left").with_columns(pl.col("broken").fill_null(False))
        parts.append(grouped.with_columns(blank).select(*dimensions, *figures, "of", "broken"))
    told = ~pl.col("hidden") & ~pl.col("broken") & (pl.col("of") >= THRESHOLD)
    joined = (
        cells.join(pl.concat(parts), on=dimensions, how="left") if dimensions else cells.join(parts[0], how="cross")
    )
    return joined.with_columns(pl.when(told).then(name).alias(name) for name in figures).drop("of", "broken")


def _percentile(value: str, percent: int) -> pl.Expr:
    """Mean of the `THRESHOLD` values nearest to a percentile; null where fewer lie on either side of it."""
    last = (pl.len() - 1).cast(pl.Float64)
    begin = (last * percent / 100 - (THRESHOLD - 1) / 2).round().clip(0, None).cast(pl.Int64)
    enough = pl.len() * min(percent, 100 - percent) >= 100 * THRESHOLD
    return pl.when(enough).then(pl.col(value).sort().slice(begin, THRESHOLD).mean().round(1))


def code_extremes(values: pl.Series) -> pl.Series:
    """Top and bottom coding: the `EXTREME_SHARE` at each end, and at least `THRESHOLD` children, get one limit.

    All null where fewer than two times `THRESHOLD` are known: there is no quantity then that ten share at each end.
    """
    known = values.drop_nulls().sort()
    shared = max(THRESHOLD, -int(-known.len() * EXTREME_SHARE // 1))
    if known.len() < 2 * shared:
        return pl.Series(values.name, [None] * values.len(), dtype=values.dtype)
    return values.clip(known[shared - 1], known[-shared])


def smallest_class(rows: pl.DataFrame, quasi_identifiers: Sequence[str]) -> int:
    """K of k-anonymity: children in the smallest class of rows that agree in all `quasi_identifiers`; 0 of no rows.

    L. Sweeney, k-anonymity: a model for protecting privacy (2002). Null is a value as any other; without
    `quasi_identifiers` all rows are one class.
    """
    if rows.is_empty() or not quasi_identifiers:
        return rows.height
    return int(rows.group_by(quasi_identifiers).len()["len"].min())  # type: ignore[arg-type]
