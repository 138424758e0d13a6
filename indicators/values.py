"""From a timeline to one value per child, fiscal year and indicator.

Records of one year are pooled (a delivery may hold one, two or twelve reference dates a year), so that a value means
the same however often a department delivers. What was not recorded has no row: unknown is never zero.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl

from indicators.rules import Indicator, Rules
from indicators.stopped import stopped_records
from vocabulary.fiscal import fiscal_year_of

VALUES = pl.Schema({"person_id": pl.String(), "year": pl.Int32(), "as_of": pl.Date(), "value": pl.Float64()})

YEARLY = pl.Schema(
    {"person_id": pl.String(), "year": pl.Int32(), "as_of": pl.Date()}
    | dict.fromkeys(["last", "highest", "mean", "total"], pl.Float64())
)
"""An item's records by child and year."""

CHILD_YEAR = ["person_id", "year"]


def form_values(timeline: pl.DataFrame, persons: pl.DataFrame, rules: Rules) -> dict[str, pl.DataFrame]:
    """Form the value of every indicator for every child and fiscal year in which it is known.

    Parameters
    ----------
    timeline : DataFrame
        vocabulary.frames.TIMELINE.
    persons : DataFrame
        vocabulary.frames.PERSONS.
    rules : Rules
        Which indicators, and how.

    Returns
    -------
    For each indicator with any value a DataFrame of VALUES, sorted by person and year; `as_of` is the last reference
    date that went into the value.
    """
    yearly = yearly_items(timeline, rules)
    formed = {
        name: (stopped_records(timeline, persons) if rule.form == "stopped" else form_value(yearly, rule))
        .drop_nulls("value")
        .select(list(VALUES))
        .cast({"year": pl.Int32, "as_of": pl.Date, "value": pl.Float64})
        .sort(CHILD_YEAR)
        for name, rule in sorted(rules.indicators.items())
    }
    return {name: values for name, values in formed.items() if not values.is_empty()}


def yearly_items(timeline: pl.DataFrame, rules: Rules) -> dict[str, pl.DataFrame]:
    """Each item's records by child and year: last, highest, mean, total and the last date, as numbers."""
    sources, names = (sorted({item.split(".")[part] for item in rules.items}) for part in (0, 1))
    source, name = (
        pl.col(column).cast(pl.Enum(words), strict=False).to_physical().cast(pl.Int32)
        for column, words in (("source", sources), ("item", names))
    )
    read = (
        timeline.lazy()
        .select("person_id", "date", "value", (source * len(names) + name).alias("code"))
        .drop_nulls("code")
        .collect()
        .partition_by("code", as_dict=True, include_key=False)
    )
    named = {f"{sources[code // len(names)]}.{names[code % len(names)]}": frame for (code,), frame in read.items()}
    codes = {item: rule.codes for rule in rules.indicators.values() for item in rule.coded_items}
    return {item: _by_year(named[item], codes.get(item, {})) for item in rules.items if item in named}


def _by_year(records: pl.DataFrame, codes: Mapping[str, float]) -> pl.DataFrame:
    number = _as_number(records["value"], codes)
    ordered = (
        records.select("person_id", "date", number.alias("number"), fiscal_year_of(pl.col("date")).alias("year"))
        .drop_nulls("number")
        .sort("person_id", "date", "number")
    )
    another = pl.any_horizontal(pl.col(key) != pl.col(key).shift(1) for key in CHILD_YEAR).fill_null(True)
    first = ordered.select(another.arg_true()).to_series()  # row of each child and year
    begins, numbers = first.to_numpy(), ordered["number"].to_numpy()
    last = np.append(begins, len(numbers))[1:] - 1
    total = np.add.reduceat(numbers, begins)
    return ordered.select(pl.col(CHILD_YEAR).gather(first)).with_columns(
        ordered["date"].gather(last).alias("as_of"),
        pl.Series("last", numbers[last]),
        pl.Series("highest", np.fmax.reduceat(numbers, begins)),
        pl.Series("mean", total / (last - begins + 1)),
        pl.Series("total", total),
    )


def _as_number(values: pl.Series, codes: Mapping[str, float]) -> pl.Series:
    """Values as numbers: the strongest of the codes joined by `;`, else the number that is written."""
    written = values.cast(pl.Float64, strict=False)
    if not codes:
        return written
    found = {word: [codes[code] for code in word.split(";") if code in codes] for word in values.unique().drop_nulls()}
    strongest = {word: max(numbers) for word, numbers in found.items() if numbers}
    return values.replace_strict(strongest, default=None, return_dtype=pl.Float64).fill_null(written)


def form_value(yearly: dict[str, pl.DataFrame], rule: Indicator) -> pl.DataFrame:
    """One indicator's value by child and year (`person_id, year, as_of, value`), from its yearly items."""
    if rule.form == "gap":
        return _unsupported(yearly, rule)
    first = _item(yearly, rule.items[0])
    if rule.form in ("last", "highest", "mean", "total"):
        return first.select(*CHILD_YEAR, "as_of", pl.col(rule.form).alias("value"))
    if rule.form == "missed":
        return first.select(*CHILD_YEAR, "as_of", (pl.col("total") == 0).cast(pl.Float64).alias("value"))
    both = first.join(
        _item(yearly, rule.items[1]), on=CHILD_YEAR, how="full" if rule.form == "codes" else "left", coalesce=True
    )
    return both.select(*CHILD_YEAR, pl.max_horizontal("as_of", "as_of_right").alias("as_of"), _of_two(rule))


def _of_two(rule: Indicator) -> pl.Expr:
    """The value from two items, the second's columns carrying `_right`."""
    if rule.form == "rate":
        # Where the days required are not delivered, the count is taken to be of a whole year.
        base = pl.col("total_right").fill_null(rule.per)
        return pl.when(base > 0).then(pl.col("total") * rule.per / base).alias("value")
    if rule.form == "difference":
        return (pl.col("last") - pl.col("last_right")).clip(lower_bound=rule.floor).alias("value")
    # A count of zero says that there was no topic; a blank topic beside a count says nothing.
    return pl.coalesce("highest", pl.when(pl.col("highest_right") == 0).then(0.0)).alias("value")


def _unsupported(yearly: dict[str, pl.DataFrame], rule: Indicator) -> pl.DataFrame:
    """Signs of hardship counted where no support is recorded, zero where some is.

    A child whom the supporting departments do not know has none recorded; unknown are only years they did not deliver.
    """
    signs = (
        _stacked(yearly, rule.items)
        .group_by(CHILD_YEAR)
        .agg(pl.col("as_of").max(), (pl.col("last") > 0).sum().cast(pl.Float64).alias("signs"))
    )
    supports = _stacked(yearly, rule.supports).group_by(CHILD_YEAR).agg((pl.col("last") > 0).any().alias("supported"))
    delivered = signs.join(supports.select("year").unique(), on="year", how="semi")
    return delivered.join(supports, on=CHILD_YEAR, how="left").select(
        *CHILD_YEAR, "as_of", pl.when("supported").then(0.0).otherwise("signs").alias("value")
    )


def _stacked(yearly: dict[str, pl.DataFrame], items: Iterable[str]) -> pl.DataFrame:
    return pl.concat([_item(yearly, item) for item in items])


def _item(yearly: dict[str, pl.DataFrame], item: str) -> pl.DataFrame:
    """An item's yearly records; none where no department delivered it."""
    empty = next(iter(yearly.values())).clear() if yearly else pl.DataFrame(schema=YEARLY)
    return yearly.get(item, empty)
