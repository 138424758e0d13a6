from datetime import date

import numpy as np
import polars as pl

from indicators.compute import compute_indicators
from tests.unit.indicators.tables import RULES, indicators, names, persons, scores, series


def test_later_observations_are_not_used():
    told = series("school", "score_math", scores(5, children=300))
    whole = indicators(told.filter(pl.col("date") <= date(2022, 4, 1)))
    assert indicators(told, as_of=date(2022, 12, 31)).equals(whole)
    assert whole["year"].max() == 2022


def test_a_missing_source_is_unknown_and_never_zero():
    matrix = scores(6, children=50)
    matrix[:, 3] = np.nan
    other = series("health", "untreated_caries", np.zeros((50, 5)))
    found = indicators(pl.concat([series("school", "score_math", matrix), other]))
    assert found.filter(pl.col("indicator") == "score_math", pl.col("year") == 2023).is_empty()


def test_children_without_a_birth_date_or_sex_are_judged_too():
    told = series("health", "height_cm", 120 + scores(7, children=200) / 10)
    bare = persons(names(200)).with_columns(
        pl.lit(None, dtype=pl.Date).alias("birth_date"), pl.lit(None, dtype=pl.String).alias("sex")
    )
    found = compute_indicators(told, bare, RULES).filter(pl.col("indicator") == "height")
    assert found.height == 1000
    assert found["change_z"].is_finite().all()


def test_the_order_of_rows_does_not_matter():
    told = series("school", "score_math", scores(8, children=300))
    assert indicators(told).equals(indicators(told.sample(fraction=1, shuffle=True, seed=1)))


def test_an_empty_timeline_gives_an_empty_frame():
    assert indicators(series("school", "score_math", np.zeros((0, 0)))).is_empty()
