"""Frames packed for Spark and back, and string distances that are DuckDB's own; no Spark is started."""

from datetime import date

import duckdb
import polars as pl
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from linkage.profiles import build_profiles
from linkage.spark.distances import DISTANCES, distances
from linkage.spark.parts import over_parts, pack, schemas_of, to_arrow, unpack, with_part
from tests.unit.linkage.people import records

FRAMES = {
    "pairs": pl.DataFrame(
        {"component": [1, 2], "left": [1, 2], "hashes": [[2**64 - 1, 0], None]},
        schema={"component": pl.UInt32, "left": pl.UInt32, "hashes": pl.List(pl.UInt64)},
    ),
    "members": pl.DataFrame({"component": [2], "as_of": [date(2025, 4, 1)]}, schema_overrides={"component": pl.UInt32}),
    "none": pl.DataFrame(schema={"component": pl.UInt32, "verdict": pl.String}),
}


def test_frames_come_back_as_they_were_packed():
    packed = pl.DataFrame(to_arrow(pack(FRAMES, ["component"])))
    back = unpack(packed, schemas_of(FRAMES))
    assert {name: frame.rows() for name, frame in back.items()} == {name: f.rows() for name, f in FRAMES.items()}
    assert schemas_of(back) == schemas_of(FRAMES)


def test_spark_is_given_no_unsigned_numbers_and_no_large_types():
    assert [str(field.type) for field in to_arrow(FRAMES["pairs"]).schema] == [
        "int64",
        "int64",
        "list<item: int64>",
    ]


def test_a_function_over_a_part_gives_what_it_gives_here():
    frame = records({}, {"local_id": "S2"}, {"local_id": "S2", "as_of": date(2024, 4, 1)})

    def function(frames):
        return {"profiles": build_profiles(frames["records"]).profiles}

    of_part = over_parts(function, {"records": frame.schema})
    batches = to_arrow(pack({"records": frame}, ["local_id"])).to_batches(max_chunksize=1)
    (given_back,) = of_part(iter(batches))
    expected = function({"records": frame})
    back = pl.DataFrame(pa.Table.from_batches([given_back]))
    assert back["part"].to_list() == [0, 0]
    assert unpack(back, schemas_of(expected))["profiles"].equals(expected["profiles"])


def test_a_part_without_rows_gives_nothing():
    assert list(over_parts(lambda frames: frames, {})(iter([]))) == []


def test_the_number_of_a_part_stands_beside_its_rows():
    assert with_part(pack(FRAMES), 3)["part"].to_list() == [3, 3, 3]


@given(st.lists(st.tuples(st.text(max_size=6) | st.none(), st.text(max_size=6) | st.none()), min_size=1, max_size=20))
def test_distances_are_those_of_duckdb(texts):
    left, right = (pa.array([pair[side] for pair in texts], pa.string()) for side in (0, 1))
    for name in DISTANCES:
        found = distances(name, left, right).to_pylist()
        expected = [duckdb.execute(f"SELECT {name}(?::VARCHAR, ?::VARCHAR)", pair).fetchone()[0] for pair in texts]
        assert found == expected
