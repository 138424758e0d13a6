"""The effect of a support, as far as records can tell: children who received it beside matched ones who had not.

Two groups are made alike in what was recorded before support began, then their later changes are compared. What nobody
recorded can still differ; so beside every estimate stand the balance reached, a comparison of years in which no support
can have had an effect, how many could be followed, and how strong an unrecorded cause would have to be.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from evaluation.effect_cohort import HORIZONS, PLACEBO, Cohort, gather
from evaluation.effect_estimates import (
    baseline_deviation,
    difference,
    e_values,
    followed,
    holm,
    without_matching,
)
from evaluation.effect_figures import (
    DIGITS,
    FEWEST,
    SMALLEST_CELL,
    Balance,
    Band,
    Count,
    Course,
    Effect,
    Flow,
    OutcomeEffect,
    coded_share,
)
from evaluation.effect_matching import PER_CHILD, Matching, match
from vocabulary.errors import EvaluationError

MOST_BANDS = 10


def measure_effect(
    indicators: pl.DataFrame,
    persons: pl.DataFrame,
    timeline: pl.DataFrame,
    supported: pl.DataFrame,
    outcomes: Sequence[str],
    *,
    per_child: int = PER_CHILD,
    min_link_confidence: float = 0.0,
) -> Effect:
    """Estimate what followed a support.

    Parameters
    ----------
    indicators, persons, timeline : DataFrame
        vocabulary.frames.INDICATORS, PERSONS and TIMELINE of a run.
    supported : DataFrame
        `person_id` (String), `year` (Int32): the children who received it, and the fiscal year in which it began.
    outcomes : sequence of str
        Indicators to follow, each with a value in the run.
    per_child : int
        Comparison children for each supported one at most.
    min_link_confidence : float
        Children whose weakest link is below this are left out of both groups.

    Raises
    ------
    EvaluationError
        An outcome has no value in the run, or fewer than `FEWEST` supported children can be compared.
    """
    for outcome in outcomes:
        if indicators.filter(pl.col("indicator") == outcome)["value"].count() == 0:
            raise EvaluationError("effect.outcome_without_values", outcome=outcome)
    cohort = gather(indicators, persons, timeline, supported, outcomes, min_link_confidence=min_link_confidence)
    matching = _matched(cohort, outcomes, per_child)
    years = cohort.rows["year"].to_numpy()[matching.treated]
    return Effect(
        first_year=int(years.min()),
        last_year=int(years.max()),
        per_child=per_child,
        flow=_flow(cohort, matching, supported["person_id"].n_unique()),
        balance=_balance(cohort, matching),
        bands=_bands(cohort, matching),
        propensity_auc=round(matching.auc, 2),
        without_partner=_without_partner(cohort, matching),
        supported_later=_supported_later(cohort, matching),
        outcomes=_effects(cohort, matching, outcomes),
        placebo=_courses(cohort, matching, outcomes, (PLACEBO,)),
        course=_courses(cohort, matching, outcomes, (PLACEBO, 0, *HORIZONS)),
    )


def _matched(cohort: Cohort, outcomes: Sequence[str], per_child: int) -> Matching:
    """Partners of the supported. EvaluationError where fewer than `FEWEST` of them can be compared."""
    if cohort.supported.sum() < FEWEST:
        raise EvaluationError("effect.too_few", fewest=FEWEST)
    if cohort.supported.all():
        raise EvaluationError("effect.too_few_alike", fewest=FEWEST)
    matching = match(cohort, outcomes, per_child=per_child)
    if len(matching.treated) < FEWEST:
        raise EvaluationError("effect.too_few_alike", fewest=FEWEST)
    return matching


def _effects(cohort: Cohort, matching: Matching, outcomes: Sequence[str]) -> tuple[OutcomeEffect, ...]:
    found = [_effect(cohort, matching, at, name, horizon) for at, name in enumerate(outcomes) for horizon in HORIZONS]
    adjusted = holm(effect.estimate.p if effect.estimate else None for effect in found)
    return tuple(effect.model_copy(update={"p_holm": p}) for effect, p in zip(found, adjusted, strict=True))


def _effect(cohort: Cohort, matching: Matching, at: int, name: str, horizon: int) -> OutcomeEffect:
    estimate = difference(cohort, matching, at, horizon)
    known = followed(cohort, matching, at, horizon)
    if estimate is None:
        return OutcomeEffect(outcome=name, horizon=horizon, followed=known, estimate=None)
    before_after, plain = without_matching(cohort, at, horizon)
    deviation = baseline_deviation(cohort, matching, at)
    e_value, limit = e_values(estimate, deviation) if deviation > 0 else (None, None)
    return OutcomeEffect(
        outcome=name,
        horizon=horizon,
        followed=known,
        estimate=estimate,
        standardised=round(estimate.value / deviation, 2) if deviation > 0 else None,
        e_value=e_value,
        e_value_limit=limit,
        before_after=before_after,
        plain_difference=plain,
    )


def _courses(cohort: Cohort, matching: Matching, outcomes: Sequence[str], offsets: Sequence[int]) -> tuple[Course, ...]:
    return tuple(
        Course(outcome=name, offset=offset, estimate=estimate)
        for at, name in enumerate(outcomes)
        for offset in offsets
        if (estimate := difference(cohort, matching, at, offset)) is not None
    )


def _flow(cohort: Cohort, matching: Matching, named: int) -> Flow:
    supported = cohort.rows.filter("supported").height
    return Flow(
        named=Count.of(named),
        not_in_run=Count.of(cohort.missing["not_in_run"]),
        doubtful_link=Count.of(cohort.missing["doubtful_link"]),
        no_record_before=Count.of(cohort.missing["no_record_before"]),
        no_partner=Count.of(supported - len(matching.treated)),
        matched=Count.of(len(matching.treated)),
        comparison=Count.of(int((matching.partner >= 0).sum())),
        candidates=Count.of(cohort.rows.filter(~pl.col("supported"))["person_id"].n_unique()),
    )


def _supported_later(cohort: Cohort, matching: Matching) -> float:
    partners = cohort.rows[matching.partner[matching.partner >= 0]]
    later = partners.filter(pl.col("began") - pl.col("year") <= max(HORIZONS)).height
    return coded_share(later, partners.height)


def _without_partner(cohort: Cohort, matching: Matching) -> float:
    supported = int(cohort.supported.sum())
    return coded_share(supported - len(matching.treated), supported)


def _balance(cohort: Cohort, matching: Matching) -> tuple[Balance, ...]:
    """Standardised mean differences before and after matching (Austin 2009)."""
    supported, table = cohort.supported, cohort.covariates
    rows, _, weight = matching.members()
    own = supported[rows]
    scale = np.sqrt((table[supported].var(axis=0) + table[~supported].var(axis=0)) / 2)
    before = table[supported].mean(axis=0) - table[~supported].mean(axis=0)
    shares = weight[~own] / weight[~own].sum()
    after = table[rows[own]].mean(axis=0) - shares @ table[rows[~own]]
    return tuple(
        Balance(
            indicator=name,
            aspect=aspect,
            before=round(float(first), DIGITS),
            after=round(float(last), DIGITS),
        )
        for (name, aspect), first, last in zip(cohort.names, before / scale, after / scale, strict=True)
    )


def _bands(cohort: Cohort, matching: Matching) -> tuple[Band, ...]:
    """Candidates a supported child in each band of the chance of support; every band holds a cell's least or more."""
    supported = cohort.supported
    own = np.sort(matching.logit[supported])
    number = min(MOST_BANDS, len(own) // SMALLEST_CELL)
    edges = np.quantile(own, np.linspace(0, 1, number + 1))
    edges[0], edges[-1] = -np.inf, np.inf
    among = np.histogram(matching.logit[supported], edges)[0]
    others = np.histogram(matching.logit[~supported], edges)[0]
    return tuple(
        Band(band=at + 1, candidates_per_child=round(float(other / max(one, 1)), 1) if other >= SMALLEST_CELL else 0.0)
        for at, (one, other) in enumerate(zip(among, others, strict=True))
    )
