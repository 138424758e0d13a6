"""Learning a scorecard from what the team found: few labels, of children the list itself chose.

The log-odds that hardship is found are modelled as a sum over the indicators of two functions that rise with the
surprise, the label-free log likelihood ratio (`indicators.weights`) and the surprise itself, with multipliers that are
not negative. Labels are few, so the multipliers have a Gaussian prior around the label-free list: one multiplier for
all ratios and none for the surprises, which vary over all indicators together by `SHAPE_SPREAD` of it, by domain by
`DOMAIN_SPREAD`, and each on its own by `OWN_SPREAD` (a multilevel model, Gelman & Hill 2007, at its posterior mode).
Where no label speaks against it, the order of the label-free list remains.

Labels are not a sample of the city. Those of children on a list are kept as they are: which of them were looked at
depends on the surprises alone, which are in the model. A child found elsewhere was chosen by the outcome; so the found
are set against as many unlabelled child-years of the same years, spread over all of them (a case–control design,
Prentice & Pyke 1979). The probability is calibrated on listed children only (Platt 1999): its steepness by predictions
of each year from the years before it, its level by all of them, since the share found differs from year to year by more
than what one year's list could teach.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize
from scipy.special import expit

from indicators.score import Scores
from indicators.scorecard import EXPECTED, POINTS_PER_LOG_ODDS, SURPRISES, Reason, Scorecard
from indicators.values import CHILD_YEAR
from indicators.weights import terms as weighted_terms
from vocabulary.errors import MimamoriError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

KNOTS = np.array(SURPRISES, dtype=np.float64)

HARDSHIP = ("confirmed", "already_known")
"""Outcomes that say that hardship was there."""

FEWEST_LABELS = 100
FEWEST_OF_EITHER = 20
FEWEST_YEARS = 2
FEWEST_TO_PREDICT = 50
"""Labels of earlier years from which a later year is predicted for the calibration."""

SHAPE_SPREAD = 0.5
DOMAIN_SPREAD = 0.2
OWN_SPREAD = 0.2
"""Standard deviations of the multipliers, as shares of the one the prior is around."""
SHAPES_ALIKE = 0.5
"""Correlation of what a domain's or indicator's two multipliers differ by."""
LINEAR = 0.35
"""Log likelihood ratio of a surprise of 1 in the second function, about that of the first (`weights.SQUARE`)."""
USUAL_SCALE, SCALE_SPREAD = 0.5, 0.5
"""Log-odds that a unit of the label-free statistic adds, before any label."""
SMALLEST_SCALE = 0.05
CALIBRATION_SPREAD = 0.25
"""Standard deviation of the calibrated steepness around the model's own."""
SMALLEST_STRETCH = 0.1
BACKGROUND = 4_000
"""Unlabelled child-years drawn."""
SEED = 20260401
DIGITS = 6


@dataclass(frozen=True)
class Labels:
    """Labelled rows of a `Scores`: their row numbers, whether hardship was found, and whether a list led to them."""

    row: Ints
    year: Ints
    hardship: Bools
    listed: Bools
    outcome: NDArray[np.str_]

    def where(self, mask: Bools) -> "Labels":
        """Those of a mask."""
        return Labels(*(getattr(self, name)[mask] for name in ("row", "year", "hardship", "listed", "outcome")))

    def __len__(self) -> int:
        return len(self.row)


def labels_of(scores: Scores, outcomes: pl.DataFrame) -> Labels:
    """Place outcomes on the rows of the scores; those of children or years without a row are left out.

    Parameters
    ----------
    scores : Scores
        Of the run to learn on.
    outcomes : DataFrame
        vocabulary.frames.OUTCOMES with `listed` (Boolean): whether a list led to the child.
    """
    rows = scores.table.select(CHILD_YEAR).with_row_index("row")
    found = rows.join(outcomes, on=CHILD_YEAR, how="inner", maintain_order="left")
    return Labels(
        row=found["row"].to_numpy().astype(np.int64),
        year=found["year"].to_numpy().astype(np.int64),
        hardship=found["outcome"].is_in(HARDSHIP).to_numpy(),
        listed=found["listed"].to_numpy(),
        outcome=found["outcome"].to_numpy().astype(str),
    )


