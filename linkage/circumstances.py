"""Circumstances of a pair: what the sources say of the two beside their values.

Whether one source holds both at one date, how much time lies between them, and whether the age at which one was seen
is plausible with the birth date of the other.
"""

from collections.abc import Mapping, Sequence

import polars as pl

CIRCUMSTANCES = pl.Schema(
    {"held_at_once": pl.Boolean(), "same_number": pl.Boolean(), "years": pl.Int8(), "implausible_age": pl.Boolean()}
)

YEARS_BETWEEN = (1, 3, 7)
"""Upper bounds, in years, of the classes of time between two profiles; a last class is open."""

UNSEEN_AGES = 0.0005
"""Share of a source's records at its youngest, and at its oldest, ages that do not count: their dates may be slips."""

PAIR = ["left", "right"]


def with_circumstances(
    compared: pl.DataFrame, profiles: pl.DataFrame, members: pl.DataFrame, ages: Mapping[str, Sequence[int | None]]
) -> pl.DataFrame:
    """Add their circumstances (`CIRCUMSTANCES`) to compared pairs.

    `held_at_once`: one source holds both at one date. `same_number`: both are rows of one number. `years`: class of the
    time between the two by `YEARS_BETWEEN`, 0 where they overlap or all but do. `implausible_age`: with the other's
    birth date, one was seen at an age its source has no children of, such as before it was born.

    Parameters
    ----------
    compared
        Pairs of profiles: `left`, `right`, and any other columns.
    profiles
        `linkage.profiles.Profiles.profiles`.
    members
        `profile`, `source`, `as_of`, which is null where a date tells nothing (`linkage.repeats.without_repeats`).
    ages
        `plausible_ages`; a source that is not among them has any.
    """
    pairs = compared.select(PAIR)
    seen = _seen(_among(profiles, pairs)).collect().join(_bounds(ages), on="source", how="left")
    sides = [seen.select(pl.all().name.suffix(f"_{side}")) for side in PAIR]
    for side, of in zip(PAIR, sides, strict=True):
        pairs = pairs.join(of, left_on=side, right_on=f"profile_{side}", how="left", maintain_order="left")
    of_source = pl.col("source_left") == pl.col("source_right")
    first = pl.max_horizontal("first_seen_left", "first_seen_right")
    last = pl.min_horizontal("last_seen_left", "last_seen_right")
    held = _held_at_once(pairs.filter(of_source & (first <= last)).select(PAIR), members)
    apart = (first - last).dt.total_days()
    outside = _outside("left", "right") | _outside("right", "left")
    found = pairs.join(held, on=PAIR, how="left", maintain_order="left").select(
        pl.col("held_at_once").fill_null(False),
        same_number=of_source & (pl.col("local_id_left") == pl.col("local_id_right")),
        years=pl.sum_horizontal((apart > 366 * bound).cast(pl.Int8) for bound in YEARS_BETWEEN),
        implausible_age=outside.fill_null(False),
    )
    return pl.concat([compared, found.cast(CIRCUMSTANCES)], how="horizontal")


def plausible_ages(profiles: pl.DataFrame) -> dict[str, list[int | None]]:
    """Of each source, its youngest and oldest age in days: values that occur, not anything between them."""

    def age(at: str, share: float) -> pl.Expr:
        return (pl.col(at) - pl.col("born")).dt.total_days().quantile(share, interpolation="equiprobable")

    bounds = (
        _seen(profiles.lazy())
        .collect()
        .group_by("source")
        .agg(
            youngest=age("first_seen", UNSEEN_AGES).cast(pl.Int32),
            oldest=age("last_seen", 1 - UNSEEN_AGES).cast(pl.Int32),
        )
    )
    return {source: list(found) for source, *found in bounds.sort("source").iter_rows()}


def _among(frame: pl.DataFrame, pairs: pl.DataFrame) -> pl.LazyFrame:
    """Rows of the profiles that stand in pairs."""
    ends = pl.concat([pairs[side] for side in PAIR]).unique()
    return frame.lazy().filter(pl.col("profile").is_in(ends.implode()))


def _seen(profiles: pl.LazyFrame) -> pl.LazyFrame:
    born = pl.col("birth_date").list.first().str.to_date("%Y-%m-%d").alias("born")
    return profiles.select("profile", "source", "local_id", "first_seen", "last_seen", born)


def _bounds(ages: Mapping[str, Sequence[int | None]]) -> pl.DataFrame:
    schema = {"source": pl.String, "youngest": pl.Int32, "oldest": pl.Int32}
    return pl.DataFrame([(source, *bounds) for source, bounds in ages.items()], schema=schema, orient="row")


def _held_at_once(pairs: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Those of the pairs of one source that have a date in common, with `held_at_once`."""
    dates = _among(members, pairs).drop_nulls("as_of").select("profile", "as_of").collect()
    dated = pairs.join(dates, left_on="left", right_on="profile")
    both = dated.join(dates, left_on=["right", "as_of"], right_on=["profile", "as_of"], how="semi")
    return both.select(PAIR).unique().with_columns(held_at_once=True)


def _outside(one: str, other: str) -> pl.Expr:
    """One was seen at an age outside those of its source, had it been born with the other."""
    youngest, oldest = (
        (pl.col(f"{seen}_{one}") - pl.col(f"born_{other}")).dt.total_days() for seen in ("first_seen", "last_seen")
    )
    return (youngest < pl.col(f"youngest_{one}")) | (oldest > pl.col(f"oldest_{one}"))
