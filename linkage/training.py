"""Training: what each level of agreement is worth, learnt from the delivery itself, without labels.

How strangers and how children of one household agree is seen directly, in pairs that a source itself holds for two
children (`linkage.known`). How one child's records agree is learnt by expectation maximisation over the candidate
pairs, each of which is one child whose household stayed, one child of whom another parent is named, one child whose
household changed, two children of a household, or two strangers: a latent-class model after Larsen & Rubin (2001),
with the last two classes held fixed.
"""

import math
from dataclasses import replace

import polars as pl

from linkage.comparisons import Comparison
from linkage.evidence import (
    HOUSEHOLD,
    INDIVIDUAL,
    like_twins,
    log2_sum,
    probability,
    weights,
)
from linkage.model import DIGITS, EXPECTED_PAIRS, Model, Shares, drawn_to, expected_model, observed_shares

ITERATIONS = 40
CONVERGED = 1e-5


def train(candidates: pl.DataFrame, strangers: pl.DataFrame, households: pl.DataFrame, *, match_prior: float) -> Model:
    """Learn a model from compared pairs (`linkage.comparing.compare`).

    Parameters
    ----------
    candidates
        Pairs found by blocking, with their circumstances (`linkage.known`). Twins agree in all but the given name;
        what tells that they are not one child with two names is that sources hold both at one date.
    strangers, households
        Pairs of two children, at random and of one household (`linkage.known`).
    match_prior
        Probability that two profiles taken at random are one child.
    """
    expected = expected_model(match_prior)
    model = replace(
        expected,
        u=observed_shares(strangers, expected.u),
        sibling=observed_shares(households, expected.sibling),
        twin=observed_shares(households.filter(like_twins()), expected.twin),
    )
    for _ in range(ITERATIONS):
        learnt = _maximise(_expect(candidates, model), expected, model.sibling)
        moved = max(_distance(learnt.m, model.m), abs(learnt.household_change - model.household_change))
        model = replace(learnt, u=model.u, sibling=model.sibling, twin=model.twin)
        if moved < CONVERGED:
            break
    return model


def _expect(pairs: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Probability of each pair that it is one child, and in which of three ways, or two of a household."""
    seen = math.log2((1 - model.child_held_at_once) / (1 - model.others_held_at_once))
    circumstance = pl.when("held_at_once").then(model.held_at_once_weight).otherwise(seen)
    weighed = weights(pairs, model).with_columns(
        siblings=pl.col("against_strangers") - pl.col("against_siblings"),
        child=pl.col("against_strangers") + circumstance,
    )
    share = probability(pl.col("child") - log2_sum(pl.lit(0.0), pl.col("siblings")))  # two strangers weigh 0 bits
    ways = pl.col("stayed", "other_parent", "changed")
    return weighed.with_columns(
        ((ways - pl.col("household")) * math.log(2)).exp(),
        child=share,
        siblings=(1 - share) * probability(pl.col("siblings")),
    ).with_columns(ways * pl.col("child"))


def _maximise(weighted: pl.DataFrame, expected: Model, sibling: Shares) -> Model:
    """Shares and the share of changed households that fit the weighted patterns best, drawn to what is expected."""
    m = {c.name: _shares(weighted, c, "child", expected.m) for c in INDIVIDUAL}
    m |= {c.name: _shares(weighted, c, "stayed", expected.m) for c in HOUSEHOLD}
    total, other, changed = weighted.select(pl.col("child", "other_parent", "changed").sum()).row(0)
    return replace(
        expected,
        m=m,
        other_parent={c.name: _shares(weighted, c, "other_parent", expected.other_parent) for c in HOUSEHOLD},
        changed={c.name: _shares(weighted, c, "changed", expected.changed) for c in HOUSEHOLD},
        other_parent_share=_share(other, total, expected.other_parent_share),
        household_change=_share(changed, total, expected.household_change),
        sibling_odds=_sibling_odds(weighted, sibling),
        child_held_at_once=_held_at_once(weighted, pl.col("child"), expected.child_held_at_once),
        others_held_at_once=_held_at_once(weighted, 1 - pl.col("child"), expected.others_held_at_once),
    )


def _sibling_odds(weighted: pl.DataFrame, sibling: Shares) -> float:
    """Pairs of two children of a household for each pair of one child, blocked or not.

    Blocking brings of brothers and sisters only those born on one day, so the others are inferred from their share.
    """
    born_together = weighted.filter(pl.col("gamma_birth_date") == len(sibling["birth_date"]) - 1)
    found = born_together.select(pl.col("siblings").sum(), pl.col("child").sum()).row(0)
    siblings, child = float(found[0]), float(found[1])
    return round(
        (siblings + EXPECTED_PAIRS * sibling["birth_date"][0]) / (child + EXPECTED_PAIRS) / sibling["birth_date"][0],
        DIGITS,
    )


def _held_at_once(weighted: pl.DataFrame, weights: pl.Expr, expected: float) -> float:
    both, total = weighted.select((weights * pl.col("held_at_once")).sum(), weights.sum().alias("total")).row(0)
    return _share(both, total, expected)


def _share(part: float, total: float, expected: float) -> float:
    """Share of `part` in `total`, drawn to what is expected."""
    return drawn_to([part, total - part], [expected, 1 - expected])[0]


def _shares(weighted: pl.DataFrame, comparison: Comparison, weights: str, expected: Shares) -> list[float]:
    by_level = dict(weighted.group_by(f"gamma_{comparison.name}").agg(pl.col(weights).sum()).iter_rows())
    strongest = len(comparison.levels) - 1
    counts = [float(by_level.get(strongest - place, 0.0)) for place in range(len(comparison.levels))]
    return drawn_to(counts, expected[comparison.name])


def _distance(a: Shares, b: Shares) -> float:
    return max(abs(x - y) for name in a for x, y in zip(a[name], b[name], strict=True))
