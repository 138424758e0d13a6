"""The linkage model: trained by expectation maximisation, frozen, and used to weigh pairs.

The only file that uses Splink. A pair's evidence is kept per comparison, because two questions are asked of it (see
`linkage.evidence`): is it one child rather than two strangers, and one child rather than two of one household.
"""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_level_library import CustomLevel, ElseLevel
from splink.comparison_library import CustomComparison

from linkage.comparisons import COMPARISONS, Comparison, Level

Shares = dict[str, list[float]]
"""By comparison, the share of pairs in each level, strongest first; sums to 1."""

TRAINING_BLOCKS = (
    ("given_main", "birth_date_main"),
    ("birth_date_main", "family_main"),
    ("given_main", "phone_main"),
    ("given_main", "family_main"),
)
"""Rules whose pairs are seldom brothers and sisters, so that what is learnt of one child is not learnt of them.
Between them every comparison is left free by at least one."""

EXPECTED_PAIRS = 200
"""Weight, in pairs, of the expected shares against what the data show, so that a small delivery cannot learn a zero."""

SMALLEST_SHARE = 1e-6

DIGITS = 9
"""Decimals kept of every parameter: sums of floats differ in the last bits with the number of threads."""


@dataclass(frozen=True)
class Model:
    """A frozen model.

    Attributes
    ----------
    match_prior
        Probability that two profiles taken at random are one child.
    m, u, sibling
        Shares among pairs of one child, of two strangers, and of two children of one household.
    household_change
        How often two profiles of one child show different households.
    """

    match_prior: float
    m: Shares
    u: Shares
    sibling: Shares
    household_change: float = 0.03


def expected_shares(of: Callable[[Level], float]) -> Shares:
    """What is expected before any data: `of` picks m, u or sibling of a level."""
    return {comparison.name: _normalised([of(level) for level in comparison.levels]) for comparison in COMPARISONS}


def observed_shares(gammas: pl.DataFrame, expected: Shares) -> Shares:
    """Shares of levels among scored pairs, drawn towards `expected` with the weight of `EXPECTED_PAIRS`.

    `gammas` is what `score` returns; pairs with nothing to compare do not count.
    """
    shares: Shares = {}
    for comparison in COMPARISONS:
        column = gammas.get_column(f"gamma_{comparison.name}")
        strongest = len(comparison.levels) - 1
        counts = [float((column == strongest - place).sum()) for place in range(len(comparison.levels))]
        shares[comparison.name] = _drawn_to(counts, expected[comparison.name])
    return shares


def learn_matches(connection: duckdb.DuckDBPyConnection, profiles: str, model: Model) -> Shares:
    """Estimate m by expectation maximisation over `TRAINING_BLOCKS`, u held fixed.

    Fellegi & Sunter 1969; Winkler 1988. A block of fewer than `EXPECTED_PAIRS` pairs is left out, and the result is
    drawn to the model's m with the weight of `EXPECTED_PAIRS`.
    """
    linker = _linker(connection, profiles, model)
    pairs = dict.fromkeys(model.m, 0.0)
    for block in TRAINING_BLOCKS:
        count = _pairs_within(connection, profiles, block)
        if count < EXPECTED_PAIRS:
            continue
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*block), estimate_without_term_frequencies=True
        )
        for comparison in COMPARISONS:
            if not any(f"{column}_l" in level.condition for column in block for level in comparison.levels):
                pairs[comparison.name] += count
    learnt = _m_of(linker)
    return {name: _drawn_to([share * pairs[name] for share in learnt[name]], model.m[name]) for name in model.m}


