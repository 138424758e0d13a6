"""The evidence of a pair: that it is one child, against the two ways in which it may be two.

Fellegi and Sunter weigh "one child" against "two strangers", each comparison by itself. For children that goes wrong
twice. Between brothers and sisters, address, telephone, guardian and family name agree because of the household, not
because of the child; so "one child" is also weighed against "two children of one household", where only the given
name, the birth date and the sex tell anything. And after a divorce or a new placement the same four change together;
so one child's pairs are a mixture of those whose household stayed and those whose household changed.
"""

import math
from collections.abc import Iterable

import polars as pl

from linkage.comparisons import COMPARISONS, Comparison
from linkage.model import Model, Shares

INDIVIDUAL = [comparison for comparison in COMPARISONS if comparison.role == "individual"]
SAME_NUMBER = 3.0
"""Bits by which rows of one number are one child rather than two strangers, before they are compared."""

SAME_NUMBER_SIBLING = 7.0
"""Bits by which rows of one number are one child rather than two of a household: numbers are reissued to anyone."""

HOUSEHOLD = [comparison for comparison in COMPARISONS if comparison.role == "household"]


def weigh(compared: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Evidence of compared pairs (`linkage.comparing.compare`, `linkage.known.with_circumstances`), in bits.

    Returns `left`, `right`, `evidence` = −log2(2^−a + 2^−b), where a is the weight of one child against strangers
    (prior included) and b that against two children of a household, and `against`, what the pair says against joining
    two groups it stands between, at most 0: that given name, birth date and sex contradict, or that one source holds
    both at one date in households that do not agree.
    """
    held = pl.col("held_at_once")
    return (
        compared.with_columns(a=against_strangers(model), b=against_siblings(model))
        .with_columns(evidence=-log2_sum(-pl.col("a"), -pl.col("b")))
        .with_columns(
            against=pl.min_horizontal(0.0, "b", pl.when(held).then("evidence").otherwise(0.0)),
        )
        .select("left", "right", "evidence", "against")
    )


def against_strangers(model: Model) -> pl.Expr:
    """Weight of one child against two strangers, in bits: prior, individual comparisons, household as a mixture.

    Rows of one number are likely one child before anything is compared. A household cannot have changed
    between two records of one source and date.
    """
    stayed, changed = household_weights(model)
    household = pl.when("held_at_once").then(stayed).otherwise(log2_sum(stayed, changed))
    prior = pl.when("same_number").then(SAME_NUMBER).otherwise(math.log2(model.match_prior / (1 - model.match_prior)))
    return prior + weight(INDIVIDUAL, model.m, model.u) + household


def household_weights(model: Model) -> tuple[pl.Expr, pl.Expr]:
    """Weight of the household having stayed, and of its having changed, each with its share; against strangers."""
    stayed = math.log2(1 - model.household_change) + weight(HOUSEHOLD, model.m, model.u)
    changed = math.log2(model.household_change) + weight(HOUSEHOLD, model.changed, model.u)
    return stayed, changed


def against_siblings(model: Model) -> pl.Expr:
    """Weight of one child against two children of its household, in bits: how often there is either, included."""
    prior = pl.when("same_number").then(SAME_NUMBER_SIBLING).otherwise(-math.log2(model.sibling_odds))
    return prior + weight(INDIVIDUAL, model.m, model.sibling, by_frequency=False)


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
