"""Linkage on one page: standardised records in, children out."""

from dataclasses import dataclass

import duckdb
import polars as pl

from linkage.blocking import block
from linkage.clusters import Clusters, cluster, pairs_to_complete
from linkage.comparing import compare, register_profiles
from linkage.comparisons import COMPARISONS
from linkage.evidence import weigh
from linkage.known import household_pairs, make_ages, stranger_pairs, with_circumstances
from linkage.model import Model
from linkage.profiles import Profiles, build_profiles
from linkage.swaps import unswap
from linkage.training import train


@dataclass(frozen=True)
class Linkage:
    """Which records are one child, and what that rests on.

    Attributes
    ----------
    profiles
        The profiles that were linked and the records behind them.
    pairs
        `left`, `right` (profiles), `evidence`, `against` in bits: every pair that was compared.
    clusters
        The profiles of each child.
    model
        The frozen model that weighed them.
    """

    profiles: Profiles
    pairs: pl.DataFrame
    clusters: Clusters
    model: Model


def link(standardised: pl.DataFrame, *, seed: int = 0, threads: int | None = None) -> Linkage:
    """Link standardised records (STANDARDISED): profiles, candidate pairs, a trained model, clusters."""
    profiles = build_profiles(unswap(standardised))
    with _engine(threads) as connection:
        register_profiles(connection, profiles.profiles)
        connection.register("member_frame", profiles.members)
        connection.execute("CREATE TABLE members AS SELECT * FROM member_frame")
        make_ages(connection)
        candidates = block(connection, profiles.profiles)
        compared, strangers, households = compare(
            connection,
            candidates,
            stranger_pairs(connection, seed=seed),
            household_pairs(connection, seed=seed),
        )
        compared = with_circumstances(connection, compared)
        model = train(compared, strangers, households, match_prior=_match_prior(compared, profiles.profiles.height))
        pairs = weigh(compared, model)
        missing = pairs_to_complete(pairs, profiles.profiles.height)
        if missing.height:
            completed = with_circumstances(connection, compare(connection, missing)[0])
            pairs = pl.concat([pairs, weigh(completed, model)])
    return Linkage(profiles, pairs, cluster(pairs, profiles.members, held_at_once=-model.held_at_once_weight), model)


def _match_prior(compared: pl.DataFrame, profiles: int) -> float:
    """Probability that two profiles taken at random are one child.

    Counted from the candidate pairs that agree on birth date and given name, nearly all of which are one child; those
    are taken to be four in five of all such pairs.
    """
    strongest = {comparison.name: len(comparison.levels) - 1 for comparison in COMPARISONS}
    born = pl.col("gamma_birth_date") == strongest["birth_date"]
    named = pl.col("gamma_given_name") >= strongest["given_name"] - 1  # the same, or in common
    sure = compared.filter(born & named).height
    everything = max(profiles * (profiles - 1) / 2, 1)
    return round(float(min(max(sure / 0.8 / everything, 1e-9), 0.5)), 12)


def _engine(threads: int | None) -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory that never spills to disk: its temporary files would hold names in plain text."""
    connection = duckdb.connect()
    connection.execute("SET max_temp_directory_size = '0KB'")
    connection.execute("SET preserve_insertion_order = false")
    if threads:
        connection.execute(f"SET threads = {int(threads)}")
    return connection
