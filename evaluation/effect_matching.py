"""Partners for supported children: like them in what was known before support began, and alike in chance of support.

Within strata that agree exactly in year, band of grades and sex, each supported child is given up to `per_child`
comparison children so that the sum of distances is smallest (optimal assignment without replacement). Only candidates
whose estimated chance of support (propensity, on the logit) lies within a caliper come into question; among them the
distance is Mahalanobis' over the outcomes' own levels and changes and the logit. A child is a partner once in a year,
but may be one again in another: were it not, the candidates left for later years would be those with an easier past.

Sources: Rosenbaum & Rubin 1983, 1985 (propensity, caliper with Mahalanobis distance), Austin 2011 (0.2 of the standard
deviation of the logit), Hansen & Klopfer 2006 (optimal rather than greedy).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from evaluation.effect_cohort import Cohort, Floats

Integers = NDArray[np.int64]

CALIPER = 0.2
"""Standard deviations of the logit within which a partner's must lie."""
PER_CHILD = 3
BEYOND = 1e6
"""Distance that stands for "not within the caliper"."""


@dataclass(frozen=True)
class Matching:
    """Matched rows of a cohort.

    `treated` (sets) is the supported row of each set, `partner` (sets, per_child) the rows beside it, -1 where there
    are fewer. `logit` is every row's, `auc` how far the groups can be told apart by it.
    """

    treated: Integers
    partner: Integers
    logit: Floats
    auc: float

    def members(self) -> tuple[Integers, Integers, Floats]:
        """Row, set and weight of every matched child: a set's partners share the weight of its supported child."""
        at, place = np.nonzero(self.partner >= 0)
        share = 1.0 / (self.partner >= 0).sum(axis=1)
        rows = np.concatenate([self.treated, self.partner[at, place]])
        sets = np.concatenate([np.arange(len(self.treated)), at])
        return rows, sets, np.concatenate([np.ones_like(share), share[at]])


def match(cohort: Cohort, outcomes: Sequence[str], *, per_child: int = PER_CHILD) -> Matching:
    """Give the supported children of `cohort` their partners."""
    supported = cohort.supported
    logit, auc = propensity(cohort)
    spread = np.sqrt((logit[supported].var() + logit[~supported].var()) / 2)
    key = [at for at, (name, aspect) in enumerate(cohort.names) if name in outcomes and aspect != "unknown"]
    place = whitened(np.column_stack([cohort.covariates[:, key], logit]))
    partner = np.full((len(supported), per_child), -1)
    free = ~supported
    strata = _strata(cohort.rows)
    for turn in range(per_child):  # everybody's first partner before anybody's second
        for members in strata:
            wanting = members[supported[members] & (turn == 0 or (partner[members, turn - 1] >= 0))]
            offered = members[free[members]]
            chosen = _assign(place[wanting], place[offered], logit[wanting], logit[offered], CALIPER * spread)
            taken = offered[chosen[chosen >= 0]]
            partner[wanting[chosen >= 0], turn] = taken
            free[taken] = False
    treated = np.flatnonzero(partner[:, 0] >= 0)
    return Matching(treated, partner[treated], logit, auc)


def propensity(cohort: Cohort) -> tuple[Floats, float]:
    """Logit of each row's estimated chance of support, from covariates and stratum; the area under its ROC curve."""
    parts = cohort.rows["stratum"].str.split("/").list.to_struct(fields=["year", "band", "sex"]).struct.unnest()
    differing = [name for name in parts.columns if parts[name].n_unique() > 1]
    design = np.column_stack([np.ones(parts.height), cohort.covariates])
    if differing:
        design = np.column_stack([design, parts.select(differing).to_dummies(drop_first=True).to_numpy()])
    model = LogisticRegression(C=1.0, max_iter=2000).fit(design, cohort.supported)
    logit = model.decision_function(design)
    return np.asarray(logit), float(roc_auc_score(cohort.supported, logit))


def whitened(columns: Floats) -> Floats:
    """Columns turned so that Euclidean distance between rows is Mahalanobis'."""
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(columns, rowvar=False)))
    kept = values > 1e-9 * max(values.max(), 1e-9)
    if not kept.any():
        return np.zeros((len(columns), 1))
    return np.asarray(columns @ (vectors[:, kept] / np.sqrt(values[kept])))


def _strata(rows: pl.DataFrame) -> list[Integers]:
    grouped = rows.with_row_index("row").group_by("stratum", maintain_order=True).agg("row")
    return [np.asarray(members.to_numpy(), dtype=np.int64) for members in grouped["row"]]


def _assign(wanting: Floats, offered: Floats, logits: Floats, offered_logits: Floats, caliper: float) -> Integers:
    """For each of `wanting` the one of `offered` it gets, -1 where none is within the caliper."""
    chosen = np.full(len(wanting), -1)
    if not len(wanting) or not len(offered):
        return chosen
    distance = cdist(wanting, offered)
    distance[np.abs(logits[:, None] - offered_logits[None, :]) > caliper] = BEYOND
    rows, columns = linear_sum_assignment(distance)
    within = distance[rows, columns] < BEYOND
    chosen[rows[within]] = columns[within]
    return chosen
