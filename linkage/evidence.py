"""The evidence of a pair: that it is one child, against the two ways in which it may be two.

Fellegi and Sunter weigh "one child" against "two strangers". Between brothers and sisters that goes wrong: address,
telephone, guardian and family name agree because of the household, not because of the child. So "one child" is also
weighed against "two children of one household", where only the given name, the birth date and the sex tell anything.
"""

import math

import polars as pl

from linkage.comparisons import COMPARISONS
from linkage.model import Model

INDIVIDUAL = [comparison for comparison in COMPARISONS if comparison.role == "individual"]


def weigh(scored: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Evidence of scored pairs (`linkage.model.score`), in bits.

    Returns `left`, `right`, `evidence` = −log2(2^−a + 2^−b), where a is the match weight against strangers (prior
    included) and b that against a child of the same household at even odds, and `individual` = b.
    """
    prior = math.log2(model.match_prior / (1 - model.match_prior))
    against_strangers = prior + pl.sum_horizontal(f"mw_{comparison.name}" for comparison in COMPARISONS)
    against_siblings = pl.sum_horizontal(_sibling_weight(comparison.name, model) for comparison in INDIVIDUAL)
    return (
        scored.select("left", "right", against_strangers.alias("a"), against_siblings.alias("individual"))
        .with_columns(evidence=-_log2_sum(-pl.col("a"), -pl.col("individual")))
        .select("left", "right", "evidence", "individual")
    )


def probability(bits: pl.Expr) -> pl.Expr:
    """Probability of evidence in bits (base-2 log odds)."""
    return 1 / (1 + pl.lit(2.0).pow(-bits))


def _sibling_weight(name: str, model: Model) -> pl.Expr:
    """Weight of a comparison's level for one child against two children of one household; 0 with nothing to compare."""
    strongest = len(model.m[name]) - 1
    weights = {
        strongest - place: math.log2(m / sibling)
        for place, (m, sibling) in enumerate(zip(model.m[name], model.sibling[name], strict=True))
    }
    return pl.col(f"gamma_{name}").replace_strict(weights | {-1: 0.0}, return_dtype=pl.Float64)


def _log2_sum(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """log2(2^a + 2^b) without overflow."""
    larger, smaller = pl.max_horizontal(a, b), pl.min_horizontal(a, b)
    return larger + (1 + pl.lit(2.0).pow(smaller - larger)).log(2)
