"""Overlap: whom two sources hold at one date, and how few they hold apart.

Counted of all children, and of those born in one school year: welfare holds children of all ages and the school does
not, so of all together many are missing from the school, and of one year hardly any.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_array

from vocabulary.fiscal import fiscal_year_of

EVERYONE = 0
"""The group of all children, of any school year or of none that is known."""


@dataclass(frozen=True)
class Overlap:
    """The children of each source at each date, all of them and those born in each school year.

    Attributes
    ----------
    held
        For each source a Boolean matrix, clusters × dates of all children, then dates of each school year: whether it
        holds the cluster there.
    bonus
        For every two sources, Float64 for each of those columns: the bits by which two clusters left over there, the
        one in the one source and the other in the other, are likelier one child; 0 where no child is in both.
    """

    held: dict[str, csr_array]
    bonus: dict[tuple[str, str], npt.NDArray[np.float64]]


def find_overlap(members: pl.DataFrame, profiles: pl.DataFrame, of: pl.DataFrame) -> Overlap:
    """Overlap of the sources.

    Parameters
    ----------
    members
        `profile`, `source`, `as_of`: one row per record; `as_of` null where the date tells nothing.
    profiles
        `profile`, `birth_date`, a list of ISO dates, the most frequent first.
    of
        `profile`, `cluster`.
    """
    as_of = pl.col("as_of").cast(pl.Date)
    since_first = (as_of - as_of.min()).dt.total_days()
    dated = members.lazy().drop_nulls("as_of").select("profile", "source", day=since_first).collect()
    cluster_of = np.zeros(1 + int(of["profile"].to_numpy().max(initial=0)), np.int64)
    cluster_of[of["profile"]] = of["cluster"]
    cluster, day = cluster_of[dated["profile"]], dated["day"].to_numpy()
    group = _school_years(profiles, of, size=len(cluster_of))[cluster]
    days = 1 + int(day.max(initial=0))
    shape = (len(cluster_of), days * (1 + int(group.max(initial=EVERYONE))))
    held = {}
    for source in dated["source"].unique().sort():
        of_all = (dated["source"] == source).to_numpy()
        of_year = of_all & (group != EVERYONE)
        rows = np.concatenate([cluster[of_all], cluster[of_year]])
        columns = np.concatenate([day[of_all], (group * days + day)[of_year]])
        held[source] = csr_array((np.ones(len(rows), np.bool_), (rows, columns)), shape)
    return Overlap(held, {two: _bonus(held[two[0]], held[two[1]]) for two in combinations(held, 2)})


def _school_years(profiles: pl.DataFrame, of: pl.DataFrame, *, size: int) -> npt.NDArray[np.int64]:
    """For each cluster the school year in which most of its profiles are born, the first of all as 1; or EVERYONE."""
    day = pl.col("birth_date").list.first().str.to_date("%Y-%m-%d")
    year = fiscal_year_of(day.dt.offset_by("-1d"))  # who is born on 1 April enters school with the year before
    shown = profiles.lazy().select("profile", born=year - year.min() + 1).drop_nulls()
    counted = shown.join(of.lazy(), on="profile").group_by("cluster", "born").len()
    most = counted.sort("len", "born", descending=[False, True]).collect()  # the last of a cluster stays
    born = np.full(size, EVERYONE)
    born[most["cluster"]] = most["born"]
    return born


def left_over(offers: pl.DataFrame, overlap: Overlap) -> pl.DataFrame:
    """Offers (`a`, `b`, `bits`, …) between clusters that two sources hold at one date and no source holds both.

    `bits` are raised by the largest bonus of the two in any column of the overlap.
    """
    a, b = ({source: held[offers[side]] for source, held in overlap.held.items()} for side in ("a", "b"))
    bonus, together = np.zeros(offers.height), np.zeros(offers.height, np.bool_)
    for source in overlap.held:
        together |= a[source].multiply(b[source]).sum(axis=1) > 0
    for (one, other), bits in overlap.bonus.items():
        for apart in (a[one].multiply(b[other]), a[other].multiply(b[one])):
            bonus = np.maximum(bonus, apart.multiply(bits[np.newaxis]).max(axis=1).toarray().ravel())
    found = (bonus > 0) & ~together
    return offers.with_columns(bits=pl.col("bits") + pl.Series(bonus)).filter(pl.Series(found, dtype=pl.Boolean))


def _bonus(one: csr_array, other: csr_array) -> npt.NDArray[np.float64]:
    """−log2((1 − n/a)(1 − n/b)) in each column, each share as if one more child were missing."""
    both = one.multiply(other).sum(axis=0)
    missing = [1 - both / (held.sum(axis=0) + 1) for held in (one, other)]
    return np.asarray(-np.log2(missing[0] * missing[1]))
