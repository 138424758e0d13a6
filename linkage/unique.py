"""A function of one string applied to a whole column: once for each different string, then joined back."""

from collections.abc import Callable

import polars as pl


def map_unique(column: pl.Series, function: Callable[[str], str | None]) -> pl.Series:
    """`function` of each value of a String column; null stays null, and where the function gives "" it is null too."""
    different = column.drop_nulls().unique()
    keys = pl.Series("key", [function(value) or None for value in different.to_list()], dtype=pl.String())
    return column.replace_strict(different, keys, default=None, return_dtype=pl.String()).alias(column.name)
