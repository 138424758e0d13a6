"""How surprising a step is, for things that come in steps: an allowance, an assistance, months of arrears.

A child's state is the number of the indicator's marks reached. The surprise is the probability of a state this high or
higher among children of the same age group and year who stood where this child stood: last state, and highest state
before that, so that a first entry and a re-entry are not the same. It is returned as the normal deviate of the mid-p
tail. A step that a whole cohort takes in one year (a new scheme) is therefore no surprise; a common one (aid granted at
entry to school) is a small one. Cells with few children borrow from all years, those from all ages, those from all
histories with the same last state.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
States = NDArray[np.int64]

UNKNOWN = -1
BORROWED = 10.0
"""Weight, in children, of what a cell borrows from the wider cell."""


@dataclass(frozen=True)
class Surprise:
    """Per child (rows) and year (columns): normal deviate of the state, positive is higher, and the expected state."""

    deviate: Floats
    expected: Floats


def surprise(states: States, age_group: States, steps: int) -> Surprise:
    """Surprise of each state given the child's own earlier states.

    Parameters
    ----------
    states : (children, years) integer array
        0 … steps; UNKNOWN where not recorded. Columns are consecutive years.
    age_group : (children, years) integer array
        Values from 0.
    steps : int
        The highest state.
    """
    last, highest = history(states)
    known = states != UNKNOWN
    year = np.broadcast_to(np.arange(states.shape[1]), states.shape)[known]
    state, last, highest, age = states[known], last[known] + 1, highest[known] + 1, age_group[known]
    shares = _shares(state, [last, highest, age, year], steps)
    above = np.cumsum(shares[:, ::-1], axis=1)[:, ::-1]
    rows = np.arange(len(state))
    tail = above[rows, state] - shares[rows, state] / 2
    deviate, expected = np.full(states.shape, np.nan), np.full(states.shape, np.nan)
    deviate[known] = -ndtri(tail)
    expected[known] = shares @ np.arange(steps + 1)
    return Surprise(deviate, expected)


def history(states: States) -> tuple[States, States]:
    """For each child and year: the last state known before it and the highest known before it, else UNKNOWN."""
    last = np.full(states.shape, UNKNOWN)
    highest = np.full(states.shape, UNKNOWN)
    for year in range(1, states.shape[1]):
        before = states[:, year - 1]
        last[:, year] = np.where(before == UNKNOWN, last[:, year - 1], before)
        highest[:, year] = np.maximum(highest[:, year - 1], before)
    return last, highest


def _shares(state: States, keys: list[States], steps: int) -> Floats:
    """Share of each state among the rows with the same keys, each further key narrowing the cell and borrowing."""
    shares = np.full((len(state), steps + 1), 1 / (steps + 1))
    cell = np.zeros(len(state), dtype=np.int64)
    # The widest cell borrows one child only: it is the whole city.
    weight = 1.0
    for key in [np.zeros_like(cell), *keys]:
        cell = np.unique(cell * (key.max(initial=0) + 1) + key, return_inverse=True)[1]
        cells = int(cell.max(initial=-1)) + 1
        counts = np.bincount(cell * (steps + 1) + state, minlength=cells * (steps + 1)).reshape(cells, steps + 1)
        children = counts.sum(axis=1, keepdims=True)
        shares = (counts[cell] + weight * shares) / (children[cell] + weight)
        weight = BORROWED
    return shares
