"""The city keeps to the official figures, and its hardship shows as it is meant to: faintly, and late."""

from pathlib import Path

import polars as pl
import pytest

from synthetic.calibration import CHILDREN, SEED, calibration, table
from synthetic.city import City, build_city
from synthetic.data import read_toml

DOCUMENT = Path(__file__).parents[2] / "docs" / "synthetic-city.md"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(CHILDREN, SEED)


@pytest.fixture(scope="module")
def lines(city):
    return calibration(city)


@pytest.mark.parametrize("key", read_toml("official.toml"))
def test_the_city_keeps_to_the_official_figure(lines, key):
    line = lines[key]
    assert line.low <= line.value <= line.high, line


def test_the_document_shows_the_figures_of_the_code(lines):
    assert table(lines.values()) in DOCUMENT.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pupils(city) -> pl.DataFrame:
    """Each pupil's yearly record, with the years since a hardship began (-1 the year before, null for the others)."""
    truth = city.truth["records"].filter(pl.col("source") == "school").select("child", "as_of")
    records = pl.concat([truth, city.sources["school"].drop("as_of", "local_id")], how="horizontal")
    records = records.unique(["child", "as_of"], keep="first", maintain_order=True)
    return records.with_columns(year=pl.col("as_of").dt.year())


def mean_change(pupils: pl.DataFrame, onsets: pl.DataFrame, column: str, offset: int) -> float:
    """Mean of `column` in the year `offset` after the onset less the mean in the year before it."""
    years = onsets.select("child", before=pl.col("year") - 1, after=pl.col("year") + offset)
    value = pupils.select("child", "year", column)
    joined = years.join(value.rename({"year": "before"}), on=["child", "before"]).join(
        value.rename({"year": "after"}), on=["child", "after"], suffix="_after"
    )
    return float(joined.select((pl.col(f"{column}_after") - pl.col(column)).mean()).item())


@pytest.mark.parametrize(
    ("kind", "column", "sign"),
    [
        ("school_refusal", "days_absent", 1),
        ("learning_breakdown", "score_math", -1),
        ("peer_isolation", "noncog_relationships", -1),
        ("parental_illness", "life_habit", -1),
        ("neglect", "days_late", 1),
    ],
)
def test_hardship_shows_in_the_year_it_begins_and_more_in_the_next(city, pupils, kind, column, sign):
    onsets = city.truth["shocks"].filter(pl.col("kind") == kind)
    first, second = (sign * mean_change(pupils, onsets, column, offset) for offset in (0, 1))
    assert 0 < first < second


def test_a_score_of_an_untroubled_child_scatters_as_a_test_of_its_reliability(city, pupils):
    troubled = city.truth["shocks"]["child"].unique()
    value = pupils.filter(~pl.col("child").is_in(troubled.to_list())).select("child", "year", "score_math")
    pairs = value.join(value.with_columns(year=pl.col("year") - 1), on=["child", "year"], suffix="_next").drop_nulls()
    drops = (pairs["score_math"] - pairs["score_math_next"] > 5).mean()
    assert 0.17 < drops < 0.25
    assert 48 < pupils["score_math"].mean() < 52
    assert 9 < pupils["score_math"].std() < 11


def test_much_that_looks_like_hardship_is_none(city, pupils):
    troubled = city.truth["shocks"]["child"].unique()
    calm = pupils.filter(~pl.col("child").is_in(troubled.to_list()))
    value = calm.select("child", "year", "days_absent")
    pairs = value.join(value.with_columns(year=pl.col("year") - 1), on=["child", "year"], suffix="_next")
    assert 0.005 < (pairs["days_absent_next"] - pairs["days_absent"] >= 15).mean() < 0.05


def test_the_school_closure_is_in_every_record_of_its_year(pupils):
    days = pupils.group_by("year").agg(pl.col("days_required").max())
    required = dict(zip(days["year"], days["days_required"], strict=True))
    assert required[2020] < required[2019] - 30
    assert required[2021] == required[2019]
