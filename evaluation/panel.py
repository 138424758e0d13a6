"""The indicators as a matrix: a row for each child and year, a column for each indicator.

The rules a run's flags are held against are formed from it, so that all of them see the same records.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CHILD_YEAR = ["child", "year"]
FEWEST_ROWS = 3
"""Rows in which two columns must be known together before they are correlated."""


@dataclass(frozen=True)
class Panel:
    """Indicators of every child and year in which one is known.

    `rows` has `child, year`, sorted; the matrices have its rows and a column for each of `names`, NaN where unknown.
    `worse` is the direction of each indicator that is worse (+1 higher, −1 lower, 0 not known).
    """

    rows: pl.DataFrame
    names: tuple[str, ...]
    value: Floats
    change: Floats
    level: Floats
    surprise: Floats
    worse: Floats

    def earlier(self, years: int) -> NDArray[np.int64]:
        """The row of the same child so many years before, −1 where there is none."""
        numbered = self.rows.with_row_index("row")
        before = numbered.select("child", pl.col("year") + years, earlier="row")
        found = self.rows.join(before, on=CHILD_YEAR, how="left", maintain_order="left")["earlier"]
        return found.cast(pl.Int64).fill_null(-1).to_numpy()

    def value_before(self, years: int) -> Floats:
        """The child's values so many years before."""
        rows = self.earlier(years)
        return np.where(rows[:, None] >= 0, self.value[rows], np.nan)


def panel(indicators: pl.DataFrame) -> Panel:
    """Lay out INDICATORS with `child`; of two persons of one child the first with a value counts."""
    known = indicators.filter(pl.col("value").is_not_null()).unique(
        [*CHILD_YEAR, "indicator"], keep="first", maintain_order=True
    )
    rows = known.select(CHILD_YEAR).unique().sort(CHILD_YEAR)
    names = tuple(known["indicator"].unique().sort())
    numbered = known.join(rows.with_row_index("row"), on=CHILD_YEAR).with_columns(
        column=pl.col("indicator").replace_strict({name: at for at, name in enumerate(names)}, return_dtype=pl.Int64)
    )
    at = numbered["row"].to_numpy(), numbered["column"].to_numpy()

    def matrix(column: str) -> Floats:
        laid = np.full((rows.height, len(names)), np.nan)
        laid[at] = numbered[column].cast(pl.Float64).fill_null(np.nan).to_numpy()
        return laid

    change, surprise = matrix("change"), matrix("change_z")
    worse = np.sign(np.nansum(np.sign(change) * np.sign(surprise), axis=0))
    return Panel(rows, names, matrix("value"), change, matrix("level"), surprise, worse)


def correlation(left: Floats, right: Floats) -> Floats:
    """Correlation of each column of one matrix with that of the other, over the rows that know both; 0 where none."""
    known = np.isfinite(left) & np.isfinite(right)
    count = np.maximum(known.sum(axis=0), 1)
    x, y = (np.where(known, side, 0.0) for side in (left, right))
    x, y = (np.where(known, side - side.sum(axis=0) / count, 0.0) for side in (x, y))
    scale = np.sqrt((x**2).sum(axis=0) * (y**2).sum(axis=0))
    found = np.divide((x * y).sum(axis=0), scale, out=np.zeros(left.shape[1]), where=scale > 0)
    return np.where(known.sum(axis=0) >= FEWEST_ROWS, found, 0.0)
