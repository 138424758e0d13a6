"""Sources that hold a child under several numbers at one date, so that a date tells nothing there."""

from collections.abc import Collection

import polars as pl

from linkage.profiles import Profiles

REPEATING = 0.05
"""Share of a source's rows that look like another of their date from which it holds children several times at once."""


def repeating_sources(profiles: Profiles) -> list[str]:
    """Sources that hold many children under several numbers at one date.

    There, two numbers at one date say nothing of whether they are two children. It is seen by how many of the source's
    rows share their whole name and birth date with another number of that date.
    """
    main = [pl.col(name).list.first() for name in ("name", "birth_date")]
    who = (
        profiles.profiles.select("profile", *main)
        .drop_nulls()
        .select("profile", who=pl.struct("name", "birth_date").hash())
    )
    repeating = (
        profiles.members.join(who, on="profile")
        .with_columns(again=pl.len().over("source", "as_of", "who") > 1)
        .group_by("source")
        .agg(pl.col("again").mean())
        .filter(pl.col("again") > REPEATING)
    )
    return sorted(repeating["source"])


def without_repeats(members: pl.DataFrame, repeating: Collection[str]) -> pl.DataFrame:
    """Members of profiles, without the date in the `repeating` sources, where it tells nothing."""
    if not repeating:
        return members
    return members.with_columns(as_of=pl.when(~pl.col("source").is_in(list(repeating))).then("as_of"))
