"""Linkage on one page: standardised records in, children out."""

from dataclasses import dataclass, replace

import duckdb
import polars as pl

from linkage.blocking import block
from linkage.clusters import Clusters, cluster, pairs_to_complete
from linkage.evidence import learn_household_change, weigh
from linkage.known import household_pairs, stranger_pairs
from linkage.model import Model, expected_shares, learn_matches, observed_shares, score
from linkage.profiles import Profiles, build_profiles


@dataclass(frozen=True)
class Linkage:
    """Which records are one child, and what that rests on.

    Attributes
    ----------
    profiles
        The profiles that were linked and the records behind them.
    pairs
        `left`, `right` (profiles), `evidence`, `individual` in bits: every pair that was compared.
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
    profiles = build_profiles(standardised)
    with _engine(threads) as connection:
        connection.register("profile_frame", profiles.profiles)
        connection.register("member_frame", profiles.members)
        connection.execute("CREATE TABLE profiles AS SELECT * FROM profile_frame")
        connection.execute("CREATE TABLE members AS SELECT * FROM member_frame")
        candidates = block(connection, "profiles")
        model = train(connection, candidates, seed=seed)
        scored = score(connection, "profiles", candidates, model)
        model = replace(model, household_change=learn_household_change(scored, model))
        pairs = weigh(scored, model)
        missing = pairs_to_complete(pairs, profiles.profiles.height)
        if missing.height:
            connection.register("missing_pairs", missing)
            pairs = pl.concat([pairs, weigh(score(connection, "profiles", "missing_pairs", model), model)])
    return Linkage(profiles, pairs, cluster(pairs, profiles.members), model)


def train(connection: duckdb.DuckDBPyConnection, candidates: str, *, seed: int) -> Model:
    """Learn how often each level of agreement occurs among strangers, within households, and within one child."""
    start = Model(
        _match_prior(connection, candidates),
        expected_shares(lambda level: level.m),
        expected_shares(lambda level: level.u),
        expected_shares(lambda level: level.sibling),
    )
    strangers = score(connection, "profiles", stranger_pairs(connection, "members", seed=seed), start)
    siblings = score(connection, "profiles", household_pairs(connection, "profiles", "members", seed=seed), start)
    known = Model(
        start.match_prior,
        start.m,
        observed_shares(strangers, start.u),
        observed_shares(siblings, start.sibling),
    )
    return Model(known.match_prior, learn_matches(connection, "profiles", known), known.u, known.sibling)


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
    return round(min(max(sure / 0.8 / everything, 1e-9), 0.5), 12)


def _engine(threads: int | None) -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory that never spills to disk: its temporary files would hold names in plain text."""
    connection = duckdb.connect()
    connection.execute("SET max_temp_directory_size = '0KB'")
    connection.execute("SET preserve_insertion_order = false")
    if threads:
        connection.execute(f"SET threads = {int(threads)}")
    return connection
