from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import boxcox

from indicators.compute import compute_indicators
from indicators.docs import page
from indicators.judgement_rules import load_judgement_rules
from indicators.reference import DAYS_A_MONTH, Reference, read_reference, standing, z_score
from indicators.rules import load_rules
from tests.unit.indicators.tables import names, persons, series
from vocabulary.errors import SpecificationError

# The worked example of the US Centers for Disease Control: a boy of nine months, weight for age.
L, M, S = -0.1600954, 9.476500305, 0.11218624

TABLE = "sex,months,l,m,s\nM,0,1,50,0.04\nM,12,1,75,0.04\nF,0,1,49,0.04\nF,12,1,73,0.04\n"


def test_a_published_worked_example():
    assert z_score(*map(np.array, ([9.7], [L], [M], [S])))[0] == pytest.approx(0.207, abs=5e-4)
    fifth_percentile = M * (1 + L * S * -1.645) ** (1 / L)
    assert fifth_percentile == pytest.approx(7.90, abs=5e-3)
    assert z_score(*map(np.array, ([fifth_percentile], [L], [M], [S])))[0] == pytest.approx(-1.645)


def test_the_median_is_zero_and_without_skew_a_step_is_one_coefficient_of_variation():
    l, m, s = np.array([1.0, 1.0, 0.0, 0.0]), np.full(4, 100.0), np.full(4, 0.05)  # noqa: E741
    value = np.array([100.0, 95.0, 100.0, 100 * np.exp(-0.05)])
    assert z_score(value, l, m, s) == pytest.approx([0.0, -1.0, 0.0, -1.0])


def test_what_cannot_be_measured_is_unknown():
    unknown = z_score(np.array([0.0, -3.0, np.nan]), *(np.full(3, x) for x in (L, M, S)))
    assert np.isnan(unknown).all()


@given(st.floats(1, 300), st.floats(-3, 3), st.floats(1, 300), st.floats(0.01, 0.5))
def test_it_is_the_box_cox_transform_in_units_of_s(value, l, m, s):  # noqa: E741
    skew = 0.0 if abs(l) <= 1e-6 else l
    expected = boxcox(np.array([value / m]), lmbda=skew)[0] / s
    assert z_score(*(np.array([x]) for x in (value, l, m, s)))[0] == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(st.floats(2, 20), st.floats(2, 20))
def test_a_larger_measurement_stands_higher(one, other):
    lower, higher = sorted((one, other))
    found = z_score(np.array([lower, higher]), *(np.full(2, x) for x in (L, M, S)))
    assert found[0] <= found[1]


def table(tmp_path: Path, content: str = TABLE) -> Path:
    file = tmp_path / "height.csv"
    file.write_text(content, encoding="utf-8")
    return file


def measured(rows: list[tuple[float | None, float, str | None]]) -> pl.DataFrame:
    """Value, age in months and sex."""
    born = date(2020, 1, 1)
    return pl.DataFrame(
        [(value, born + timedelta(days=round(months * DAYS_A_MONTH)), born, sex) for value, months, sex in rows],
        schema={"value": pl.Float64(), "as_of": pl.Date(), "birth_date": pl.Date(), "sex": pl.String()},
        orient="row",
    )


def test_ages_in_between_are_interpolated_by_sex(tmp_path: Path):
    reference = Reference.model_validate(read_reference(table(tmp_path)))
    found = standing(measured([(62.5, 6, "M"), (61.0, 6, "F"), (60.0, 6, "M")]), reference)
    assert found.to_list() == pytest.approx([0.0, 0.0, -1.0], abs=0.02)


def test_outside_the_table_or_without_a_sex_it_is_unknown(tmp_path: Path):
    reference = Reference.model_validate(read_reference(table(tmp_path)))
    found = standing(measured([(80.0, 13, "M"), (60.0, 6, None), (None, 6, "M")]), reference)
    assert found.to_list() == [None, None, None]


OWN = """
[indicators.height]
domain = "health"
title = {{ ja = "身長", en = "Height" }}
items = ["health.height_cm"]
form = "last"
model = "growth"
worse = "lower"
amount = {{ ja = "{{value}}cm", en = "{{value}} cm" }}
on = "{on}"
{reference}
levels = [{{ from = -2, level = 2, basis = "ours" }}]
"""


def own_rules(tmp_path: Path, on: str = "reference", reference: str = 'reference = "height.csv"') -> Path:
    file = tmp_path / "indicators.toml"
    file.write_text(OWN.format(on=on, reference=reference), encoding="utf-8")
    return file


def test_a_city_names_its_table_and_the_version_follows_what_is_in_it(tmp_path: Path):
    table(tmp_path)
    rules = load_rules(own_rules(tmp_path))
    held = rules.indicators["height"].reference
    assert held is not None
    assert len(held.points) == 4
    table(tmp_path, TABLE.replace("75", "76"))
    assert load_rules(own_rules(tmp_path)).version != rules.version


def test_levels_are_of_the_table_and_outside_its_ages_of_the_norm(tmp_path: Path):
    table(tmp_path, "sex,months,l,m,s\nM,60,1,105,0.04\nM,72,1,110,0.04\nF,60,1,105,0.04\nF,72,1,110,0.04\n")
    heights = series("health", "height_cm", np.tile([[98.0], [108.0], [109.0], [110.0]], (10, 1)))
    at_five, at_nine = (
        compute_indicators(heights, persons(names(40), born=born), load_rules(own_rules(tmp_path)))
        for born in (date(2014, 10, 1), date(2011, 4, 2))
    )
    short = at_five.filter(pl.col("value") == 98)
    assert set(short["level"]) == {2}  # 98 against 107.5 at five and a half years, in units of 4.3
    assert set(at_five.filter(pl.col("value") > 98)["level"]) == {0}
    assert set(at_nine["level"]) == {0}  # nobody is two standard deviations below these forty


def test_the_page_of_a_city_s_rules_names_its_table(tmp_path: Path):
    table(tmp_path)
    told = page(load_rules(own_rules(tmp_path)), load_judgement_rules())
    assert "standard deviations from `height.csv`" in told
    assert "| 2 | ≤ -2 | ours |" in told


@pytest.mark.parametrize(
    ("on", "reference", "content", "said"),
    [
        ("reference", 'reference = "other.csv"', TABLE, "other.csv"),
        ("reference", 'reference = "../height.csv"', TABLE, "beside"),
        ("reference", "", TABLE, "reference"),
        ("value", 'reference = "height.csv"', TABLE, "reference"),
        ("reference", 'reference = "height.csv"', TABLE.replace("months", "age"), "months"),
        ("reference", 'reference = "height.csv"', TABLE.replace("M,12", "M,0"), "rising"),
        ("reference", 'reference = "height.csv"', TABLE.replace("M,12,1,75", "M,12,1,-75"), "points"),
        ("reference", 'reference = "height.csv"', TABLE.replace("M,12,1,75", "M,12,1,tall"), "height.csv"),
    ],
)
def test_a_table_that_is_not_well_formed_is_named(tmp_path: Path, on: str, reference: str, content: str, said: str):
    table(tmp_path, content)
    with pytest.raises(SpecificationError, match=said) as error:
        load_rules(own_rules(tmp_path, on, reference))
    assert "\n" not in str(error.value)
