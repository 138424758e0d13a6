"""Small timelines and persons, written as tables."""

from collections.abc import Iterable
from datetime import date

import numpy as np
import polars as pl

from indicators.compute import compute_indicators
from indicators.rules import load_rules
from vocabulary.frames import INDICATORS, PERSONS, TIMELINE

RULES = load_rules()

Row = tuple[str, date, str, str, object]


def timeline(rows: Iterable[Row]) -> pl.DataFrame:
    """`(person, date, source, item, value)` as a timeline."""
    return pl.DataFrame([(*row[:4], str(row[4])) for row in rows], schema=TIMELINE, orient="row")


def april(year: int) -> date:
    return date(year, 4, 1)


def persons(ids: Iterable[str], born: date = date(2012, 6, 1), confidence: float = 1.0) -> pl.DataFrame:
    """Persons of one birth date, alternately boys and girls."""
    rows = [
        (name, born, "MF"[at % 2], april(2020), april(2025), "school", confidence)
        for at, name in enumerate(sorted(ids))
    ]
    return pl.DataFrame(rows, schema=PERSONS, orient="row")


def yearly(source: str, item: str, values: dict[int, dict[str, object]]) -> pl.DataFrame:
    """One item, on 1 April of each year, of each child."""
    return timeline(
        (name, april(year), source, item, value) for year, row in values.items() for name, value in row.items()
    )


def series(source: str, item: str, matrix: np.ndarray, first_year: int = 2020) -> pl.DataFrame:
    """One item from a matrix of children (p00000 …) and years; NaN is not recorded."""
    rows, columns = np.nonzero(np.isfinite(matrix))
    return pl.DataFrame(
        {
            "person_id": [f"p{row:05d}" for row in rows],
            "date": [april(first_year + int(column)) for column in columns],
            "source": [source] * len(rows),
            "item": [item] * len(rows),
            "value": [f"{value:g}" for value in matrix[rows, columns]],
        },
        schema=TIMELINE,
    )


def names(count: int) -> list[str]:
    return [f"p{row:05d}" for row in range(count)]


def surprises(seed: int, rows: int = 20_000) -> np.ndarray:
    """Noise, with one row in fifty in which the first three rise together; the fourth is noise alone."""
    chance = np.random.default_rng(seed)
    found = chance.normal(size=(rows, 4))
    found[: rows // 50, :3] += 2
    return found


def indicators(told: pl.DataFrame, **options: date) -> pl.DataFrame:
    found = compute_indicators(told, persons(told["person_id"].unique()), RULES, **options)
    assert found.schema == INDICATORS
    return found


def scores(seed: int, children: int = 2000, years: int = 5) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return 50 + 8 * chance.normal(size=(children, 1)) + 4 * chance.normal(size=(children, years))
