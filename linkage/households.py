"""Household support: brothers and sisters who moved together speak for each other.

A child of whom everything about the household changed at once looks like a stranger with the same name and birthday.
But if a brother or sister, of whom the records are surely one child, lived with the one and with the other, the two
are of one household, and only one child of a household has that name and birthday. So sure persons are found first,
then their households are looked at (as IPUMS links persons, then the members of their households; Helgertz et al.
2022, "A new strategy for linking U.S. historical censuses").
"""

import math
from dataclasses import dataclass

import polars as pl

from linkage.components import components
from linkage.evidence import log2_sum, weights
from linkage.homes import LARGEST_HOUSEHOLD, homes
from linkage.model import Model

SURE = 10.0
"""Bits from which two profiles are surely one child."""

DOUBTFUL = -20.0
"""Bits from which a pair of different households is looked at."""

EXPECTED_SUPPORT = 0.2
"""Expected share of the pairs of one child and two households that a brother or sister connects."""
EXPECTED_PAIRS = 20
"""Weight of that share, in pairs."""


@dataclass(frozen=True)
class Households:
    """Who lived with whom, by sure persons.

    Attributes
    ----------
    asked
        Weighed pairs (`linkage.evidence.weights`) that would be one child but for their households, which disagree.
    connected
        Those of them of which some third person lived with the one and with the other.
    homes
        `home`, `person`: who ever showed a telephone, or a family name at an address, that few others showed; of the
        pairs asked about alone, if not all are.
    """

    asked: pl.DataFrame
    connected: pl.DataFrame
    homes: pl.DataFrame


def find_households(
    pairs: pl.DataFrame, profiles: pl.DataFrame, model: Model, *, among: pl.Expr | None = None
) -> Households:
    """Find the sure persons, their homes, and whom they connect.

    Parameters
    ----------
    pairs
        Weighed pairs (`linkage.evidence.weigh`).
    profiles
        `linkage.profiles.Profiles.profiles`.
    model
        Under which they were weighed.
    among
        The pairs asked about, as a condition; None for all.
    """
    persons = _persons(pairs, profiles)
    asked = _two_households(pairs if among is None else pairs.filter(among), model)
    homes = _homes(profiles, persons, None if among is None else asked)
    connected = asked.join(_connected(asked, persons, homes), on=["left", "right"], how="semi")
    return Households(asked, connected, homes)


def with_support(pairs: pl.DataFrame, found: Households, bits: float) -> pl.DataFrame:
    """Add `support`, in bits, to weighed pairs, and count it in their `evidence`; 0 where nobody connects them."""
    supported = found.connected.filter(pl.col("evidence") < SURE).select(
        "left",
        "right",
        support=pl.lit(bits),
        supported=-log2_sum(-(pl.col("against_strangers") + bits), -pl.col("against_siblings")),
    )
    return (
        pairs.join(supported, on=["left", "right"], how="left", maintain_order="left")
        .with_columns(evidence=pl.coalesce("supported", "evidence"), support=pl.col("support").fill_null(0.0))
        .drop("supported")
    )


def support_bits(found: Households) -> float:
    """What a connection is worth, in bits: log2(m / u).

    m is the share of connected pairs among those of one child whose households differ, seen in the sure ones; u the
    chance that a person taken at random shares a housemate with another.
    """
    sure = pl.col("evidence") >= SURE
    m = (found.connected.filter(sure).height + EXPECTED_PAIRS * EXPECTED_SUPPORT) / (
        found.asked.filter(sure).height + EXPECTED_PAIRS
    )
    others = found.homes.group_by("home").len()["len"].to_numpy().astype(float) - 1
    reached = float((others * (others + 1)).sum() * others.mean()) + 1 if len(others) else 1.0  # housemates' housemates
    people = max(found.homes["person"].n_unique(), 2)
    return round(max(math.log2(m * people * people / reached), 0.0), 6)


def _persons(pairs: pl.DataFrame, profiles: pl.DataFrame) -> pl.DataFrame:
    """`profile`, `person`: profiles that sure pairs connect have one person."""
    sure = components(pairs.filter((pl.col("evidence") >= SURE) & (pl.col("against") == 0)))
    return (
        profiles.select("profile")
        .join(sure, on="profile", how="left")
        .select("profile", person=pl.coalesce("component", "profile"))
    )


def _homes(profiles: pl.DataFrame, persons: pl.DataFrame, asked: pl.DataFrame | None) -> pl.DataFrame:
    """`Households.homes`, of the persons of `asked` pairs or, without, of all."""
    shown = homes(profiles)
    if asked is not None:
        ends = pl.concat([asked["left"], asked["right"]]).implode()
        who = persons.filter(pl.col("profile").is_in(ends))["person"].implode()
        of = persons.filter(pl.col("person").is_in(who))["profile"].implode()
        shown = shown.filter(pl.col("home").is_in(shown.filter(pl.col("profile").is_in(of))["home"].implode()))
    lived = shown.join(persons, on="profile").select("home", "person").unique()
    return lived.filter(pl.len().over("home").is_between(2, LARGEST_HOUSEHOLD))


def _two_households(pairs: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Weighed pairs that would be one child but for their households, which disagree."""
    near = weights(pairs.filter(pl.col("evidence") > DOUBTFUL), model)
    return near.filter((pl.col("against_siblings") > 0) & (pl.col("household") < 0))


def _connected(asked: pl.DataFrame, persons: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    """Pairs of `asked` of which some third person lived with the one and with the other."""
    pair = asked.select("left", "right")
    sides = {}
    for side in ("left", "right"):
        of = pair.join(persons.rename({"profile": side, "person": "own"}), on=side)
        lived = of.join(homes.rename({"person": "own"}), on="own").join(homes, on="home")
        sides[side] = lived.select("left", "right", "person", pl.col("own").alias(f"own_{side}"))
    both = sides["left"].join(sides["right"], on=["left", "right", "person"])
    third = (pl.col("person") != pl.col("own_left")) & (pl.col("person") != pl.col("own_right"))
    return both.filter(third).select("left", "right").unique()
