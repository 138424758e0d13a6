"""Comparing: the level of agreement of each pair of profiles in each comparison. The only file that uses Splink.

Splink is asked for levels and for how frequent an agreed value is; what a level is worth is learnt in
`linkage.training`. Splink returns levels only beside a copy of every compared column of both sides, but weights by
themselves; so each level is given its own number as its weight.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_level_library import CustomLevel, ElseLevel
from splink.comparison_library import CustomComparison
from splink.internals.database_api import DatabaseAPI

from linkage.compared_profiles import compared_profiles, frequencies
from linkage.comparisons import COMPARISONS, Comparison
from linkage.engine import Connection, make_table
from linkage.spark.connection import SparkConnection
from linkage.spark.dialect import to_spark

SMALLEST_FREQUENCY = 1e-6

PROFILES, PAIRS = "compared_profiles", "pairs_to_compare"
"""Tables of the profiles and pairs being compared."""

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
        self._api = _api(connection)
        self._linker: Linker | None = None

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
        only = self._profiles.filter(pl.col("profile").is_in(in_pairs.implode()))
        make_table(self._connection, PAIRS, asked)
        make_table(self._connection, PROFILES, compared_profiles(only))
        linker = self._linker_at_hand()
        linker.table_management.register_blocked_pairs_for_predict(self._api.register(PAIRS))
        with _pairs_split_among_threads(self._connection):
            predicted = linker.inference.predict(warning_mode="never")
        compared = self._connection.sql(f"SELECT {', '.join(_ASKED)} FROM {predicted.physical_name}").pl()
        linker.table_management.delete_tables_created_by_splink_from_db()
        levels = compared.select(
            pl.col("profile_l").cast(pl.UInt32).alias("left"),
            pl.col("profile_r").cast(pl.UInt32).alias("right"),
            "match_key",
            *[_level(comparison) for comparison in COMPARISONS],
            *[_rarity(comparison) for comparison in COMPARISONS if comparison.by_frequency],
        ).sort("left", "right")
        return [levels.filter(pl.col("match_key") == str(key)).drop("match_key") for key in range(len(pairs))]

    def _linker_at_hand(self) -> Linker:
        """Make a linker, the first time, over the table of profiles; the next tables of that name have its columns."""
        if self._linker is None:
            settings = _settings(self._connection)
            profiles = self._api.register(PROFILES)
            self._linker = Linker(profiles, settings, log_level=logging.ERROR, validate_settings=False)
            for column, frame in frequencies(self._profiles).items():
                make_table(self._connection, f"frequencies_{column}", frame)
                table = self._api.register(f"frequencies_{column}")
                self._linker.table_management.register_term_frequency_lookup(table, column)
        return self._linker


@contextmanager
def _pairs_split_among_threads(connection: Connection) -> Iterator[None]:
    """Let DuckDB look up the profiles of each pair, and not the pairs of each profile.

    It divides the table it goes through among its threads, and the pairs are more than the profiles.
    """
    if isinstance(connection, SparkConnection):
        yield
        return
    connection.execute("SET disabled_optimizers = 'build_side_probe_side'")
    try:
        yield
    finally:
        connection.execute("RESET disabled_optimizers")


def _api(connection: Connection) -> DatabaseAPI[Any]:
    """Splink's way to the engine of a connection."""
    if isinstance(connection, SparkConnection):
        from splink import SparkAPI  # needs pyspark, which is not installed where Spark is not used

        return SparkAPI(
            spark_session=connection.session,
            break_lineage_method="persist",  # the others write tables as files, in plain text
            register_udfs_automatically=False,
        )
    return DuckDBAPI(connection=connection)


def _settings(connection: Connection) -> SettingsCreator:
    in_dialect = to_spark if isinstance(connection, SparkConnection) else str
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="profile",
        comparisons=[_comparison(comparison, in_dialect) for comparison in COMPARISONS],
        blocking_rules_to_generate_predictions=[block_on("birth_date_main")],  # required, not used: pairs are given
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )


def _comparison(comparison: Comparison, in_dialect: Callable[[str], str]) -> CustomComparison:
    missing = CustomLevel(in_dialect(comparison.missing), "nothing to compare")
    levels: list[Any] = [missing.configure(is_null_level=True)]
    for place, level in enumerate(comparison.levels):
        number = len(comparison.levels) - place
        splink_level = (
            ElseLevel() if level.condition == "ELSE" else CustomLevel(in_dialect(level.condition), level.label)
        )
        frequency = (
            {
                "tf_adjustment_column": level.frequency_column,
                "tf_minimum_u_value": SMALLEST_FREQUENCY,
                "disable_tf_exact_match_detection": True,  # the level asks for more than equality
            }
            if level.by_frequency
            else {}
        )
        levels.append(splink_level.configure(m_probability=0.5, u_probability=_u_of(number), **frequency))
    return CustomComparison(levels, output_column_name=comparison.name)


def _u_of(number: int) -> float:
    """The u at which a level with m = 0.5 weighs `number` bits."""
    return float(0.5 * 2.0**-number)


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
