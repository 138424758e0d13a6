"""Children whose records stop: seen last year, not seen this year, though their department delivered.

A move out of the city looks the same in the data and is common; how uncommon a stop is at an age and in a year is
judged afterwards from how often it happens (`indicators.transitions`).
"""

import polars as pl

from vocabulary.fiscal import fiscal_year_of, grade_of

LAST_COMPULSORY_GRADE = 9
DELIVERED = 0.5
"""A source counts as delivered in a year if it holds at least this share of the children it held the year before."""

HERE, NOWHERE, NOT_AT_SCHOOL = 0.0, 1.0, 2.0


def stopped_records(timeline: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """Whether each child's records go on, for every year after one in which the child was seen.

    Parameters
    ----------
    timeline : DataFrame
        vocabulary.frames.TIMELINE.
    persons : DataFrame
        vocabulary.frames.PERSONS.

    Returns
    -------
    DataFrame `person_id, year, as_of, value`; value 0 recorded · 1 in no department, though one that held the child
    delivered · 2 in another department but not at school, at the age of compulsory schooling. `as_of` is the year's
    last reference date. Children past compulsory school age have no row.
    """
    seen = (
        timeline.lazy()
        .select("person_id", "source", "date")
        .unique()
        .select("person_id", "source", fiscal_year_of(pl.col("date")).alias("year"), "date")
        .collect()
    )
    last_date = seen.group_by("year").agg(pl.col("date").max().alias("as_of"))
    presence = seen.select("person_id", "year", "source").unique()
    before = (
        presence.with_columns(pl.col("year") + 1)
        .join(_delivered(presence), on=["source", "year"], how="semi")
        .group_by("person_id", "year")
        .agg((pl.col("source") == "school").any().alias("was_at_school"))
    )
    now = presence.group_by("person_id", "year").agg((pl.col("source") == "school").any().alias("at_school"))
    grade = grade_of(pl.col("birth_date"), pl.col("year"))
    left_school = pl.col("was_at_school") & ~pl.col("at_school") & (grade >= 1)
    state = pl.when(pl.col("at_school").is_null()).then(NOWHERE).when(left_school).then(NOT_AT_SCHOOL).otherwise(HERE)
    return (
        before.join(now, on=["person_id", "year"], how="left")
        .join(persons.select("person_id", "birth_date"), on="person_id", how="left")
        .filter((grade <= LAST_COMPULSORY_GRADE) | grade.is_null())
        .join(last_date, on="year")
        .select("person_id", "year", "as_of", state.alias("value"))
    )


def _delivered(presence: pl.DataFrame) -> pl.DataFrame:
    """Sources and years delivered, judged by the children they held the year before."""
    held = presence.group_by("source", "year").agg(pl.len().alias("children"))
    earlier = held.select("source", pl.col("year") + 1, pl.col("children").alias("earlier"))
    return held.join(earlier, on=["source", "year"]).filter(pl.col("children") >= DELIVERED * pl.col("earlier"))
