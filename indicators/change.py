"""Change against noise: every value beside what was to be expected of this child in this year.

Quantities are judged by `indicators.growth`, steps by `indicators.transitions`. Both give a normal deviate, so that
`change_z` means the same for every indicator: how unusual the value is among children with the same history, positive
where it is worse.
"""

from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

from indicators.growth import expect
from indicators.norms import restored, standardise
from indicators.reference import standing as by_reference
from indicators.rules import Indicator
from indicators.schools import school_effects
from indicators.transitions import UNKNOWN, UNRECORDED, surprise
from vocabulary.fiscal import grade_of

Number = TypeVar("Number", np.float64, np.int64)

USUAL = 1.2816
"""Half-width of the usual range in deviations: eight years in ten fall within it."""

AGE_GROUPS = (1, 7, 10)
"""Grades at which elementary, junior high and high school begin."""

UNKNOWN_GRADE = -99

CHANGES = [
    *["level", "previous_value", "previous_level", "change", "change_z"],
    *["expected", "usual_low", "usual_high", "percentile", "entry"],
]


def measure_change(
    values: pl.DataFrame,
    seen: pl.DataFrame,
    persons: pl.DataFrame,
    rule: Indicator,
    schools: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Judge one indicator's values.

    Parameters
    ----------
    values : DataFrame
        `person_id, year, as_of, value`, one row a child and fiscal year, no nulls.
    seen : DataFrame
        `person_id, year`: every child and year in which some department recorded the child.
    persons : DataFrame
        vocabulary.frames.PERSONS.
    rule : Indicator
        The indicator the values are of.
    schools : DataFrame, optional
        `person_id, year, school`, as `indicators.schools.schools_of` gives it.

    Returns
    -------
    The same rows in the same order with the columns CHANGES as in vocabulary.frames.INDICATORS.
    """
    if rule.model == "growth":
        judged = _judge_quantity(_in_schools(_placed(values, persons), schools), rule)
    else:
        judged = _judge_steps(_placed(_with_unrecorded(values, seen), persons), rule)
    below = 100 * ndtr(judged["change_z"].cast(pl.Float64).to_numpy())
    judged = judged.with_columns(pl.Series("percentile", below, nan_to_null=True))
    before = judged.select(
        "child",
        pl.col("year") + 1,
        pl.col("value").alias("previous_value"),
        pl.col("level").alias("previous_level"),
    )
    found = judged.join(before, on=["child", "year"], how="left").with_columns(
        (pl.col("value") - pl.col("previous_value")).alias("change"), entry()
    )
    return values.join(
        found.select("person_id", "year", *CHANGES), on=["person_id", "year"], how="left", maintain_order="left"
    )


def _with_unrecorded(values: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Values, and a row without one for each child seen in a year in which others have a value but it has not."""
    return seen.join(values.select("year").unique(), on="year", how="semi").join(
        values, on=["person_id", "year"], how="full", coalesce=True
    )


def _placed(values: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """Values with the child's grade and sex and its row and column in a matrix of children and years."""
    known = persons.select("person_id", "birth_date", "sex")
    return values.join(known, on="person_id", how="left", maintain_order="left").with_columns(
        grade_of(pl.col("birth_date"), pl.col("year")).fill_null(UNKNOWN_GRADE).alias("grade"),
        (pl.col("person_id").rank("dense") - 1).cast(pl.Int64).alias("child"),
        (pl.col("year") - pl.col("year").min()).cast(pl.Int64).alias("column"),
    )


def _in_schools(placed: pl.DataFrame, schools: pl.DataFrame | None) -> pl.DataFrame:
    """Placed values with `group`, the number of the child's school in the year; -1 where none is known."""
    if schools is None or schools.is_empty():
        return placed.with_columns(pl.lit(-1, dtype=pl.Int64).alias("group"))
    return placed.join(schools, on=["person_id", "year"], how="left", maintain_order="left").with_columns(
        pl.when(pl.col("school").is_not_null())
        .then(pl.struct("school", "year").rank("dense").cast(pl.Int64) - 1)
        .otherwise(-1)
        .alias("group")
    )


def _judge_quantity(placed: pl.DataFrame, rule: Indicator) -> pl.DataFrame:
    standing = standardise(placed, rule)
    at, stood = _cells(standing), standing["standing"].to_numpy()
    first = expect(_matrix(standing, stood, np.nan))
    # What met the whole school is part of neither this year's change nor the history of the years after.
    effect = first.deviation[at] * school_effects(first.surprise[at], standing["group"].to_numpy())
    found = expect(_matrix(standing, stood - effect, np.nan)) if effect.any() else first
    mean, deviation = pl.Series(found.mean[at] + effect), pl.Series(found.deviation[at])
    own = pl.when(pl.Series(found.earlier[at] > 0))
    centre, spread = pl.col("centre"), pl.col("spread")
    scored = standing.with_columns(
        pl.Series("change_z", found.surprise[at] * rule.sign, nan_to_null=True),
        *[
            own.then(restored(rule, centre + spread * (mean + width * deviation))).alias(name)
            for name, width in (("usual_low", -USUAL), ("usual_high", USUAL))
        ],
        restored(rule, centre + spread * mean).alias("expected"),
    )
    return scored.with_columns(level(rule, _measured(scored, rule)))


def _measured(scored: pl.DataFrame, rule: Indicator) -> pl.Expr:
    """What the levels are of; where a table of reference says nothing, at other ages, the norm."""
    if rule.reference:
        return pl.coalesce(pl.lit(by_reference(scored, rule.reference)), "standing")
    return pl.col("standing" if rule.on == "norm" else "value")


def _judge_steps(placed: pl.DataFrame, rule: Indicator) -> pl.DataFrame:
    marks = [cut.begins * rule.sign for cut in rule.levels]
    reached = [(pl.col("value") * rule.sign >= mark).cast(pl.Int64) for mark in marks]
    state = placed.select(pl.sum_horizontal(reached, ignore_nulls=False).fill_null(UNRECORDED)).to_series()
    grade = placed["grade"].to_numpy()
    ages = [_matrix(placed, age, 0) for age in (np.digitize(grade, AGE_GROUPS), grade.astype(np.int64) - UNKNOWN_GRADE)]
    deviate = surprise(_matrix(placed, state.to_numpy(), UNKNOWN), ages, len(marks))
    lowest, highest = _earlier_range(_matrix(placed, placed["value"].fill_null(np.nan).to_numpy(), np.nan))
    at = _cells(placed)
    return placed.with_columns(
        pl.Series("change_z", deviate[at]),
        pl.lit(None, dtype=pl.Float64).alias("expected"),
        pl.Series("usual_low", lowest[at], nan_to_null=True),
        pl.Series("usual_high", highest[at], nan_to_null=True),
        level(rule, pl.col("value")),
    ).drop_nulls("value")


def level(rule: Indicator, measure: pl.Expr) -> pl.Expr:
    """Level 0–3 of a measure by the rule's marks, as Int8."""
    reached = [
        pl.when(measure * rule.sign >= cut.begins * rule.sign).then(cut.level).otherwise(0) for cut in rule.levels
    ]
    return pl.max_horizontal(reached).cast(pl.Int8).alias("level")


def entry() -> pl.Expr:
    """Whether a child is at level 1 or higher for the first time known, again, or still; null at level 0.

    For frames with `child`, `year` and `level`, one row a child and year, in any order.
    """
    reached = pl.col("level") >= 1
    last = reached.shift(1).over("child", order_by="year")
    ever = reached.cast(pl.Int8).cum_max().shift(1).over("child", order_by="year") == 1
    return (
        pl.when(~reached)
        .then(None)
        .when(last)
        .then(pl.lit("stays"))
        .when(ever)
        .then(pl.lit("again"))
        .otherwise(pl.lit("first"))
        .alias("entry")
    )


def _cells(placed: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return placed["child"].to_numpy(), placed["column"].to_numpy()


def _matrix(placed: pl.DataFrame, content: NDArray[Number], empty: float) -> NDArray[Number]:
    """Content of the rows as a matrix of children and years, `empty` where there is no row."""
    rows, columns = _cells(placed)
    shape = (int(rows.max(initial=-1)) + 1, int(columns.max(initial=-1)) + 1)
    matrix = np.full(shape, empty, dtype=content.dtype)
    matrix[rows, columns] = content
    return matrix


def _earlier_range(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest of each child's values in the years before, NaN where there were none."""
    shifted = np.full_like(values, np.nan)
    shifted[:, 1:] = values[:, :-1]
    return np.fmin.accumulate(shifted, axis=1), np.fmax.accumulate(shifted, axis=1)
