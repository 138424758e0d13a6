"""A released table as a page shows it: one year, its last dimension across, and a chart of it as SVG.

A number that is not given stays away everywhere: in the table, in the chart and in the JSON. Which of the numbers not
given are small is never told.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from governance.disclosure import ALL
from vocabulary.texts import Language, catalogue, text


class Cell(BaseModel):
    """A number of children, and the mean of an indicator where the table is of one; None where it is not given."""

    count: int | None
    mean: float | None = None


class Row(BaseModel):
    """A row: its categories in words, and a cell for each category across."""

    names: list[str]
    is_sum: bool
    cells: list[Cell]


class TableShown(BaseModel):
    """A table of one year."""

    release: str
    name: str
    title: str
    year: int
    headers: list[str]  # of the columns that name a row
    measure: str  # the dimension across, by its name
    across: str  # what it is called
    categories: list[str]
    rows: list[Row]
    has_mean: bool


class Bar(BaseModel):
    """A bar of a chart; `count` is None where it is not given."""

    name: str
    count: int | None
    words: str | None = None  # in place of the number


def years_of(document: dict[str, Any]) -> list[int]:
    """Fiscal years of a release, the newest first."""
    return sorted(document["years"], reverse=True)


def tables_of(release: str, document: dict[str, Any], year: int, language: Language) -> list[TableShown]:
    """Every table of a release in one year."""
    return [_table(release, one, year, language) for one in document["tables"]]


def _table(release: str, table: dict[str, Any], year: int, language: Language) -> TableShown:
    dimensions = list(table["dimensions"])
    places = {column: place for place, column in enumerate(table["columns"])}
    cells = {
        tuple(row[places[name]] for name in dimensions): Cell(
            count=row[places["count"]], mean=row[places["mean"]] if "mean" in places else None
        )
        for row in table["cells"]
        if row[places["year"]] == year
    }
    down, across = dimensions[:-1], dimensions[-1] if dimensions else ""
    keys = sorted({key[:-1] for key in cells}, key=_order)
    categories = sorted({key[-1] for key in cells if key}, key=lambda one: _order((one,)))
    return TableShown(
        release=release,
        name=table["name"],
        title=str(table["title"][language]),
        year=year,
        headers=[dimension_words(one, language) for one in down],
        measure=across,
        across=dimension_words(across, language) if across else "",
        categories=[category_words(across, one, language) for one in categories],
        rows=[_row(key, categories, cells, down, language) for key in keys] if dimensions else [_only(cells)],
        has_mean="mean" in places,
    )


def _row(
    key: Sequence[str], categories: Sequence[str], cells: dict[Any, Cell], down: Sequence[str], language: Language
) -> Row:
    names = [category_words(dimension, one, language) for dimension, one in zip(down, key, strict=True)]
    absent = Cell(count=None)
    found = [cells.get((*key, one), absent) for one in categories]
    return Row(names=names, is_sum=ALL in key, cells=found)


def _only(cells: dict[Any, Cell]) -> Row:
    """The one row of a table that is of all children together."""
    return Row(names=[], is_sum=True, cells=list(cells.values()))


def _order(key: Sequence[str]) -> list[tuple[int, int, str]]:
    """Sums last, `unknown` before them, numbers by size, and preschool before grade 1."""
    rank = {ALL: 4, "unknown": 3, "preschool": 0}
    return [(rank.get(one, 1 if one.isdigit() else 2), int(one) if one.isdigit() else 0, _stage(one)) for one in key]


def _stage(category: str) -> str:
    stages = ("elementary", "junior_high", "high_school")
    return str(stages.index(category)) if category in stages else category


def dimension_words(dimension: str, language: Language) -> str:
    """What a dimension is called."""
    kind, _, name = dimension.partition(":")
    if kind == "flag":
        return text("statistic.dimension_flag", language=language)
    return text(f"statistic.dimension_{kind}", language=language, name=name)


def category_words(dimension: str, category: str, language: Language) -> str:
    """What a category is called; a school, a district or a code of the city by itself."""
    kind = dimension.partition(":")[0]
    if category == ALL:
        return text("statistic.all", language=language)
    if kind == "grade" and category.isdigit():
        return text("statistic.grade", language=language, grade=category)
    key = f"statistic.{kind}_{category}"
    if key not in catalogue():
        key = f"statistic.category_{category}"
    return text(key, language=language) if key in catalogue() else category


def bars(table: TableShown) -> list[Bar]:
    """What the chart of a table shows: the categories across, of all children; of a table by one dimension, those."""
    whole = [row for row in table.rows if all(name == table.rows[-1].names[at] for at, name in enumerate(row.names))]
    if not whole or not table.categories:
        return []
    last = whole[-1]
    return [Bar(name=name, count=cell.count) for name, cell in zip(table.categories[:-1], last.cells[:-1], strict=True)]


def down_bars(table: TableShown) -> list[Bar]:
    """The categories of the first dimension, whatever is across; sums left out."""
    return [Bar(name=row.names[0], count=row.cells[-1].count) for row in table.rows if row.names and not row.is_sum]