def require_enough(labels: Labels) -> None:
    """Refuse to learn from too few labels, from one kind alone, or from one year.

    Raises
    ------
    MimamoriError
        With how many there are and how many are needed.
    """
    hardship = int(labels.hardship.sum())
    counts = {"labels": len(labels), "hardship": hardship, "none": len(labels) - hardship}
    if len(labels) < FEWEST_LABELS or min(hardship, len(labels) - hardship) < FEWEST_OF_EITHER:
        raise MimamoriError("score.too_few", **counts, fewest=FEWEST_LABELS, either=FEWEST_OF_EITHER)
    if len(np.unique(labels.year)) < FEWEST_YEARS:
        raise MimamoriError("score.one_year", year=int(labels.year[0]))


def both_kinds(labels: Labels) -> bool:
    """Whether there are labels with hardship and labels without."""
    return 0 < int(labels.hardship.sum()) < len(labels)


def train(scores: Scores, labels: Labels, domains: Sequence[str]) -> Scorecard:
    """Learn a scorecard. Whether labels are enough for one to be used is for `require_enough`.

    Parameters
    ----------
    scores : Scores
        As `indicators.score.score_changes` gives it, without a scorecard.
    labels : Labels
        Of its rows, of both kinds.
    domains : sequence of str
        Domain of each of `scores.names`.
    """
    learnt = _learn(scores, labels, domains)
    stretch = _stretch(*_predicted_ahead(scores, labels, domains))
    listed = labels.where(labels.listed)
    points = learnt.terms(scores.names, scores.surprises[listed.row]).sum(axis=1)
    slope = round(stretch * learnt.slope, DIGITS)
    intercept = _level(slope * points, listed.hardship) if len(listed) else learnt.intercept
    return learnt.model_copy(update={"intercept": round(intercept, DIGITS), "slope": slope})


def _learn(scores: Scores, labels: Labels, domains: Sequence[str]) -> Scorecard:
    """A scorecard as it is fitted, before calibration."""
    rows, hardship, weight = _with_background(scores, labels)
    ratio, surprise = scores.terms[rows], _bounded(scores.surprises[rows])
    total = ratio.sum(axis=1, keepdims=True)
    intercept, scale = _fit(total, hardship, weight, np.array([USUAL_SCALE]), np.eye(1) / SCALE_SPREAD**2, 0.0)
    middle = max(float(scale[0]), SMALLEST_SCALE)
    precision = np.asarray(np.linalg.inv(middle**2 * _spread(domains)), dtype=np.float64)
    centre = np.repeat([middle, 0.0], len(domains))
    intercept, multipliers = _fit(np.hstack([ratio, surprise]), hardship, weight, centre, precision, intercept)
    of_ratio, of_surprise = multipliers.reshape(2, -1)
    log_odds = of_ratio * _ratios_at_knots(scores) + of_surprise * _bounded(KNOTS[:, None])
    log_odds[EXPECTED] = np.minimum(log_odds[EXPECTED], 0.0)
    points = np.round(np.maximum.accumulate(log_odds) * POINTS_PER_LOG_ODDS).astype(np.int64)
    points[:EXPECTED] = np.minimum(points[:EXPECTED], points[EXPECTED])
    return Scorecard(
        reasons=tuple(
            Reason(indicator=name, domain=domain, points=tuple(column))
            for name, domain, column in zip(scores.names, domains, points.T.tolist(), strict=True)
        ),
        intercept=intercept,
        slope=1 / POINTS_PER_LOG_ODDS,
    )


def _bounded(surprises: Floats) -> Floats:
    """The second function: in proportion to the surprise, within the bounds of the table; 0 where unknown."""
    return np.asarray(LINEAR * np.clip(np.nan_to_num(surprises), SURPRISES[0], SURPRISES[-1]))


def _ratios_at_knots(scores: Scores) -> Floats:
    """The label-free ratio at each of `SURPRISES` (rows) for each indicator, by the weight that its terms show."""
    plain = weighted_terms(scores.surprises, np.ones(len(scores.names)))
    shown, told = np.abs(plain).sum(axis=0), np.abs(scores.terms).sum(axis=0)
    weight = np.divide(told, shown, out=np.zeros_like(told), where=shown > 0)
    return weighted_terms(KNOTS[:, None], weight)


