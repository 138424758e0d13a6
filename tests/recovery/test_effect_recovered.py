"""Planted effects of support are found again, none is found where there is none, beside what plain comparisons say."""

import numpy as np
import pytest

from evaluation.effect import measure_effect
from tests.unit.evaluation.supported_city import supported_city

pytestmark = pytest.mark.slow

REPETITIONS = 40
OUTCOMES = ("score_math", "absence")


def estimates(**changed):
    """First outcome a year after support began, in `REPETITIONS` cities."""
    found = []
    for seed in range(REPETITIONS):
        city = supported_city(seed, children=2000, **changed)
        found.append(measure_effect(city.indicators, city.persons, city.timeline, city.supported, OUTCOMES))
    return found


def first(effects):
    return [effect.outcomes[0] for effect in effects]


@pytest.mark.parametrize("planted", [0.0, 3.0])
def test_the_planted_effect_lies_in_its_interval_and_plain_comparisons_miss_it(planted: float):
    found = first(estimates(effect=planted))
    inside = np.mean([each.estimate.low <= planted <= each.estimate.high for each in found])
    assert inside >= 0.9
    bias = np.mean([each.estimate.value for each in found]) - planted
    before_after = np.mean([each.before_after for each in found]) - planted
    plain = np.mean([each.plain_difference for each in found]) - planted
    assert abs(bias) < 0.3
    assert before_after > 1.5  # regression to the mean, taken for an effect
    assert plain < -3  # support goes to children in hardship


def test_years_before_support_show_no_difference_where_all_that_decides_is_recorded():
    placebos = [placebo.estimate.holds_zero for effect in estimates() for placebo in effect.placebo]
    assert np.mean(placebos) >= 0.9


def test_what_nobody_recorded_is_not_removed():
    """Support that follows a hidden, growing hardship looks harmful; the report must not be read as proof."""
    found = first(estimates(unrecorded=1.0))
    assert np.mean([each.estimate.high < 0 for each in found]) > 0.5


def test_leaving_at_random_does_no_harm():
    found = first(estimates(effect=3.0, leaving=0.1))
    assert np.mean([each.estimate.low <= 3.0 <= each.estimate.high for each in found]) >= 0.85
