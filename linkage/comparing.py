"""Comparing: the level of agreement of each pair of profiles in each comparison. The only file that uses Splink.

Splink is asked for levels and for how frequent an agreed value is; what a level is worth is learnt in
`linkage.training`. Splink returns levels only beside a copy of every compared column of both sides, but weights by
themselves; so each level is given its own number as its weight.
"""

import logging
from collections.abc import Callable
from typing import Any

import polars as pl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_level_library import CustomLevel, ElseLevel
from splink.comparison_library import CustomComparison
from splink.internals.database_api import DatabaseAPI

from linkage.comparisons import COMPARISONS, Comparison
from linkage.conditions import BIRTH_PARTS, SETS
from linkage.engine import Connection
from linkage.profiles import SET_ATTRIBUTES
from linkage.spark.connection import SparkConnection
from linkage.spark.dialect import to_spark

SMALLEST_FREQUENCY = 1e-6

RARITY_DIGITS = 7
"""Decimals kept of a rarity: logarithms of two engines differ in the last bits."""

MAIN_ATTRIBUTES = (
    "family",
    "given",
    "given_kana",
    "birth_date",
    "phone",
    "shared_number",
    "town",
    "block",
    "address",
    "guardian",
)
"""Attributes of which the most frequent value is compared by itself."""


SHORT = 10**9
"""Numbers below this make texts of eleven characters at most, which DuckDB keeps and compares without a pointer."""

HOUSEHOLD_SETS = ("phone", "address", "family", "given", "given_kana")
"""Sets by which two children of one household are found."""


def register_profiles(connection: Connection, profiles: pl.DataFrame) -> None:
    """Make the tables `profiles` and `compared_profiles` (`linkage.profiles.Profiles.profiles`).

    Values of sets become numbers, which compare faster than text; the main values that distances are measured between
    stay, as `<attribute>_main`. `compared_profiles`, which Splink copies, has the sets as texts
    (`linkage.conditions.SETS`); `profiles` has what `linkage.known` asks for.
    """
    mains = [pl.col(name).list.first().alias(f"{name}_main") for name in MAIN_ATTRIBUTES]
    numbers = pl.col(*SETS, "words").list.eval((pl.element().hash() % SHORT).cast(pl.Int32))
    numbered = profiles.with_columns(*mains).with_columns(numbers)
    seen = ["profile", "source", "local_id", "first_seen", "last_seen", "birth_date_main"]
    words = pl.when(pl.col("words").list.len() > 0).then("words")
    single = numbered.select(
        pl.exclude(*SET_ATTRIBUTES), words, *_birth_parts(), *(column for name in SETS for column in _by_place(name))
    )
    kept = {"profiles": numbered.select(*seen, *HOUSEHOLD_SETS), "compared_profiles": single}
    for table, frame in kept.items():
        connection.register("profile_frame", frame)
        connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM profile_frame ORDER BY profile")
        connection.unregister("profile_frame")


def _by_place(name: str) -> list[pl.Expr]:
    """First and second value of a set, and the text of all further ones."""
    values = pl.col(name).list
    further = values.slice(2).cast(pl.List(pl.String)).list.join(";")
    return [
        *(
            values.get(place, null_on_oob=True).alias(f"{name}_{ordinal}")
            for place, ordinal in enumerate(("first", "second"))
        ),
        pl.when(values.len() > 2).then(pl.format(";{};", further)).alias(f"{name}_further"),
    ]


def _birth_parts() -> list[pl.Expr]:
    """`BIRTH_PARTS` of the main birth date."""
    year, month, day = BIRTH_PARTS
    born = pl.col("birth_date_main").str
    parts = {year: born.slice(0, 4), month: born.slice(5, 2), day: born.slice(8, 2)}
    return [part.cast(pl.Int16).alias(name) for name, part in parts.items()]


def compare(connection: Connection, *pairs: pl.DataFrame | str) -> list[pl.DataFrame]:
    """Compare pairs of the table `profiles`; a frame for each of `pairs` (a table's name or a frame: `left`, `right`).

    Each has `left`, `right` (UInt32); for every comparison `gamma_<name>` Int8, −1 with nothing to compare, else the
    level counted up from 0 = different; and where a comparison is weighted by frequency `rarity_<name>` Float64,
    −log2 of the frequency of the agreed value, 0 at the levels without.
    """
    queries = []
    for key, asked in enumerate(pairs):
        if isinstance(asked, pl.DataFrame):
            connection.register(f"asked_{key}", asked)
        table = asked if isinstance(asked, str) else f"asked_{key}"
        queries.append(f"""SELECT "left" AS join_key_l, "right" AS join_key_r, '{key}' AS match_key FROM {table}""")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE pairs_to_compare AS {' UNION ALL '.join(queries)}")
    compared = _predict(connection)
    return [compared.filter(pl.col("match_key") == str(key)).drop("match_key") for key in range(len(pairs))]


def _predict(connection: Connection) -> pl.DataFrame:
    api = _api(connection)
    linker = Linker(api.register("compared_profiles"), _settings(connection), log_level=logging.ERROR)
    linker.table_management.register_blocked_pairs_for_predict(api.register("pairs_to_compare"))
    predicted = linker.inference.predict(warning_mode="never")
    compared = connection.sql(f"SELECT * FROM {predicted.physical_name}").pl()
    linker.table_management.delete_tables_created_by_splink_from_db()
    return compared.select(
        pl.col("profile_l").cast(pl.UInt32).alias("left"),
        pl.col("profile_r").cast(pl.UInt32).alias("right"),
        "match_key",
        *[_level(comparison) for comparison in COMPARISONS],
        *[_rarity(comparison) for comparison in COMPARISONS if comparison.by_frequency],
    ).sort("left", "right")


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
