"""The outcome of linkage: one row per child, and what each record's link rests on.

`identities` gives names and addresses, to be kept apart from everything else. The other frames hold none: ids, birth
dates, sexes, dates and probabilities.
"""

import polars as pl

from linkage.clusters import Clusters
from vocabulary.frames import IDENTITIES, IDENTITY, LINKS, PERSONS, RECORD, TRAITS


def person_links(spine_links: pl.DataFrame, members: pl.DataFrame, clusters: Clusters) -> pl.DataFrame:
    """Every record with its person and the probability of that link (LINKS)."""
    return (
        spine_links.join(members, on=RECORD)
        .join(clusters.assignment.select("profile", "match_probability"), on="profile")
        .select(LINKS.names())
        .cast(LINKS)
        .sort(RECORD)
    )


def persons(records: pl.DataFrame, spine_links: pl.DataFrame, clusters: Clusters) -> pl.DataFrame:
    """One row per child (PERSONS) from its records (`source`, `local_id`, `as_of`, `birth_date`, `sex`).

    Birth date and sex are the most frequent among the child's records, the smallest among equals.
    """
    owned = records.join(spine_links, on=RECORD)
    people = owned.group_by("person_id").agg(
        pl.col("birth_date").drop_nulls().mode().min(),
        pl.col("sex").drop_nulls().mode().min(),
        pl.col("as_of").min().alias("first_seen"),
        pl.col("as_of").max().alias("last_seen"),
        pl.col("source").unique().sort().str.join(";").alias("sources"),
        pl.col("cluster").first(),
    )
    return people.join(clusters.confidence, on="cluster").select(PERSONS.names()).cast(PERSONS).sort("person_id")


def identities(records: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """The latest value each child showed of every identity column (IDENTITIES).

    To be stored under the key of identities only.
    """
    latest = [pl.col(column).drop_nulls().last() for column in IDENTITY]
    return (
        records.join(links.select(*RECORD, "person_id"), on=RECORD)
        .sort("as_of", "source", "local_id")
        .group_by("person_id")
        .agg(latest)
        .cast(IDENTITIES)
        .sort("person_id")
    )


def record_traits(standardised: pl.DataFrame) -> pl.DataFrame:
    """Which records share a surname and which a house, without saying which: for measuring linkage by group.

    Returns TRAITS. Codes number the distinct values of this run in no order that means anything.
    """
    address = pl.when(pl.col("town").is_not_null() & pl.col("block").is_not_null()).then(
        pl.concat_str("town", pl.lit("|"), "block")
    )
    return standardised.select(
        *RECORD,
        _code(pl.coalesce("family", "family_kana")).alias("surname_code"),
        _code(address).alias("address_code"),
        pl.col("words").is_not_null().alias("foreign_name"),
    ).cast(TRAITS)


def _code(value: pl.Expr) -> pl.Expr:
    """Number of each distinct value, by the order of their hashes; null stays null."""
    return pl.when(value.is_not_null()).then(value.hash().rank("dense")).cast(pl.Int64)
