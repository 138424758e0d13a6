"""The list: which children's changes to look at first in each year, as many as the team can handle.

One flag per child and year. Ranks run over all kinds; ties are decided by the score and then by the person id, so that
the same data always give the same list. A flag that rests on a doubtful link is not shown: a record of another child
looks like a large change, so it is held until the link has been reviewed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.numbers import numbers_of
from indicators.presence import presence
from indicators.reasons import reasons_of
from indicators.rules import Domain, Rules
from indicators.score import Parts, Scorecard, score_changes
from indicators.values import CHILD_YEAR
from vocabulary.errors import UsageError
from vocabulary.frames import FLAGS, HELD_FLAGS
from vocabulary.source import Source, load_sources

DOMINANT = 0.5
"""Share of the score from which one kind names the flag; below it the kind is `multiple`."""

CHANGED = 1.0
"""Surprise from which an indicator with a kind of its own has itself changed."""

SUPPORT_LOOKS_BACK = 1
"""Years before the flag's in which support must have been in place to count as already there."""


@dataclass(frozen=True)
class Flags:
    """Flags shown, and flags held for review of their link.

    `shown` is vocabulary.frames.FLAGS, `held` HELD_FLAGS.
    """

    shown: pl.DataFrame
    held: pl.DataFrame


def raise_flags(
    indicators: pl.DataFrame,
    timeline: pl.DataFrame,
    persons: pl.DataFrame,
    rules: Rules,
    *,
    capacity: float | int = 0.02,
    min_link_confidence: float = 0.9,
    sources: Mapping[str, Source] | None = None,
    scorecard: Scorecard | None = None,
) -> Flags:
    """List the changes to look at first in each fiscal year.

    Parameters
    ----------
    indicators : DataFrame
        vocabulary.frames.INDICATORS, as `indicators.compute.compute_indicators` gives it.
    timeline : DataFrame
        vocabulary.frames.TIMELINE.
    persons : DataFrame
        vocabulary.frames.PERSONS.
    rules : Rules
        Those the indicators were computed by.
    capacity : float or int
        Flags a year at most: a float up to 1 is a share of the children seen in that year, an int a number of children.
    min_link_confidence : float
        Flags whose weakest link is below this are held.
    sources : mapping of str to Source
        Whose titles the reasons use; the built-in ones where not given. A source not among them goes by its name.
    scorecard : Scorecard, optional
        Scores by it instead of without labels.

    Raises
    ------
    UsageError
        `capacity` is neither a share nor a number.
    """
    seen = presence(timeline)
    numbers = numbers_of(seen, persons, indicators)
    listed = _listed(
        numbers.put(indicators),
        numbers.put(seen),
        numbers.put(persons),
        rules,
        capacity=capacity,
        min_link_confidence=min_link_confidence,
        sources=load_sources() if sources is None else sources,
        scorecard=scorecard,
    )
    return _as_flags(numbers.taken_back(listed))


def _listed(
    indicators: pl.DataFrame,
    seen: pl.DataFrame,
    persons: pl.DataFrame,
    rules: Rules,
    *,
    capacity: float | int,
    min_link_confidence: float,
    sources: Mapping[str, Source],
    scorecard: Scorecard | None,
) -> pl.DataFrame:
    """Flags of every year, by numbers of children; `doubtful` are those to be held."""
    scores = score_changes(indicators, rules, scorecard)
    candidates = (
        scores.table.with_row_index("row")
        .join(persons.select("person_id", "link_confidence"), on="person_id", how="left")
        .with_columns((pl.col("link_confidence").fill_null(0.0) < min_link_confidence).alias("doubtful"))
        .join(_places(seen, capacity), on="year")
    )
    listed = (
        _ranked(candidates)
        .join(_supported(indicators, rules), on=CHILD_YEAR, how="left", maintain_order="left")
        .with_columns(pl.col("already_supported").fill_null(False))
    )
    parts = scores.parts(listed["row"])
    return listed.with_columns(
        pl.Series("kind", kinds(parts, rules), dtype=pl.String),
        reasons_of(listed, parts, indicators, seen, persons, rules, sources),
    )


def _as_flags(listed: pl.DataFrame) -> Flags:
    return Flags(
        shown=listed.filter(~pl.col("doubtful")).select(list(FLAGS)).cast(FLAGS).sort("year", "rank"),
        held=listed.filter("doubtful")
        .with_columns(pl.lit(None, dtype=pl.Int32).alias("rank"), pl.lit("link_confidence").alias("why"))
        .select(list(HELD_FLAGS))
        .cast(HELD_FLAGS)
        .sort("year", "score", "person_id", descending=[False, True, False]),
    )


def kinds(parts: Parts, rules: Rules) -> NDArray[np.str_]:
    """Kind of each row of `parts`: that of most of its score, or `multiple`.

    An indicator with a kind of its own gives that kind to its whole domain where it has itself changed for the worse:
    arrears and a tax exemption without any support are an entitlement gap, with support a matter of livelihood.
    """
    domains = np.array([rules.indicators[name].domain for name in parts.names])
    own = {name: rules.indicators[name].kind for name in parts.names}
    found = [*get_args(Domain), *sorted({kind for kind in own.values() if kind})]
    per_kind = np.column_stack([parts.contributions[:, domains == kind].sum(axis=1) for kind in found])
    for at, name in enumerate(parts.names):
        if kind := own[name]:
            changed = np.nan_to_num(parts.surprises[:, at]) >= CHANGED
            domain = found.index(domains[at])
            per_kind[changed, found.index(kind)] += per_kind[changed, domain]
            per_kind[changed, domain] = 0.0
    dominant = per_kind.max(axis=1) >= DOMINANT * per_kind.sum(axis=1)
    return np.where(dominant, np.array(found)[per_kind.argmax(axis=1)], "multiple")


def _places(seen: pl.DataFrame, capacity: float | int) -> pl.DataFrame:
    """Length of each year's list, `year, places`."""
    if isinstance(capacity, bool) or capacity <= 0 or (isinstance(capacity, float) and capacity > 1):
        raise UsageError("indicator.capacity", capacity=capacity)
    children = seen.select(CHILD_YEAR).unique().group_by("year").agg(pl.len().alias("children"))
    places = pl.lit(capacity) if isinstance(capacity, int) else (pl.col("children") * capacity).ceil()
    return children.select("year", places.cast(pl.Int64).alias("places"))


def _ranked(listed: pl.DataFrame) -> pl.DataFrame:
    """Rows that make the list of their year, ranked; doubtful ones where their score would have made it.

    A row whose score is 0 has no reason to be listed, even where places are left.
    """
    changed = listed.filter(pl.col("score") > 0)
    ordered = changed.sort("year", "score", "person_id", descending=[False, True, False]).with_columns(
        (~pl.col("doubtful")).cum_sum().over("year").cast(pl.Int32).alias("rank")
    )
    return ordered.filter(
        pl.when("doubtful").then(pl.col("rank") < pl.col("places")).otherwise(pl.col("rank") <= pl.col("places"))
    )


def _supported(indicators: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """Children and years with support in place before the year began, `person_id, year, already_supported`."""
    reached = [
        (pl.col("indicator") == support.indicator) & (pl.col("value") >= support.begins) for support in rules.support
    ]
    return (
        indicators.filter(pl.any_horizontal(reached) if reached else pl.lit(False))
        .select("person_id", pl.col("year") + SUPPORT_LOOKS_BACK)
        .unique()
        .with_columns(pl.lit(True).alias("already_supported"))
    )
