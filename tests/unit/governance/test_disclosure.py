"""Redaction, rounding, means, coding of extremes and k-anonymity, by hand."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.disclosure import THRESHOLD, code_extremes, counts, means, rounded, shown, smallest_class, told


@given(st.integers(0, 10**6))
def test_rounding_is_to_the_nearest_five(count):
    (given_,) = pl.select(rounded(pl.lit(count))).row(0)
    assert given_ % 5 == 0
    assert abs(given_ - count) <= 2


def test_below_ten_and_hidden_are_redacted():
    frame = pl.DataFrame({"count": [0, 9, 10, 13, 40], "hidden": [False, False, False, False, True]})
    assert frame.select(shown(pl.col("count"), pl.col("hidden"))).to_series().to_list() == [None, None, 10, 15, None]


def test_counts_have_margins_and_those_nobody_is_in():
    cases = pl.DataFrame({"a": ["x", "x", "y"], "b": ["1", "2", "1"]})
    every = pl.DataFrame({"a": ["x", "x", "y", "y"], "b": ["1", "2", "1", "2"]})
    found = {row[:2]: row[2] for row in counts(cases, every).iter_rows()}
    assert found["y", "2"] == 0
    assert (found["x", "*"], found["*", "1"], found["*", "*"]) == (2, 2, 3)
    assert len(found) == 9


def test_no_mean_of_few_nor_of_what_holds_a_hidden_cell():
    cases = pl.DataFrame({"a": ["x"] * 20 + ["y"] * 4, "b": ["1", "2"] * 10 + ["1"] * 4, "v": [50.0] * 20 + [20.0] * 4})
    cells = counts(cases, pl.DataFrame({"a": ["x", "x", "y", "y"], "b": ["1", "2", "1", "2"]}))
    found = means(cases, cells.with_columns(hidden=pl.col("count") < 10), ["a", "b"], "v")
    told = {row["a"] + row["b"]: row["mean"] for row in found.iter_rows(named=True)}
    assert {cell: mean for cell, mean in told.items() if mean is not None} == {"x1": 50.0, "x2": 50.0, "x*": 50.0}


@given(st.lists(st.floats(-1e6, 1e6), min_size=20, max_size=60))
def test_ten_children_share_each_limit(values):
    coded = code_extremes(pl.Series("v", values))
    assert (coded == coded.min()).sum() >= 10
    assert (coded == coded.max()).sum() >= 10


def test_too_few_to_code_are_not_given():
    assert code_extremes(pl.Series("v", [1.0] * 19)).null_count() == 19


@pytest.mark.parametrize("size", [9, 10])
def test_k_is_the_size_of_the_smallest_class(size):
    rows = pl.DataFrame({"sex": ["F"] * size + ["M"] * 30, "grade": [1] * (size + 30)})
    assert smallest_class(rows, ["sex", "grade"]) == size
    assert smallest_class(rows, []) == size + 30
    assert smallest_class(rows.head(0), ["sex"]) == smallest_class(rows.head(0), []) == 0


@pytest.mark.parametrize(("count", "said"), [(0, None), (9, None), (10, 10), (12, 10), (13, 15), (1_004, 1_005)])
def test_a_single_count_is_told_as_those_of_tables(count, said):
    assert told(count) == said
    table = pl.DataFrame({"count": [count]}).select(shown(pl.col("count"), pl.lit(False)))
    assert table.item() == said


@given(st.lists(st.floats(0, 100), min_size=1, max_size=120), st.integers(1, 99))
def test_a_percentile_is_the_mean_of_the_ten_nearest_or_is_not_given(values, percent):
    cases = pl.DataFrame({"sex": ["F"] * len(values), "v": values})
    cells = counts(cases, pl.DataFrame({"sex": ["F", "M"]})).with_columns(hidden=pl.col("count") < THRESHOLD)
    found = means(cases, cells, ["sex"], "v", [percent])
    of_girls = found.filter(pl.col("sex") == "F").row(0, named=True)[f"p{percent}"]
    if len(values) * min(percent, 100 - percent) < 1000:
        assert of_girls is None
        return
    held = sorted(values)
    at = (len(held) - 1) * percent / 100
    nearest = [
        round(sum(held[start : start + 10]) / 10, 1) for start in range(len(held) - 9) if abs(start + 4.5 - at) <= 0.51
    ]
    assert any(of_girls == pytest.approx(one, abs=0.11) for one in nearest)
    assert found.filter(pl.col("sex") == "*")[f"p{percent}"].item() is None  # a hidden cell is within


def test_a_quartile_needs_ten_on_either_side():
    cases = pl.DataFrame({"v": [float(at) for at in range(40)]})
    cells = pl.DataFrame({"count": [40], "hidden": [False]})
    assert means(cases, cells, [], "v", [25, 50, 75]).row(0) == (40, False, 19.5, 9.5, 19.5, 29.5)
    assert means(cases.head(39), cells, [], "v", [25, 50]).row(0) == (
        40,
        False,
        19.0,
        None,
        18.5,
    )  # ten values have no middle one
