"""Linkage on one page: standardised records in, children out."""

from dataclasses import dataclass

import duckdb
import polars as pl

from linkage.blocking import block
from linkage.clusters import Clusters, cluster, pairs_to_complete
from linkage.comparing import compare
from linkage.evidence import weigh
from linkage.known import household_pairs, stranger_pairs, with_circumstances
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
        connection.register("profile_frame", profiles.profiles)
        connection.register("member_frame", profiles.members)
        connection.execute("CREATE TABLE profiles AS SELECT * FROM profile_frame")
        connection.execute("CREATE TABLE members AS SELECT * FROM member_frame")
        candidates = block(connection, "profiles")
        compared = _compare(connection, candidates)
        model = train(
            compared,
            compare(connection, "profiles", stranger_pairs(connection, "members", seed=seed)),
            compare(connection, "profiles", household_pairs(connection, "profiles", "members", seed=seed)),
            match_prior=_match_prior(connection, candidates),
        )
        pairs = weigh(compared, model)
        missing = pairs_to_complete(pairs, profiles.profiles.height)
        if missing.height:
            connection.register("missing_pairs", missing)
            pairs = pl.concat([pairs, weigh(_compare(connection, "missing_pairs"), model)])
    return Linkage(profiles, pairs, cluster(pairs, profiles.members, held_at_once=-model.held_at_once_weight), model)


def _compare(connection: duckdb.DuckDBPyConnection, pairs: str) -> pl.DataFrame:
    return with_circumstances(connection, compare(connection, "profiles", pairs), "profiles", "members")


def _match_prior(connection: duckdb.DuckDBPyConnection, candidates: str) -> float:
    """Probability that two profiles taken at random are one child.

    Counted from the pairs that agree on birth date and given name, nearly all of which are one child; those are taken
    to be four in five of all such pairs.
    """
    sure, profiles = connection.sql(
        f"""
        SELECT (SELECT count(*) FROM {candidates} AS c
                JOIN profiles AS l ON l.profile = c."left" JOIN profiles AS r ON r.profile = c."right"
                WHERE list_has_any(l.birth_date, r.birth_date) AND list_has_any(l.given, r.given)),
               (SELECT count(*) FROM profiles)
        """
    ).fetchall()[0]
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
