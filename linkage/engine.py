"""The engine: where tables are kept and joined, and where functions run over parts of the records.

Linkage says what it wants in the SQL of DuckDB and in functions over polars frames, once for both engines. On DuckDB
they run in this process; on Spark the SQL is translated and the functions run in its workers.
"""

from collections.abc import Callable, Sequence

import duckdb

from linkage.spark.connection import SparkConnection
from linkage.spark.parts import Frames

Connection = duckdb.DuckDBPyConnection | SparkConnection


def open_duckdb(threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory that never spills to disk: its temporary files would hold names in plain text.

    `threads` is None for one a core.
    """
    connection = duckdb.connect()
    connection.execute("SET max_temp_directory_size = '0KB'")
    connection.execute("SET preserve_insertion_order = false")
    if threads:
        connection.execute(f"SET threads = {int(threads)}")
    return connection


def in_parts(
    connection: Connection, function: Callable[[Frames], Frames], frames: Frames, *, by: Sequence[str]
) -> list[Frames]:
    """Apply a function to parts of frames; rows that are alike in `by` are in one part.

    Parameters
    ----------
    connection
        On DuckDB everything is one part.
    function
        Takes the frames of a part, in any order of rows, and gives frames. It has to take frames without rows, and to
        be importable where the engine runs it.
    frames
        Each has the columns `by`, without nulls.

    Returns
    -------
    list
        What the function gave of each part, in no order.
    """
    if isinstance(connection, SparkConnection):
        return connection.in_parts(function, frames, by=by)
    return [function(frames)]
