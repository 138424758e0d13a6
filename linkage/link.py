"""Linkage on one page: standardised records in, children out.

A first delivery is linked as a whole and teaches the model. A later one is linked with what is known already, under the
model as it is (`linkage.adding`).
"""

from contextlib import nullcontext
from dataclasses import replace

import polars as pl

from linkage.adding import add
from linkage.blocking import block
from linkage.circumstances import plausible_ages, with_circumstances
from linkage.comparing import Comparer
from linkage.comparisons import COMPARISONS
from linkage.completing import complete
from linkage.decided import decisions_of_profiles
from linkage.engine import Connection, open_duckdb
from linkage.evidence import weigh
from linkage.further import further_pairs
from linkage.households import find_households, support_bits, with_support
from linkage.linked import Known, Linkage
from linkage.model import Model
from linkage.nonmatches import household_pairs, stranger_pairs
from linkage.repeats import repeating_sources, without_repeats
from linkage.stages import clusters_on, profiles_on
from linkage.swaps import unswap
from linkage.training import train


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
        An earlier linkage, with which the records are linked under its `model`; None to link them among themselves.
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

    Raises
    ------
    ValueError
        `known` without the model it was linked under.
    """
    if known is not None and model is None:
        raise ValueError("an earlier linkage is continued under its model")
    with nullcontext(engine) if engine is not None else open_duckdb(threads) as connection:
        if known is not None and model is not None:
            return add(connection, standardised, known, model, decisions=decisions)
        return _at_once(connection, standardised, model, decisions=decisions, seed=seed)


def _at_once(
    connection: Connection,
    standardised: pl.DataFrame,
    model: Model | None,
    *,
    decisions: pl.DataFrame | None,
    seed: int,
) -> Linkage:
    """Link records among themselves, under a model or the one they teach."""
    keys = unswap(standardised)
    profiles = profiles_on(connection, keys)
    frame = profiles.profiles
    repeating = repeating_sources(profiles) if model is None else model.repeating
    ages = plausible_ages(frame) if model is None else model.ages
    members = without_repeats(profiles.members, repeating)
    comparer = Comparer(connection, frame)
    candidates = block(connection, frame)
    if model is None:
        compared, strangers, households = comparer.compare(
            candidates, stranger_pairs(members, seed=seed), household_pairs(frame, members, seed=seed)
        )
        compared = with_circumstances(compared, frame, members, ages)
        learnt = train(compared, strangers, households, match_prior=_match_prior(compared, frame.height))
        learnt = replace(learnt, ages=ages, repeating=repeating)
    else:
        compared = with_circumstances(comparer.compare(candidates)[0], frame, members, ages)
        learnt = model
    pairs = weigh(compared, learnt)
    further = comparer.compare(further_pairs(connection, frame, pairs))[0]
    pairs = pl.concat([pairs, weigh(with_circumstances(further, frame, members, ages), learnt)])
    lived = find_households(pairs, frame, learnt)
    if model is None:
        learnt = replace(learnt, support=support_bits(lived))
    pairs = with_support(pairs, lived, learnt.support)
    decided = decisions_of_profiles(decisions, profiles.members)
    by_evidence = clusters_on(connection, pairs, members, held_at_once=-learnt.held_at_once_weight, decisions=decided)
    clusters = complete(by_evidence, pairs, members, frame, decisions=decided)
    return Linkage(keys, profiles, pairs, by_evidence, clusters, learnt)


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
