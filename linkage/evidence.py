"""The evidence of a pair: that it is one child, against the two ways in which it may be two.

Fellegi and Sunter weigh "one child" against "two strangers", each comparison by itself. For children that goes wrong
twice. Between brothers and sisters, address, telephone, guardian and family name agree because of the household, not
because of the child; so "one child" is also weighed against "two children of one household", where only the given
name, the birth date and the sex tell anything, and the given name less among twins, who are often named alike. And
telephone and guardian differ together where two departments name different parents, all four where the household
changed, as after a divorce; so one child's pairs are a mixture of these and of those whose household and parent stayed.
"""

import math
from collections.abc import Iterable

import numpy as np
import polars as pl

from linkage.comparisons import COMPARISONS, Comparison
from linkage.model import Model, Shares

INDIVIDUAL = [comparison for comparison in COMPARISONS if comparison.role == "individual"]
HOUSEHOLD = [comparison for comparison in COMPARISONS if comparison.role == "household"]

SAME_NUMBER = 3.0
"""Bits by which rows of one number are one child rather than two strangers, before they are compared."""

SAME_NUMBER_SIBLING = 7.0
"""Bits by which rows of one number are one child rather than two of a household: numbers are reissued to anyone."""


def weigh(compared: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Evidence of compared pairs (`linkage.comparing.compare`, `linkage.known.with_circumstances`), in bits.

    Returns `left`, `right`, `evidence` = −log2(2^−a + 2^−b), where a is the weight of one child against strangers
    (prior included) and b that against two children of a household, and `against`, what the pair says against joining
    two groups it stands between, at most 0: that given name, birth date and sex contradict, or that one source holds
    both at one date in households that do not agree.
    """
    weighed = weights(compared, model).with_columns(
        evidence=-log2_sum(-pl.col("against_strangers"), -pl.col("against_siblings"))
    )
    held = pl.when("held_at_once").then("evidence").otherwise(0.0)
    against = pl.min_horizontal(0.0, "against_siblings", "individual", held)
    return weighed.select("left", "right", "evidence", against=against)


def weights(compared: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Compared pairs with the weights of what they may be, in bits, each a column Float64.

    `individual`: given name, birth date and sex, one child against strangers. `stayed`, `other_parent`, `changed`: the
    household comparisons against strangers, of one child whose household and parent stayed, of whom another parent is
    named, whose household changed, each with its share of the pairs of one child; `household`: the three together.
    `against_strangers`: one child against two strangers, prior included; rows of one number are likely one child before
    anything is compared, and a household cannot have changed between two records of one source and date.
    `against_siblings`: one child against two of its household, how often there is either included.
    """
    prior = pl.when("same_number").then(SAME_NUMBER).otherwise(math.log2(model.match_prior / (1 - model.match_prior)))
    return (
        compared.with_columns(
            individual=weight(INDIVIDUAL, model.m, model.u),
            against_siblings=_against_siblings(model),
            **_household(model),
        )
        .with_columns(changed=pl.when("held_at_once").then(-np.inf).otherwise("changed"))
        .with_columns(household=log2_sum(pl.col("stayed"), pl.col("other_parent")))
        .with_columns(household=log2_sum(pl.col("household"), pl.col("changed")))
        .with_columns(against_strangers=prior + pl.col("individual") + pl.col("household"))
    )


def _household(model: Model) -> dict[str, pl.Expr]:
    """Weight of each way in which the household of one child may show, with its share, against strangers."""
    stayed = 1 - model.other_parent_share - model.household_change
    ways = {
        "stayed": (stayed, model.m),
        "other_parent": (model.other_parent_share, model.other_parent),
        "changed": (model.household_change, model.changed),
    }
    return {way: math.log2(share) + weight(HOUSEHOLD, shares, model.u) for way, (share, shares) in ways.items()}


def _against_siblings(model: Model) -> pl.Expr:
    prior = pl.when("same_number").then(SAME_NUMBER_SIBLING).otherwise(-math.log2(model.sibling_odds))
    born = [comparison for comparison in INDIVIDUAL if comparison.name == "birth_date"]
    other = [comparison for comparison in INDIVIDUAL if comparison.name != "birth_date"]
    twins = weight(other, model.m, model.twin, by_frequency=False)
    siblings = weight(other, model.m, model.sibling, by_frequency=False)
    return prior + weight(born, model.m, model.sibling) + pl.when(like_twins()).then(twins).otherwise(siblings)


def like_twins() -> pl.Expr:
    """Birth dates are the same or a slip apart."""
    levels = next(len(comparison.levels) for comparison in COMPARISONS if comparison.name == "birth_date")
    return pl.col("gamma_birth_date") >= levels - 2


def weight(comparisons: Iterable[Comparison], over: Shares, under: Shares, *, by_frequency: bool = True) -> pl.Expr:
    """Sum over comparisons of log2(over / under) at the pair's level; nothing to compare weighs 0.

    With `by_frequency`, an agreed value that has a frequency weighs by it in place of the level's share of `under`.
    """
    return pl.sum_horizontal(
        _weight(comparison, over[comparison.name], under[comparison.name], by_frequency) for comparison in comparisons
    )


def _weight(comparison: Comparison, over: list[float], under: list[float], by_frequency: bool) -> pl.Expr:
    strongest = len(over) - 1
    weights = {strongest - place: math.log2(o / u) for place, (o, u) in enumerate(zip(over, under, strict=True))}
    gamma = pl.col(f"gamma_{comparison.name}")
    level = gamma.replace_strict(weights | {-1: 0.0}, return_dtype=pl.Float64)
    if comparison.frequency_column is None or not by_frequency:
        return level
    rare = math.log2(over[0]) + pl.col(f"rarity_{comparison.name}")
    return pl.when(gamma == strongest).then(rare).otherwise(level)


def probability(bits: pl.Expr) -> pl.Expr:
    """Probability of evidence in bits (base-2 log odds)."""
    return 1 / (1 + pl.lit(2.0).pow(-bits))


def log2_sum(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """log2(2^a + 2^b) without overflow."""
    larger, smaller = pl.max_horizontal(a, b), pl.min_horizontal(a, b)
    return larger + (1 + pl.lit(2.0).pow(smaller - larger)).log(2)
