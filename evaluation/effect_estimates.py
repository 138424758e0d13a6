"""Differences between matched groups, with what is needed to doubt them.

The change of an outcome from the year before support to a year after it is compared between supported and comparison
children by weighted least squares, adjusted for what little matching left of differences in the outcome's own level and
change and in the chance of support (Ho et al. 2007). Errors are robust and clustered by matched set and, as a child may
be a partner in several years, by child (Abadie & Spiess 2022; Cameron, Gelbach & Miller 2011); the larger of that and
by set alone is taken. Intervals are Student's t with one degree of freedom less than there are sets.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy.stats import t as student
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from evaluation.effect_cohort import BEFORE, EARLIER, OFFSETS, Cohort, Floats
from evaluation.effect_figures import DIGITS, FEWEST, Count, Estimate, Followed, coded_share
from evaluation.effect_matching import Integers, Matching


def difference(cohort: Cohort, matching: Matching, outcome: int, offset: int) -> Estimate | None:
    """Supported less comparison in the change from the year before support to `offset`; None below `FEWEST` sets."""
    rows, sets, change = _followed(cohort, matching, outcome, offset)
    if len(np.unique(sets)) < FEWEST:
        return None
    supported = cohort.supported[rows]
    weight = _weights(sets, supported)
    design = [np.ones(len(rows)), supported.astype(np.float64)]
    design += _adjustments(cohort, matching, rows, outcome)
    fitted = sm.WLS(change, np.column_stack(design), weights=weight).fit()
    value, deviation = fitted.params[1], _deviation(fitted, cohort, rows, sets)
    freedom = len(np.unique(sets)) - 1
    reach = student.ppf(0.975, freedom) * deviation
    p = 2 * student.sf(abs(value) / deviation, freedom) if deviation > 0 else float(value == 0)
    low, high = value - reach, value + reach
    rounded = (round(float(number), DIGITS) for number in (value, low, high, p))
    return Estimate(**dict(zip(("value", "low", "high", "p"), rounded, strict=True)), sets=Count.of(len(set(sets))))


def _deviation(fitted: Any, cohort: Cohort, rows: Integers, sets: Integers) -> float:
    """Standard error of the second coefficient, clustered by set, and by set and child where that is larger."""
    child = np.unique(cohort.rows["person_id"].gather(rows).to_numpy(), return_inverse=True)[1]
    both, by_set, _ = cov_cluster_2groups(fitted, sets, child)
    return float(np.sqrt(max(both[1, 1], by_set[1, 1])))


def _followed(cohort: Cohort, matching: Matching, outcome: int, offset: int) -> tuple[Integers, Integers, Floats]:
    """Rows and sets whose change is known of the supported child and of a partner, and the changes."""
    rows, sets, _ = matching.members()
    values = cohort.outcomes[rows, outcome]
    change = values[:, OFFSETS.index(offset)] - values[:, OFFSETS.index(BEFORE)]
    known = np.isfinite(change)
    supported = cohort.supported[rows]
    whole = np.intersect1d(sets[known & supported], sets[known & ~supported])
    kept = known & np.isin(sets, whole)
    return rows[kept], sets[kept], change[kept]


def _weights(sets: Integers, supported: NDArray[np.bool_]) -> Floats:
    """1 for the supported, the partners of a set sharing 1."""
    partners = np.bincount(sets[~supported], minlength=int(sets.max()) + 1)
    return np.where(supported, 1.0, 1.0 / np.maximum(partners[sets], 1))


def _adjustments(cohort: Cohort, matching: Matching, rows: Integers, outcome: int) -> list[Floats]:
    """The outcome's own level and change before support, and the logit, centred; those that vary."""
    values = cohort.outcomes[rows, outcome]
    level = values[:, OFFSETS.index(BEFORE)]
    change = level - values[:, OFFSETS.index(EARLIER)]
    unknown = ~np.isfinite(change)
    columns = [level, np.where(unknown, 0.0, change), unknown.astype(np.float64), matching.logit[rows]]
    return [column - column.mean() for column in columns if column.std() > 0]


def followed(cohort: Cohort, matching: Matching, outcome: int, offset: int) -> Followed:
    """Share of each group whose outcome is known, among the matched whose year has been delivered."""
    rows, _, weight = matching.members()
    due = cohort.rows["year"].to_numpy()[rows] + offset <= cohort.last_year[outcome]
    known = np.isfinite(cohort.outcomes[rows, outcome, OFFSETS.index(offset)])
    supported = cohort.supported[rows]
    shares = [_share(known[due & group], weight[due & group]) for group in (supported, ~supported)]
    return Followed(supported=shares[0], comparison=shares[1])


def _share(known: NDArray[np.bool_], weight: Floats) -> float | None:
    if len(known) < FEWEST:
        return None
    return coded_share(int(known.sum()), len(known), float(np.average(known, weights=weight)))


def without_matching(cohort: Cohort, outcome: int, offset: int) -> tuple[float | None, float | None]:
    """What is seen without a comparison group (before and after), and without matching (a plain difference after)."""
    values = cohort.outcomes[:, outcome]
    after, before = values[:, OFFSETS.index(offset)], values[:, OFFSETS.index(BEFORE)]
    supported = cohort.supported
    change = (after - before)[supported]
    return _mean(change), _minus(_mean(after[supported]), _mean(after[~supported]))


def _mean(values: Floats) -> float | None:
    known = values[np.isfinite(values)]
    return None if len(known) < FEWEST else round(float(known.mean()), DIGITS)


def _minus(left: float | None, right: float | None) -> float | None:
    return None if left is None or right is None else round(left - right, DIGITS)


def baseline_deviation(cohort: Cohort, matching: Matching, outcome: int) -> float:
    """Standard deviation of the outcome before support among the comparison children, to state a difference in."""
    values = cohort.outcomes[matching.partner[matching.partner >= 0], outcome, OFFSETS.index(BEFORE)]
    return float(np.nanstd(values))


def e_values(estimate: Estimate, deviation: float) -> tuple[float, float]:
    """How strong something unrecorded would have to be to explain a difference away, and to bring its interval to zero.

    As a risk ratio with both support and outcome, beyond all covariates (VanderWeele & Ding 2017, with Chinn's
    conversion of a standardised difference d: RR ≈ exp(0.91 d)). 1 means that nothing is needed.
    """
    nearest = 0.0 if estimate.holds_zero else min(abs(estimate.low), abs(estimate.high))
    return _e_value(abs(estimate.value) / deviation), _e_value(nearest / deviation)


def _e_value(standardised: float) -> float:
    ratio = math.exp(0.91 * standardised)
    return round(ratio + math.sqrt(ratio * (ratio - 1)), 2)


def holm(p_values: Iterable[float | None]) -> list[float | None]:
    """P values over all that were estimated, by Holm's method (1979)."""
    given = list(p_values)
    known = [value for value in given if value is not None]
    adjusted = iter(multipletests(known, method="holm")[1]) if known else iter(())
    return [None if value is None else round(float(next(adjusted)), DIGITS) for value in given]
