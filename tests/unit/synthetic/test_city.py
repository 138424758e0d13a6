import polars as pl
import pytest

from synthetic.city import City, build_city, write_city
from vocabulary.errors import UsageError
from vocabulary.frames import TRUTH
from vocabulary.source import load_sources

CHILDREN = 400


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(CHILDREN, seed=3, years=range(2014, 2020))


def test_truth_holds_exactly_the_children_asked_for(city: City) -> None:
    assert city.truth["children"]["child"].n_unique() == CHILDREN
    assert set(city.truth["records"]["child"]) == set(city.truth["children"]["child"])


@pytest.mark.parametrize("name", TRUTH)
def test_truth_frames_have_the_schema_of_the_contract(city: City, name: str) -> None:
    assert city.truth[name].schema == TRUTH[name]


@pytest.mark.parametrize("name", ["welfare", "school", "health"])
def test_sources_have_the_columns_of_the_contract(city: City, name: str) -> None:
    assert city.sources[name].columns == list(load_sources()[name].headers())


def test_every_record_has_its_truth_in_the_same_order(city: City) -> None:
    for name, frame in city.sources.items():
        truth = city.truth["records"].filter(pl.col("source") == name)
        assert frame["local_id"].to_list() == truth["local_id"].to_list()


def test_a_number_at_one_date_stands_for_one_record(city: City) -> None:
    assert not city.truth["records"].select("source", "local_id", "as_of").is_duplicated().any()


def test_a_local_number_stands_for_one_child(city: City) -> None:
    children = city.truth["records"].group_by("source", "local_id").agg(pl.col("child").n_unique())
    assert children["child"].max() == 1


@pytest.mark.parametrize("wrong", [{"children": 0}, {"years": range(2010, 2010)}, {"dates_per_year": 5}])
def test_parameters_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        build_city(**({"children": 10, "seed": 1} | wrong))


def test_a_profile_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="typical"):
        build_city(10, seed=1, profile="perfect")


def test_cities_are_never_mixed_in_one_folder(city: City, tmp_path) -> None:
    write_city(city, tmp_path)
    with pytest.raises(UsageError):
        write_city(city, tmp_path)
