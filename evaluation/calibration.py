"""Whether stated probabilities hold: in each bin, what was stated on average and how often it came true."""

import polars as pl

from evaluation.clusters import majority
from evaluation.rate import Figures, Rate

BOUNDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0)
"""Bounds of the bins. Most links are near 1, so the bins narrow there."""


class CalibrationBin(Figures):
    """Cases with a stated probability above `above` (in the first bin from 0) up to `upto`."""

    above: float
    upto: float
    stated: float | None
    observed: Rate


def calibrate(cases: pl.DataFrame) -> tuple[CalibrationBin, ...]:
    """Bin `cases` (`stated` Float64 in 0–1, `held` Boolean); a case without a statement is left out."""
    cases = cases.drop_nulls("stated")
    counted = (
        cases.with_columns(bin=pl.Series(BOUNDS[1:-1]).search_sorted(cases["stated"], side="left"))
        .group_by("bin")
        .agg(stated=pl.col("stated").mean(), held=pl.col("held").sum(), cases=pl.len())
    )
    found = {row["bin"]: row for row in counted.iter_rows(named=True)}
    empty = {"stated": None, "held": 0, "cases": 0}
    bins = ((BOUNDS[number], BOUNDS[number + 1], found.get(number, empty)) for number in range(len(BOUNDS) - 1))
    return tuple(
        CalibrationBin(above=above, upto=upto, stated=row["stated"], observed=Rate.counted(row["held"], row["cases"]))
        for above, upto, row in bins
    )


def link_calibration(matched: pl.DataFrame, cells: pl.DataFrame) -> tuple[CalibrationBin, ...]:
    """Each record's `match_probability` against whether it is a record of the child most of its person is.

    A person of a single record has no link to be sure of and is left out.
    """
    child = majority(cells).rename({"child": "main_child"})
    several = cells.filter(pl.col("of_person") > 1).select("person_id").unique()
    cases = (
        matched.join(several, on="person_id", how="semi")
        .join(child, on="person_id")
        .select(stated="match_probability", held=pl.col("child") == pl.col("main_child"))
    )
    return calibrate(cases)


def person_calibration(persons: pl.DataFrame, cells: pl.DataFrame) -> tuple[CalibrationBin, ...]:
    """Each person's `link_confidence` against whether it holds one child only.

    A person of a single record is left out.
    """
    pure = cells.filter(pl.col("of_person") > 1).group_by("person_id").agg(held=pl.col("child").n_unique() == 1)
    cases = persons.join(pure, on="person_id").select("held", stated="link_confidence")
    return calibrate(cases)
