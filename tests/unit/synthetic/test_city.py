import os
import subprocess
import sys

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
def test_truth_frames_begin_with_the_columns_of_the_contract(city: City, name: str) -> None:
    assert city.truth[name].select(list(TRUTH[name])).schema == TRUTH[name]


def test_unknown_onsets_are_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="usual, faint"):
        build_city(10, seed=3, onsets="loud")


@pytest.mark.parametrize("name", ["welfare", "school", "health"])
def test_sources_have_the_columns_of_the_contract(city: City, name: str) -> None:
    assert city.sources[name].columns == [
        column for column in load_sources()[name].headers() if column != "shared_number"
    ]


def test_every_record_has_its_truth_in_the_same_order(city: City) -> None:
    for name, frame in city.sources.items():
        truth = city.truth["records"].filter(pl.col("source") == name)
        assert frame["local_id"].to_list() == truth["local_id"].to_list()


def test_a_number_at_one_date_stands_for_one_record(city: City) -> None:
    assert not city.truth["records"].select("source", "local_id", "as_of").is_duplicated().any()


def test_a_local_number_stands_for_one_child(city: City) -> None:
    numbers = city.truth["records"].group_by("source", "local_id").agg(pl.col("child").n_unique())
    assert numbers["child"].max() == 1


@pytest.mark.parametrize(
    "wrong", [{"children": 0}, {"years": range(2010, 2010)}, {"dates_per_year": 5}, {"shared_number": 1.1}]
)
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


def test_measurements_keep_to_their_specification(city: City) -> None:
    for name, source in load_sources().items():
        for column, measurement in source.measurements.items():
            values = city.sources[name][column].drop_nulls()
            if measurement.type == "flag":
                assert set(values) <= {0, 1}, column
            if measurement.type in ("integer", "number"):
                assert values.dtype.is_numeric(), column
                assert values.min() >= (measurement.min or 0), column
                assert values.max() <= (measurement.max or 1_000), column
            if measurement.type == "category":
                assert set(values) <= set(measurement.values), column
            if measurement.type == "codes":
                assert set(values.str.split(";").explode()) <= set(measurement.values), column


def test_every_measurement_is_recorded_of_some_children(city: City) -> None:
    for name, source in load_sources().items():
        for column in source.measurements:
            assert city.sources[name][column].drop_nulls().len() > 0, column


@pytest.mark.parametrize(("dates_per_year", "months"), [(2, {4, 10}), (12, set(range(1, 13)))])
def test_a_city_may_deliver_more_than_once_a_year(dates_per_year: int, months: set[int]) -> None:
    city = build_city(60, seed=8, years=range(2018, 2020), dates_per_year=dates_per_year)
    assert set(city.truth["records"]["as_of"].dt.month()) == months
    assert city.truth["children"].height == 60
    assert city.truth["records"].filter(pl.col("source") == "health")["as_of"].is_not_null().all()


def test_a_checkup_is_recorded_once_a_year() -> None:
    city = build_city(60, seed=8, years=range(2018, 2019), dates_per_year=12)
    health = city.truth["records"].filter(pl.col("source") == "health")
    assert health.select("child", "local_id").is_unique().all()


def test_no_child_is_born_after_its_record(city: City) -> None:
    records = city.truth["records"].join(city.truth["children"], on="child")
    assert (records["birth_date"] <= records["as_of"]).all()


def test_siblings_differ_in_birth_date_unless_they_are_twins(city: City) -> None:
    together = city.truth["children"].group_by("family", "birth_date").agg(pl.len(), pl.col("twin").all())
    assert together.filter(pl.col("len") > 1)["twin"].all()


def test_same_seed_same_files_in_another_process(tmp_path) -> None:
    program = (
        "import sys; from pathlib import Path; from synthetic.city import build_city, write_city;"
        "write_city(build_city(120, seed=5, years=range(2016, 2020), profile='hard'), Path(sys.argv[1]))"
    )
    for name, hashes in (("first", "0"), ("second", "1")):
        environment = os.environ | {"PYTHONHASHSEED": hashes}
        subprocess.run([sys.executable, "-c", program, str(tmp_path / name)], check=True, env=environment)
    first, second = (sorted((tmp_path / name).rglob("*.csv")) for name in ("first", "second"))
    assert len(first) == 8
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_another_seed_is_another_city() -> None:
    first, second = (build_city(30, seed=seed, years=range(2018, 2020)) for seed in (1, 2))
    assert not first.truth["children"].equals(second.truth["children"])
