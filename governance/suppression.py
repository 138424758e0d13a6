"""Which counts beyond the small ones must be hidden, so that nobody can work out a small one from what is published.

The attacker assumed here knows every relation between the counts, the rules of rounding and redaction, and even which
hidden counts are small (0 to 9) and which are hidden for their sake (10 or more). A small count is safe if, solving all
that by linear programming, the attacker is left with an interval at least `PROTECTION` wide. Where it is not, the
smallest published count that narrows the interval (it has a price in the dual solution) is hidden too, until it is.
M. Fischetti, J. J. Salazar-González, Solving the cell suppression problem (2001), has the attacker's two programs; the
choice by price is ours, and hides more than the least possible.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from governance.cell_system import Relations
from governance.disclosure import ROUNDING, THRESHOLD
from vocabulary.errors import WorkspaceError

PROTECTION = 5.0
"""Least width of the interval of a small count that an attacker may be left with."""

TOLERANCE = 1e-6
DIRECTIONS = 4
"""Programs solved first, each of which may show many small counts to be safe at once."""

Flags = NDArray[np.bool_]


@dataclass
class _Attack:
    """What the attacker has found so far: the lowest and highest count that each cell can have."""

    relations: Relations
    counts: NDArray[np.int64]
    hidden: Flags
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def solve(self, objective: NDArray[np.float64]) -> NDArray[np.float64]:
        """Minimise a sum over small cells; widen the intervals by the solution; the price of each cell."""
        lower, upper = intervals(self.counts, self.hidden)
        cells, bounded = self.relations.cells, np.isfinite(upper)
        solved = linprog(
            objective @ cells,
            A_ub=sparse.vstack([cells[bounded], -cells]),
            b_ub=np.concatenate([upper[bounded], -lower]),
            A_eq=self.relations.links if self.relations.links.shape[0] else None,
            b_eq=np.zeros(self.relations.links.shape[0]) if self.relations.links.shape[0] else None,
            method="highs",
        )
        if solved.status != 0:  # only small counts, which have bounds, are asked for: there is a solution
            raise WorkspaceError("release.unsolved", problem=solved.message)
        reached = cells @ solved.x
        self.low, self.high = np.minimum(self.low, reached), np.maximum(self.high, reached)
        price = np.abs(solved.ineqlin.marginals)
        price_of_upper = np.zeros(len(self.counts))
        price_of_upper[bounded] = price[: bounded.sum()]
        return np.asarray(price_of_upper + price[bounded.sum() :])

    def width(self, cell: int) -> float:
        return float(self.high[cell] - self.low[cell])


def intervals(counts: NDArray[np.int64], hidden: Flags) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the attacker knows of each count by itself: the least and the most that it can be."""
    small = counts < THRESHOLD
    nearest = (counts + ROUNDING // 2) // ROUNDING * ROUNDING
    lower = np.where(small, 0, np.where(hidden, THRESHOLD, np.maximum(THRESHOLD, nearest - ROUNDING // 2)))
    upper = np.where(small, THRESHOLD - 1, np.where(hidden, np.inf, nearest + ROUNDING // 2))
    return lower.astype(float), upper.astype(float)


def protect(
    relations: Relations, counts: NDArray[np.int64], hidden: Flags, fixed: Flags, names: Sequence[str]
) -> Flags:
    """Hide counts until no small one can be narrowed below `PROTECTION`.

    Parameters
    ----------
    relations
        Of the cells, m of them.
    counts
        (m,) true counts; they satisfy the relations.
    hidden
        (m,) whether a count is hidden to begin with; small ones are in any case.
    fixed
        (m,) whether it was published before, so that it cannot be hidden any more.
    names
        (m,) the table that each cell is of.

    Returns
    -------
    (m,) whether each count is to be hidden.

    Raises
    ------
    WorkspaceError
        What was published before would, with these tables, tell of a small count; it names the earlier table.
    """
    small = counts < THRESHOLD
    attack = _Attack(relations, counts, hidden | small, counts.astype(float), counts.astype(float))
    if not small.any():
        return attack.hidden
    generator = np.random.default_rng(0)  # which directions are tried first changes the time, hardly the outcome
    for trial in range(DIRECTIONS):
        weights = np.where(small, 1.0 if trial == 0 else generator.normal(size=len(counts)), 0.0)
        attack.solve(weights)
        attack.solve(-weights)
    for cell in np.flatnonzero(small & (relations.cells.sum(axis=1) > 0)):  # no group: everybody knows that it is 0
        _cover(attack, int(cell), fixed, names)
    return attack.hidden


def _cover(attack: _Attack, cell: int, fixed: Flags, names: Sequence[str]) -> None:
    """Hide counts until the interval of one cell is wide enough. Hiding widens, so cells covered before stay so."""
    objective = np.zeros(len(attack.counts))
    objective[cell] = 1.0
    while attack.width(cell) < PROTECTION - TOLERANCE:
        price = attack.solve(objective) + attack.solve(-objective)
        if attack.width(cell) >= PROTECTION - TOLERANCE:
            return
        telling = (price > TOLERANCE) & ~attack.hidden
        if not (telling & ~fixed).any():
            named = [names[int(at)] for at in np.flatnonzero(telling & fixed)] or [names[cell]]
            raise WorkspaceError("release.differenced", table=named[0])
        attack.hidden[np.argmin(np.where(telling & ~fixed, attack.counts, np.iinfo(np.int64).max))] = True
