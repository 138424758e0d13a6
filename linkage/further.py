"""Further pairs: those worth comparing once the evidence of the first ones is known."""

import polars as pl

from linkage.blocking import WIDE_RULES, block
from linkage.components import components
from linkage.engine import Connection

PAIR = ["left", "right"]

LARGEST_COMPONENT = 60
"""Profiles of a connected component up to which every pair in it is compared, found by blocking or not."""


def further_pairs(
    connection: Connection,
    profiles: pl.DataFrame,
    pairs: pl.DataFrame,
    *,
    fresh: pl.Series | None = None,
    changed: pl.Series | None = None,
) -> pl.DataFrame:
    """Pairs not yet compared of profiles without a match with any other, and within groups that evidence connects.

    Parameters
    ----------
    connection
        Engine that joins.
    profiles
        `linkage.profiles.Profiles.profiles`.
    pairs
        Weighed pairs: `left`, `right`, `evidence` (`linkage.evidence.weigh`).
    fresh, changed
        Profiles that are new, and known ones of which some pair changed or is gone; None where all are new.

    Returns
    -------
    polars.DataFrame
        `left` < `right`.
    """
    groups = components(pairs.filter(pl.col("evidence") > 0))
    alone = ~profiles["profile"].is_in(groups["profile"].implode())
    asked = profiles["profile"].filter(alone)
    if fresh is not None and changed is not None:
        asked = pl.concat([fresh, asked.filter(asked.is_in(changed.implode()))]).unique()
        touched = pl.concat([fresh, changed]).implode()
        groups = groups.join(groups.filter(pl.col("profile").is_in(touched)), on="component", how="semi")
    wide = block(connection, profiles, rules=WIDE_RULES, fresh=asked)
    lonely = profiles["profile"].filter(alone).implode()
    wide = wide.filter(pl.col("left").is_in(lonely) | pl.col("right").is_in(lonely))
    asked_for = pl.concat([wide, pairs_within(groups)]).unique()
    compared = pairs.join(asked_for, on=PAIR, how="semi")  # the fewer ones are looked up
    return asked_for.join(compared, on=PAIR, how="anti").sort(PAIR)


def pairs_within(groups: pl.DataFrame) -> pl.DataFrame:
    """Every pair (`left` < `right`) of a group (`linkage.components`) of at most `LARGEST_COMPONENT` profiles.

    A chain of good pairs may join two children; their direct comparison, which blocking never asked for, shows it.
    """
    members = groups.filter(pl.len().over("component").is_between(3, LARGEST_COMPONENT))
    both = members.rename({"profile": "left"}).join(members.rename({"profile": "right"}), on="component")
    return both.filter(pl.col("left") < pl.col("right")).select("left", "right")
