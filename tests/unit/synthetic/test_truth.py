import polars as pl
import pytest

from synthetic.city import City, build_city


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(1_500, seed=9, years=range(2010, 2020))


def test_every_shock_is_of_a_child_recorded_in_that_year_or_the_next(city):
    records = city.truth["records"].select("child", year=pl.col("as_of").dt.year())
    shocks = city.truth["shocks"]
    same = shocks.join(records, on=["child", "year"], how="semi")
    following = shocks.join(records.with_columns(pl.col("year") - 1), on=["child", "year"], how="semi")
    assert pl.concat([same, following]).unique().height == shocks.height > 100


def test_shocks_are_of_children_in_the_city(city):
    presence = city.truth["presence"].select("child", year=pl.col("as_of").dt.year())
    assert city.truth["shocks"].join(presence, on=["child", "year"], how="anti").is_empty()


def test_records_are_of_children_in_the_city(city):
    gone = city.truth["records"].join(city.truth["presence"], on=["child", "as_of"], how="anti")
    assert gone.is_empty()


def test_who_moved_out_is_not_present_and_who_came_is(city):
    events, presence = city.truth["events"], city.truth["presence"]
    out = events.filter(pl.col("event") == "moved_out")
    came = events.filter(pl.col("event").is_in(["moved_in", "moved_back"]))
    assert out.join(presence, on=["child", "as_of"], how="semi").is_empty()
    assert came.join(presence, on=["child", "as_of"], how="anti").is_empty()
    assert min(out.height, came.height) > 100


def test_some_children_come_back_under_a_new_number(city):
    back = city.truth["events"].filter(pl.col("event") == "moved_back").select("child").unique()
    numbers = city.truth["records"].group_by("child", "source").agg(pl.col("local_id").n_unique())
    several = numbers.with_columns(several=pl.col("local_id") > 1)
    returned = several.join(back, on="child", how="semi")["several"].mean()
    others = several.join(back, on="child", how="anti")["several"].mean()
    assert returned > 3 * others


def test_family_of_a_child_is_one_and_siblings_share_it(city):
    families = city.truth["children"].group_by("family").len()
    assert 1 < families["len"].mean() < 3
    assert city.truth["children"]["child"].is_unique().all()
