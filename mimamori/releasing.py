"""A release from a run: count, protect together with all that was released before, and what of it is told."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import product
from typing import Any

import numpy as np
import polars as pl

from governance import releases
from governance.cell_system import Universe, relations
from governance.disclosure import ALL, THRESHOLD, counts, means, shown, smallest_class
from governance.export_terms import within_retention
from governance.releases import Release
from governance.suppression import protect
from governance.workspace import Workspace
from mimamori.release_cases import cases, universe
from mimamori.release_tables import ReleaseTables, TableDefinition
from vocabulary.errors import WorkspaceError

Document = dict[str, Any]

PERCENTILE = re.compile(r"p(\d{1,2})")
"""Name of a column of percentiles."""


def draft(
    workspace: Workspace,
    run_id: str,
    definitions: ReleaseTables,
    years: Sequence[int],
    *,
    approval: str | None,
    today: date,
    actor: str,
) -> Release:
    """Make the tables of a run and register them as a draft.

    Raises
    ------
    RefusalError
        The run's approval was revoked, or its results are past their retention. The refusal is in the run log.
    WorkspaceError
        With what was released before, the tables would tell of few children, or the run or a right is not there.
    UsageError
        The run does not have what a table is of.
    """
    within_retention(workspace, run_id, ("persons", "timeline", "indicators", "flags", "judgements"), actor=actor)
    before = releases.known(workspace)
    earlier = [table | {"release": one.id, "run": one.run} for one in before for table in one.document["tables"]]
    districts = _districts(definitions, before)
    dimensions = {name for table in definitions.tables for name in table.dimensions}
    dimensions |= {name for table in earlier for name in table["dimensions"]}
    rows = cases(workspace, run_id, dimensions, districts, years)
    known = universe(rows, dimensions)
    protected: dict[str, list[pl.DataFrame]] = {table.name: [] for table in definitions.tables}
    for year in years:
        of_year = rows.filter(pl.col("year") == year)
        past = [table for table in earlier if str(year) in table["years"]]
        _refuse_second_means(definitions, past, run_id)
        for table, cells in zip(definitions.tables, _protected(known, of_year, definitions, past, year), strict=True):
            told = _told(table, cells, of_year)
            _require_k_anonymous(table, told, of_year)
            protected[table.name].append(told.insert_column(0, pl.lit(year).alias("year")))
    document = {
        "years": [*years],
        "districts": {**districts},
        "schools_agreed": definitions.schools_agreed,
        "tables": [_described(table, pl.concat(protected[table.name])) for table in definitions.tables],
    }
    return releases.draft(workspace, run_id, document, held_against=before, approval=approval, today=today, actor=actor)


def _protected(
    known: Universe, rows: pl.DataFrame, definitions: ReleaseTables, past: Sequence[Document], year: int
) -> list[pl.DataFrame]:
    """Cells of each table of a year: dimensions, `count`, `hidden`; safe together with `past`."""
    new = [counts(rows, known.combinations(table.dimensions)) for table in definitions.tables]
    new = [
        _with_past(cells.with_columns(hidden=pl.col("count") < THRESHOLD), table.dimensions, past, year)
        for cells, table in zip(new, definitions.tables, strict=True)
    ]
    old = [_recounted(known, rows, table, year) for table in past]
    every = [*new, *old]
    names = [table.name for table in definitions.tables] + [f"{one['release']}/{one['name']}" for one in past]
    related = relations(known, [cells.drop("count", "hidden") for cells in every])
    lengths = [cells.height for cells in every]
    hidden = protect(
        related,
        np.concatenate([cells["count"].to_numpy() for cells in every]),
        np.concatenate([cells["hidden"].to_numpy() for cells in every]),
        np.repeat([at >= len(new) for at in range(len(every))], lengths),
        [name for name, length in zip(names, lengths, strict=True) for _ in range(length)],
    )
    ends = np.cumsum(lengths)
    return [
        cells.with_columns(hidden=pl.Series(hidden[end - cells.height : end]))
        for cells, end in zip(new, ends, strict=False)
    ]


def _with_past(cells: pl.DataFrame, dimensions: list[str], past: Sequence[Document], year: int) -> pl.DataFrame:
    """What an earlier release hid of the same cells stays hidden."""
    for table in past:
        if sorted(table["dimensions"]) == sorted(dimensions):
            hid = released_cells(table).filter(pl.col("year") == year, pl.col("count").is_null()).select(dimensions)
            found = hid.with_columns(before=True)
            cells = cells.join(found, on=dimensions, how="left", maintain_order="left") if dimensions else cells
            if dimensions:
                cells = cells.with_columns(hidden=pl.col("hidden") | pl.col("before").is_not_null()).drop("before")
    return cells


def _recounted(known: Universe, rows: pl.DataFrame, table: Document, year: int) -> pl.DataFrame:
    """The cells of an earlier table, counted in this run: `count`, and `hidden` as published.

    Raises
    ------
    WorkspaceError
        What was published is no longer so in this run: the two could not be told apart from a child who came or went.
    """
    dimensions = table["dimensions"]
    told = released_cells(table).filter(pl.col("year") == year).rename({"count": "told"})
    found = counts(rows, known.combinations(dimensions))
    cells = found.join(told, on=dimensions, how="full", coalesce=True) if dimensions else found.hstack(told)
    hidden = pl.col("told").is_null()
    cells = cells.with_columns(hidden=hidden, now=shown(pl.col("count"), hidden))
    fits = (pl.col("now").eq_missing(pl.col("told"))) & ((pl.col("count") < THRESHOLD) == pl.col("small"))
    if not cells.select(fits.fill_null(False).all()).item():
        raise WorkspaceError("release.changed_since", table=f"{table['release']}/{table['name']}", year=year)
    return cells.select(*dimensions, "count", "hidden")


def _told(table: TableDefinition, cells: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """What is published of cells, and `small`, which is not: whether a hidden count was below the threshold."""
    if table.mean:
        recorded = f"recorded:{table.mean}"
        by = [*table.by]
        told = cells.filter(pl.col(recorded) == "yes")
        given = means(rows, told, by, f"value:{table.mean}", table.percentiles)
        figures = ["mean", *(f"p{percent}" for percent in table.percentiles)]
        cells = cells.join(given.select(*table.dimensions, *figures), on=table.dimensions, how="left")
    small = pl.col("count") < THRESHOLD
    cells = cells.with_columns(count=shown(pl.col("count"), pl.col("hidden")), small=small).drop("hidden")
    return cells.sort(table.dimensions) if table.dimensions else cells


def _require_k_anonymous(table: TableDefinition, told: pl.DataFrame, rows: pl.DataFrame) -> None:
    """Hold the counts that are told against the children themselves, before a table may leave.

    Raises
    ------
    WorkspaceError
        A told count is of fewer children than it may be of: the protection before this failed.
    """
    given = told.filter(pl.col("count").is_not_null())
    for over in product([False, True], repeat=len(table.dimensions)):
        kept = [name for name, is_margin in zip(table.dimensions, over, strict=True) if not is_margin]
        cells = given.filter((pl.col(name) != ALL) == (name in kept) for name in table.dimensions)
        if cells.is_empty():
            continue
        within = rows.join(cells.select(kept), on=kept, how="semi") if kept else rows
        classes = within.select(kept).n_unique() if kept else 1
        if classes < cells.height or smallest_class(within, kept) < THRESHOLD:
            raise WorkspaceError("release.not_anonymous", table=table.name)


def _described(table: TableDefinition, cells: pl.DataFrame) -> Document:
    return {
        "name": table.name,
        "title": table.title.model_dump(),
        "dimensions": table.dimensions,
        "mean": table.mean,
        "columns": cells.columns,
        "years": {str(year): True for year in cells["year"].unique().sort()},
        "cells": [list(row) for row in cells.iter_rows()],
    }


def released_cells(table: Document) -> pl.DataFrame:
    """The cells of a released table: `year`, its dimensions, `count` (null where hidden), `mean`, `p25`…, `small`."""
    kinds = {"year": pl.Int32, "count": pl.Int64, "mean": pl.Float64, "small": pl.Boolean}
    kinds |= {name: pl.Float64 for name in table["columns"] if PERCENTILE.fullmatch(name)}
    schema = {name: kinds.get(name, pl.String) for name in table["columns"]}
    return pl.DataFrame(table["cells"], schema=schema, orient="row")


def _districts(definitions: ReleaseTables, before: Sequence[Release]) -> Mapping[str, str]:
    """School codes and their districts; those of earlier releases, which no later one may change."""
    for one in before:
        held = one.document["districts"]
        if held and definitions.districts and held != dict(definitions.districts):
            raise WorkspaceError("release.districts_changed", release=one.id)
    held = next((one.document["districts"] for one in before if one.document["districts"]), {})
    return definitions.districts or held


def _refuse_second_means(definitions: ReleaseTables, past: Sequence[Document], run_id: str) -> None:
    """The mean of an indicator is released by one table a year: two would, with their counts, give differences."""
    for table, one in product(definitions.tables, past):
        same = one["run"] == run_id and one["dimensions"] == table.dimensions
        if table.mean and one["mean"] == table.mean and not same:
            raise WorkspaceError("release.mean_released", table=f"{one['release']}/{one['name']}")
