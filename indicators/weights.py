"""What each surprise says of a hardship, without any label: a weighted log likelihood ratio an indicator.

Of a surprise for the worse the ratio is that of an unknown shift, a square; sums of squares find a little in many
records as well as much in one. What is better than expected speaks a little against, in proportion.

A hardship shows in several departments at once, an illness of a day or a growth spurt in one record alone. So an
indicator is weighted by how far its large surprises come together with large surprises in *other* domains: the loading
of a one-factor model fitted to the correlations between domains (Harman & Jones 1966, minimum residuals). Loadings of
rare events are uncertain, so they decide only half of the weight; the other half is the same for all, and a cause that
touches one record only can reach the list. Ratios learnt whole from what the other domains tell of each
child-year do better where hardship shows a little everywhere and much worse in deliveries of another making, where what
the domains share is mostly poverty that lasts; `benchmarks.changes` and deliveries made by others decided.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LARGEST = 5.0
"""Surprise beyond which one more says nothing more: the model's tails are not known so far out."""
SQUARE = 0.35
"""Log likelihood ratio of a surprise of 1; that of independent normal deviates would be .5."""
BETTER = 0.3
"""What a surprise of 1 for the better takes away, as a share of what one for the worse adds."""

LARGE = 1.0
"""Surprise from which it counts as large."""
COMMON = 0.03
"""Added to every loading: what an indicator is taken to tell of a common cause before any data."""
LEARNT = 0.5
"""Share of the weight that the loadings decide."""
STANDARD_ERRORS = 2.0
"""How far beyond 0, in standard errors, a correlation between domains must be to count."""
ROUNDS = 50
DIGITS = 6
"""Decimals of a weight: the last bits of a matrix product differ from one processor to another."""


def terms(surprises: Floats, weight: Floats) -> Floats:
    """What each indicator adds to the log likelihood ratio of each child-year; 0 where it is unknown.

    Parameters
    ----------
    surprises : (child-years, indicators) float array
        Normal deviates, positive where worse; NaN where unknown.
    weight : (indicators,) float array
        As `weights` gives them.
    """
    z = np.clip(np.nan_to_num(surprises), -LARGEST, LARGEST)
    return np.asarray(np.round(SQUARE * weight * np.where(z > 0, z**2, BETTER * z), DIGITS))


def weights(surprises: Floats, domains: Sequence[str]) -> Floats:
    """Weight of each indicator.

    Parameters
    ----------
    surprises : (child-years, indicators) float array
        Normal deviates, NaN where unknown.
    domains : sequence of str
        Domain of each indicator.

    Returns
    -------
    (indicators,) float array with mean 1, each at least 1 - LEARNT.
    """
    found = np.sqrt(loadings(surprises, domains) + COMMON)
    return np.asarray(np.round(1 - LEARNT + LEARNT * found * len(found) / found.sum(), DIGITS))


def loadings(surprises: Floats, domains: Sequence[str]) -> Floats:
    """Loading of each indicator's large surprises on what is common to the domains, at least 0."""
    domain = np.array(domains)
    known = np.isfinite(surprises).astype(np.float64)
    # A pair counts by how many child-years know both, and only as far as it is beyond chance.
    pairs = np.where(domain[:, None] != domain[None, :], known.T @ known, 0.0)
    chance = STANDARD_ERRORS / np.sqrt(np.maximum(pairs, 1.0))
    between = np.maximum(correlations(np.maximum(surprises - LARGE, 0.0)) - chance, 0.0)
    found = np.full(len(domain), 0.2)
    for _ in range(ROUNDS):
        for at in range(len(found)):
            against = float((pairs[at] * found**2).sum())
            found[at] = float((pairs[at] * between[at] * found).sum()) / against if against > 0 else 0.0
    return found


def correlations(columns: Floats) -> Floats:
    """Correlation of each two columns over the rows that know both; 0 where none do or one does not vary.

    Double precision: sums in single precision differ with the order of the rows by more than `DIGITS` leaves.
    """
    known = np.isfinite(columns).astype(np.float64)
    centred = columns - np.nan_to_num(columns).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    np.nan_to_num(centred, copy=False)
    squares = (centred**2).T @ known
    scale = np.sqrt(squares * squares.T)
    found = np.divide(centred.T @ centred, scale, out=np.zeros_like(scale), where=scale > 0)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)
