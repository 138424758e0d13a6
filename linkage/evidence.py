"""The evidence of a pair: that it is one child, against the two ways in which it may be two.

Fellegi and Sunter weigh "one child" against "two strangers", each comparison by itself. For children that goes wrong
twice. Between brothers and sisters, address, telephone, guardian and family name agree because of the household, not
because of the child; so "one child" is also weighed against "two children of one household", where only the given
name, the birth date and the sex tell anything. And after a divorce or a new placement the same four change all at once;
so they count together, as one household that stayed the same or changed.
"""

import math

import polars as pl

from linkage.comparisons import COMPARISONS, Comparison
from linkage.model import DIGITS, EXPECTED_PAIRS, Model

INDIVIDUAL = [comparison for comparison in COMPARISONS if comparison.role == "individual"]
HOUSEHOLD = [comparison for comparison in COMPARISONS if comparison.role == "household"]
NAMED = ("given_name", "birth_date")

ITERATIONS = 30


def weigh(scored: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Evidence of scored pairs (`linkage.model.score`), in bits.

    Returns `left`, `right`, `evidence` = −log2(2^−a + 2^−b), where a is the match weight against strangers (prior
    included) and b that against a child of the same household at even odds, and `individual` = b.
    """
    against_siblings = pl.sum_horizontal(_sibling_weight(comparison.name, model) for comparison in INDIVIDUAL)
    return (
        scored.select(
            "left",
            "right",
            _against_strangers(model, model.household_change).alias("a"),
            against_siblings.alias("individual"),
        )
        .with_columns(evidence=-_log2_sum(-pl.col("a"), -pl.col("individual")))
        .select("left", "right", "evidence", "individual")
    )


def learn_household_change(scored: pl.DataFrame, model: Model) -> float:
    """How often one child's two profiles show different households: the mixing share of the household evidence.

    Expectation maximisation of that one share over the pairs that agree in given name and birth date, all other
    parameters held fixed.
    """
    agreeing = scored.filter(pl.all_horizontal(pl.col(f"gamma_{name}") == _strongest(name, model) for name in NAMED))
    stayed = pl.lit(2.0).pow(_sum_of(HOUSEHOLD))
    share = model.household_change
    for _ in range(ITERATIONS):
        changed = share / (share + (1 - share) * stayed)
        same = probability(_against_strangers(model, share))
        found = agreeing.select((changed * same).sum().alias("changed"), same.sum().alias("same")).row(0)
        share = (found[0] + EXPECTED_PAIRS * model.household_change) / (found[1] + EXPECTED_PAIRS)
    return round(share, DIGITS)


def _against_strangers(model: Model, household_change: float) -> pl.Expr:
    """Match weight against strangers: prior, individual comparisons, and the household as one.

    The household's likelihood ratio is (1 − h)·2^w + h with w the sum of its weights: a household that changed agrees
    no better than strangers do.
    """
    prior = math.log2(model.match_prior / (1 - model.match_prior))
    stayed = _sum_of(HOUSEHOLD) + math.log2(1 - household_change)
    return prior + _sum_of(INDIVIDUAL) + _log2_sum(stayed, pl.lit(math.log2(household_change)))


def _sum_of(comparisons: list[Comparison]) -> pl.Expr:
    return pl.sum_horizontal(f"mw_{comparison.name}" for comparison in comparisons)


def _strongest(name: str, model: Model) -> int:
    return len(model.m[name]) - 1


def probability(bits: pl.Expr) -> pl.Expr:
    """Probability of evidence in bits (base-2 log odds)."""
    return 1 / (1 + pl.lit(2.0).pow(-bits))


def _sibling_weight(name: str, model: Model) -> pl.Expr:
    """Weight of a comparison's level for one child against two children of one household; 0 with nothing to compare."""
    strongest = _strongest(name, model)
    weights = {
        strongest - place: math.log2(m / sibling)
        for place, (m, sibling) in enumerate(zip(model.m[name], model.sibling[name], strict=True))
    }
    return pl.col(f"gamma_{name}").replace_strict(weights | {-1: 0.0}, return_dtype=pl.Float64)


def _log2_sum(a: pl.Expr, b: pl.Expr) -> pl.Expr:
    """log2(2^a + 2^b) without overflow."""
    larger, smaller = pl.max_horizontal(a, b), pl.min_horizontal(a, b)
    return larger + (1 + pl.lit(2.0).pow(smaller - larger)).log(2)
