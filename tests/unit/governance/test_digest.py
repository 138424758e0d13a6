"""Equal content gives equal bytes; what differs gives different ones."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing.parametric import dataframes

from governance.digest import canonical_json, csv_header, csv_rows, sha256, sha256_file


def test_canonical_json():
    value = {"b": [1, 2.5, None], "a": "見守り", "day": date(2026, 4, 1), "at": datetime(2026, 4, 1, tzinfo=UTC)}
    expected = '{"a":"見守り","at":"2026-04-01T00:00:00+00:00","b":[1,2.5,null],"day":"2026-04-01"}'
    assert canonical_json(value).decode() == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"bytes"])
def test_what_json_cannot_say_is_refused(value):
    with pytest.raises((TypeError, ValueError)):
        canonical_json({"value": value})


def test_the_digest_of_a_file_is_that_of_its_bytes(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    assert sha256_file(tmp_path / "file") == sha256(b"abc")
    assert sha256(b"abc").startswith("ba7816bf")


def csv(frame: pl.DataFrame) -> bytes:
    return csv_header(frame.schema) + b"".join(csv_rows(frame))


def test_csv_tells_null_from_an_empty_text_and_writes_nested_values_as_json():
    frame = pl.DataFrame({"a": ["", None, "x,y"], "b": [[1, None], None, []], "c": [1.0, 0.1, None]})
    expected = 'a,b,c\n"","{""value"":[1,null]}",1.0\n,,0.1\n"x,y","{""value"":[]}",\n'
    assert csv(frame).decode() == expected


def test_an_empty_table_is_its_header():
    assert csv(pl.DataFrame(schema={"a": pl.Date, "b": pl.List(pl.Int8)})) == b"a,b\n"


@given(
    frame=dataframes(allowed_dtypes=[pl.String, pl.Int64, pl.Float64, pl.Date, pl.Boolean], max_cols=4, max_size=9),
    cut=st.integers(0, 9),
)
def test_how_frames_cut_the_rows_does_not_matter(frame, cut):
    assert b"".join((*csv_rows(frame[:cut]), *csv_rows(frame[cut:]))) == b"".join(csv_rows(frame))
