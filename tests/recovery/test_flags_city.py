"""Whole cities with known onsets, every record truly linked: the list of 2 % against the plain threshold."""

import polars as pl
import pytest

from indicators.compute import compute_indicators
from indicators.flags import raise_flags
from indicators.rules import load_rules
from synthetic.city import build_city
from tests.recovery.flag_scenes import by_raw_difference, near_onset, precision, true_timeline

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("seed", "profile", "dates_per_year"),
    [(11, "typical", 1), (12, "typical", 1), (13, "hard", 1), (14, "typical", 2), (15, "clean", 12)],
)
def test_the_list_clearly_beats_a_plain_threshold(seed: int, profile: str, dates_per_year: int):
    rules = load_rules()
    first = 2020 if dates_per_year == 12 else 2014
    city = build_city(6000, seed, range(first, 2026), profile, dates_per_year)
    timeline, persons = true_timeline(city)
    indicators = compute_indicators(timeline, persons, rules)
    shown = raise_flags(indicators, timeline, persons, rules).shown.filter(pl.col("year") > first)
    sizes = shown.group_by("year").agg(pl.len().alias("places"))
    raw = (
        by_raw_difference(indicators, rules)
        .with_columns(pl.int_range(pl.len()).over("year").alias("before"))
        .join(sizes, on="year")
        .filter(pl.col("before") < pl.col("places"))
    )
    near = near_onset(city.truth["shocks"])
    assert raw.height == shown.height
    ours, theirs = precision(shown, near), precision(raw, near)
    by_chance = (2 * theirs * (1 - theirs) / raw.height) ** 0.5  # standard error of the difference of two such lists
    assert ours >= 0.5
    assert ours - theirs > 2 * by_chance
