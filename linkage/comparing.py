"""Comparing: the level of agreement of each pair of profiles in each comparison. The only file that uses Splink.

Splink is asked for levels and for how frequent an agreed value is; what a level is worth is learnt in
`linkage.training`. Splink returns levels only beside a copy of every compared column of both sides, but weights by
themselves; so each level is given its own number as its weight.
"""

import logging
import math
from typing import Any

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_level_library import CustomLevel, ElseLevel
from splink.comparison_library import CustomComparison

from linkage.comparisons import COMPARISONS, Comparison

SMALLEST_FREQUENCY = 1e-6


def compare(connection: duckdb.DuckDBPyConnection, profiles: str, pairs: str) -> pl.DataFrame:
    """Compare the pairs of the table `pairs` (`left`, `right`) of the table `profiles`.

    Returns `left`, `right` (UInt32); for every comparison `gamma_<name>` Int8, −1 with nothing to compare, else the
    level counted up from 0 = different; and where its strongest level is weighted by frequency `rarity_<name>`
    Float64, −log2 of the frequency of the agreed value, 0 at other levels.
    """
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE pairs_to_compare AS
        SELECT "left" AS join_key_l, "right" AS join_key_r, '0' AS match_key FROM {pairs}"""
    )
    api = DuckDBAPI(connection=connection)
    linker = Linker(api.register(profiles), _settings(), log_level=logging.ERROR)
    linker.table_management.register_blocked_pairs_for_predict(api.register("pairs_to_compare"))
    predicted = linker.inference.predict(warning_mode="never")
    compared: pl.DataFrame = connection.table(predicted.physical_name).pl()
    linker.table_management.delete_tables_created_by_splink_from_db()
    return compared.select(
        pl.col("profile_l").alias("left"),
        pl.col("profile_r").alias("right"),
        *[_level(comparison) for comparison in COMPARISONS],
        *[_rarity(comparison) for comparison in COMPARISONS if comparison.frequency_column],
    ).sort("left", "right")


def _settings() -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="profile",
        comparisons=[_comparison(comparison) for comparison in COMPARISONS],
        blocking_rules_to_generate_predictions=[block_on("birth_date_main")],  # required, not used: pairs are given
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )


def _comparison(comparison: Comparison) -> CustomComparison:
    levels: list[Any] = [CustomLevel(comparison.missing, "nothing to compare").configure(is_null_level=True)]
    for place, level in enumerate(comparison.levels):
        number = len(comparison.levels) - place
        splink_level = ElseLevel() if level.condition == "ELSE" else CustomLevel(level.condition, level.label)
        frequency = (
            {
                "tf_adjustment_column": comparison.frequency_column,
                "tf_minimum_u_value": SMALLEST_FREQUENCY,
                "disable_tf_exact_match_detection": True,  # the level asks for more than equality
            }
            if comparison.frequency_column and place == 0
            else {}
        )
        levels.append(splink_level.configure(m_probability=0.5, u_probability=_u_of(number), **frequency))
    return CustomComparison(levels, output_column_name=comparison.name)


def _u_of(number: int) -> float:
    """The u at which a level with m = 0.5 weighs `number` bits."""
    return float(0.5 * 2.0**-number)


def _level(comparison: Comparison) -> pl.Expr:
    """The level from its weight: 0 bits is nothing to compare, 1 the lowest level."""
    return (pl.col(f"mw_{comparison.name}").round() - 1).cast(pl.Int8).alias(f"gamma_{comparison.name}")


def _rarity(comparison: Comparison) -> pl.Expr:
    """Bits of the agreed value's frequency: Splink adjusts the strongest level by log2(u / frequency)."""
    strongest = len(comparison.levels)
    adjusted = pl.col(f"mw_tf_adj_{comparison.name}") - math.log2(_u_of(strongest))
    agreed = pl.col(f"mw_{comparison.name}").round() == strongest
    return pl.when(agreed).then(adjusted).otherwise(0.0).alias(f"rarity_{comparison.name}")
