"""One way to write a value as bytes, and the SHA-256 of it.

Everything that is hashed anywhere in the system goes through here: log entries, database rows, files and the content
of frames. The content of a frame is hashed as the CSV that an export of it gives, so that anybody who holds the
exported file can compare it with the run's manifest by `sha256sum`.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import polars as pl

CSV_ROWS = 20_000
"""Rows turned into CSV at a time: a piece stays in the processor's cache until it is hashed."""


def canonical_json(value: object) -> bytes:
    """`value` as UTF-8 JSON with sorted keys and no spaces; dates and times in ISO form.

    Raises
    ------
    TypeError, ValueError
        The value is not made of JSON values, dates and times, or holds a NaN or an infinity.
    """
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_iso
    ).encode()


def _iso(value: object) -> str:
    if isinstance(value, date):  # a datetime is a date too
        return value.isoformat()
    raise TypeError(f"not a JSON value: {type(value).__name__}")


def sha256(data: bytes) -> str:
    """SHA-256 of `data`, as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_json(value: object) -> str:
    """SHA-256 of `canonical_json(value)`."""
    return sha256(canonical_json(value))


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes, read a piece at a time."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def csv_header(schema: pl.Schema) -> bytes:
    """First line of the CSV of a table, ended by LF."""
    return pl.DataFrame(schema=dict.fromkeys(schema, pl.String)).write_csv().encode()


def csv_rows(frame: pl.DataFrame) -> Iterator[bytes]:
    """The rows of `frame` as pieces of UTF-8 CSV with LF line ends, without the header.

    Null is an empty field, an empty text is `""`, dates are ISO, floats their shortest exact form; nested values are
    JSON. Joined, the pieces depend on the rows and their order alone, not on how frames cut them.
    """
    for part in frame.iter_slices(CSV_ROWS):
        piece = BytesIO()
        part.with_columns(_nested_as_json(frame.schema)).write_csv(piece, include_header=False)
        yield piece.getvalue()


def frame_digest(frame: pl.DataFrame) -> str:
    """SHA-256 of the CSV of a table, header included."""
    digest = hashlib.sha256(csv_header(frame.schema))
    for piece in csv_rows(frame):
        digest.update(piece)
    return digest.hexdigest()


def _nested_as_json(schema: pl.Schema) -> list[pl.Expr]:
    """A nested column as the JSON object `{"value": …}`, since CSV has no form of its own for it."""
    return [
        pl.when(pl.col(name).is_not_null())
        .then(pl.struct(pl.col(name).alias("value")).struct.json_encode())
        .alias(name)
        for name, kind in schema.items()
        if kind.is_nested()
    ]
