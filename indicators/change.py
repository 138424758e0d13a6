"""Change against noise: every value beside what was to be expected of this child in this year.

Quantities are judged by `indicators.growth`, steps by `indicators.transitions`. Both give a normal deviate, so that
`change_z` means the same for every indicator: how unusual the value is among children with the same history, positive
where it is worse.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

from indicators.cohort import Cohort
from indicators.growth import expect
from indicators.norms import restored, standardise
from indicators.presence import UNKNOWN_GRADE
from indicators.reference import standing as by_reference
from indicators.rules import Indicator
from indicators.schools import school_effects
from indicators.transitions import UNKNOWN, UNRECORDED, surprise

Cells = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Rows and columns of a matrix of children and years."""

USUAL = 1.2816
"""Half-width of the usual range in deviations: eight years in ten fall within it."""

AGE_GROUPS = (1, 7, 10)
"""Grades at which elementary, junior high and high school begin."""

SAME_CHILD = (pl.col("person_id") == pl.col("person_id").shift(1)).fill_null(False)
"""Whether the row above, of a frame sorted by child and year, is of the same child."""

CHANGES = [
    *["level", "previous_value", "previous_level", "change", "change_z"],
    *["expected", "usual_low", "usual_high", "percentile", "entry"],
]


def measure_change(values: pl.DataFrame, cohort: Cohort, rule: Indicator) -> pl.DataFrame:
    """Judge one indicator's values.

    Parameters
    ----------
    values : DataFrame
        `person_id, year, as_of, value`, one row a child, by number, and fiscal year, sorted by both; no nulls.
    cohort : Cohort
        Of these children and years.
    rule : Indicator
        The indicator the values are of.

    Returns
    -------
    The same rows in the same order with the columns CHANGES as in vocabulary.frames.INDICATORS.
    """
    judge = _judge_quantity if rule.model == "growth" else _judge_steps
    judged = judge(values, cohort, rule)
    below = 100 * ndtr(judged["change_z"].cast(pl.Float64).to_numpy())
    before = SAME_CHILD & (pl.col("year").shift(1) == pl.col("year") - 1)
    return (
        judged.with_columns(
            pl.Series("percentile", below, nan_to_null=True),
            pl.when(before).then(pl.col("value").shift(1)).alias("previous_value"),
            pl.when(before).then(pl.col("level").shift(1)).alias("previous_level"),
            entry(),
        )
        .with_columns((pl.col("value") - pl.col("previous_value")).alias("change"))
        .select(*values.columns, *CHANGES)
    )


def _judge_quantity(values: pl.DataFrame, cohort: Cohort, rule: Indicator) -> pl.DataFrame:
    standing = standardise(cohort.placed(values), rule)
    at, stood = _placed(standing), standing["standing"].to_numpy()
    first = expect(_matrix(standing, stood))
    # What met the whole school is part of neither this year's change nor the history of the years after.
    effect = first.deviation[at] * school_effects(first.surprise[at], standing["group"].to_numpy())
    found = expect(_matrix(standing, stood - effect)) if effect.any() else first
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


def _judge_steps(values: pl.DataFrame, cohort: Cohort, rule: Indicator) -> pl.DataFrame:
    marks = [cut.begins * rule.sign for cut in rule.levels]
    reached = pl.sum_horizontal((pl.col("value") * rule.sign >= mark).cast(pl.Int64) for mark in marks)
    at, first_year = _cells(values)
    states = _unrecorded(at, first_year, cohort)
    states[at] = values.select(reached).to_series().to_numpy()
    grade = cohort.grades(first_year, states.shape[1])
    deviate = surprise(states, [np.digitize(grade, AGE_GROUPS), grade - UNKNOWN_GRADE], len(marks))
    shown = np.full(states.shape, np.nan)
    shown[at] = values["value"].to_numpy()
    lowest, highest = _earlier_range(shown)
    return values.with_columns(
        pl.Series("change_z", deviate[at]),
        pl.lit(None, dtype=pl.Float64).alias("expected"),
        pl.Series("usual_low", lowest[at], nan_to_null=True),
        pl.Series("usual_high", highest[at], nan_to_null=True),
        level(rule, pl.col("value")),
    )


def _cells(values: pl.DataFrame) -> tuple[Cells, int]:
    """Row and column of each value in a matrix of the cohort's children and the values' years, and the first year."""
    year = values["year"].cast(pl.Int64).to_numpy()
    first_year = int(year.min())
    return (values["person_id"].to_numpy(), year - first_year), first_year


def _unrecorded(at: Cells, first_year: int, cohort: Cohort) -> NDArray[np.int64]:
    """States of children and years: UNRECORDED for each child seen in a year in which others have a value."""
    delivered = np.unique(at[1])
    states = np.full((len(cohort.seen), int(delivered[-1]) + 1), UNKNOWN)
    seen = cohort.seen[:, delivered + first_year - cohort.first_year]
    states[:, delivered] = np.where(seen, UNRECORDED, UNKNOWN)
    return states


def level(rule: Indicator, measure: pl.Expr) -> pl.Expr:
    """Level 0–3 of a measure by the rule's marks, as Int8."""
    reached = [
        pl.when(measure * rule.sign >= cut.begins * rule.sign).then(cut.level).otherwise(0) for cut in rule.levels
    ]
    return pl.max_horizontal(reached).cast(pl.Int8).alias("level")


def entry() -> pl.Expr:
    """Whether a child is at level 1 or higher for the first time known, again, or still; null at level 0.

    For frames with `person_id`, `year` and `level`, one row a child and year, sorted by both.
    """
    reached = pl.col("level") >= 1
    earlier = reached.cast(pl.Int32).cum_sum() - reached.cast(pl.Int32)  # rows above that reached it, of any child
    ever = earlier > pl.when(SAME_CHILD).then(None).otherwise(earlier).forward_fill()
    return (
        pl.when(~reached)
        .then(None)
        .when(SAME_CHILD & reached.shift(1))
        .then(pl.lit("stays"))
        .when(ever)
        .then(pl.lit("again"))
        .otherwise(pl.lit("first"))
        .alias("entry")
    )


def _matrix(placed: pl.DataFrame, content: NDArray[np.float64]) -> NDArray[np.float64]:
    """Content of the rows as a matrix of children and years, NaN where there is no row."""
    rows, columns = _placed(placed)
    matrix = np.full((int(rows[-1]) + 1, int(columns.max()) + 1), np.nan)
    matrix[rows, columns] = content
    return matrix


def _placed(placed: pl.DataFrame) -> Cells:
    return placed["child"].to_numpy(), placed["column"].to_numpy()


def _earlier_range(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest of each child's values in the years before, NaN where there were none."""
    shifted = np.full_like(values, np.nan)
    shifted[:, 1:] = values[:, :-1]
    return np.fmin.accumulate(shifted, axis=1), np.fmax.accumulate(shifted, axis=1)