def _with_background(scores: Scores, labels: Labels) -> tuple[Ints, Floats, Floats]:
    """Rows to learn from, whether hardship was found there, and the weight of each: the labels, and the background."""
    elsewhere = int((labels.hardship & ~labels.listed).sum())
    years = scores.table["year"].to_numpy()
    unlabelled = np.setdiff1d(np.flatnonzero(np.isin(years, labels.year)), labels.row)
    drawn = np.random.default_rng(SEED).permutation(unlabelled)[:BACKGROUND] if elsewhere else unlabelled[:0]
    share = elsewhere / max(len(drawn), 1)
    return (
        np.concatenate([labels.row, drawn]),
        np.concatenate([labels.hardship.astype(np.float64), np.zeros(len(drawn))]),
        np.concatenate([np.ones(len(labels)), np.full(len(drawn), share)]),
    )


def _spread(domains: Sequence[str]) -> Floats:
    """Prior covariance of the multipliers, shapes one after the other, in squares of their centre."""
    domain = np.array(domains)
    same = (domain[:, None] == domain[None, :]).astype(np.float64)
    apart = DOMAIN_SPREAD**2 * same + OWN_SPREAD**2 * np.eye(len(domain))
    alike = np.array([[1.0, SHAPES_ALIKE], [SHAPES_ALIKE, 1.0]])
    together = SHAPE_SPREAD**2 * np.ones_like(same)
    return np.asarray(np.kron(alike, apart) + np.kron(np.eye(2), together))


def _fit(
    features: Floats, hardship: Floats, weight: Floats, centre: Floats, precision: Floats, intercept: float
) -> tuple[float, Floats]:
    """Logistic regression at its posterior mode: coefficients at least 0, with a Gaussian prior; the intercept free."""

    def loss(at: Floats) -> tuple[float, Floats]:
        log_odds = at[0] + features @ at[1:]
        missed = weight * (expit(log_odds) - hardship)
        off = at[1:] - centre
        pull = precision @ off
        value = float((weight * (np.logaddexp(0.0, log_odds) - hardship * log_odds)).sum() + off @ pull / 2)
        return value, np.concatenate([[missed.sum()], features.T @ missed + pull])

    start = np.concatenate([[intercept], centre])
    bounds = [(None, None), *[(0.0, None)] * len(centre)]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return float(found[0]), found[1:]


def _predicted_ahead(scores: Scores, labels: Labels, domains: Sequence[str]) -> tuple[Floats, Floats]:
    """Log-odds of listed children of each year by points learnt from the years before it, and what was found."""
    log_odds, found = [], []
    for year in np.unique(labels.year):
        before, now = labels.where(labels.year < year), labels.where((labels.year == year) & labels.listed)
        if len(before) < FEWEST_TO_PREDICT or not both_kinds(before):
            continue
        learnt = _learn(scores, before, domains)
        points = learnt.terms(scores.names, scores.surprises[now.row]).sum(axis=1)
        log_odds.append(learnt.intercept + learnt.slope * points)
        found.append(now.hardship.astype(np.float64))
    return (np.concatenate(log_odds), np.concatenate(found)) if found else (np.zeros(0), np.zeros(0))


def _stretch(log_odds: Floats, found: Floats) -> float:
    """By how much predicted log-odds are to be stretched to have the steepness of what was found."""
    if not len(found):
        return 1.0
    precision = np.eye(1) / CALIBRATION_SPREAD**2
    _, stretch = _fit(log_odds[:, None], found, np.ones(len(found)), np.ones(1), precision, 0.0)
    return max(float(stretch[0]), SMALLEST_STRETCH)


def _level(log_odds: Floats, hardship: Bools) -> float:
    """The intercept with which as many are expected to be in hardship as were; half a case of either kind is added."""
    expected = (hardship.sum() + 0.5) / (len(hardship) + 1)
    return float(brentq(lambda at: expit(at + log_odds).mean() - expected, -50.0, 50.0))
