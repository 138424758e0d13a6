"""The engine: where the tables of linkage are kept and joined.

Linkage says what it wants in the SQL of DuckDB and in functions over polars frames, once for both engines. On DuckDB
they run in this process; on Spark the SQL is translated and the functions run in its workers.
"""

import duckdb

from linkage.spark.connection import SparkConnection

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
