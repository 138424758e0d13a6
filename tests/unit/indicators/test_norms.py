import numpy as np
import polars as pl
import pytest

from indicators.norms import restored, standardise, transformed
from tests.unit.indicators.tables import RULES


def placed(seed: int, cell: int = 400) -> pl.DataFrame:
    """Two grades in three years; the third year is 10 lower in both, the second grade 5 higher in all."""
    chance = np.random.default_rng(seed)
    rows = [(year, grade) for year in (2021, 2022, 2023) for grade in (4, 5) for _ in range(cell)]
    frame = pl.DataFrame(rows, schema={"year": pl.Int32, "grade": pl.Int32}, orient="row")
    shift = 5 * (frame["grade"] - 4) - 10 * (frame["year"] == 2023).cast(pl.Int32)
    return frame.with_columns((50 + shift + 8 * chance.normal(size=frame.height)).alias("value"), sex=pl.lit("F"))


def test_every_year_and_grade_stands_around_its_own_norm():
    found = standardise(placed(1), RULES.indicators["score_math"])
    cells = found.group_by("year", "grade").agg(
        pl.col("standing").mean().alias("mean"), pl.col("standing").std().alias("sd")
    )
    assert cells["mean"].abs().max() < 0.05
    assert cells["sd"].to_list() == pytest.approx([1] * 6, abs=0.1)


def test_a_lone_child_of_a_grade_is_measured_by_its_year():
    lone = pl.DataFrame({"year": [2023], "grade": [9], "value": [41.0], "sex": ["F"]}).cast(
        {"year": pl.Int32, "grade": pl.Int32}
    )
    calm = pl.DataFrame({"year": [2022], "grade": [9], "value": [51.0], "sex": ["F"]}).cast(lone.schema)
    columns = placed(2).columns
    found = standardise(
        pl.concat([placed(2), lone.select(columns), calm.select(columns)]), RULES.indicators["score_math"]
    )
    low, usual = found.filter(pl.col("grade") == 9).sort("year", descending=True)["centre"]
    assert low < usual - 5


def test_boys_and_girls_grow_by_their_own_norm():
    height = RULES.indicators["height"]
    both = pl.concat(
        placed(3).with_columns(pl.col("value") + taller, sex=pl.lit(sex)) for sex, taller in (("F", 0), ("M", 10))
    )
    means = standardise(both, height).group_by("sex").agg(pl.col("standing").mean())["standing"]
    assert means.abs().max() < 0.05


@pytest.mark.parametrize("name", ["absence", "weight", "score_math"])
def test_what_is_transformed_can_be_restored(name: str):
    rule = RULES.indicators[name]
    values = pl.DataFrame({"value": [0.5, 7.0, 120.0]})
    back = values.select(restored(rule, transformed(rule, pl.col("value"))))
    assert back.to_series().to_list() == pytest.approx([0.5, 7.0, 120.0])


def test_a_child_of_unknown_sex_is_measured_by_the_whole_grade():
    height = RULES.indicators["height"]
    grade = placed(4).with_columns(
        sex=pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("F")).otherwise(pl.lit("M")),
        value=pl.col("value") + 100,
    )
    unknown = pl.DataFrame({"year": [2022], "grade": [4], "value": [134.0], "sex": [None]}).cast(grade.schema)
    found = standardise(pl.concat([grade, unknown.select(grade.columns)]), height).filter(pl.col("sex").is_null())
    assert found["spread"].item() == pytest.approx(8, rel=0.2)
    assert found["standing"].item() < -1.3
