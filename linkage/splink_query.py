"""Splink's part in comparing: its query over pairs of profiles. The only file that uses Splink.

Splink is asked for levels and for how frequent an agreed value is; what a level is worth is learnt in
`linkage.training`. Splink returns levels only beside a copy of every compared column of both sides, but weights by
themselves; so each level is given its own number as its weight.
"""

import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_level_library import CustomLevel, ElseLevel
from splink.comparison_library import CustomComparison
from splink.internals.database_api import DatabaseAPI
from splink.internals.splink_dataframe import SplinkDataFrame

from linkage.compared_profiles import (
    FREQUENCIES,
    FREQUENCY_COLUMNS,
    PAIR_COLUMNS,
    PAIRS,
    PROFILES,
    compared_profiles,
)
from linkage.comparisons import COMPARISONS, Comparison
from linkage.engine import make_table
from linkage.profiles import build_profiles
from vocabulary.frames import STANDARDISED

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

COPIES_OF_PROFILES = re.compile(r"__splink__df_pruned_predict_input_[lr]_\w+")
"""Tables into which Splink copies the profiles that stand in pairs. `PROFILES` holds no others, so it takes their
place."""

SMALLEST_FREQUENCY = 1e-6

HEADER = "-- Made by Splink (scripts/make-comparison-sql); not to be edited.\n"


def make_comparison_sql() -> str:
    """The query by which Splink compares on DuckDB, over `PROFILES`, `PAIRS` and `FREQUENCIES`.

    It depends on the comparisons and not on what is compared, so it is made over tables without rows, and once: it is
    kept as `comparison.sql` (`scripts/make-comparison-sql`).
    """
    nobody = compared_profiles(build_profiles(pl.DataFrame(schema=STANDARDISED)).profiles.lazy()).collect()
    with duckdb.connect() as connection:
        make_table(connection, PROFILES, nobody)
        make_table(connection, PAIRS, pl.DataFrame(schema=PAIR_COLUMNS))
        for column in FREQUENCY_COLUMNS:
            frequency = nobody.select(column, pl.lit(0.0).alias(f"tf_{column}"))
            make_table(connection, FREQUENCIES.format(column=column), frequency)
        api = DuckDBAPI(connection=connection)
        made = predicted(make_linker(api, str), api).sql_used_to_create
    return HEADER + COPIES_OF_PROFILES.sub(PROFILES, made)


def spark_api(session: "SparkSession") -> DatabaseAPI[Any]:
    """Splink's way to a Spark session."""
    from splink import SparkAPI  # needs pyspark, which is not installed where Spark is not used

    return SparkAPI(
        spark_session=session,
        break_lineage_method="persist",  # the others write tables as files, in plain text
        register_udfs_automatically=False,
    )


def make_linker(api: DatabaseAPI[Any], in_dialect: Callable[[str], str]) -> Linker:
    """Splink over the tables of profiles and frequencies, with the conditions of levels in a dialect of SQL."""
    linker = Linker(api.register(PROFILES), _settings(in_dialect), log_level=logging.ERROR, validate_settings=False)
    for column in FREQUENCY_COLUMNS:
        table = api.register(FREQUENCIES.format(column=column))
        linker.table_management.register_term_frequency_lookup(table, column)
    return linker


def predicted(linker: Linker, api: DatabaseAPI[Any]) -> SplinkDataFrame:
    """The table Splink makes of the pairs in `PAIRS`."""
    linker.table_management.register_blocked_pairs_for_predict(api.register(PAIRS))
    return linker.inference.predict(warning_mode="never")


def _settings(in_dialect: Callable[[str], str]) -> SettingsCreator:
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
