"""What each surprise says of a hardship, learnt from the data without any label: a log likelihood ratio an indicator.

A hardship shows in several departments at once, an illness of a day or a growth spurt in one record alone. So what a
surprise in one indicator is worth is read from the *other* domains: how much more frequent it is among the child-years
in which they tell of a hardship than among all. From what the others tell each child-year is given a probability of
one, from the probabilities the ratio of each indicator, from the ratios new probabilities; three rounds suffice. How
far the probabilities can be relied on shows in how far they are from all being alike: what they blur is sharpened by as
much, and where they tell nothing, nothing is learnt. No domain judges itself, so that what its indicators share without
any hardship (one bad day under two tests) is not taken for evidence.

The ratio never falls as the surprise rises. It begins from, and with few data stays near, the generalised likelihood
ratio of an unknown shift for the worse, a square of the surprise; sums of these find a little in many records as well
as much in one. With a small share every indicator keeps that square whatever the others say, so that one very large
change reaches the list alone: a cause that touches one record only can be neither learnt nor ruled out this way.

Sources: Dempster, Laird & Rubin 1977 (EM), Lazarsfeld & Henry 1968 (latent classes), Blum & Mitchell 1998 (views that
teach each other), Barlow et al. 1972 (isotonic regression).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression

Floats = NDArray[np.float64]

LARGEST = 5.0
"""Surprise beyond which one more says nothing more: the model's tails are not known so far out."""
EDGES = np.array([-1.5, -1, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 3, 3.5, 4])
"""Bounds of the classes of surprise whose frequencies are compared."""
MARKS = np.concatenate([[-2.0], (EDGES[1:] + EDGES[:-1]) / 2, [4.5]])
"""Surprise that stands for each class."""

SQUARE = 0.35
"""Ratio of a surprise of 1 before any data; that of independent normal deviates would be .5."""
BORROWED = 30.0
"""Weight, in child-years with a hardship, of the ratio from before any data."""
ALONE = 0.05
"""Share of hardships taken to show in ways that the other domains do not tell of."""
LEAST_RELIABLE = 0.02
"""Share of the truth that other domains are taken to tell at least; below, what they tell is all but ignored."""
PREVALENCE = 0.02
"""Share of child-years taken to hold a hardship while learning. Lists hardly differ between .02 and .08."""
SMALLEST = 1e-6
"""Added to frequencies, so that a class nobody is in has a ratio: the one from before any data."""
ROUNDS = 3
DIGITS = 6
"""Decimals of a ratio: the last bits of a sum differ from one processor to another."""


@dataclass(frozen=True)
class Ratios:
    """Log likelihood ratio of each class of surprise (rows, at `MARKS`) for each indicator (columns)."""

    at_marks: Floats

    def terms(self, surprises: Floats) -> Floats:
        """What each indicator adds to the log likelihood ratio of each child-year; 0 where it is unknown.

        Parameters
        ----------
        surprises : (child-years, indicators) float array
            Normal deviates, positive where worse; NaN where unknown.
        """
        known = np.isfinite(surprises)
        z = np.clip(np.where(known, surprises, 0.0), -LARGEST, LARGEST)
        found = np.zeros(z.shape)
        for column in range(z.shape[1]):
            learnt = np.interp(z[:, column], MARKS, self.at_marks[:, column])
            alone = before_any_data(z[:, column])
            found[:, column] = np.logaddexp(np.log(1 - ALONE) + learnt, np.log(ALONE) + alone)
        # Nothing that is not worse than expected speaks for a hardship, whatever lies between two marks.
        found = np.where(z > 0, found, np.minimum(found, 0.0))
        return np.where(known, np.round(found, DIGITS), 0.0)


def before_any_data(surprise: Floats) -> Floats:
    """Log likelihood ratio taken for a surprise before any data."""
    return np.asarray(SQUARE * np.maximum(surprise, 0.0) ** 2)


def learn_ratios(surprises: Floats, domains: Sequence[str], unlearnt: Sequence[str] = ()) -> Ratios:
    """Learn the ratios.

    Parameters
    ----------
    surprises : (child-years, indicators) float array
        Normal deviates, NaN where unknown.
    domains : sequence of str
        Domain of each indicator.
    unlearnt : sequence of str
        Domains whose indicators keep the ratio from before any data.
    """
    domain = np.array(domains)
    learnt = ~np.isin(domain, list(unlearnt))
    known = np.isfinite(surprises)
    classes = np.digitize(surprises, EDGES).astype(np.int8)
    ratios = Ratios(np.repeat(before_any_data(MARKS)[:, None], len(domain), axis=1))
    for _ in range(ROUNDS):
        terms, at_marks = ratios.terms(surprises), ratios.at_marks.copy()
        for one in sorted(set(domains) - set(unlearnt)):
            inside = domain == one
            probability = expit(logit(PREVALENCE) + terms[:, ~inside & learnt].sum(axis=1))
            elsewhere = known[:, ~inside & learnt].any(axis=1)
            for column in np.flatnonzero(inside):
                rows = known[:, column] & elsewhere
                if rows.any():
                    at_marks[:, column] = _ratio(classes[rows, column], probability[rows])
        ratios = Ratios(np.round(at_marks, DIGITS))
    return ratios


def _ratio(classes: NDArray[np.int8], probability: Floats) -> Floats:
    """Log ratio of the frequency of each class with a hardship to that without one, never falling."""
    without = np.bincount(classes, weights=1 - probability, minlength=len(MARKS))
    told = np.bincount(classes, weights=probability, minlength=len(MARKS))
    usual = (without + SMALLEST) / (without + SMALLEST).sum()
    # Those the others tell of are a mixture: true ones, as far as the others can be relied on, and usual child-years.
    mean = probability.mean()
    reliability = max(float(probability.var() / (mean * (1 - mean))), LEAST_RELIABLE)
    true = np.maximum(usual + (told / told.sum() - usual) / reliability, 0.0)
    expected = usual * np.exp(before_any_data(MARKS))
    shown = reliability * told.sum() * true + BORROWED * expected / expected.sum()
    ratio = np.log(shown / shown.sum() / usual)
    return np.asarray(IsotonicRegression().fit_transform(MARKS, ratio, sample_weight=without + told + SMALLEST))
