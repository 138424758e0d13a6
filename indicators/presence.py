"""Which department recorded which child when: the bare fact, without what was recorded."""

from collections.abc import Sequence

import polars as pl

from vocabulary.fiscal import fiscal_year_of, grade_of

UNKNOWN_GRADE = -99


def presence(timeline: pl.DataFrame) -> pl.DataFrame:
    """Reference dates at which each source holds a record of each child.

    Parameters
    ----------
    timeline : DataFrame
        vocabulary.frames.TIMELINE.

    Returns
    -------
    DataFrame `person_id, source, date, year`, distinct; `year` is the fiscal year of `date`.
    """
    held = distinct(timeline, ["person_id", "source", "date"])
    return held.with_columns(fiscal_year_of(pl.col("date")).alias("year"))


def distinct(timeline: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The distinct rows of some columns, in any order."""
    another = pl.any_horizontal(pl.col(name) != pl.col(name).shift(1) for name in columns).fill_null(True)
    return timeline.lazy().select(columns).filter(another).unique().collect()  # most of what repeats stands together


def with_grade(frame: pl.LazyFrame, persons: pl.DataFrame) -> pl.LazyFrame:
    """Rows of `person_id, year, …`, in their order, with the `grade` in that year, UNKNOWN_GRADE if unknown."""
    born = persons.lazy().select("person_id", "birth_date")
    grade = grade_of(pl.col("birth_date"), pl.col("year")).fill_null(UNKNOWN_GRADE).alias("grade")
    return frame.join(born, on="person_id", how="left", maintain_order="left").with_columns(grade).drop("birth_date")
