"""What happened to each child that makes its records hard to link, by the truth and the records' traits.

Groups overlap: a twin may also have moved. `nothing` holds those to whom nothing hard happened.
"""

import polars as pl

from vocabulary.frames import KEY

HARD = ("moved", "renamed", "moved_and_renamed", "twin", "renewed_number", "doubled_number")
GROUPS = ("nothing", *HARD, "sibling", "one_source", "two_sources", "three_or_more_sources")

SEEN_TWICE = 2
"""Records a surname or address must stand in to count, so that one slip is no move and no new name."""


def happenings(records: pl.DataFrame, children: pl.DataFrame, traits: pl.DataFrame | None = None) -> pl.DataFrame:
    """Tell the groups that each child belongs to.

    Parameters
    ----------
    records
        TRUTH_RECORDS.
    children
        TRUTH_CHILDREN.
    traits
        `source, local_id, as_of, surname_code, address_code` (Int64, null where unknown), one row a record.
        Without it nobody counts as moved or renamed. Every further Boolean column is a group of its own
        name: the children of whom it is true in any record.

    Returns
    -------
    `child, group`, one row a child and group, without repeats.

    """
    found = [*_families(children), *_numbers(records), *_sources(records)]
    if traits is not None:
        found += _changes(records.join(traits, on=[*KEY], how="left"), traits)
    everyone = records.select("child").unique()
    hard = pl.concat(found).filter(pl.col("group").is_in(HARD))
    found.append(_group(everyone.join(hard, on="child", how="anti"), "nothing"))
    return pl.concat(found).join(everyone, on="child", how="semi").unique(maintain_order=True)


def _group(children: pl.DataFrame, name: str) -> pl.DataFrame:
    return children.select("child", group=pl.lit(name)).unique()


def _families(children: pl.DataFrame) -> list[pl.DataFrame]:
    siblings = children.filter(pl.col("family").is_not_null() & (pl.len().over("family") > 1))
    return [_group(children.filter(pl.col("twin")), "twin"), _group(siblings, "sibling")]


def _numbers(records: pl.DataFrame) -> list[pl.DataFrame]:
    """Children with more numbers of one source than any one date shows, and those with two at one date."""
    at_once = records.group_by("child", "source", "as_of").agg(numbers=pl.col("local_id").n_unique())
    most = at_once.group_by("child", "source").agg(most=pl.col("numbers").max())
    ever = records.group_by("child", "source").agg(ever=pl.col("local_id").n_unique())
    renewed = ever.join(most, on=["child", "source"]).filter(pl.col("ever") > pl.col("most"))
    return [
        _group(renewed, "renewed_number"),
        _group(at_once.filter(pl.col("numbers") > 1), "doubled_number"),
    ]


def _sources(records: pl.DataFrame) -> list[pl.DataFrame]:
    count = records.group_by("child").agg(sources=pl.col("source").n_unique())
    return [
        _group(count.filter(pl.col("sources") == 1), "one_source"),
        _group(count.filter(pl.col("sources") == 2), "two_sources"),
        _group(count.filter(pl.col("sources") > 2), "three_or_more_sources"),
    ]


def _changes(described: pl.DataFrame, traits: pl.DataFrame) -> list[pl.DataFrame]:
    moved = values_shown(described, "address_code").filter(pl.col("values") > 1)
    renamed = values_shown(described, "surname_code").filter(pl.col("values") > 1)
    own = [name for name, dtype in traits.schema.items() if dtype == pl.Boolean]
    return [
        _group(moved, "moved"),
        _group(renamed, "renamed"),
        _group(moved.join(renamed, on="child", how="semi"), "moved_and_renamed"),
        *(_group(described.filter(pl.col(name)), name) for name in own),
    ]


def values_shown(described: pl.DataFrame, code: str) -> pl.DataFrame:
    """How many values of `code` each child's records show, each at least `SEEN_TWICE`: `child, values`, 1 or more."""
    return (
        described.drop_nulls(code)
        .group_by("child", code)
        .agg(times=pl.len())
        .filter(pl.col("times") >= SEEN_TWICE)
        .group_by("child")
        .agg(values=pl.len())
    )
