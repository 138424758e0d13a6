"""Overlap: whom two sources hold at one date, and how few they hold apart.

Counted of all children, and of those born in one school year: welfare holds children of all ages and the school does
not, so of all together many are missing from the school, and of one year hardly any.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.sparse import csr_array

from vocabulary.fiscal import school_year_of_birth

Numbers = npt.NDArray[np.int64]
Bits = npt.NDArray[np.float64]

UNKNOWN = 0
"""School year of children of whom no birth date is known."""


@dataclass(frozen=True)
class Files:
    """Whom each source holds at which dates.

    Attributes
    ----------
    held
        For each source two arrays, a place for each record: its profile, and the number of its date, from 0.
    school_year
        By the number of a profile, the school year in which it is born, the first of all as 1; or UNKNOWN.
    """

    held: Mapping[str, tuple[Numbers, Numbers]]
    school_year: Numbers


@dataclass(frozen=True)
class Overlap:
    """The clusters of each source at each date.

    Attributes
    ----------
    held
        For each source a Boolean matrix, clusters × the dates, of each school year after the other: whether it holds
        the cluster then.
    dates
        How many dates there are.
    of_year, of_all
        For every two sources, for each of those columns and for each date: the bits by which two clusters left over
        then, the one in the one source and the other in the other, are likelier one child; 0 where no child is in both.
    """

    held: Mapping[str, csr_array]
    dates: int
    of_year: Mapping[tuple[str, str], Bits]
    of_all: Mapping[tuple[str, str], Bits]


def find_files(members: pl.DataFrame, profiles: pl.DataFrame) -> Files:
    """Files of the sources.

    Parameters
    ----------
    members
        `profile`, `source`, `as_of`: one row per record; `as_of` null where the date tells nothing.
    profiles
        `profile`, `birth_date`, a list of ISO dates, the most frequent first.
    """
    dated = (
        members.lazy().drop_nulls("as_of").select("source", "profile", date=pl.col("as_of").rank("dense") - 1).collect()
    )
    held = {
        source: (of["profile"].cast(pl.Int64).to_numpy(), of["date"].cast(pl.Int64).to_numpy())
        for (source,), of in sorted(dated.partition_by("source", as_dict=True, include_key=False).items())
    }
    year = school_year_of_birth(pl.col("birth_date").list.first().str.to_date("%Y-%m-%d")).cast(pl.Int64)
    shown = profiles.select("profile", school_year=(year - year.min() + 1).fill_null(UNKNOWN))
    school_year = np.zeros(1 + int(shown["profile"].to_numpy().max(initial=0)), np.int64)
    school_year[shown["profile"]] = shown["school_year"]
    return Files(held, school_year)


def find_overlap(files: Files, of: pl.DataFrame) -> Overlap:
    """Overlap of the sources, if `of` (`profile`, `cluster`) are the children."""
    cluster = np.zeros(len(files.school_year), np.int64)
    cluster[of["profile"]] = of["cluster"]
    school_year = _most_frequent(files.school_year, of)
    dates = 1 + max((int(date.max(initial=0)) for _, date in files.held.values()), default=0)
    shape = (len(school_year), dates * (1 + int(school_year.max(initial=UNKNOWN))))
    held = {}
    for source, (profile, date) in files.held.items():
        row = cluster[profile]
        held[source] = csr_array((np.ones(len(row), np.bool_), (row, school_year[row] * dates + date)), shape)
    of_year, of_all = {}, {}
    for one, other in combinations(held, 2):
        counts = [held[one].multiply(held[other]).sum(axis=0), held[one].sum(axis=0), held[other].sum(axis=0)]
        of_all[one, other] = _bonus(*(count.reshape(-1, dates).sum(axis=0) for count in counts))
        of_year[one, other] = _bonus(*counts)
        of_year[one, other][:dates] = 0.0  # those of UNKNOWN have no year in common
    return Overlap(held, dates, of_year, of_all)


def _most_frequent(school_year: Numbers, of: pl.DataFrame) -> Numbers:
    """By the number of a cluster, the school year in which most of its profiles are born; the first among equals."""
    years = 1 + int(school_year.max(initial=UNKNOWN))
    shown = school_year[of["profile"]]
    known = shown != UNKNOWN
    counted, count = np.unique(
        of["cluster"].to_numpy()[known].astype(np.int64) * years + shown[known], return_counts=True
    )
    cluster, year = np.divmod(counted, years)
    order = np.lexsort((-year, count))  # the last place of a cluster is its most frequent year
    found = np.full(len(school_year), UNKNOWN)
    found[cluster[order]] = year[order]
    return found


def left_over(offers: pl.DataFrame, overlap: Overlap) -> pl.DataFrame:
    """Offers (`a`, `b`, `bits`, …) between clusters that two sources hold at one date and no source holds both.

    `bits` are raised by the largest bonus of the two, of all children or of a school year.
    """
    year = [{source: held[offers[side]] for source, held in overlap.held.items()} for side in ("a", "b")]
    date = [{source: _by_date(held, overlap.dates) for source, held in of.items()} for of in year]
    together = np.zeros(offers.height, np.bool_)
    for source in overlap.held:
        together |= date[0][source].multiply(date[1][source]).sum(axis=1) > 0
    bonus = np.zeros(offers.height)
    for (a, b), bits in ((year, overlap.of_year), (date, overlap.of_all)):
        for (one, other), column in bits.items():
            for apart in (a[one].multiply(b[other]).tocoo(), a[other].multiply(b[one]).tocoo()):
                np.maximum.at(bonus, apart.row, column[apart.col])
    found = pl.Series((bonus > 0) & ~together, dtype=pl.Boolean)
    return offers.with_columns(bits=pl.col("bits") + pl.Series(bonus)).filter(found)


def _by_date(held: csr_array, dates: int) -> csr_array:
    """Columns of all school years together; a cluster is of one, so that no two become one."""
    return csr_array((held.data, held.indices % dates, held.indptr), (held.shape[0], dates))


def _bonus(both: Numbers, one: Numbers, other: Numbers) -> Bits:
    """−log2((1 − n/a)(1 − n/b)), each share as if one more child were missing."""
    missing = [1 - both / (held + 1) for held in (one, other)]
    return np.asarray(-np.log2(missing[0] * missing[1]))
