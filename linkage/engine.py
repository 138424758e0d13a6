"""The engine: where the tables of linkage are kept and joined.

Linkage says what it wants in the SQL of DuckDB and in functions over polars frames, once for both engines. On DuckDB
they run in this process; on Spark the SQL is translated and the functions run in its workers.
"""

from contextlib import AbstractContextManager
from typing import Literal

import duckdb
import polars as pl

from linkage.spark.connection import SparkConnection
from linkage.spark.session import open_spark

EngineName = Literal["duckdb", "spark"]
Connection = duckdb.DuckDBPyConnection | SparkConnection


def open_engine(name: EngineName) -> AbstractContextManager[Connection]:
    """A connection to the engine, closed at the end (`linkage.spark.session.open_spark`, `open_duckdb`)."""
    return open_spark() if name == "spark" else open_duckdb()


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


def make_table(connection: Connection, name: str, frame: pl.DataFrame) -> None:
    """Make the table `name` of a frame.

    A table and not the frame itself, of which DuckDB would not know how many rows a join keeps.
    """
    connection.register("frame_of_table", frame)
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM frame_of_table")
    connection.unregister("frame_of_table")
