"""The Japanese fiscal and school year: April to March, named by the year in which it begins."""

from datetime import date

import polars as pl


def fiscal_year(day: date) -> int:
    """Fiscal year in which `day` falls: 31 March 2026 → 2025, 1 April 2026 → 2026."""
    return day.year if day.month >= 4 else day.year - 1


def fiscal_year_of(column: pl.Expr) -> pl.Expr:
    """`fiscal_year` of a Date column, as Int32."""
    return (column.dt.year() - (column.dt.month() < 4).cast(pl.Int32)).cast(pl.Int32)


def school_year_of_birth(birth_date: pl.Expr) -> pl.Expr:
    """Fiscal year of the children who enter school with those born on `birth_date`, as Int32.

    Children born on 1 April or before belong to the year before (School Education Act art. 17 with the Act on
    Calculation of Ages).
    """
    before_cut = (birth_date.dt.month() < 4) | ((birth_date.dt.month() == 4) & (birth_date.dt.day() == 1))
    return (birth_date.dt.year() - before_cut.cast(pl.Int32)).cast(pl.Int32)


def grade_of(birth_date: pl.Expr, year: pl.Expr) -> pl.Expr:
    """School grade a child of `birth_date` is in during fiscal `year`, as Int32.

    1–6 elementary, 7–9 junior high, 10–12 high school; below 1 not yet at school.
    """
    return (year - school_year_of_birth(birth_date) - 6).cast(pl.Int32)
