"""Where a child stands on published growth curves, given as a table of L, M and S by sex and age.

No table comes with the system (docs/indicators.md says why). A city that may use one lays it beside its own rules as a
CSV file with the columns `sex, months, l, m, s` and names it in the indicator: `reference = "height.csv"`,
`on = "reference"`. The table's content is part of the version of the rules.

Source: Cole & Green 1992, Smoothing reference centile curves: the LMS method and penalized likelihood.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field, model_validator

from indicators.specification import Data
from vocabulary.errors import SpecificationError

Floats = NDArray[np.float64]

DAYS_A_MONTH = 30.4375
"""Mean length of a month, 365.25 / 12."""

NO_SKEW = 1e-6
"""|L| below which the measurement is taken to be log-normal, which is the limit of the formula."""

COLUMNS = {"sex": pl.String(), "months": pl.Float64(), "l": pl.Float64(), "m": pl.Float64(), "s": pl.Float64()}


class Point(Data):
    """Skewness, median and coefficient of variation of a measurement at one sex and age."""

    sex: Literal["M", "F"]
    months: Annotated[float, Field(ge=0)]
    l: float  # noqa: E741 — the method's own name
    m: Annotated[float, Field(gt=0)]  # in the measurement's unit
    s: Annotated[float, Field(gt=0)]


class Reference(Data):
    """A table of reference: the file it was read from, and its points."""

    file: str
    points: tuple[Point, ...]

    @model_validator(mode="after")
    def _ages_rise(self) -> Self:
        for sex in ("M", "F"):
            months = [point.months for point in self.points if point.sex == sex]
            if len(months) < 2 or months != sorted(set(months)):
                raise ValueError(f"{self.file}: at least two ages of sex {sex}, in rising order")
        return self

    def parameters(self, sex: str) -> dict[str, Floats]:
        """`months`, `l`, `m` and `s` of one sex as arrays, by rising age."""
        points = [point for point in self.points if point.sex == sex]
        return {name: np.array([getattr(point, name) for point in points]) for name in ("months", "l", "m", "s")}


def z_score(value: Floats, l: Floats, m: Floats, s: Floats) -> Floats:  # noqa: E741
    """Standard deviations from the reference, ((y/M)^L − 1) / (L·S), or ln(y/M) / S where L is 0.

    Parameters
    ----------
    value, l, m, s : float arrays of one shape
        The measurement and M in the same unit, M and S above 0. NaN where unknown.

    Returns
    -------
    float array
        NaN where the value is unknown or not above 0.
    """
    ratio = np.where(value > 0, value, np.nan) / m
    skewed = np.abs(l) > NO_SKEW
    power = np.where(skewed, l, 1.0)
    return np.where(skewed, (ratio**power - 1) / (power * s), np.log(ratio) / s)


def standing(frame: pl.DataFrame, reference: Reference) -> pl.Series:
    """Where each row stands on the reference.

    Parameters
    ----------
    frame : DataFrame
        `value`, `as_of` (Date), `birth_date` (Date) and `sex` (M, F).
    reference : Reference
        Between two of its ages L, M and S are interpolated linearly.

    Returns
    -------
    Series of Float64, in standard deviations; null where the sex or birth date is not known, or the age is outside the
    table.
    """
    age = ((frame["as_of"] - frame["birth_date"]).dt.total_days() / DAYS_A_MONTH).fill_null(np.nan).to_numpy()
    value = frame["value"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    sex = frame["sex"].fill_null("").to_numpy()
    found = np.full(len(value), np.nan)
    for each in ("M", "F"):
        table, rows = reference.parameters(each), sex == each
        at = [np.interp(age[rows], table["months"], table[name], np.nan, np.nan) for name in ("l", "m", "s")]
        found[rows] = z_score(value[rows], *at)
    return pl.Series("standing", found, nan_to_null=True)


def read_reference(file: Path) -> dict[str, Any]:
    """Content of a table, to be validated as a Reference.

    Raises
    ------
    SpecificationError
        The file is not there, or not a CSV file with the columns `sex, months, l, m, s`.
    """
    try:
        table = pl.read_csv(file, schema_overrides=COLUMNS)
    except (OSError, pl.exceptions.PolarsError) as error:
        problem = (str(error).splitlines() or ["-"])[0]
        raise SpecificationError("indicator.reference", file=file.name, problem=problem) from None
    if missing := [column for column in COLUMNS if column not in table.columns]:
        raise SpecificationError("indicator.reference", file=file.name, problem=f"no column {', '.join(missing)}")
    return {"file": file.name, "points": table.select(list(COLUMNS)).to_dicts()}


def with_references(content: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Content of a file of indicator rules in which the named tables stand in place of their names.

    Parameters
    ----------
    content : mapping
        As read from TOML.
    folder : Path
        Of the tables.

    Raises
    ------
    SpecificationError
        As `read_reference`, or a table is named that does not lie in `folder` itself.
    """
    indicators = content.get("indicators")
    if not isinstance(indicators, Mapping):
        return dict(content)
    return dict(content) | {"indicators": {name: _with_table(rule, folder) for name, rule in indicators.items()}}


def _with_table(rule: Any, folder: Path) -> Any:
    named = rule.get("reference") if isinstance(rule, Mapping) else None
    if not isinstance(named, str):
        return rule
    if Path(named).name != named:
        raise SpecificationError("indicator.reference", file=named, problem="not beside the rules")
    return dict(rule) | {"reference": read_reference(folder / named)}
