"""Linkage on one page: standardised records in, children out.

A first delivery is linked as a whole and teaches the model. A later one is linked with what is known already: the
model stays as it is, only profiles that are new or show something new are compared, and all pairs, known and new, are
clustered again.
"""

from contextlib import nullcontext
from dataclasses import dataclass

import polars as pl

from linkage.blocking import WIDE_RULES, block
from linkage.clusters import Clusters, pairs_to_complete
from linkage.comparing import Comparer
from linkage.comparisons import COMPARISONS
from linkage.completing import complete
from linkage.engine import Connection, open_duckdb
from linkage.evidence import weigh
from linkage.extending import extend_profiles
from linkage.households import with_support
from linkage.known import household_pairs, make_tables, stranger_pairs, with_circumstances, without_repeats
from linkage.model import Model
from linkage.profiles import Profiles
from linkage.stages import clusters_on, profiles_on
from linkage.swaps import unswap
from linkage.training import train
from vocabulary.frames import RECORD


@dataclass(frozen=True)
class Linkage:
    """Which records are one child, and what that rests on. Enough to link a later delivery with it.

    Attributes
    ----------
    keys
        STANDARDISED of every record, names that stood in each other's columns turned round.
    profiles
        The profiles that were linked and the records behind them.
    pairs
        Every pair of profiles that was compared: its levels of agreement, circumstances, `evidence`, `against`
        and the part of the evidence that is household `support`.
    clusters
        The profiles of each child.
    model
        The frozen model that weighed them.
    """

    keys: pl.DataFrame
    profiles: Profiles
    pairs: pl.DataFrame
    clusters: Clusters
    model: Model


@dataclass(frozen=True)
class Known:
    """What an earlier linkage left: its `keys`, `profiles` and `pairs`."""

    keys: pl.DataFrame
    profiles: Profiles
    pairs: pl.DataFrame


def link(
    standardised: pl.DataFrame,
    *,
    known: Known | None = None,
    model: Model | None = None,
    decisions: pl.DataFrame | None = None,
    seed: int = 0,
    engine: Connection | None = None,
    threads: int | None = None,
) -> Linkage:
    """Link standardised records.

    Parameters
    ----------
    standardised
        STANDARDISED. With `known`, records of its keys take the place of the known ones.
    known
        An earlier linkage under `model`, with which the records are linked; None to link them among themselves.
    model
        A trained model; None to learn one from these records.
    decisions
        DECISIONS of reviewers, which bind.
    seed
        Of the random pairs a model learns strangers from.
    engine
        Where the heavy stages run; None for a DuckDB of its own.
    threads
        Of that DuckDB; None for one a core.
    """
    with nullcontext(engine) if engine is not None else open_duckdb(threads) as connection:
        keys, profiles, fresh = _profiles(connection, standardised, known)
        members = without_repeats(profiles)
        make_tables(connection, profiles.profiles, members)
        comparer = Comparer(connection, profiles.profiles)
        candidates = block(connection, profiles.profiles, fresh=fresh)
        if model is None:
            compared, strangers, households = comparer.compare(
                candidates,
                stranger_pairs(members, seed=seed),
                household_pairs(profiles.profiles, members, seed=seed),
            )
            compared = with_circumstances(connection, compared)
            prior = _match_prior(compared, profiles.profiles.height)
            model = train(compared, strangers, households, match_prior=prior)
        else:
            compared = with_circumstances(
                connection, pl.concat([*_still_known(known, profiles), *comparer.compare(candidates)])
            )
        pairs = weigh(compared, model)
        further = pl.concat([_wide_candidates(connection, profiles.profiles, pairs), pairs_to_complete(pairs)])
        if further.height:
            compared = with_circumstances(connection, comparer.compare(further.unique(maintain_order=True))[0])
            pairs = pl.concat([pairs, weigh(compared, model)])
        pairs = with_support(pairs, profiles.profiles, model)
        decided = None if decisions is None else _of_profiles(decisions, profiles.members)
        clusters = clusters_on(
            connection,
            pairs,
            members,
            held_at_once=-model.held_at_once_weight,
            decisions=decided,
        )
        clusters = complete(clusters, pairs, members, decisions=decided)
    return Linkage(keys, profiles, pairs.sort("left", "right"), clusters, model)


def _profiles(
    connection: Connection, standardised: pl.DataFrame, known: Known | None
) -> tuple[pl.DataFrame, Profiles, pl.Series | None]:
    """Keys and profiles of all records, and the profiles to be compared; None for all."""
    if known is None:
        keys = unswap(standardised)
        return keys, profiles_on(connection, keys), None
    earlier = known.keys.join(standardised, on=RECORD, how="anti")
    new = unswap(standardised, among=earlier)
    extended = extend_profiles(known.profiles, known.keys, new)
    return pl.concat([earlier, new]), extended.profiles, extended.fresh


def _still_known(known: Known | None, profiles: Profiles) -> list[pl.DataFrame]:
    """Compared levels of known pairs of which both profiles are as they were."""
    if known is None:
        return []
    left, right = (profiles.profiles.select(pl.col("profile").alias(side)) for side in ("left", "right"))
    compared = known.pairs.select("left", "right", "^gamma_.*$", "^rarity_.*$")
    return [compared.join(left, on="left", how="semi").join(right, on="right", how="semi")]


def _wide_candidates(connection: Connection, profiles: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs not yet compared of profiles that no evidence speaks for joining with any other."""
    joinable = pairs.filter(pl.col("evidence") > 0)
    alone = profiles["profile"].filter(
        ~profiles["profile"].is_in(pl.concat([joinable["left"], joinable["right"]]).implode())
    )
    return block(connection, profiles, rules=WIDE_RULES, fresh=alone).join(pairs, on=["left", "right"], how="anti")


def _of_profiles(decisions: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Decisions on records as `left`, `right` (profiles), `verdict`; those on records not at hand are left out."""
    of = {side: members.rename({column: f"{column}_{side}" for column in RECORD}) for side in ("left", "right")}
    return (
        decisions.join(of["left"].rename({"profile": "left"}), on=[f"{column}_left" for column in RECORD])
        .join(of["right"].rename({"profile": "right"}), on=[f"{column}_right" for column in RECORD])
        .select("left", "right", "verdict")
    )


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
