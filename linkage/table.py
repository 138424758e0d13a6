"""One delivered file as text columns, whatever its kind: CSV in any encoding, separator and line end, or Parquet."""

import hashlib
from collections.abc import Collection
from typing import NamedTuple

import polars as pl

from linkage.composing import compose, positions
from linkage.decoding import decode
from linkage.headers import Headers, match_headers
from linkage.parquet import parquet_headers, read_parquet_rows
from linkage.rows import Rows, read_rows, split_header
from vocabulary.errors import DeliveryError
from vocabulary.source import Source

SUFFIXES = (".csv", ".tsv", ".parquet")
FILE_KEY_LENGTH = 12  # of the SHA-256: enough to tell apart the files a city will ever be delivered


class Table(NamedTuple):
    """What a file holds.

    `rows`: `file`, `line` and the columns found, as text. `ragged`: `line` and number of `fields` of each row that has
    not as many as the header. `unknown_headers`: those of no column of the source; they were not read. `sha256`: of
    the file's bytes.
    """

    rows: pl.DataFrame
    ragged: pl.DataFrame
    unknown_headers: list[str]
    sha256: str


def read_table(name: str, data: bytes, source: Source, columns: Collection[str]) -> Table:
    """Read the `columns` of one file.

    Parameters
    ----------
    name
        The file's name; its ending says its kind.
    data
        Its bytes.
    source
        The specification, for headers, encoding and separator.
    columns
        Our names of the columns to read; no other is parsed.

    Raises
    ------
    DeliveryError
        The file is empty, undecodable, not Parquet, or lacks a required header.
    """
    if not data or data.isspace():
        raise DeliveryError("delivery.empty", file=name)
    read = _read_parquet if name.lower().endswith(".parquet") else _read_text
    headers, rows = read(name, data, source, columns)
    sha256 = hashlib.sha256(data).hexdigest()
    frame = compose(rows.frame, headers, source, columns, sha256[:FILE_KEY_LENGTH])
    return Table(frame.with_columns(pl.lit(name).alias("file")), rows.ragged, headers.unknown, sha256)


def _read_text(name: str, data: bytes, source: Source, columns: Collection[str]) -> tuple[Headers, Rows]:
    content = decode(data, source.encoding, name)
    separator = _separator(content) if source.separator == "auto" else source.separator
    seen, header_lines = split_header(content, separator)
    headers = match_headers(seen, source, columns, name)
    return headers, read_rows(content, separator, header_lines=header_lines, width=len(seen), chosen=positions(headers))


def _read_parquet(name: str, data: bytes, source: Source, columns: Collection[str]) -> tuple[Headers, Rows]:
    seen = parquet_headers(data, name)
    headers = match_headers(seen, source, columns, name)
    frame = read_parquet_rows(data, {column: seen[position] for column, position in positions(headers).items()}, name)
    return headers, Rows(frame, pl.DataFrame(schema={"line": pl.Int64, "fields": pl.Int64}))


def _separator(content: str) -> str:
    """Tab or comma, whichever the first line holds more of."""
    end = content.find("\n") + 1 or len(content)
    return "\t" if content.count("\t", 0, end) > content.count(",", 0, end) else ","
