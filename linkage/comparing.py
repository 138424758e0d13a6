"""Comparing: the level of agreement of each pair of profiles in each comparison.

The query is Splink's (`linkage.splink_query`): on DuckDB the one kept in `comparison.sql`, on Spark one made each time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

import duckdb
import polars as pl

from linkage.compared_profiles import FREQUENCIES, PAIRS, PROFILES, compared_profiles, frequencies
from linkage.comparisons import COMPARISONS, Comparison
from linkage.engine import Connection, make_table
from linkage.spark.connection import SparkConnection
from linkage.spark.dialect import to_spark

RARITY_DIGITS = 7
"""Decimals kept of a rarity: logarithms of two engines differ in the last bits."""


class Comparer:
    """Splink over the profiles of one linkage, asked as often as there are pairs to compare.

    Parameters
    ----------
    connection
        Engine that compares.
    profiles
        `linkage.profiles.Profiles.profiles`, by all of which values are frequent or rare.
    """

    def __init__(self, connection: Connection, profiles: pl.DataFrame) -> None:
        self._connection = connection
        self._profiles = profiles
        self._frequencies = frequencies(profiles)

    def compare(self, *pairs: pl.DataFrame) -> list[pl.DataFrame]:
        """Compare pairs of profiles; a frame for each of `pairs` (`left`, `right` UInt32).

        Each has `left`, `right`; for every comparison `gamma_<name>` Int8, −1 with nothing to compare, else the
        level counted up from 0 = different; and where a comparison is weighted by frequency `rarity_<name>` Float64,
        −log2 of the frequency of the agreed value, 0 at the levels without.
        """
        asked = pl.concat(
            frame.select(join_key_l="left", join_key_r="right", match_key=pl.lit(str(key)))
            for key, frame in enumerate(pairs)
        )
        in_pairs = pl.concat([asked["join_key_l"], asked["join_key_r"]]).unique()
        make_table(self._connection, PAIRS, asked)
        shown = compared_profiles(self._profiles.lazy().filter(pl.col("profile").is_in(in_pairs.implode()))).collect()
        make_table(self._connection, PROFILES, shown)
        for column, frame in self._frequencies.items():
            make_table(self._connection, FREQUENCIES.format(column=column), frame.join(shown, on=column, how="semi"))
        if isinstance(self._connection, SparkConnection):
            compared = _on_spark(self._connection)
        else:
            compared = _on_duckdb(self._connection)
        levels = compared.select(
            pl.col("profile_l").cast(pl.UInt32).alias("left"),
            pl.col("profile_r").cast(pl.UInt32).alias("right"),
            "match_key",
            *[_level(comparison) for comparison in COMPARISONS],
            *[_rarity(comparison) for comparison in COMPARISONS if comparison.by_frequency],
        ).sort("left", "right")
        return [levels.filter(pl.col("match_key") == str(key)).drop("match_key") for key in range(len(pairs))]


def _on_duckdb(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    sql = (files("linkage") / "comparison.sql").read_text(encoding="utf-8")
    with _pairs_split_among_threads(connection):
        return connection.sql(f"SELECT {', '.join(_ASKED)} FROM ({sql})").pl()  # execute would leave one thread to it


def _on_spark(connection: SparkConnection) -> pl.DataFrame:
    from linkage.splink_query import make_linker, predicted, spark_api  # Splink takes a while to import

    api = spark_api(connection.session)
    linker = make_linker(api, to_spark)
    found = predicted(linker, api)
    compared = connection.sql(f"SELECT {', '.join(_ASKED)} FROM {found.physical_name}").pl()
    linker.table_management.delete_tables_created_by_splink_from_db()
    return compared


@contextmanager
def _pairs_split_among_threads(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let DuckDB look up the profiles of each pair, and not the pairs of each profile.

    It divides the table it goes through among its threads, and the pairs are more than the profiles.
    """
    connection.execute("SET disabled_optimizers = 'build_side_probe_side'")
    try:
        yield
    finally:
        connection.execute("RESET disabled_optimizers")


_ASKED = [
    "profile_l",
    "profile_r",
    "match_key",
    *(f"mw_{comparison.name}" for comparison in COMPARISONS),
    *(f"mw_tf_adj_{comparison.name}" for comparison in COMPARISONS if comparison.by_frequency),
]
"""Columns of Splink's result from which levels and rarities are read."""


def _number(comparison: Comparison) -> pl.Expr:
    """The level's number from its weight: 0 bits is nothing to compare, 1 the lowest level."""
    return pl.col(f"mw_{comparison.name}").round().cast(pl.Int8)


def _level(comparison: Comparison) -> pl.Expr:
    return (_number(comparison) - 1).alias(f"gamma_{comparison.name}")


def _rarity(comparison: Comparison) -> pl.Expr:
    """Bits of the agreed value's frequency: Splink adds log2(u / frequency) to a level, u being `_u_of` its number."""
    adjusted = pl.col(f"mw_tf_adj_{comparison.name}") + _number(comparison) + 1
    rare = [len(comparison.levels) - place for place, level in enumerate(comparison.levels) if level.by_frequency]
    rarity = pl.when(_number(comparison).is_in(rare)).then(adjusted).otherwise(0.0)
    return rarity.round(RARITY_DIGITS).alias(f"rarity_{comparison.name}")
