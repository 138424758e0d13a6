"""A number all departments share: some children have one, a few records have it wrong, a few numbers two children."""

import polars as pl
import pytest

from synthetic.city import City, build_city
from synthetic.delivery import encoded

SHARE = 0.8
WINDOW = range(2008, 2020)


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(2_000, seed=3, years=WINDOW, shared_number=SHARE)


@pytest.fixture(scope="module")
def numbers(city: City) -> pl.DataFrame:
    """Child and shared number of every record."""
    column = pl.concat([frame["shared_number"] for frame in city.sources.values()])
    return city.truth["records"].with_columns(column)


def test_the_share_asked_for_has_one_number_in_all_departments(numbers: pl.DataFrame) -> None:
    children = numbers.group_by("child").agg(pl.col("shared_number").drop_nulls().mode().sort().first())
    assert children["shared_number"].is_not_null().mean() == pytest.approx(SHARE, abs=0.03)
    assert numbers.group_by("child").agg(pl.col("shared_number").is_null().n_unique())["shared_number"].max() == 1


def test_few_records_have_it_wrong_and_few_numbers_are_given_again_later(numbers: pl.DataFrame) -> None:
    own = numbers.with_columns(own=pl.col("shared_number").mode().sort().first().over("child")).drop_nulls()
    assert 0 < (own["own"] != own["shared_number"]).mean() < 0.01
    stays = own.group_by("own", "child").agg(pl.col("as_of").min().alias("first"), pl.col("as_of").max().alias("last"))
    twice = stays.filter(pl.len().over("own") > 1).sort("own", "first")
    assert 0 < twice["own"].n_unique() < 0.01 * stays.height
    assert twice.select((pl.col("first").shift(-1) > pl.col("last")).over("own").drop_nulls().all()).item()


def test_all_else_of_the_city_is_the_same(city: City) -> None:
    without = build_city(2_000, seed=3, years=WINDOW)
    assert all(city.sources[name].drop("shared_number").equals(frame) for name, frame in without.sources.items())
    assert all(city.truth[name].equals(frame) for name, frame in without.truth.items())


def test_it_is_delivered_under_the_departments_own_header(city: City) -> None:
    assert '"統一宛名番号"' in encoded("school", city.sources["school"]).decode("cp932").split("\r\n", 1)[0]
