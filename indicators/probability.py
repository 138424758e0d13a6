"""The probability that a child-year's changes have a cause in common, told without labels.

What chance alone would bring is read from the data: the domains of the child-years of one year are dealt out anew, each
on its own, among the child-years that know the same domains. The domains then have the distributions they have, but
nothing in common. Where the true child-years show large statistics more often than the dealt ones, the excess is due
to hardships, and the local true-discovery rate is the share of that excess among those with such a statistic:

    P(hardship | t) = π e^{bt} / (π e^{bt} + (1 − π) E₀ e^{bt})

with E₀ the mean over the dealt ones, π the share of child-years with a hardship in that year, and b ≤ 1.5 how far the
statistic is to be trusted as a log likelihood ratio, one for all years. π and b are fitted by maximum likelihood. The
probability rises with the statistic, stays within 0 and 1, and means the same in every year; `Onsets.share` by year
shows drift. Hardships are dealt out too, which makes chance look larger than it is; so a second fit deals only those
left after each child-year was set aside with the probability of the first. A cause that touches one domain alone is
not told from chance; and whatever else two domains have in common is taken for a hardship. Where all that is known is
of one domain, its indicators are dealt out instead.

Sources: Efron 2004 and 2010 (local false discovery, empirical null), Anderson 1979 (exponential tilt of an unknown
distribution), Zou, Fine & Yandell 2002 (its mixture), Storey 2003.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit, logsumexp

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SEED = 20040301
DEALS = 4
"""How often the domains are dealt out."""
FURTHEST = 12.0
"""Statistics beyond this are taken to be this: frequencies are not known so far out."""
STEP = 0.1
"""Width of the classes of the statistic in which frequencies are counted."""
GRID = np.arange(-FURTHEST, FURTHEST + STEP / 2, STEP)
BORROWED = 500.0
"""Weight, in child-years, that what chance brings in a year borrows from all years."""
STEADY = 3000.0
"""Weight, in child-years, that the share of a year borrows from all years, and that of all from `PREVALENCE`."""
PREVALENCE = 0.02
"""Share with a hardship before any data."""
TRUST = (0.1, 1.5)
"""Bounds of b."""
ROUNDS = 100
DIGITS = 6


@dataclass(frozen=True)
class Onsets:
    """The fitted share with a hardship (π) and norm (log E₀ e^{bt}) of each of `years`, and the trust b."""

    years: Ints
    share: Floats
    norm: Floats
    trust: float

    def probability(self, statistic: Floats, year: Ints) -> Floats:
        """Probability of a hardship for each child-year; every `year` is one of `years`."""
        at = np.searchsorted(self.years, year)
        tilted = self.trust * np.clip(statistic, -FURTHEST, FURTHEST)
        return np.asarray(expit(logit(self.share)[at] + tilted - self.norm[at]))


def fit_onsets(terms: Floats, known: NDArray[np.bool_], domains: Sequence[str], year: Ints) -> Onsets:
    """Fit the probability.

    Parameters
    ----------
    terms : (child-years, indicators) float array
        What each indicator adds to the statistic.
    known : (child-years, indicators) bool array
        Where the indicator is known.
    domains : sequence of str
        Domain of each indicator.
    year : (child-years,) integer array
        Fiscal year of each.
    """
    years, at = np.unique(year, return_inverse=True)
    statistic = terms.sum(axis=1)
    chance = np.random.default_rng(SEED)
    onsets = _fitted(statistic, at, years, deal(terms, known, domains, at, chance), at)
    kept = chance.random(len(terms)) >= onsets.probability(statistic, year)
    if not kept.any():
        return onsets
    return _fitted(statistic, at, years, deal(terms[kept], known[kept], domains, at[kept], chance), at[kept])


def _fitted(statistic: Floats, at: Ints, years: Ints, dealt: list[Floats], dealt_at: Ints) -> Onsets:
    """The share of each year and the trust of greatest likelihood, by EM."""
    seen = _counted(statistic, at, len(years))
    by_chance = np.mean([_counted(one, dealt_at, len(years)) for one in dealt], axis=0)
    pooled = by_chance.sum(axis=0) / max(by_chance.sum(), 1.0)
    log_chance = np.log((by_chance + BORROWED * pooled) / (by_chance.sum(axis=1, keepdims=True) + BORROWED) + 1e-300)
    children = seen.sum(axis=1)
    share, trust = np.full(len(years), PREVALENCE), 1.0
    for _ in range(ROUNDS):
        norm = logsumexp(log_chance + trust * GRID, axis=1)
        owed = seen * expit(logit(share)[:, None] + trust * GRID - norm[:, None])
        overall = (owed.sum() + STEADY * PREVALENCE) / (children.sum() + STEADY)
        share = (owed.sum(axis=1) + STEADY * overall) / (children + STEADY)
        trust = _trust(owed, log_chance)
    norm = logsumexp(log_chance + trust * GRID, axis=1)
    return Onsets(years, np.round(share, DIGITS), np.round(norm, DIGITS), round(trust, DIGITS))


def deal(
    terms: Floats, known: NDArray[np.bool_], domains: Sequence[str], group: Ints, chance: np.random.Generator
) -> list[Floats]:
    """Statistics of child-years whose domains are dealt out anew within `group` and the domains known."""
    named = np.array(domains)
    blocks = [named == one for one in sorted(set(domains)) if known[:, named == one].any()]
    if len(blocks) == 1:
        blocks = list(np.eye(len(named), dtype=bool)[blocks[0]])
    sums = [terms[:, block].sum(axis=1) for block in blocks]
    pattern = sum(known[:, block].any(axis=1).astype(np.int64) << bit for bit, block in enumerate(blocks))
    cell = np.unique(pattern * (group.max(initial=0) + 1) + group, return_inverse=True)[1].astype(np.float64)
    places = np.argsort(cell, kind="stable")
    dealt = []
    for _ in range(DEALS):
        statistic = np.zeros(len(terms))
        for values in sums:
            statistic[places] += values[np.argsort(cell + chance.random(len(cell)))]
        dealt.append(statistic)
    return dealt


def _counted(statistic: Floats, at: Ints, years: int) -> Floats:
    """Child-years by year and class of the statistic."""
    classes = np.rint((np.clip(statistic, -FURTHEST, FURTHEST) + FURTHEST) / STEP).astype(np.int64)
    return np.bincount(at * len(GRID) + classes, minlength=years * len(GRID)).reshape(years, len(GRID)).astype(float)


def _trust(owed: Floats, log_chance: Floats) -> float:
    """The b of greatest likelihood, given how much of each class is owed to hardship."""
    of_year, at_grid = owed.sum(axis=1), float(owed.sum(axis=0) @ GRID)

    def misfit(trust: float) -> float:
        return float(of_year @ logsumexp(log_chance + trust * GRID, axis=1)) - trust * at_grid

    return float(minimize_scalar(misfit, bounds=TRUST, method="bounded").x)