def score(connection: duckdb.DuckDBPyConnection, profiles: str, pairs: str, model: Model) -> pl.DataFrame:
    """Weigh the pairs of the table `pairs` (`left`, `right`).

    Returns `left`, `right` (UInt32) and for every comparison `gamma_<name>` Int8 (−1 nothing to compare, else the
    level counted up from 0 = different) and `mw_<name>` Float64, the match weight in bits, value frequencies included.
    """
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE pairs_to_score AS
        SELECT "left" AS join_key_l, "right" AS join_key_r, '0' AS match_key FROM {pairs}"""
    )
    linker = _linker(connection, profiles, model)
    linker.table_management.register_blocked_pairs_for_predict(
        DuckDBAPI(connection=connection).register("pairs_to_score")
    )
    predicted = linker.inference.predict(warning_mode="never")
    scored: pl.DataFrame = connection.table(predicted.physical_name).pl()
    linker.table_management.delete_tables_created_by_splink_from_db()
    return scored.select(
        pl.col("profile_l").alias("left"),
        pl.col("profile_r").alias("right"),
        *[_level_of(comparison, model) for comparison in COMPARISONS],
        *[_weight_of(comparison) for comparison in COMPARISONS],
    ).sort("left", "right")


def _linker(connection: duckdb.DuckDBPyConnection, profiles: str, model: Model) -> Linker:
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="profile",
        probability_two_random_records_match=model.match_prior,
        comparisons=[_comparison(comparison, model) for comparison in COMPARISONS],
        blocking_rules_to_generate_predictions=[block_on(*block) for block in TRAINING_BLOCKS],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )
    return Linker(DuckDBAPI(connection=connection).register(profiles), settings, log_level=logging.ERROR)


def _comparison(comparison: Comparison, model: Model) -> CustomComparison:
    levels: list[Any] = [CustomLevel(comparison.missing, "nothing to compare").configure(is_null_level=True)]
    for level, m, u in zip(comparison.levels, model.m[comparison.name], model.u[comparison.name], strict=True):
        splink_level = ElseLevel() if level.condition == "ELSE" else CustomLevel(level.condition, level.label)
        frequency = (
            {"tf_adjustment_column": level.frequency_column, "tf_minimum_u_value": SMALLEST_SHARE}
            if level.frequency_column
            else {}
        )
        levels.append(splink_level.configure(m_probability=m, u_probability=u, **frequency))
    return CustomComparison(levels, output_column_name=comparison.name)


def _level_of(comparison: Comparison, model: Model) -> pl.Expr:
    """The level of a scored pair, told by its weight.

    Splink returns the level only together with a copy of every compared column of both sides. Each level has a
    weight of its own (`_drawn_to` sees to that), so the weight names the level.
    """
    weight = pl.col(f"mw_{comparison.name}")
    strongest = len(comparison.levels) - 1
    distances = [
        (weight - math.log2(m / u)).abs()
        for m, u in zip(model.m[comparison.name], model.u[comparison.name], strict=True)
    ]
    nearest = strongest - pl.concat_list(distances).list.arg_min().cast(pl.Int8)
    return (
        pl.when(weight == 0)
        .then(pl.lit(-1, pl.Int8))
        .otherwise(nearest)
        .cast(pl.Int8)
        .alias(f"gamma_{comparison.name}")
    )


def _weight_of(comparison: Comparison) -> pl.Expr:
    """Match weight in bits with the adjustment for the value's frequency."""
    weight = pl.col(f"mw_{comparison.name}")
    if any(level.frequency_column for level in comparison.levels):
        weight = weight + pl.col(f"mw_tf_adj_{comparison.name}")
    return weight.alias(f"mw_{comparison.name}")


def _m_of(linker: Linker) -> Shares:
    """The trained m of every comparison; levels never observed count as zero."""
    settings = linker.misc.save_model_to_json()
    return {
        comparison["output_column_name"]: [
            float(level.get("m_probability") or 0.0)
            for level in comparison["comparison_levels"]
            if not level.get("is_null_level")
        ]
        for comparison in settings["comparisons"]
    }


def _pairs_within(connection: duckdb.DuckDBPyConnection, profiles: str, block: tuple[str, ...]) -> int:
    """Number of pairs of profiles that agree on every column of `block`."""
    columns = ", ".join(block)
    present = " AND ".join(f"{column} IS NOT NULL" for column in block)
    sizes = f"SELECT count(*) AS n FROM {profiles} WHERE {present} GROUP BY {columns}"
    return int(connection.sql(f"SELECT coalesce(sum(n * (n - 1) / 2), 0) FROM ({sizes})").fetchall()[0][0])


def _drawn_to(counts: list[float], expected: list[float]) -> list[float]:
    """Shares of `counts` with `EXPECTED_PAIRS` more pairs in the shares `expected` (a Dirichlet prior)."""
    return _normalised([count + EXPECTED_PAIRS * share for count, share in zip(counts, expected, strict=True)])


def _normalised(shares: list[float]) -> list[float]:
    """Shares summing to 1, none below `SMALLEST_SHARE`, rounded."""
    total = sum(shares)
    return [round(max(share / total, SMALLEST_SHARE), DIGITS) for share in shares]
