"""22,000 histories of two test scores: 2 % fall by .8 SD in both subjects, or in one; the list holds 2 %."""

import polars as pl
import pytest

from indicators.compute import compute_indicators
from indicators.flags import raise_flags
from indicators.rules import load_rules
from tests.recovery.flag_scenes import by_raw_difference, precision, score_histories

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("subjects", "least"), [(2, 0.36), (1, 0.19)])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_drop_in_scores_is_found(subjects: int, least: float, seed: int):
    rules = load_rules()
    timeline, persons, onsets = score_histories(seed, children=22_000, years=5, subjects=subjects)
    indicators = compute_indicators(timeline, persons, rules)
    shown = raise_flags(indicators, timeline, persons, rules).shown.filter(pl.col("year") == 2024)
    raw = by_raw_difference(indicators.filter(pl.col("year") == 2024), rules).head(shown.height)
    assert shown.height == 440
    assert precision(shown, onsets) >= least
    assert precision(shown, onsets) > 1.25 * precision(raw, onsets)
