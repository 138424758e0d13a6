"""How surprising a step is, for things that come in steps: an allowance, an assistance, months of arrears.

A child's state is the number of the indicator's marks reached. The surprise is the probability of a state this high or
higher among children of the same age, in the same year, who stood where this child stood: last state, and highest
state before, so that a first entry and a re-entry are not the same. It is returned as the normal deviate of the mid-p
tail. A step that a whole cohort takes in one year (a new scheme) is therefore no surprise; a common one (aid granted
at entry to school) is a small one. Cells with few children borrow from wider ones.

A department may record only the children it serves. A child whom others record and who newly appears there is compared
with all children who were not recorded there, most of whom still are not; these count as below every mark.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
States = NDArray[np.int64]

UNKNOWN = -2
"""The child was not seen, or the source did not deliver."""
UNRECORDED = -1
"""The source delivered and the child was seen elsewhere, but not recorded here."""

BORROWED = 30.0
"""Weight, in children, of what a cell borrows from the wider cell."""


def surprise(states: States, ages: list[States], steps: int) -> Floats:
    """Surprise of each state given the child's own earlier states.

    Parameters
    ----------
    states : (children, years) integer array
        0 … steps, UNRECORDED or UNKNOWN. Columns are consecutive years.
    ages : list of (children, years) integer arrays
        Age groups, each finer than the one before; values from 0.
    steps : int
        The highest state.

    Returns
    -------
    (children, years) float array of normal deviates, positive where the state is higher than usual; NaN where UNKNOWN.
    """
    known = states != UNKNOWN
    last, highest = history(states)
    year = np.broadcast_to(np.arange(states.shape[1]), states.shape)
    keys = [(key - key.min(initial=0))[known] for key in (last, highest, ages[0], year, *ages[1:])]
    state = np.maximum(states[known], 0)
    cell, shares = _shares(state, keys, steps)
    above = np.cumsum(shares[:, ::-1], axis=1)[:, ::-1]
    deviate = np.full(states.shape, np.nan)
    deviate[known] = -ndtri(above - shares / 2)[cell, state]
    return deviate


def history(states: States) -> tuple[States, States]:
    """For each child and year: the last state before it that is not UNKNOWN, and the highest state before it."""
    last = np.full(states.shape, UNKNOWN)
    highest = np.full(states.shape, UNKNOWN)
    for year in range(1, states.shape[1]):
        before = states[:, year - 1]
        last[:, year] = np.where(before == UNKNOWN, last[:, year - 1], before)
        highest[:, year] = np.maximum(highest[:, year - 1], before)
    return last, highest


def _shares(state: States, keys: list[States], steps: int) -> tuple[States, Floats]:
    """Each row's cell, of rows with the same keys, and the share of each state in each cell.

    Each further key narrows the cells, which borrow from those they are part of.
    """
    shares = np.full((1, steps + 1), 1 / (steps + 1))
    cell = np.zeros(len(state), dtype=np.int64)
    borrowed = 1.0  # the widest cell is the whole city and hardly borrows
    for key in [np.zeros_like(cell), *keys]:
        wider, (cell, cells) = cell, _numbered(cell * (key.max(initial=0) + 1) + key)
        part_of = np.zeros(cells, dtype=np.int64)
        part_of[cell] = wider
        counts = np.bincount(cell * (steps + 1) + state, minlength=cells * (steps + 1)).reshape(cells, steps + 1)
        children = counts.sum(axis=1, keepdims=True)
        shares = (counts + borrowed * shares[part_of]) / (children + borrowed)
        borrowed = BORROWED
    return cell, shares


def _numbered(labels: States) -> tuple[States, int]:
    """Numbers from 0 without gaps in place of labels, in their order, and how many there are."""
    taken = np.zeros(labels.max(initial=-1) + 1, dtype=np.int64)
    taken[labels] = 1
    return (np.cumsum(taken) - 1)[labels], int(taken.sum())
