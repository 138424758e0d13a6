"""Tables and documents come back as they were, lie encrypted, and have a digest of their content."""

import hashlib
import json

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from polars.testing import assert_frame_equal
from polars.testing.parametric import dataframes

from governance import artefacts
from governance.artefacts import ROW_GROUP, read_document, read_frame, read_parts, write_document, write_frame
from governance.custody import Custody, DataClass
from tests.unit.governance.conftest import FRAME
from vocabulary.errors import IntegrityError
from vocabulary.frames import OUTPUTS

MARKER = "御守見太郎"


@pytest.fixture
def keys(tmp_path):
    custody = Custody(tmp_path / "keys")
    custody.create()
    return custody.new_run_keys("20260601T000000000Z-aaaaaa", tmp_path / "wrapped")


TYPES = [pl.String, pl.Int8, pl.Int32, pl.Int64, pl.Float64, pl.Boolean, pl.Date, pl.Datetime("us"), pl.List(pl.String)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frame=dataframes(allowed_dtypes=TYPES, min_cols=1, max_cols=5, max_size=12))
def test_every_table_comes_back_as_it_was(keys, tmp_path, frame):
    output = write_frame(keys, tmp_path, "table", frame, DataClass.PSEUDONYMOUS)
    assert output.rows == frame.height
    assert_frame_equal(read_frame(keys, tmp_path, output), frame, check_exact=True)


@pytest.mark.parametrize("name", OUTPUTS)
def test_every_output_of_the_contract_keeps_its_schema_even_empty(keys, tmp_path, name):
    frame = pl.DataFrame(schema=OUTPUTS[name])
    output = write_frame(keys, tmp_path, name, frame, DataClass.PSEUDONYMOUS)
    assert_frame_equal(read_frame(keys, tmp_path, output), frame)


def test_a_long_table_and_a_lazy_one_are_written_in_parts(keys, tmp_path):
    frame = pl.DataFrame({"row": range(ROW_GROUP + 5)}).with_columns(text=pl.col("row").cast(pl.String))
    whole = write_frame(keys, tmp_path, "whole", frame, DataClass.PSEUDONYMOUS)
    lazy = write_frame(keys, tmp_path, "lazy", frame.lazy(), DataClass.PSEUDONYMOUS)
    assert [part.height for part in read_parts(keys, tmp_path, whole)] == [ROW_GROUP, 5]
    assert (lazy.rows, lazy.content_sha256) == (whole.rows, whole.content_sha256)
    assert_frame_equal(read_frame(keys, tmp_path, lazy), frame)


def test_only_the_columns_asked_for(keys, tmp_path):
    output = write_frame(keys, tmp_path, "table", FRAME, DataClass.PSEUDONYMOUS)
    assert_frame_equal(read_frame(keys, tmp_path, output, ["day", "value"]), FRAME.select("day", "value"))


def test_a_column_that_is_not_there_is_an_error(keys, tmp_path):
    output = write_frame(keys, tmp_path, "table", FRAME, DataClass.PSEUDONYMOUS)
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        read_frame(keys, tmp_path, output, ["day", "birthday"])


def test_the_digest_of_the_content_is_that_of_the_csv_and_lasts_while_the_stored_bytes_differ(keys, tmp_path):
    first = write_frame(keys, tmp_path, "table", FRAME, DataClass.PSEUDONYMOUS)
    second = write_frame(keys, tmp_path, "table", FRAME, DataClass.PSEUDONYMOUS)
    assert first.content_sha256 == second.content_sha256 == hashlib.sha256(FRAME.write_csv().encode()).hexdigest()
    assert first.sha256 != second.sha256
    assert second.sha256 == hashlib.sha256((tmp_path / "table.parquet").read_bytes()).hexdigest()


def test_nothing_of_the_content_lies_open(keys, tmp_path):
    frame = pl.DataFrame({MARKER: [MARKER] * 3})
    write_frame(keys, tmp_path, "table", frame, DataClass.IDENTITIES)
    write_document(keys, tmp_path, "document", {MARKER: MARKER}, DataClass.IDENTITIES)
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or MARKER.encode() not in path.read_bytes()
    with pytest.raises(pl.exceptions.ComputeError):
        pl.read_parquet(tmp_path / "table.parquet")


def test_an_artefact_in_anothers_place_is_not_read(keys, tmp_path):
    table = write_frame(keys, tmp_path, "table", FRAME, DataClass.PSEUDONYMOUS)
    other = write_frame(keys, tmp_path, "other", FRAME, DataClass.PSEUDONYMOUS)
    (tmp_path / table.file).write_bytes((tmp_path / other.file).read_bytes())
    with pytest.raises(IntegrityError, match="table is not what was written"):
        read_frame(keys, tmp_path, table)


def test_no_changed_byte_is_read(keys, tmp_path):
    output = write_frame(keys, tmp_path, "table", FRAME, DataClass.PSEUDONYMOUS)
    stored = (tmp_path / output.file).read_bytes()
    for position in range(4, len(stored), 7):  # the first four are the format's name
        changed = bytearray(stored)
        changed[position] ^= 1
        (tmp_path / output.file).write_bytes(changed)
        with pytest.raises(IntegrityError):
            read_frame(keys, tmp_path, output)


def test_a_plain_parquet_file_in_its_place_is_not_read(keys, tmp_path):
    output = write_frame(keys, tmp_path, "table", FRAME, DataClass.PSEUDONYMOUS)
    FRAME.write_parquet(tmp_path / output.file)
    with pytest.raises(IntegrityError):
        read_frame(keys, tmp_path, output)


def test_a_document_comes_back_and_is_encrypted(keys, tmp_path):
    value = {"b": [1, 2.5, None], "a": MARKER}
    output = write_document(keys, tmp_path, "counts", value, DataClass.STATISTICS)
    assert read_document(keys, tmp_path, output) == value
    canonical = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert output.content_sha256 == hashlib.sha256(canonical).hexdigest()
    (tmp_path / output.file).unlink()
    with pytest.raises(IntegrityError, match="counts is not what was written"):
        artefacts.read_document(keys, tmp_path, output)
