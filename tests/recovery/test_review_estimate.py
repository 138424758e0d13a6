"""Estimates from a sample that a reviewer who knows the truth decides, on what linkage really joined and kept apart."""

import numpy as np
import polars as pl
import pytest

from governance.review_state import ReviewState, Verdict
from linkage.clusters import cluster
from linkage.evidence import probability
from mimamori import review_sample
from mimamori.joinings import Joinings
from tests.recovery.linked_cities import delivered, linked, quality
from vocabulary.frames import RECORD

pytestmark = pytest.mark.slow

CHILDREN = 1_500
SAMPLES = 60
LEAST = 0.95 - 3 * (0.95 * 0.05 / SAMPLES) ** 0.5
"""Nominal coverage less three standard errors of the samples."""


def joinings_of(linkage, clusters):
    """The joinings of a linkage, its clusters for persons."""
    person = clusters.assignment.select("profile", person_id=pl.format("p{}", "cluster"))
    weighed = (
        clusters.joinings.rename({"review": "made_by"})
        .join(person.rename({"profile": "left", "person_id": "person_left"}), on="left")
        .join(person.rename({"profile": "right", "person_id": "person_right"}), on="right")
        .with_columns(probability=probability(pl.col("bits")))
        .sort("left", "right")
    )
    return Joinings("run", weighed, linkage.profiles.members.join(person, on="profile"), {})


def estimated(joinings, child_of, seed):
    """Precision and recall from one sample, decided by the truth."""
    sample = review_sample._sample(joinings, 150, 150, seed)
    ends = [sample.joinings[side].replace_strict(child_of) for side in ("left", "right")]
    verdict = pl.Series(np.where(ends[0] == ends[1], Verdict.SAME.value, Verdict.DIFFERENT.value))
    decided = sample.joinings.with_columns(verdict=verdict, state=pl.lit(ReviewState.CONFIRMED.value))
    return review_sample._estimate(joinings, sample, decided)


@pytest.mark.parametrize(("profile", "shift", "mixed"), [("extreme", 0.0, 0), ("hard", 20.0, 30), ("hard", -15.0, 0)])
def test_a_reviewed_sample_gives_the_true_figures(tmp_path, profile, shift, mixed):
    """Once as it is; once with evidence so much too strong that children are mixed; once with it too weak."""
    records, truth = delivered(tmp_path, CHILDREN, 41, profile)
    linkage = linked(records)
    shifted = linkage.pairs.with_columns(pl.col("evidence") + shift, against=pl.lit(0.0) if shift > 0 else "against")
    at_once = 0.0 if shift > 0 else -linkage.model.held_at_once_weight
    joinings = joinings_of(linkage, cluster(shifted, linkage.profiles.members, held_at_once=at_once))
    true = quality(joinings.members.select(*RECORD, cluster="person_id"), truth)
    assert true.mixed >= mixed
    first = joinings.members.join(truth, on=RECORD).sort("as_of").unique("profile", keep="first")
    child_of = dict(first.select("profile", "child").iter_rows())
    found = [estimated(joinings, child_of, seed) for seed in range(SAMPLES)]
    for name in ("precision", "recall"):
        figure = getattr(true, name)
        estimates = [getattr(one, name) for one in found]
        covered = np.mean([one.low <= figure <= one.high for one in estimates])
        values = np.array([one.value for one in estimates])
        assert covered >= LEAST
        assert abs(values.mean() - figure) < 0.01
