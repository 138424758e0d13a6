"""Columns put together from several of a file, filled with one value, or numbered by row, as the source specifies.

An address delivered in parts becomes three lines: town, house, room. The lines stay, empty ones too, so that the parts
are known when the address is made comparable.
"""

from collections.abc import Collection

import polars as pl

from linkage.headers import Headers
from linkage.values import recorded
from vocabulary.source import Source


def positions(headers: Headers) -> dict[str, int]:
    """Every column of the file to read, under its position as name, the positions rising."""
    read = {*headers.chosen.values()}
    read |= {position for lines in headers.composed.values() for line in lines for position in line}
    return {str(position): position for position in sorted(read)}


def compose(
    read: pl.DataFrame, headers: Headers, source: Source, columns: Collection[str], file_key: str
) -> pl.DataFrame:
    """The columns of the source from those of the file.

    Parameters
    ----------
    read
        `line` and the columns of `positions`, as text.
    headers
        What stands where.
    source
        Its specification, for separators, constants and row numbers.
    columns
        Our names of the columns wanted.
    file_key
        What tells this file's contents from any other's; row numbers begin with it.

    Returns
    -------
    pl.DataFrame
        `line` and those of `columns` that the file or the specification gives.
    """
    taken = [pl.col(str(position)).alias(column) for column, position in headers.chosen.items()]
    composed = [
        _composed(read, lines, source.identity_column(column).separator).alias(column)
        for column, lines in headers.composed.items()
    ]
    constants = [
        pl.lit(source.identity_column(column).value).alias(column)
        for column in columns
        if source.identity_column(column).value is not None
    ]
    numbered = [
        pl.format("{}-{}", pl.lit(file_key), "line").alias(column)
        for column in columns
        if source.identity_column(column).row_number
    ]
    return read.select("line", *taken, *constants, *numbered).with_columns(composed)


def _composed(read: pl.DataFrame, lines: tuple[tuple[int, ...], ...], separator: str) -> pl.Series:
    """The recorded parts of each line joined, null where none is recorded in any."""
    written = [_joined(read, line, separator) for line in lines]
    together = pl.concat_str([pl.lit(line).fill_null("") for line in written], separator="\n")
    recorded = pl.any_horizontal(pl.lit(line).is_not_null() for line in written)
    return pl.select(pl.when(recorded).then(together)).to_series()


def _joined(read: pl.DataFrame, line: tuple[int, ...], separator: str) -> pl.Series:
    """The recorded parts of one line, null where none is recorded."""
    if not line:
        return pl.repeat(None, read.height, dtype=pl.String(), eager=True)
    joined = pl.concat_str([recorded(str(position)) for position in line], separator=separator, ignore_nulls=True)
    return read.select(pl.when(joined != "").then(joined)).to_series()
