"""Two groups of records side by side: per field every value either showed, when, and whether the two agree.

Agreement is that of linkage: some comparison key in common. So 渡邊 and 渡邉, or 090-1234-5678 and 09012345678, match.
"""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from linkage.standardise import standardise
from vocabulary.fiscal import fiscal_year_of
from vocabulary.frames import IDENTITY

KEY_OF = {
    "family_name": "family",
    "family_kana": "family_kana",
    "given_name": "given",
    "given_kana": "given_kana",
    "birth_date": "birth_date",
    "sex": "sex",
    "postal_code": "postal",
    "address": "address",
    "guardian_name": "guardian",
    "guardian_kana": "guardian_kana",
    "phone": "phone",
    "shared_number": "shared_number",
}
"""Comparison key of each identity column, in the order in which they are shown; `address` is town and block."""

Agreement = Literal["match", "differ", "blank"]


@dataclass(frozen=True)
class Value:
    """A value as it was delivered first, and the fiscal years of the first and the last record that showed it.

    Values that differ in the width of their characters or in spaces only are one; in an address a space parts numbers.
    """

    value: str
    first: int
    last: int


@dataclass(frozen=True)
class Field:
    """One identity column: what either side showed, oldest first. `blank`: one side has nothing to compare."""

    name: str
    agreement: Agreement
    left: tuple[Value, ...]
    right: tuple[Value, ...]


def side_by_side(left: pl.DataFrame, right: pl.DataFrame) -> tuple[Field, ...]:
    """Put two groups of records (RECORDS) side by side, field by field."""
    both = pl.concat([left.with_columns(side=pl.lit("left")), right.with_columns(side=pl.lit("right"))])
    values, keys = _values(both), _keys(both)
    return tuple(
        Field(name, _agreement(keys, name), *(values.get((side, name), ()) for side in ("left", "right")))
        for name in KEY_OF
        if any((side, name) in values for side in ("left", "right"))
    )


def _values(records: pl.DataFrame) -> dict[tuple[str, str], tuple[Value, ...]]:
    """Values by side and field."""
    years = fiscal_year_of(pl.col("as_of"))
    long = (
        records.with_columns(pl.col("birth_date").cast(pl.String), year=years)
        .unpivot(list(IDENTITY), index=["side", "year"], variable_name="field")
        .drop_nulls("value")
    )
    space = pl.when(pl.col("field") == "address").then(pl.lit(" ")).otherwise(pl.lit(""))
    written = pl.col("value").str.normalize("NFKC").str.replace_all(r"\s+", space)
    spans = (
        long.sort("year", "value")
        .group_by("side", "field", written.alias("written"))
        .agg(pl.col("value").first(), pl.col("year").min().alias("first"), pl.col("year").max().alias("last"))
    )
    ordered = spans.sort("side", "field", "first", "last", "value").select("side", "field", "value", "first", "last")
    found: dict[tuple[str, str], tuple[Value, ...]] = {}
    for side, field, value, first, last in ordered.iter_rows():
        found[side, field] = (*found.get((side, field), ()), Value(value, first, last))
    return found


def _keys(records: pl.DataFrame) -> dict[tuple[str, str], set[str]]:
    """Comparison keys by side and field."""
    keys = standardise(records.drop("side")).with_columns(
        pl.col("birth_date").cast(pl.String), address=pl.concat_str("town", "block", separator=" ")
    )
    long = keys.with_columns(records["side"]).unpivot(list(KEY_OF.values()), index="side", variable_name="key")
    sets = long.drop_nulls("value").group_by("side", "key").agg(pl.col("value").unique())
    field_of = {key: field for field, key in KEY_OF.items()}
    return {(side, field_of[key]): set(values) for side, key, values in sets.iter_rows()}


def _agreement(keys: dict[tuple[str, str], set[str]], field: str) -> Agreement:
    left, right = keys.get(("left", field), set()), keys.get(("right", field), set())
    if not left or not right:
        return "blank"
    return "match" if left & right else "differ"
