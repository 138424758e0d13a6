"""How many children are on a year's list by school, and by kind and judgement, with small counts hidden.

What is shown is what a release of statistics would show (`governance.disclosure`, `governance.suppression`): counts
below 10 are hidden, the others rounded to 5, and further ones hidden until nobody can work a small one out from the
margins and tables of the year together.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import get_args
from weakref import WeakKeyDictionary

import numpy as np
import polars as pl

from api.children.published import Published
from governance.cell_system import Universe, relations
from governance.disclosure import ALL, THRESHOLD, counts, shown
from governance.releases import known
from governance.suppression import protect
from governance.workspace import Workspace
from indicators.rules import Kind

NOWHERE = "none"
"""Category of the children of no school, and of no district."""

JUDGEMENTS = ("3", "2", "1", "0")
"""Every overall judgement there can be; whoever is listed is judged."""


@dataclass(frozen=True)
class Counts:
    """The counts of one table as they may be shown: by row and column, `ALL` in margins, None where hidden."""

    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], int | None]


_known: WeakKeyDictionary[Published, dict[int, tuple[Counts, ...]]] = WeakKeyDictionary()
_counting = threading.Lock()


def protected_counts(workspace: Workspace, published: Published, year: int) -> tuple[Counts, ...]:
    """The tables of a year; worked out once for a run."""
    with _counting:
        of_run = _known.setdefault(published, {})
        if year not in of_run:
            rows = published.listed.by_year[year].filter(~pl.col("held"))
            schools = published.children["school"].drop_nulls().unique()
            of_run[year] = count(rows, schools, districts_of(workspace))
        return of_run[year]


def districts_of(workspace: Workspace) -> Mapping[str, str]:
    """The district of each school, as a release of statistics has stated it; empty where none has."""
    stated: list[Mapping[str, str]] = [one.document["districts"] for one in known(workspace)]
    return next((districts for districts in reversed(stated) if districts), {})


def count(
    listed: pl.DataFrame,
    schools: Iterable[str],
    districts: Mapping[str, str],
    kinds: Iterable[str] = get_args(Kind),
) -> tuple[Counts, ...]:
    """The tables of children that are listed: by school, by district where these are known, and by kind.

    Parameters
    ----------
    listed
        A row a child: `school`, `kind`, `judgement`.
    schools
        All there are: one that were left out would be known to have nobody.
    districts
        The district of each school.
    kinds
        All there can be.
    """
    cases = listed.select(
        pl.col("school").fill_null(NOWHERE),
        pl.col("kind").cast(pl.String),
        pl.col("judgement").cast(pl.String),
    ).with_columns(district=pl.col("school").replace_strict({**districts}, default=NOWHERE, return_dtype=pl.String))
    universe = _universe(schools, districts, kinds)
    names = ["school", "district", "kind"] if districts else ["school", "kind"]
    tables = [counts(cases, universe.combinations([name, "judgement"])) for name in names]
    every = np.concatenate([table["count"].to_numpy() for table in tables])
    hidden = protect(
        relations(universe, [table.drop("count") for table in tables]),
        every,
        every < THRESHOLD,
        np.zeros(len(every), dtype=np.bool_),
        [name for name, table in zip(names, tables, strict=True) for _ in range(table.height)],
    )
    parts = np.split(hidden, np.cumsum([table.height for table in tables])[:-1])
    return tuple(
        _table(name, table.with_columns(hidden=pl.Series(part)))
        for name, table, part in zip(names, tables, parts, strict=True)
    )


def _universe(schools: Iterable[str], districts: Mapping[str, str], kinds: Iterable[str]) -> Universe:
    every = sorted({*schools, *districts, NOWHERE})
    within = {school: districts.get(school, NOWHERE) for school in every}
    categories = {"school": every, "kind": sorted(kinds), "judgement": JUDGEMENTS}
    return Universe(categories, {"district": ("school", within)} if districts else {})


def _table(name: str, cells: pl.DataFrame) -> Counts:
    told = cells.select(name, "judgement", shown(pl.col("count"), pl.col("hidden")))
    rows = [row for row in told[name].unique(maintain_order=True) if row != ALL]
    values = {(row, judgement): value for row, judgement, value in told.iter_rows()}
    return Counts(name, (*sorted(rows), ALL), (*JUDGEMENTS, ALL), values)
