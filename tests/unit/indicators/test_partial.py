from datetime import date

import numpy as np
import polars as pl
import pytest

from indicators.compute import compute_indicators
from indicators.partial import same_months
from tests.unit.indicators.tables import RULES, april, indicators, names, persons, timeline

CHILDREN = 600


def absences(years: range, dates: int, seed: int = 1) -> pl.DataFrame:
    """Days absent of children who stay away more in winter, delivered once, twice or monthly a year."""
    chance = np.random.default_rng(seed)
    own = chance.gamma(4, 0.25, CHILDREN)
    days = [date(year + (month > 9), (month + 2) % 12 + 1, 1) for year in years for month in range(1, 13)]
    winter = np.array([2.0 if day.month in (10, 11, 12, 1, 2, 3) else 0.5 for day in days])
    counts = chance.poisson(own[:, None] * winter).reshape(CHILDREN, len(years) * dates, 12 // dates).sum(axis=2)
    shown = days[:: 12 // dates]
    return timeline(
        (name, day, "school", item, value)
        for name, row in zip(names(CHILDREN), counts, strict=True)
        for day, count in zip(shown, row, strict=True)
        for item, value in (("days_absent", count), ("days_required", 200 // dates))
    )


@pytest.mark.parametrize("dates", [1, 2, 12])
def test_in_the_middle_of_a_year_nobody_looks_changed_for_it(dates: int):
    told = absences(range(2020, 2025), dates)
    found = compute_indicators(told, persons(names(CHILDREN)), RULES, as_of=date(2024, 9, 30))
    z = found.filter(pl.col("indicator") == "absence", pl.col("year") == 2024)["change_z"]
    assert len(z) == CHILDREN
    assert abs(z.mean()) < 0.1
    assert (z > 2).mean() < 0.06
    assert (z < -2).mean() < 0.08


def test_without_days_required_a_part_of_the_counts_is_compared_with_the_same_part():
    told = absences(range(2020, 2025), 12).filter(pl.col("item") == "days_absent")
    found = indicators(told, as_of=date(2024, 9, 30)).filter(pl.col("indicator") == "absence", pl.col("year") == 2024)
    assert abs(found["change"].mean()) < 0.3


def test_earlier_years_are_what_they_are_without_the_year_that_is_not_over():
    told = absences(range(2020, 2025), 2)
    now = indicators(told, as_of=date(2024, 9, 30)).filter(pl.col("year") < 2024)
    assert now.equals(indicators(told, as_of=date(2024, 3, 31)))


def test_each_source_is_cut_to_the_months_it_has_itself():
    rows = [
        ("a", date(2023 + later, month, 1), source, "x", 1)
        for source, months in SEEN.items()
        for later, month in months
    ]
    last, cut = same_months(timeline(rows))
    assert last == 2024
    assert cut.group_by("source").len().sort("source").rows() == [("health", 2), ("school", 2), ("welfare", 3)]


SEEN = {
    "health": [(0, 4), (1, 4)],  # once a year, as ever
    "school": [(0, 4), (0, 10), (1, 4)],  # the autumn is yet to come
    "welfare": [(0, 4), (0, 5), (0, 6)],  # has delivered nothing of the year
}


@pytest.mark.parametrize("rows", [[], [("a", april(2024), "school", "x", 1)]])
def test_a_year_without_one_before_is_taken_as_it_is(rows: list[tuple[str, date, str, str, object]]):
    assert same_months(timeline(rows)) is None
