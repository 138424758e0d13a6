"""What a flag rests on: for each of its indicators the values before and now, the child's usual range and the norm."""

import numpy as np
import polars as pl

from indicators.rules import Rules
from indicators.score import Parts
from indicators.values import CHILD_YEAR
from vocabulary.fiscal import grade_of

TOLD = 0.05
"""Share of the score below which an indicator is only counted among the others."""


def evidence(
    listed: pl.DataFrame, parts: Parts, indicators: pl.DataFrame, persons: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    """The indicators worth telling of each flag: those that weigh, and moved for the worse or less than the norm did.

    Parameters
    ----------
    listed : DataFrame
        Flags, with `person_id` and `year`.
    parts : Parts
        What the flags' scores are made of, in the same order.
    indicators : DataFrame
        vocabulary.frames.INDICATORS.
    persons : DataFrame
        vocabulary.frames.PERSONS.
    rules : Rules
        Those the indicators were computed by.

    Returns
    -------
    DataFrame of one row a flag and indicator, the largest `contribution` first: `person_id, year, indicator,
    contribution`, the columns of INDICATORS, `before` and `before_year` (the last value known earlier, null where there
    is none), `norm` (median of the grade in the year) and `share` (of the grade's recorded children at this value or
    worse).
    """
    told = _weighty(listed, parts)
    signs = {name: rule.sign for name, rule in rules.indicators.items()}
    sign = pl.col("indicator").replace_strict(signs, return_dtype=pl.Int8)
    against_norm = [name for name, rule in rules.indicators.items() if rule.on == "norm"]
    moved = pl.col("before").is_null() | ((pl.col("value") - pl.col("before")) * sign > 0)
    standing = pl.concat(_against_grade(indicators, told, name, signs[name], persons) for name in sorted(signs))
    key = [*CHILD_YEAR, "indicator"]
    return (
        told.join(_with_last_value(indicators, told), on=key)
        .join(standing, on=key)
        .filter(moved | pl.col("indicator").is_in(against_norm))
        .sort("contribution", "indicator", descending=[True, False])
    )


def _weighty(listed: pl.DataFrame, parts: Parts) -> pl.DataFrame:
    """The flags' indicators that make up a share of the score worth telling."""
    contributions = parts.contributions
    flag, column = np.nonzero((contributions > 0) & (contributions >= TOLD * contributions.sum(axis=1, keepdims=True)))
    return listed.select(CHILD_YEAR)[flag].with_columns(
        pl.Series("indicator", np.array(parts.names, dtype=np.str_)[column]),
        pl.Series("contribution", contributions[flag, column]),
    )


def _with_last_value(indicators: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """The told indicators, with the last value known before each."""
    earlier = ["person_id", "indicator"]
    return (
        indicators.lazy()
        .join(told.lazy(), on="person_id", how="semi")
        .sort("person_id", "indicator", "year")
        .with_columns(
            pl.col("value").shift(1).over(earlier).alias("before"),
            pl.col("year").shift(1).over(earlier).alias("before_year"),
        )
        .join(told.lazy(), on=[*CHILD_YEAR, "indicator"], how="semi")
        .collect()
    )


def _against_grade(
    indicators: pl.DataFrame, told: pl.DataFrame, name: str, sign: int, persons: pl.DataFrame
) -> pl.DataFrame:
    """Where the told values of one indicator stand among the children of the same grade in the year."""
    cell = ["year", "grade"]
    born = persons.lazy().select("person_id", "birth_date")
    return (
        indicators.lazy()
        .filter(pl.col("indicator") == name)
        .select(*CHILD_YEAR, "indicator", "value")
        .join(born, on="person_id", how="left")
        .with_columns(grade_of(pl.col("birth_date"), pl.col("year")).alias("grade"))
        .select(
            *CHILD_YEAR,
            "indicator",
            pl.col("value").median().over(cell).alias("norm"),
            ((pl.col("value") * -sign).rank("max").over(cell) / pl.len().over(cell)).alias("share"),
        )
        .join(told.lazy(), on=[*CHILD_YEAR, "indicator"], how="semi")
        .collect()
    )
