"""The year's norm: where a child stands among children of the same grade in the same year.

Standardising within the year keeps a change that meets a whole cohort, such as a closure of schools, from looking like
a change in every child. Small cells borrow from the grade's other years and the year's other grades, and a sex of which
there are few, such as an unknown one, from the whole grade.
"""

import polars as pl

from indicators.rules import Indicator

BORROWED = 10.0
"""Weight, in children, of what a cell borrows."""

SMALLEST_SPREAD = 1e-6


def transformed(rule: Indicator, value: pl.Expr) -> pl.Expr:
    """A value on the scale on which its changes are judged: counts and weights as logarithms."""
    if rule.transform == "log1p":
        return value.clip(lower_bound=0).log1p()
    if rule.transform == "log":
        return pl.when(value > 0).then(value.log())
    return value


def restored(rule: Indicator, scaled: pl.Expr) -> pl.Expr:
    """The inverse of `transformed`, not below the rule's floor."""
    value = {"log1p": scaled.exp() - 1, "log": scaled.exp(), "none": scaled}[rule.transform]
    return value if rule.floor is None else value.clip(lower_bound=rule.floor)


def standardise(values: pl.DataFrame, rule: Indicator) -> pl.DataFrame:
    """Add the norm of each row's year and grade, and where the row stands in it.

    Parameters
    ----------
    values : DataFrame
        With year, grade, sex and value.
    rule : Indicator
        Its transform, and whether its norm is by sex.

    Returns
    -------
    The same rows with `centre` and `spread` (Float64, on the transformed scale) and `standing` (Float64), the
    transformed value's distance from the centre in spreads.
    """
    group = ["grade", "sex"] if rule.by_sex else ["grade"]
    x = transformed(rule, pl.col("value"))
    alike = pl.len().over(group)
    off_grade = x - _borrow(x.mean().over(group), x.mean().over("grade"), alike)
    cell = ["year", *group]
    children = pl.len().over(cell)
    return (
        values.with_columns(x.alias("x"), off_grade.alias("off_grade"))
        .with_columns(pl.col("off_grade").mean().over("year").alias("off_year"))
        .with_columns(
            (
                pl.col("x")
                - pl.col("off_grade")
                + _borrow(pl.col("off_grade").mean().over(cell), pl.col("off_year"), children)
            ).alias("centre")
        )
        .with_columns(((pl.col("x") - pl.col("centre")) ** 2).alias("square"))
        .with_columns(
            _borrow(
                pl.col("square").mean().over(cell),
                _borrow(pl.col("square").mean().over(group), pl.col("square").mean(), alike),
                children,
            )
            .sqrt()
            .clip(lower_bound=SMALLEST_SPREAD)
            .alias("spread")
        )
        .with_columns(((pl.col("x") - pl.col("centre")) / pl.col("spread")).alias("standing"))
        .drop("x", "off_grade", "off_year", "square")
    )


def _borrow(own: pl.Expr, lent: pl.Expr, children: pl.Expr) -> pl.Expr:
    return (children * own + BORROWED * lent) / (children + BORROWED)
