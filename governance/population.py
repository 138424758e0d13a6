"""The population of an approval: whose rows may be read, by age, residence, a column's values, or a list of numbers.

A row outside is counted under the rule it breaks and goes no further: it is neither linked nor stored. A row of which
the rule cannot be told is outside too, unless the approval says otherwise.
"""

import hashlib
import io
import re
from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple, Self

import polars as pl
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from vocabulary.errors import ApprovalError

Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Years = Annotated[int, Field(strict=True, ge=0, le=130)]


def _digest(value: str) -> str:
    if not re.fullmatch("[0-9a-f]{64}", value):
        raise PydanticCustomError("population_digest", "no SHA-256")
    return value


Digest = Annotated[str, AfterValidator(_digest)]

LISTED = ("source", "local_id")
"""Columns of a list of numbers."""

RULES = ("not_listed", "age_unknown", "age", "residence_unknown", "residence", "column_unknown", "column")
"""What puts a row outside, in the order asked; a row is counted under the first."""


class Population(BaseModel):
    """Table `[population]` of an approval file. A row has to meet every rule that is stated."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    ages: tuple[Years, Years] | None = None  # completed years on the row's reference date, both included
    towns: tuple[Filled, ...] = ()  # the address holds one of these
    columns: Mapping[str, Mapping[str, Annotated[tuple[Filled, ...], Field(min_length=1)]]] = {}  # by source
    listed: Digest | None = None  # SHA-256 of the CSV file of the numbers, which is sealed in the workspace
    unknown: Literal["leave_out", "read"] = "leave_out"  # rows without birth date, address or value

    @model_validator(mode="after")
    def _rules_stated(self) -> Self:
        if self.ages is not None and self.ages[0] > self.ages[1]:
            raise PydanticCustomError("population_ages", "the lower age first")
        if not (self.ages or self.towns or self.columns or self.listed):
            raise PydanticCustomError("population_empty", "no rule")
        return self


class Held(NamedTuple):
    """Rows within the population, and the number of the others by rule."""

    within: pl.DataFrame
    outside: dict[str, int]


def parse_listed(data: bytes, *, file: str, expected: str) -> pl.DataFrame:
    """A CSV file of `source` and `local_id` whose SHA-256 the approval names.

    Raises
    ------
    ApprovalError
        It is another file, or no such table.
    """
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise ApprovalError("approval.list_other", file=file, found=found, expected=expected)
    try:
        return pl.read_csv(io.BytesIO(data), infer_schema=False).select(LISTED)
    except (pl.exceptions.PolarsError, UnicodeDecodeError):
        raise ApprovalError("approval.list_malformed", file=file, columns=", ".join(LISTED)) from None


def hold(rows: pl.DataFrame, source: str, population: Population, listed: pl.DataFrame | None) -> Held:
    """Tell the rows of one source apart.

    Parameters
    ----------
    rows
        `as_of`, `birth_date` (dates), `local_id`, `address` (text) and what `population.columns` names.
    source
        The source's name.
    population
        The rule.
    listed
        Where `population.listed`: columns `LISTED`.
    """
    outside = {rule: condition.fill_null(False) for rule, condition in _conditions(source, population, listed).items()}
    if not outside:
        return Held(rows, {})
    first = pl.coalesce(pl.when(condition).then(pl.lit(rule)) for rule, condition in outside.items())
    told = rows.with_columns(first.alias("outside rule"))
    counted = told["outside rule"].drop_nulls().value_counts()
    found: dict[str, int] = dict(counted.iter_rows())
    within = told.filter(pl.col("outside rule").is_null()).drop("outside rule")
    return Held(within, {rule: found[rule] for rule in RULES if rule in found})


def _conditions(source: str, population: Population, listed: pl.DataFrame | None) -> dict[str, pl.Expr]:
    """When a row is outside, by rule, in the order of `RULES`."""
    conditions: dict[str, pl.Expr] = {}
    if population.listed:
        numbers = [] if listed is None else listed.filter(pl.col("source") == source)["local_id"].to_list()
        conditions["not_listed"] = ~pl.col("local_id").is_in(numbers)
    if population.ages:
        conditions["age_unknown"] = pl.col("birth_date").is_null()
        conditions["age"] = ~_age().is_between(*population.ages)
    if population.towns:
        address = _bare(pl.col("address"))
        held = pl.any_horizontal(address.str.contains(_bare(pl.lit(town)), literal=True) for town in population.towns)
        conditions["residence_unknown"] = pl.col("address").is_null()
        conditions["residence"] = ~held
    columns = population.columns.get(source, {})
    if columns:
        conditions["column_unknown"] = pl.any_horizontal(pl.col(column).is_null() for column in columns)
        conditions["column"] = ~pl.all_horizontal(
            pl.col(column).cast(pl.String).is_in(list(values)) for column, values in columns.items()
        )
    if population.unknown == "read":
        return {rule: condition for rule, condition in conditions.items() if not rule.endswith("_unknown")}
    return conditions


def _age() -> pl.Expr:
    """Completed years on the reference date: one more from the birthday on."""
    born, day = pl.col("birth_date"), pl.col("as_of")
    before = pl.when(day.dt.month() == born.dt.month()).then(day.dt.day() < born.dt.day())
    before_birthday = before.otherwise(day.dt.month() < born.dt.month())
    return day.dt.year() - born.dt.year() - before_birthday.cast(pl.Int32)


def _bare(address: pl.Expr) -> pl.Expr:
    return address.str.normalize("NFKC").str.replace_all(r"\s", "")
