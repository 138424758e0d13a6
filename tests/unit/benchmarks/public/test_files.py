import polars as pl
import pytest

from benchmarks.public.files import TRUTH, read_files, read_truth, write_file


@pytest.fixture
def rows():
    return pl.DataFrame(
        {
            "surname": [f"name {place}" for place in range(50)],
            "person": [str(place // 2) for place in range(50)],
            "child": [place % 4 == 0 for place in range(50)],
        }
    )


def test_a_file_holds_the_rows_but_not_the_truth(tmp_path, rows):
    write_file(tmp_path, rows, source="census", file="census_2020")
    delivered = read_files(tmp_path)["census_2020"]
    assert delivered.columns == ["record", "surname", "source"]
    assert sorted(delivered["surname"]) == sorted(rows["surname"])
    assert delivered["source"].unique().to_list() == ["census"]


def test_the_truth_names_the_same_rows(tmp_path, rows):
    truth = write_file(tmp_path, rows, source="census", file="census_2020")
    truth.write_parquet(tmp_path / "truth.parquet")
    delivered = read_files(tmp_path)["census_2020"].join(read_truth(tmp_path), on=["source", "record"])
    assert truth.schema == TRUTH
    assert delivered.select("surname", "person", "child").sort("surname").equals(rows.sort("surname"))


def test_rows_do_not_stand_in_the_order_of_the_persons(tmp_path, rows):
    order = {
        file: write_file(tmp_path, rows, source="census", file=file)["person"].to_list() for file in ("one", "another")
    }
    assert order["one"] != rows["person"].to_list()
    assert order["one"] != order["another"]


def test_records_of_two_files_have_names_of_their_own(tmp_path, rows):
    one = write_file(tmp_path, rows, source="census", file="census_2020")
    other = write_file(tmp_path, rows, source="census", file="census_2030")
    assert one.join(other, on="record").is_empty()
