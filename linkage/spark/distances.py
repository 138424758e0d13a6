"""String distances on Spark: DuckDB's own, run in Spark's workers over batches of texts.

Those of Splink's jar differ: its Jaro-Winkler similarity counts exchanged characters otherwise, so that on Spark other
pairs would be alike than on DuckDB.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DISTANCES = {"damerau_levenshtein": "bigint", "jaro_winkler_similarity": "double"}
"""Names of functions of two texts, in DuckDB's SQL, and the types Spark gives their results."""


def register_distances(session: "SparkSession") -> None:
    """Make `DISTANCES` known to the SQL of a session."""
    from pyspark.sql.pandas.functions import arrow_udf

    for name, result in DISTANCES.items():
        # its stubs ask for a kind of function, which with hints it warns against
        session.udf.register(name, arrow_udf(_function(name), result))  # type: ignore[call-overload]


def _function(name: str) -> Callable[[pa.Array, pa.Array], pa.Array]:
    def distance(left: pa.Array, right: pa.Array) -> pa.Array:
        return distances(name, left, right)

    return distance


def distances(name: str, left: pa.Array, right: pa.Array) -> pa.Array:
    """One of `DISTANCES` between the texts of each row; null where one is missing."""
    texts = pa.table({"l": left, "r": right})
    connection = _connection()
    connection.register("texts", texts)
    return connection.execute(f"SELECT {name}(l, r) AS distance FROM texts").to_arrow_table().column(0).combine_chunks()


@cache
def _connection() -> duckdb.DuckDBPyConnection:
    """One a worker, of one thread: Spark runs a worker for each core."""
    return duckdb.connect(config={"threads": 1, "max_temp_directory_size": "0KB"})
