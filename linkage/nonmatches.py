"""Non-matches: pairs of numbers that are certainly, or almost, two children.

Within one source at one date two numbers stand for two children. Drawn at random such pairs show how strangers
agree; drawn within a household they show how brothers, sisters and twins agree. Both are learnt from the delivery
itself, without labels.
"""

import numpy as np
import polars as pl

from linkage.homes import LARGEST_HOUSEHOLD, homes

PAIR = pl.Schema({"left": pl.UInt32(), "right": pl.UInt32()})

RANDOM_PAIRS = 60_000
HOUSEHOLD_PAIRS = 30_000


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

    A household is a telephone, or an address and a family name, in common. Pairs with the same given name, or one that
    sounds the same, are left out: brothers and sisters, and twins least of all, do not share it, so such a pair is one
    child whom the source holds twice, its name typed twice.
    """
    few = pl.len().over("home").is_between(2, LARGEST_HOUSEHOLD)
    at_home = (
        homes(profiles).filter(few).join(profiles.select("profile", "source", "given", "given_kana"), on="profile")
    )
    near = at_home.join(at_home, on=["home", "source"], suffix="_b").filter(pl.col("profile") < pl.col("profile_b"))
    given, kana = (pl.col(name).list.set_intersection(f"{name}_b").list.len() > 0 for name in ("given", "given_kana"))
    two = near.filter(~(given | kana)).select(left="profile", right="profile_b").unique()
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
