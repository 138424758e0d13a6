"""Cities in which no single change stands out: the list of 2 %, and the probabilities printed on it."""

import polars as pl
import pytest

from indicators.compute import compute_indicators
from indicators.flags import raise_flags
from indicators.rules import load_rules
from synthetic.city import build_city
from tests.recovery.flag_scenes import near_onset, precision, true_timeline

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("seed", "profile", "dates_per_year"), [(21, "typical", 1), (22, "hard", 1), (23, "typical", 2)]
)
def test_faint_onsets_are_found_and_the_score_says_how_surely(seed: int, profile: str, dates_per_year: int):
    rules = load_rules()
    city = build_city(5000, seed, range(2015, 2026), profile, dates_per_year, onsets="faint")
    timeline, persons = true_timeline(city)
    shown = raise_flags(compute_indicators(timeline, persons, rules), timeline, persons, rules).shown
    shown = shown.filter(pl.col("year") > 2015)
    near = near_onset(city.truth["shocks"])
    found = precision(shown, near)
    assert found >= 0.6
    assert shown["score"].mean() == pytest.approx(found, abs=0.2)
    sure, unsure = shown.filter(pl.col("score") >= 0.9), shown.filter(pl.col("score") < 0.5)
    assert precision(sure, near) > precision(unsure, near) + 0.1
