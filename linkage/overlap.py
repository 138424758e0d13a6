"""Overlap: whom two sources hold at one date, and how few they hold apart."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_array


@dataclass(frozen=True)
class Overlap:
    """The children of each source at each date.

    Attributes
    ----------
    held
        For each source a Boolean matrix, clusters × days: whether it holds the cluster then.
    bonus
        For every two sources, Float64 for each day: the bits by which two groups left over then, the one in the one
        source and the other in the other, are likelier one child; 0 where no child is in both.
    """

    held: dict[str, csr_array]
    bonus: dict[tuple[str, str], npt.NDArray[np.float64]]


def find_overlap(members: pl.DataFrame, of: pl.DataFrame) -> Overlap:
    """Overlap of the sources.

    Parameters
    ----------
    members
        `profile`, `source`, `as_of`: one row per record; `as_of` null where the date tells nothing.
    of
        `profile`, `cluster`.
    """
    as_of = pl.col("as_of").cast(pl.Date)
    dated = (
        members.lazy()
        .drop_nulls("as_of")
        .select("profile", "source", day=(as_of - as_of.min()).dt.total_days())
        .collect()
    )
    cluster_of = np.zeros(1 + int(of["profile"].to_numpy().max(initial=0)), np.int64)
    cluster_of[of["profile"]] = of["cluster"]
    cluster = cluster_of[dated["profile"]]
    day = dated["day"].to_numpy()
    shape = (len(cluster_of), 1 + int(day.max(initial=0)))
    held = {}
    for source in dated["source"].unique().sort():
        rows = (dated["source"] == source).to_numpy()
        held[source] = csr_array((np.ones(rows.sum(), np.bool_), (cluster[rows], day[rows])), shape=shape)
    return Overlap(held, {two: _bonus(held[two[0]], held[two[1]]) for two in combinations(held, 2)})


def left_over(offers: pl.DataFrame, overlap: Overlap) -> pl.DataFrame:
    """Offers (`a`, `b`, `bits`, …) between clusters that two sources hold at one date and no source holds both.

    `bits` are raised by the largest bonus of the two at any date.
    """
    a, b = (offers[side].to_numpy() for side in ("a", "b"))
    bonus, together = np.zeros(offers.height), np.zeros(offers.height, np.bool_)
    for held in overlap.held.values():
        together |= held[a].multiply(held[b]).sum(axis=1) > 0
    for (one, other), bits in overlap.bonus.items():
        for first, second in ((one, other), (other, one)):
            apart = overlap.held[first][a].multiply(overlap.held[second][b])
            bonus = np.maximum(bonus, apart.multiply(bits[np.newaxis]).max(axis=1).toarray().ravel())
    found = (bonus > 0) & ~together
    return offers.with_columns(bits=pl.col("bits") + pl.Series(bonus)).filter(pl.Series(found))


def _bonus(one: csr_array, other: csr_array) -> npt.NDArray[np.float64]:
    """−log2((1 − n/a)(1 − n/b)) at each date, each share as if one more child were missing."""
    both = one.multiply(other).sum(axis=0)
    missing = [1 - both / (held.sum(axis=0) + 1) for held in (one, other)]
    return np.asarray(-np.log2(missing[0] * missing[1]))
