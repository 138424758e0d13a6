import numpy as np
import polars as pl
import pytest
from scipy.special import ndtr

from indicators.change import level
from tests.unit.indicators.tables import RULES, indicators, names, scores, series, yearly


@pytest.mark.parametrize(
    ("indicator", "values", "levels"),
    [
        ("absence", [0, 9.9, 10, 20, 30, 200], [0, 0, 1, 2, 3, 3]),
        ("score_math", [50, 45, 40.1, 40, 35, 20], [0, 1, 1, 2, 3, 3]),
        ("public_assistance", [0, 1], [0, 3]),
        ("height", [0, -1.4, -1.5, -2, -3], [0, 0, 1, 2, 3]),
    ],
)
def test_levels_begin_at_their_marks(indicator: str, values: list[float], levels: list[int]):
    found = pl.DataFrame({"value": values}, schema={"value": pl.Float64}).select(
        level(RULES.indicators[indicator], pl.col("value"))
    )
    assert found["level"].to_list() == levels
    assert found["level"].dtype == pl.Int8


def test_change_is_against_the_year_before_and_no_other():
    told = yearly("school", "score_math", {2020: {"a": 50, "b": 50}, 2021: {"a": 44}, 2022: {"a": 43, "b": 39}})
    rows = {
        (row["person_id"], row["year"]): (row["previous_value"], row["previous_level"], row["change"])
        for row in indicators(told).filter(pl.col("indicator") == "score_math").iter_rows(named=True)
    }
    assert rows[("a", 2021)] == (50, 0, -6)
    assert rows[("a", 2022)] == (44, 1, -1)
    assert rows[("b", 2022)] == (None, None, None)


def test_positive_is_worse_in_both_directions():
    matrix = scores(1)
    matrix[0, 4], matrix[1, 4] = 15, 85
    absent = np.full((2000, 5), 5.0)
    absent[0, 4], absent[1:400, 4] = 60, 0
    told = pl.concat([series("school", "score_math", matrix), series("school", "days_absent", absent)])
    last = indicators(told).filter(pl.col("year") == 2024)
    z = {(row["indicator"], row["person_id"]): row["change_z"] for row in last.iter_rows(named=True)}
    assert z[("score_math", "p00000")] > 3
    assert z[("score_math", "p00001")] < -2
    assert z[("absence", "p00000")] > 3


def test_a_shock_to_a_whole_cohort_does_not_flood():
    matrix = scores(2)
    hit = matrix.copy()
    hit[:, 4] -= 15
    calm, shocked = (
        indicators(series("school", "score_math", m)).filter(
            pl.col("indicator") == "score_math", pl.col("year") == 2024
        )
        for m in (matrix, hit)
    )
    assert (shocked["change_z"] > 2).mean() == pytest.approx((calm["change_z"] > 2).mean(), abs=0.01)


def test_without_history_only_the_norm_is_expected():
    matrix = scores(3)
    matrix[0, :4] = np.nan
    row = indicators(series("school", "score_math", matrix)).row(
        by_predicate=(pl.col("person_id") == "p00000") & (pl.col("indicator") == "score_math"), named=True
    )
    assert row["expected"] == pytest.approx(matrix[1:, 4].mean(), abs=0.5)
    assert row["usual_low"] is None


def test_the_usual_range_holds_eight_values_in_ten():
    found = indicators(series("school", "score_math", scores(4, years=8))).filter(
        pl.col("indicator") == "score_math", pl.col("year") > 2023
    )
    inside = found.select(pl.col("value").is_between("usual_low", "usual_high").mean()).item()
    assert inside == pytest.approx(0.8, abs=0.03)


def test_the_usual_range_of_steps_is_what_the_child_showed_before():
    told = yearly(
        "welfare", "child_rearing_allowance", {2020: {"a": "none"}, 2021: {"a": "partial"}, 2022: {"a": "full"}}
    )
    rows = indicators(told).filter(pl.col("indicator") == "child_rearing_allowance").sort("year")
    assert rows.select("usual_low", "usual_high").rows() == [(None, None), (0.0, 0.0), (0.0, 1.0)]


def test_values_of_one_year_alone_are_judged_against_the_norm():
    told = yearly("school", "score_math", {2024: dict(zip(names(100), range(100), strict=True))})
    found = indicators(told).filter(pl.col("indicator") == "score_math").sort("person_id")
    assert found["change_z"].is_sorted(descending=True)


def test_the_percentile_is_the_share_that_would_stand_better():
    found = indicators(series("school", "score_math", scores(5)))
    assert found["percentile"].to_list() == pytest.approx((100 * ndtr(found["change_z"].to_numpy())).tolist(), abs=1e-4)
    assert found["percentile"].is_between(0, 100).all()


@pytest.mark.parametrize(
    ("item", "values", "entries"),
    [
        ("score_math", [50, 44, 44, 50, 44], [None, "first", "stays", None, "again"]),
        ("score_math", [44, None, 43, None, 50], ["first", None, "stays", None, None]),
        ("lunch_fee_arrears_months", [0, 2, 0, None, 1], [None, "first", None, None, "again"]),
        ("lunch_fee_arrears_months", [0, 0, 0, 0, 4], [None, None, None, None, "first"]),
    ],
)
def test_first_entry_reentry_and_staying_are_told_apart(
    item: str, values: list[float | None], entries: list[str | None]
):
    told = yearly("school", item, {2020 + at: {"a": value} for at, value in enumerate(values) if value is not None})
    found = indicators(told).filter(pl.col("indicator").str.ends_with("arrears") | (pl.col("indicator") == item))
    entry = dict(found.select("year", "entry").iter_rows())
    assert [entry.get(2020 + at) for at in range(5)] == entries
