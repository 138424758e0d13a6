"""Sources that say nothing of a child in a year although they did the year before, or should at that age."""

import polars as pl

from indicators.stopped import LAST_COMPULSORY_GRADE
from indicators.values import CHILD_YEAR
from vocabulary.fiscal import fiscal_year_of, grade_of


def missing_sources(children: pl.DataFrame, timeline: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """Sources without a record of the child in the year.

    Parameters
    ----------
    children : DataFrame
        `person_id, year`.
    timeline : DataFrame
        vocabulary.frames.TIMELINE.
    persons : DataFrame
        vocabulary.frames.PERSONS.

    Returns
    -------
    DataFrame `person_id, year, source, delivered`: sources that held the child in the year before, and the school at
    the age of compulsory schooling, if they hold nothing this year; `delivered` tells whether the source holds other
    children in that year. Sorted.
    """
    year = fiscal_year_of(pl.col("date")).alias("year")
    delivered = timeline.lazy().select("source", year).unique().with_columns(pl.lit(True).alias("delivered")).collect()
    presence = (
        timeline.lazy()
        .join(children.lazy(), on="person_id", how="semi")
        .select("person_id", "source", year)
        .unique()
        .collect()
    )
    held_before = presence.with_columns(pl.col("year") + 1)
    grade = grade_of(pl.col("birth_date"), pl.col("year"))
    at_school_age = (
        children.join(persons.select("person_id", "birth_date"), on="person_id")
        .filter(grade.is_between(1, LAST_COMPULSORY_GRADE))
        .select("person_id", pl.lit("school").alias("source"), "year")
    )
    expected = pl.concat([held_before.select(at_school_age.columns), at_school_age]).unique()
    return (
        expected.join(children, on=CHILD_YEAR, how="semi")
        .join(presence, on=[*CHILD_YEAR, "source"], how="anti")
        .join(delivered, on=["source", "year"], how="left")
        .with_columns(pl.col("delivered").fill_null(False))
        .select(*CHILD_YEAR, "source", "delivered")
        .sort([*CHILD_YEAR, "source"])
    )
