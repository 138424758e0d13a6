import numpy as np
import polars as pl
import pytest

from indicators.schools import FEWEST, school_effects, schools_of
from tests.unit.indicators.tables import indicators, names, scores, series, timeline, yearly

CHILDREN = 2000


def drawn(seed: int, shifted: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Surprises of forty schools of fifty children, the first of which moved as a whole."""
    chance = np.random.default_rng(seed)
    groups = np.repeat(np.arange(40), 50)
    return chance.normal(size=2000) + shifted * (groups == 0), groups


def test_what_moves_a_whole_school_is_its_effect():
    moved, groups = drawn(1, shifted=1.5)
    found = school_effects(moved, groups)
    assert found[groups == 0] == pytest.approx([1.4] * 50, abs=0.3)
    assert (np.abs(found[groups > 0]) < 0.2).all()


def test_chance_is_no_effect():
    moved, groups = drawn(2)
    assert np.count_nonzero(school_effects(moved, groups)) <= 50  # one school in forty


def test_one_child_or_a_few_are_no_school():
    moved, groups = drawn(3)
    moved[0] = 30.0
    assert abs(school_effects(moved, groups)[0]) < 0.1
    few = np.zeros(FEWEST - 1, dtype=np.int64)
    assert (school_effects(np.full(len(few), 3.0), few) == 0).all()


def test_children_without_a_school_or_a_value_have_none():
    moved, groups = drawn(4, shifted=2.0)
    groups[0], moved[1] = -1, np.nan
    found = school_effects(moved, groups)
    assert found[0] == 0
    assert found[1] > 1
    assert school_effects(np.array([np.nan]), np.array([-1])).tolist() == [0]


def test_the_last_school_of_a_year_counts_whichever_source_holds_it():
    told = timeline(
        [
            *yearly("school", "school_code", {2023: {"a": "E01"}}).rows(),
            *yearly("pupils", "school_code", {2024: {"a": "E02", "b": "E01"}}).rows(),
        ]
    )
    assert schools_of(told).sort("year", "person_id").rows() == [
        ("a", 2023, "E01"),
        ("a", 2024, "E02"),
        ("b", 2024, "E01"),
    ]


def closed(matrix: np.ndarray) -> pl.DataFrame:
    """Scores of children of twenty schools in five years."""
    codes = {2020 + year: {name: f"E{at % 20:02d}" for at, name in enumerate(names(CHILDREN))} for year in range(5)}
    return pl.concat([series("school", "score_math", matrix), yearly("school", "school_code", codes)])


def test_the_children_of_a_school_that_closed_look_changed_neither_then_nor_afterwards():
    matrix = scores(6, children=CHILDREN)
    pupils = np.arange(CHILDREN) % 20 == 0
    matrix[pupils, 3] -= 8
    matrix[0, 3] -= 30
    found = indicators(closed(matrix)).filter(pl.col("indicator") == "score_math")
    z = {year: found.filter(pl.col("year") == year)["change_z"].to_numpy() for year in (2023, 2024)}
    for year in (2023, 2024):
        assert abs(z[year][pupils].mean()) < 0.35
        assert (z[year][pupils] > 2).mean() < 0.08
    assert z[2023][0] > 3
    row = found.row(by_predicate=(pl.col("person_id") == "p00020") & (pl.col("year") == 2023), named=True)
    assert row["expected"] < matrix[20, :3].mean() - 2  # of this child in a year in which its school fell
