"""The linear relations between the counts of several tables of the same children.

Each published or hidden count is a sum over groups of children. Writing down every combination of all variables of all
tables would be exact and too large; so tables that share variables without a cycle are kept apart and bound by their
common margins, which loses nothing: for tables whose variables form an acyclic hypergraph, agreeing margins are those
of one joint table (Vorob'ev 1962; Beeri, Fagin, Maier, Yannakakis 1983; for whole numbers Atserias, Kolaitis 2020).
Where there is a cycle, tables are merged until there is none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import combinations

import numpy as np
import polars as pl
from scipy import sparse

from governance.disclosure import ALL
from vocabulary.errors import WorkspaceError

MOST_GROUPS = 60_000
"""Most groups of children, all tables of a year together, whose relations are worked out."""

Variables = frozenset[str]


@dataclass(frozen=True)
class Universe:
    """What can be told apart of a child, and what everybody knows of it.

    `categories` by variable; `coarser` has of a dimension the variable it is a coarser form of, and the category that
    each of that variable's belongs to (school → district, grade → band); `possible` are the pairs of categories of two
    variables that can be at all (a school and its grades).
    """

    categories: Mapping[str, Sequence[str]]
    coarser: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    possible: Mapping[tuple[str, str], pl.DataFrame] = field(default_factory=dict)

    def variable(self, dimension: str) -> str:
        """The variable that a dimension is, or is a coarser form of."""
        return self.coarser[dimension][0] if dimension in self.coarser else dimension

    def combinations(self, dimensions: Sequence[str]) -> pl.DataFrame:
        """Every combination that can be of these dimensions, one a row."""
        variables = sorted({self.variable(one) for one in dimensions})
        return self.groups(variables, dimensions).select(dimensions).unique(maintain_order=True)

    def groups(self, variables: Sequence[str], dimensions: Sequence[str]) -> pl.DataFrame:
        """Every combination of `variables` that can be, with those `dimensions` that are forms of them."""
        frames = [pl.DataFrame({name: list(self.categories[name])}, schema={name: pl.String}) for name in variables]
        crossed = reduce(lambda left, right: left.join(right, how="cross"), frames, pl.DataFrame({"": [0]}))
        for pair, known in self.possible.items():
            if set(pair) <= set(variables):
                crossed = crossed.join(known, on=pair, how="semi", maintain_order="left")
        forms = [
            pl.col(self.coarser[one][0]).replace_strict(self.coarser[one][1]).alias(one)
            for one in dimensions
            if one in self.coarser and self.coarser[one][0] in variables
        ]
        return crossed.with_columns(forms)


@dataclass(frozen=True)
class Relations:
    """`cells @ x` are the counts of the cells, `links @ x` is zero, for the unknown numbers `x` of the groups."""

    cells: sparse.csr_array
    links: sparse.csr_array


def relations(universe: Universe, tables: Sequence[pl.DataFrame]) -> Relations:
    """The relations of all cells of `tables`, in their order.

    Parameters
    ----------
    universe
        Variables of the children.
    tables
        Columns are dimensions, `ALL` in margins; a row is a cell.

    Raises
    ------
    WorkspaceError
        There are too many combinations to be worked out.
    """
    sets = [frozenset(map(universe.variable, table.columns)) for table in tables]
    used: Variables = frozenset().union(*sets)
    known = [frozenset(pair) for pair in universe.possible if set(pair) <= used]
    bags, links = join_tree([*sets, *known])
    sizes = [int(np.prod([len(universe.categories[one]) for one in bag])) for bag in bags]
    if sum(sizes) > 20 * MOST_GROUPS:
        raise WorkspaceError("release.too_many_combinations", most=MOST_GROUPS)
    dimensions = sorted({name for table in tables for name in table.columns})
    frames = [universe.groups(sorted(bag), dimensions) for bag in bags]
    starts = np.concatenate([[0], np.cumsum([frame.height for frame in frames])])
    if starts[-1] > MOST_GROUPS:
        raise WorkspaceError("release.too_many_combinations", most=MOST_GROUPS)
    groups = [
        frame.with_columns(group=pl.int_range(pl.len()) + start) for frame, start in zip(frames, starts, strict=False)
    ]
    home = [next(at for at, bag in enumerate(bags) if variables <= bag) for variables in sets]
    cells = [_cells(table, groups[at], int(starts[-1])) for table, at in zip(tables, home, strict=True)]
    bound = [
        _link(groups[one], groups[other], sorted(bags[one] & bags[other]), int(starts[-1])) for one, other in links
    ]
    empty = sparse.csr_array((0, int(starts[-1])))
    return Relations(sparse.csr_array(sparse.vstack([empty, *cells])), sparse.csr_array(sparse.vstack([empty, *bound])))


def join_tree(sets: Sequence[Variables]) -> tuple[list[Variables], list[tuple[int, int]]]:
    """Sets of variables that hold every given one, and the pairs of them that make a join tree.

    Ears are taken off as Graham, Yu and Özsoyoğlu do; where there is none, the two that share most are merged.
    """
    merged = set(sets)
    while True:
        bags = sorted((one for one in merged if not any(one < other for other in merged)), key=sorted)
        links, left = [], set(range(len(bags)))
        while len(left) > 1 and (ear := _ear(bags, left)) is not None:
            links.append(ear)
            left.remove(ear[0])
        if len(left) <= 1:
            return bags, links
        one, other = max(combinations(sorted(left), 2), key=lambda pair: len(bags[pair[0]] & bags[pair[1]]))
        merged = {*bags, bags[one] | bags[other]}


def _ear(bags: Sequence[Variables], left: set[int]) -> tuple[int, int] | None:
    """One of `left` whose variables that others have too are all in one other, and that one."""
    for one in sorted(left):
        others = sorted(left - {one})
        shared = bags[one] & frozenset().union(*(bags[other] for other in others))
        for other in others:
            if shared <= bags[other]:
                return one, other
    return None


def _cells(table: pl.DataFrame, groups: pl.DataFrame, width: int) -> sparse.csr_array:
    """Which groups each cell is the sum of."""
    numbered = table.with_row_index("cell")
    pairs = []
    patterns = numbered.select(
        "cell", over=pl.concat_list([pl.col(name) == ALL for name in table.columns] or [pl.lit(True)])
    )
    for over, part in patterns.group_by("over"):
        kept = [name for name, margin in zip(table.columns, over[0], strict=False) if not margin]
        here = numbered.join(part.select("cell"), on="cell", how="semi")
        pairs.append(here.join(groups, on=kept) if kept else here.join(groups, how="cross", suffix="_of"))
    found = pl.concat([one.select("cell", "group") for one in pairs])
    return _matrix(found["cell"].to_numpy(), found["group"].to_numpy(), 1.0, (table.height, width))


def _link(one: pl.DataFrame, other: pl.DataFrame, shared: Sequence[str], width: int) -> sparse.csr_array:
    """Rows that say that two tables have the same margins of the variables they share."""
    margins = one.select(shared).unique(maintain_order=True) if shared else pl.DataFrame({"margin": [0]})
    margins = margins.with_row_index("row")
    sides = []
    for groups, sign in ((one, 1.0), (other, -1.0)):
        found = groups.join(margins, on=shared) if shared else groups.with_columns(row=pl.lit(0))
        sides.append(_matrix(found["row"].to_numpy(), found["group"].to_numpy(), sign, (margins.height, width)))
    return sparse.csr_array(sides[0] + sides[1])


def _matrix(rows: np.ndarray, columns: np.ndarray, value: float, shape: tuple[int, int]) -> sparse.csr_array:
    return sparse.csr_array((np.full(len(rows), value), (rows, columns)), shape=shape)
