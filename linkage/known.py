"""What the sources know of themselves: pairs of numbers that are certainly, or almost, two children.

Within one source at one date two numbers stand for two children. Drawn at random such pairs show how strangers
agree; drawn within a household they show how brothers, sisters and twins agree. Both are learnt from the delivery
itself, without labels.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import polars as pl

from linkage.engine import Connection, make_table
from linkage.profiles import Profiles

PAIR = pl.Schema({"left": pl.UInt32(), "right": pl.UInt32()})

RANDOM_PAIRS = 60_000
HOUSEHOLD_PAIRS = 30_000
LARGEST_HOUSEHOLD = 40
"""Profiles with one telephone, or one address and family name; above it is a home for children or a placeholder."""

YEARS_BETWEEN = (1, 3, 7)
"""Upper bounds, in years, of the classes of time between two profiles; a last class is open."""

REPEATING = 0.05
"""Share of a source's rows that look like another of their date from which it holds children several times at once."""

AGES = pl.Schema({"source": pl.String(), "youngest": pl.Int32(), "oldest": pl.Int32()})

UNSEEN_AGES = 0.0005
"""Share of a source's records at its youngest, and at its oldest, ages that do not count: their dates may be slips."""


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


def with_circumstances(
    connection: Connection,
    compared: pl.DataFrame,
    profiles: pl.DataFrame,
    members: pl.DataFrame,
    ages: Mapping[str, Sequence[int | None]],
) -> pl.DataFrame:
    """Add to compared pairs what the sources say of them beside their values.

    `held_at_once` Boolean: one source holds both at one date. `same_number` Boolean: both are rows of one number.
    `years` Int8: class of the time between the two by `YEARS_BETWEEN`, 0 where they overlap or all but do.
    `implausible_age` Boolean: with the other's birth date, one was seen at an age its source has no children of, such
    as before it was born.

    Parameters
    ----------
    connection
        Engine that joins.
    compared
        Pairs of profiles: `left`, `right`, and any other columns.
    profiles
        `linkage.profiles.Profiles.profiles`.
    members
        `profile`, `source`, `as_of`, which is null where a date tells nothing (`without_repeats`).
    ages
        `plausible_ages`; a source that is not among them has any.
    """
    in_pairs = pl.concat([compared["left"], compared["right"]]).unique().implode()
    seen = profiles.filter(pl.col("profile").is_in(in_pairs)).select(
        "profile", "source", "local_id", "first_seen", "last_seen", _born()
    )
    dated = members.filter(pl.col("profile").is_in(in_pairs))
    plausible = pl.DataFrame([(source, *bounds) for source, bounds in ages.items()], schema=AGES, orient="row")
    for name, frame in {"profiles": seen, "members": dated, "ages": plausible}.items():
        make_table(connection, name, frame)
    connection.register("compared_pairs", compared.select("left", "right"))
    apart = "date_diff('day', least(l.last_seen, r.last_seen), greatest(l.first_seen, r.first_seen))"
    years = " + ".join(f"CAST({apart} > {366 * bound} AS TINYINT)" for bound in YEARS_BETWEEN)
    circumstances = connection.sql(
        f"""
        WITH of_source AS (
            SELECT p."left", p."right" FROM compared_pairs AS p
            JOIN profiles AS l ON l.profile = p."left" JOIN profiles AS r ON r.profile = p."right"
            WHERE l.source = r.source
        ),
        held AS (
            SELECT DISTINCT p."left", p."right" FROM of_source AS p
            JOIN members AS l ON l.profile = p."left"
            JOIN members AS r ON r.profile = p."right" AND r.as_of = l.as_of
        )
        SELECT p."left", p."right", held."left" IS NOT NULL AS held_at_once,
               l.source = r.source AND l.local_id = r.local_id AS same_number,
               CAST({years} AS TINYINT) AS years,
               {_outside("l", "r")} OR {_outside("r", "l")} AS implausible_age
        FROM compared_pairs AS p
        LEFT JOIN held ON held."left" = p."left" AND held."right" = p."right"
        JOIN profiles AS l ON l.profile = p."left" JOIN profiles AS r ON r.profile = p."right"
        LEFT JOIN ages AS ages_l ON ages_l.source = l.source LEFT JOIN ages AS ages_r ON ages_r.source = r.source
        """
    ).pl()
    connection.unregister("compared_pairs")
    circumstances = circumstances.cast({"left": pl.UInt32, "right": pl.UInt32})
    return compared.join(circumstances, on=["left", "right"], how="left", maintain_order="left")


def plausible_ages(profiles: pl.DataFrame) -> dict[str, list[int | None]]:
    """Of each source, its youngest and oldest age in days: values that occur, not anything between them."""
    seen = profiles.select("source", "first_seen", "last_seen", _born())
    born = pl.col("birth_date_main").str.to_date("%Y-%m-%d")

    def age(at: str, share: float) -> pl.Expr:
        return (pl.col(at) - born).dt.total_days().quantile(share, interpolation="equiprobable").cast(pl.Int32)

    bounds = seen.group_by("source").agg(
        youngest=age("first_seen", UNSEEN_AGES), oldest=age("last_seen", 1 - UNSEEN_AGES)
    )
    return {source: list(found) for source, *found in bounds.sort("source").iter_rows()}


def _born() -> pl.Expr:
    return pl.col("birth_date").list.first().alias("birth_date_main")


def _outside(one: str, other: str) -> str:
    """SQL: `one` was seen at an age outside those of its source, had it been born with `other`."""
    born = f"CAST({other}.birth_date_main AS DATE)"
    youngest, oldest = (f"date_diff('day', {born}, {one}.{seen})" for seen in ("first_seen", "last_seen"))
    return f"coalesce({youngest} < ages_{one}.youngest OR {oldest} > ages_{one}.oldest, false)"
