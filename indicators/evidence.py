"""What a flag rests on: of each of its indicators the values before and now, the child's usual range, and the grade.

A quantity is held against the median of the grade. A step is counted: how many children of the grade had the same
value before, and how many of these are at the child's value now.
"""

import numpy as np
import polars as pl

from indicators.presence import UNKNOWN_GRADE, with_grade
from indicators.rules import Indicator, Rules
from indicators.score import Parts
from indicators.values import CHILD_YEAR

TOLD = 0.05
"""Share of the score below which an indicator is only counted among the others."""

FEWEST_ALIKE = 20
"""Children with the same value before, below which the whole grade is counted instead."""

OPTIONAL = {"percentile": pl.Float64(), "entry": pl.String()}
"""Columns of INDICATORS that those of earlier runs lack."""

HISTORY = ["year", "grade", "before", "before_year"]
"""What children counted together have in common."""

GRADE_KNOWN = pl.col("grade") != UNKNOWN_GRADE


def evidence(
    listed: pl.DataFrame, parts: Parts, indicators: pl.DataFrame, persons: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    """The indicators worth telling of each flag: those that make up a share of its score.

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
    is none), `norm` (of a quantity: the median of the grade, and of the sex where the rule's norm is by sex), and of a
    step `alike` (whether children with the same value before were counted, else the grade), `of` (children counted) and
    `reached` (of these, those at the child's value; where it is an amount, at it or beyond). What is held against the
    grade is null where the grade is unknown.
    """
    told = _weighty(listed, parts)
    values = indicators.select(*CHILD_YEAR, "indicator", "value")
    against = [
        _against_grade(name, rules.indicators[name], of_name, told, persons)
        for (name,), of_name in values.partition_by("indicator", as_dict=True, include_key=False).items()
    ]
    key = [*CHILD_YEAR, "indicator"]
    optional = [
        pl.lit(None, dtype=kind).alias(name) for name, kind in OPTIONAL.items() if name not in indicators.columns
    ]
    known = indicators.lazy().join(told.lazy().select(key), on=key, how="semi").with_columns(optional).collect()
    empty = _against(told.clear().select(CHILD_YEAR), "")
    return (
        told.join(known, on=key)
        .join(pl.concat([empty, *against]), on=key)
        .sort("contribution", "indicator", descending=[True, False])
    )


def _weighty(listed: pl.DataFrame, parts: Parts) -> pl.DataFrame:
    """The flags' indicators that make up a share of the score worth telling."""
    contributions = parts.contributions
    flag, column = np.nonzero((contributions > 0) & (contributions >= TOLD * contributions.sum(axis=1, keepdims=True)))
    return listed.select(CHILD_YEAR)[flag].with_columns(
        pl.Series("indicator", np.array(parts.names, dtype=np.str_)[column], dtype=pl.String),
        pl.Series("contribution", contributions[flag, column], dtype=pl.Float64),
    )


def _against_grade(
    name: str, rule: Indicator, values: pl.DataFrame, told: pl.DataFrame, persons: pl.DataFrame
) -> pl.DataFrame:
    """The told of one indicator's values: what was known before, and where they stand in the grade."""
    same_child = pl.col("person_id") == pl.col("person_id").shift(1)
    rows = (
        with_grade(values.lazy().sort(CHILD_YEAR), persons)
        .with_columns(
            pl.when(same_child).then(pl.col("value").shift(1)).alias("before"),
            pl.when(same_child).then(pl.col("year").shift(1)).alias("before_year"),
        )
        .collect()
    )
    facts = rows.join(told.filter(pl.col("indicator") == name), on=CHILD_YEAR, how="semi")
    found = _medians(facts, rows, rule, persons) if rule.model == "growth" else _counts(facts, rows, rule)
    return _against(found, name)


def _against(found: pl.DataFrame, name: str) -> pl.DataFrame:
    """`found` with every column of what is known against the grade, null where it does not apply."""
    columns = {
        "before": pl.Float64(),
        "before_year": pl.Int32(),
        "norm": pl.Float64(),
        "alike": pl.Boolean(),
        "of": pl.Int64(),
        "reached": pl.Int64(),
    }
    have = set(found.columns)
    return found.select(
        *CHILD_YEAR,
        pl.lit(name).alias("indicator"),
        *[
            (pl.col(column) if column in have else pl.lit(None)).cast(kind).alias(column)
            for column, kind in columns.items()
        ],
    )


def _medians(facts: pl.DataFrame, rows: pl.DataFrame, rule: Indicator, persons: pl.DataFrame) -> pl.DataFrame:
    """The median of each fact's grade, and sex where the norm is by sex; null where either is unknown."""
    cell = ["year", "grade", *(["sex"] if rule.by_sex else [])]
    if rule.by_sex:
        sexes = persons.select("person_id", "sex")
        facts, rows = (frame.join(sexes, on="person_id", how="left") for frame in (facts, rows))
    medians = rows.filter(GRADE_KNOWN).group_by(cell).agg(pl.col("value").median().alias("norm"))
    return facts.join(medians, on=cell, how="left")


def _counts(facts: pl.DataFrame, rows: pl.DataFrame, rule: Indicator) -> pl.DataFrame:
    """Children of the same history at the told value, or of the grade where few share the history."""
    counted = rows.filter(GRADE_KNOWN).group_by(*HISTORY, "value").agg(pl.len().alias("children"))
    alike = _reached(facts, counted, HISTORY, rule).with_columns(pl.lit(True).alias("alike"))
    grade = _reached(facts, counted, ["year", "grade"], rule).with_columns(pl.lit(False).alias("alike"))
    few = pl.col("before").is_null() | (pl.col("of") < FEWEST_ALIKE)
    found = pl.concat([alike.filter(~few), grade.join(alike.filter(few), on=CHILD_YEAR, how="semi")])
    return facts.join(found.drop("before"), on=CHILD_YEAR, how="left")


def _reached(facts: pl.DataFrame, counted: pl.DataFrame, history: list[str], rule: Indicator) -> pl.DataFrame:
    """Children counted together with each fact's child (`of`), and those at its value (`reached`)."""
    here, there = pl.col("value") * rule.sign, pl.col("value_counted") * rule.sign
    at_it = there == here if rule.words else there >= here
    return (
        facts.join(counted.select(*history, "value", "children"), on=history, nulls_equal=True, suffix="_counted")
        .group_by(*CHILD_YEAR, "before")
        .agg(pl.col("children").sum().alias("of"), pl.col("children").filter(at_it).sum().alias("reached"))
    )
