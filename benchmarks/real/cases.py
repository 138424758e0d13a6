"""The data sets: where their files stand, who a row is of, when it was recorded, which columns drops are put into."""

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

NOTHING = ("", "NA")
"""How a blank is written in these files."""


class Case(NamedTuple):
    """A data set in long form, a row a person and occasion.

    `subjects` are the columns that get lower when things get worse, `decimals` how finely each is written. `day` makes
    the date of a row.
    """

    name: str
    title: str
    file: str  # under the data folder, as in Rdatasets
    person: str
    day: pl.Expr
    subjects: tuple[str, ...]
    decimals: Mapping[str, int]


SCHOOL_YEARS = {"K": "1986-03-31", "1": "1987-03-31", "2": "1988-03-31", "3": "1989-03-31"}
"""Project STAR tested one cohort each spring, in the grade it was to be in; spring 1986 is fiscal year 1985."""

CASES = {
    case.name: case
    for case in (
        Case(
            name="star",
            title="Project STAR: reading, mathematics, free lunch",
            file="mlmRev/star.csv",
            person="id",
            day=pl.col("gr").replace_strict(SCHOOL_YEARS),
            subjects=("read", "math"),
            decimals={"read": 0, "math": 0},
        ),
        Case(
            name="egsingle",
            title="Sustaining Effects Study: mathematics",
            file="mlmRev/egsingle.csv",
            person="childid",
            day=pl.format("{}-03-31", (pl.col("year").cast(pl.Float64) + 1978.5).cast(pl.Int32)),
            subjects=("math",),
            decimals={"math": 3},
        ),
        Case(
            name="nlswork",
            title="National Longitudinal Survey of young women: wages, hours",
            file="sampleSelection/nlswork.csv",
            person="idcode",
            day=pl.format("19{}-06-30", pl.col("year")),
            subjects=("ln_wage", "hours"),
            decimals={"ln_wage": 4, "hours": 0},
        ),
    )
}
