"""Known pairs that a later delivery affects: those that are gone, to be compared again, or to be weighed again.

A further record of a number that shows nothing new leaves the values of its profile as they are and moves its dates. Of
the levels of a pair only three depend on dates: the same family name or address, at one time or not, and birth dates of
which two parts agree. Circumstances depend on dates so far as the time between two that do not overlap, the age of one
with another birth date, and two of one source at one date.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from linkage.evidence import LEVELS
from linkage.extending import Extended

DATED_LEVELS = {"family_name": "family_years", "address": "address_years"}
"""Comparisons whose strongest level is "same, at one time" and the next one "same", and the years they depend on."""

TWO_DATE_PARTS = 1
"""Level of birth dates that depends on the first date of the other profile."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Affected:
    """For each known pair, in its order (Boolean).

    Attributes
    ----------
    still
        Both profiles are still there.
    compare
        They are, and some level may be another.
    weigh
        They are, no level is another, and the weight may be.
    """

    still: pl.Series
    compare: pl.Series
    weigh: pl.Series


def affected(pairs: pl.DataFrame, before: pl.DataFrame, extended: Extended) -> Affected:
    """Tell known pairs apart by what a later delivery does to them.

    Parameters
    ----------
    pairs
        Known pairs (`linkage.linked.Linkage.pairs`). What supported a pair is looked for anew, so it is weighed again.
    before
        Profiles as they were.
    extended
        Profiles as they are.
    """
    after = extended.profiles.profiles
    size = 1 + int(max(frame["profile"].to_numpy().max(initial=0) for frame in (before, after)))
    left, right = (pairs[side].to_numpy() for side in ("left", "right"))
    gone, dated, rebuilt = (_flags(size, of) for of in (extended.gone, extended.dated, extended.rebuilt))
    still = ~(gone[left] | gone[right])
    moved = still & (dated[left] | dated[right])

    born = pairs["gamma_birth_date"].to_numpy()
    first = [_values(size, frame["profile"], frame["first_seen"].to_physical()) for frame in (before, after)]
    earlier = first[0] != first[1]
    compare = (born >= 0) & (born <= TWO_DATE_PARTS) & (earlier[left] | earlier[right])
    for name, column in DATED_LEVELS.items():
        years = _values(size, after["profile"], after[column])
        strongest, level = LEVELS[name] - 1, pairs[f"gamma_{name}"].to_numpy()
        together = (years[left] & years[right]) != 0
        compare |= (level >= strongest - 1) & ((level == strongest) != together)
    compare &= moved

    source = _values(size, after["profile"], after["source"].rank("dense"))
    weigh = (pairs["years"].to_numpy() > 0) | (born < LEVELS["birth_date"] - 1) | (source[left] == source[right])
    weigh = (moved & weigh) | (still & (rebuilt[left] | rebuilt[right] | (pairs["support"].to_numpy() > 0)))
    return Affected(pl.Series(still), pl.Series(compare), pl.Series(weigh & ~compare))


def _flags(size: int, numbers: pl.Series) -> Flags:
    flags = np.zeros(size, np.bool_)
    flags[numbers] = True
    return flags


def _values(size: int, numbers: pl.Series, values: pl.Series) -> npt.NDArray[np.int64]:
    """A number for each profile; 0 where there is none."""
    placed = np.zeros(size, np.int64)
    placed[numbers] = values.cast(pl.Int64).fill_null(0)
    return placed
