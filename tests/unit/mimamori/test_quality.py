"""What a run reckons of itself, from small tables."""

import polars as pl
import pytest

from mimamori.quality import quality
from mimamori.results import rejects_by_rule
from vocabulary.frames import REJECTS


def tables(confidence, probability, shown, held):
    return (
        pl.DataFrame({"match_probability": probability}, schema={"match_probability": pl.Float64}),
        pl.DataFrame({"link_confidence": confidence}, schema={"link_confidence": pl.Float64}),
        pl.DataFrame({"score": shown}, schema={"score": pl.Float64}),
        pl.DataFrame({"score": held}, schema={"score": pl.Float64}),
    )


def test_shares_and_means():
    found = quality(*tables([1.0, 0.95, 0.8, 0.4], [1.0, 0.9], [0.6, 0.2], [0.9]), calibrated=True)
    assert found["link_confidence"]["share_below_0.9"] == 0.5
    assert found["link_confidence"]["quantile_0.01"] == 0.4
    assert found["expected_precision"] == 0.95
    assert found["flags"] == {"number": 3, "share_held": pytest.approx(1 / 3, abs=1e-6), "expected_right": 0.4}


def test_scores_that_are_no_probabilities_tell_nothing_of_how_many_are_right():
    assert quality(*tables([1.0], [1.0], [0.6], []), calibrated=False)["flags"]["expected_right"] is None


def test_without_a_child_there_is_nothing_to_go_by():
    found = quality(*tables([], [], [], []), calibrated=True)
    assert set(found["link_confidence"].values()) == {None}
    assert found["flags"] == {"number": 0, "share_held": None, "expected_right": None}


def test_rejects_by_source_and_rule():
    rows = [("school", "a.csv", 2, None, None, "unread"), ("school", "b.csv", 2, None, None, "unread")]
    rows.append(("health", "c.csv", 4, "sex", "x", "not_allowed"))
    rejects = pl.DataFrame(rows, schema=REJECTS, orient="row")
    assert rejects_by_rule(rejects) == {"health.not_allowed": 1, "school.unread": 2}
    assert rejects_by_rule(rejects.clear()) == {}
