"""How fresh and how complete the records behind a child's year are: last updates, and years known in part only."""

import polars as pl

from indicators.values import CHILD_YEAR


def last_updates(children: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """The latest record of each child, and of each source as a whole, up to the end of the year.

    Parameters
    ----------
    children : DataFrame
        `person_id, year`.
    seen : DataFrame
        As `indicators.presence.presence` gives it.

    Returns
    -------
    DataFrame `person_id, year, source, last, whole`, sorted: a row for each source that ever held the child; `last` is
    the child's latest reference date in it, `whole` the source's.
    """
    dates = seen.select("source", "year", "date").unique()
    whole = (
        children.select("year")
        .unique()
        .join(dates, how="cross", suffix="_seen")
        .filter(pl.col("year_seen") <= pl.col("year"))
        .group_by("source", "year")
        .agg(pl.col("date").max().alias("whole"))
    )
    return (
        children.select(CHILD_YEAR)
        .join(seen, on="person_id", suffix="_seen")
        .filter(pl.col("year_seen") <= pl.col("year"))
        .group_by(*CHILD_YEAR, "source")
        .agg(pl.col("date").max().alias("last"))
        .join(whole, on=["source", "year"])
        .sort(*CHILD_YEAR, "source")
    )


def partial_years(children: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Sources that hold fewer records of the child's year than was usual the year before.

    So a year that is still running, or one in which the child came or left, is told from a whole one, however often a
    source delivers.

    Parameters
    ----------
    children : DataFrame
        `person_id, year, source, …`, distinct: sources whose values are told.
    seen : DataFrame
        As `indicators.presence.presence` gives it.

    Returns
    -------
    Those rows of `children`, sorted, with `records`, the child's reference dates in the year, `first` and `last`, the
    outer ones, and `usual`, the median number for the source's children of the year before.
    """
    records = seen.group_by("person_id", "source", "year").agg(
        pl.len().alias("records"), pl.col("date").min().alias("first"), pl.col("date").max().alias("last")
    )
    usual = records.group_by("source", pl.col("year") + 1).agg(
        pl.col("records").median().round().cast(pl.Int64).alias("usual")
    )
    return (
        children.join(records, on=[*CHILD_YEAR, "source"])
        .join(usual, on=["source", "year"])
        .filter(pl.col("records") < pl.col("usual"))
        .sort(*CHILD_YEAR, "source")
    )
