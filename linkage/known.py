"""What the sources know of themselves: pairs of numbers that are certainly, or almost, two children.

Within one source at one date two numbers stand for two children. Drawn at random such pairs show how strangers
agree; drawn within a household they show how brothers, sisters and twins agree. Both are learnt from the delivery
itself, without labels.
"""

from collections.abc import Collection

import numpy as np
import polars as pl

from linkage.profiles import Profiles

PAIR = pl.Schema({"left": pl.UInt32(), "right": pl.UInt32()})

RANDOM_PAIRS = 60_000
HOUSEHOLD_PAIRS = 30_000
LARGEST_HOUSEHOLD = 40
"""Profiles with one telephone, or one address and family name; above it is a home for children or a placeholder."""

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


def stranger_pairs(members: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """Random pairs (`left` < `right`) of one source and date, at most `RANDOM_PAIRS`; the same seed draws the same.

    `members` has `profile`, `source`, `as_of`, which is null where a date tells nothing.
    """
    files = members.drop_nulls("as_of").group_by("source", "as_of").agg(pl.col("profile").unique().sort())
    files = files.filter(pl.col("profile").list.len() > 1).sort("source", "as_of")
    if files.is_empty():
        return pl.DataFrame(schema=PAIR)
    profiles = files["profile"].explode().to_numpy()
    ends = files["profile"].list.len().cum_sum().cast(pl.Int64).to_numpy()
    draw = np.random.default_rng(seed)
    one = draw.integers(len(profiles), size=RANDOM_PAIRS)
    of = np.searchsorted(ends, one, side="right")
    size = np.diff(ends, prepend=0)[of]
    start = ends[of] - size
    other = start + (one - start + draw.integers(1, size)) % size
    drawn = pl.DataFrame(
        {"one": profiles[one], "other": profiles[other]}, schema={"one": pl.UInt32, "other": pl.UInt32}
    )
    return drawn.select(left=pl.min_horizontal("one", "other"), right=pl.max_horizontal("one", "other")).unique(
        maintain_order=True
    )


def household_pairs(profiles: pl.DataFrame, members: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """Pairs (`left` < `right`) of two children of one source, date and household, at most `HOUSEHOLD_PAIRS`, drawn.

    A household is a telephone, or an address and a family name, in common. Pairs with the same given name are left
    out: brothers and sisters do not share it, so such a pair is one child whom the source holds twice.
    """
    few = pl.len().over("home").is_between(2, LARGEST_HOUSEHOLD)
    at_home = (
        homes(profiles).filter(few).join(profiles.select("profile", "source", "given", "given_kana"), on="profile")
    )
    near = at_home.join(at_home, on=["home", "source"], suffix="_b").filter(pl.col("profile") < pl.col("profile_b"))
    given, kana = (pl.col(name).list.set_intersection(f"{name}_b").list.len() > 0 for name in ("given", "given_kana"))
    unread = pl.any_horizontal(pl.col("given_kana", "given_kana_b").list.len() == 0)
    two = near.filter(~(given & (kana | unread))).select(left="profile", right="profile_b").unique()
    at_once = ["left", "right"]
    dates = members.drop_nulls("as_of").select("profile", "as_of")  # a profile is of one source
    held = (
        two.join(dates, left_on="left", right_on="profile")
        .join(dates, left_on=["right", "as_of"], right_on=["profile", "as_of"], how="semi")
        .select(at_once)
        .unique()
        .sort(at_once)
    )
    return held if held.height <= HOUSEHOLD_PAIRS else held.sample(HOUSEHOLD_PAIRS, seed=seed).sort(at_once)


def homes(profiles: pl.DataFrame) -> pl.DataFrame:
    """`home`, `profile`: who ever showed a telephone, or a family name at an address."""
    at_address = profiles.select("profile", "family", "address").explode("address").explode("family").drop_nulls()
    by_phone = profiles.select("profile", "phone").explode("phone").drop_nulls()
    shown = pl.concat(
        [
            at_address.select("profile", home=pl.struct("address", "family").hash()),
            by_phone.select("profile", home=pl.struct("phone").hash()),
        ]
    )
    return shown.unique().select("home", "profile")
