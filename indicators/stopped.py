"""Children whose records stop: seen last year, not seen this year, though their department delivered.

A move out of the city looks the same in the data and is common; how uncommon a stop is at an age and in a year is
judged afterwards from how often it happens (`indicators.transitions`). Where most children of one school are gone from
the school records at once, it is the school that did not deliver, and nothing is said of its children.
"""

import polars as pl

from indicators.presence import presence
from indicators.schools import schools_of
from vocabulary.fiscal import grade_of

LAST_COMPULSORY_GRADE = 9
DELIVERED = 0.5
"""A source counts as delivered in a year if it holds at least this share of the children it held the year before."""

CHILD_YEAR = ["person_id", "year"]

FEWEST = 10
"""Children below which a school is not asked whether it delivered."""

AT_SCHOOL = ("school_code", "days_required", "days_absent")
"""Items that only a source of school records holds, whatever its name."""

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
    of_school = timeline.lazy().filter(pl.col("item").is_in(AT_SCHOOL)).select("source").unique().collect()["source"]
    seen = presence(timeline).with_columns(pl.col("source").is_in(of_school.to_list()).alias("at_school"))
    last_date = seen.group_by("year").agg(pl.col("date").max().alias("as_of"))
    held = seen.select(*CHILD_YEAR, "source", "at_school").unique()
    before = (
        held.with_columns(pl.col("year") + 1)
        .join(_delivered(held), on=["source", "year"], how="semi")
        .group_by(CHILD_YEAR)
        .agg(pl.col("at_school").any().alias("was_at_school"))
    )
    now = held.group_by(CHILD_YEAR).agg(pl.col("at_school").any())
    grade = grade_of(pl.col("birth_date"), pl.col("year"))
    left_school = pl.col("was_at_school") & ~pl.col("at_school") & (grade >= 1)
    state = pl.when(pl.col("at_school").is_null()).then(NOWHERE).when(left_school).then(NOT_AT_SCHOOL).otherwise(HERE)
    judged = (
        before.join(now, on=CHILD_YEAR, how="left")
        .join(persons.select("person_id", "birth_date"), on="person_id", how="left")
        .filter((grade <= LAST_COMPULSORY_GRADE) | grade.is_null())
    )
    return (
        judged.join(_of_silent_schools(judged, schools_of(timeline)), on=CHILD_YEAR, how="anti")
        .join(last_date, on="year")
        .select(*CHILD_YEAR, "as_of", state.alias("value"))
    )


def _of_silent_schools(judged: pl.DataFrame, schools: pl.DataFrame) -> pl.DataFrame:
    """Children and years of schools most of whose children of the year before have no school record."""
    return (
        judged.join(schools.with_columns(pl.col("year") + 1), on=CHILD_YEAR)
        .with_columns(pl.len().over("school", "year").alias("children"))
        .filter(
            pl.col("children") >= FEWEST,
            pl.col("at_school").fill_null(False).mean().over("school", "year") < DELIVERED,
        )
        .select(CHILD_YEAR)
    )


def _delivered(held: pl.DataFrame) -> pl.DataFrame:
    """Sources and years delivered, judged by the children they held the year before."""
    now = held.group_by("source", "year").agg(pl.len().alias("children"))
    earlier = now.select("source", pl.col("year") + 1, pl.col("children").alias("earlier"))
    return now.join(earlier, on=["source", "year"]).filter(pl.col("children") >= DELIVERED * pl.col("earlier"))
