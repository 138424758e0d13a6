"""The rows of a Parquet file as text columns, so that one set of rules holds for every kind of file.

Read with pyarrow, which answers a damaged file with an error where polars may end the process; stored metadata is not
handed on for the same reason.
"""

from io import BytesIO

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from vocabulary.errors import DeliveryError

_DAMAGE = (pa.ArrowException, pl.exceptions.PolarsError, OSError, UnicodeDecodeError)


def parquet_headers(data: bytes, file: str) -> list[str]:
    """Column names of a Parquet file.

    Raises
    ------
    DeliveryError
        It is not readable as Parquet.
    """
    try:
        return list(pq.ParquetFile(BytesIO(data)).schema_arrow.names)
    except _DAMAGE as error:
        raise DeliveryError("delivery.not_parquet", file=file) from error


def read_parquet_rows(data: bytes, chosen: dict[str, str], file: str) -> pl.DataFrame:
    """The chosen columns as text, and `line`: the number of the row, counted from 1.

    Parameters
    ----------
    data
        The file's bytes.
    chosen
        Our name of each column to read and its name in the file; the others are not read.
    file
        The file's name, for the error.

    Raises
    ------
    DeliveryError
        It is not readable as Parquet, or a chosen column holds bytes that are no text.
    """
    try:
        table = pq.ParquetFile(BytesIO(data)).read(columns=list(chosen.values()))
        table.validate(full=True)
        bare = pa.table({column: table[header] for column, header in chosen.items()})  # without stored metadata
        texts = [_as_text(column) for column in pl.DataFrame(bare)]
    except _DAMAGE as error:
        raise DeliveryError("delivery.not_parquet", file=file) from error
    return pl.DataFrame([pl.int_range(1, table.num_rows + 1, dtype=pl.Int64, eager=True).alias("line"), *texts])


def _as_text(column: pl.Series) -> pl.Series:
    """Text of a column: true as 1, 12.0 of a column of whole numbers as 12, a list joined by `;`."""
    if isinstance(column.dtype, pl.List):
        return column.cast(pl.List(pl.String)).list.join(";")
    if column.dtype == pl.Boolean:
        column = column.cast(pl.Int8)
    if column.dtype.is_float():
        column = column.fill_nan(None)
        if bool((column.drop_nulls() % 1 == 0).all()):
            column = column.cast(pl.Int64, strict=False)
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.to_string("iso:strict")
    return column.cast(pl.String)
