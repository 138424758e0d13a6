"""From the text of a measurement to its value, and which texts break its specification."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from linkage.rules import Rule
from linkage.unique import map_unique
from vocabulary.source import Measurement

DTYPES: dict[str, pl.DataType] = {
    "flag": pl.Int32(),
    "integer": pl.Int32(),
    "number": pl.Float64(),
    "category": pl.String(),
    "codes": pl.String(),
    "text": pl.String(),
}
BLANK = (
    "",
    "-",
    "--",
    "ー",
    "NULL",
    "null",
    "NaN",
    "nan",
    "N/A",
    "#N/A",
    "不明",
    "未記録",
    "不詳",
    "未詳",
    "非公開",
    "同上",
    "住所不定",
)

_FLAGS = {"0": "0", "1": "1", "0.0": "0", "1.0": "1", "false": "0", "true": "1"}
_SEXES = {
    spelling: sex
    for sex, spellings in {
        "M": ("m", "男", "男性", "男子", "male", "1", "1.0"),
        "F": ("f", "女", "女性", "女子", "female", "2", "2.0"),
    }.items()
    for spelling in spellings
}
_LONGEST_BLANK = max(map(len, BLANK))
_INT32 = 2**31 - 1
_WITH_COMMAS = r"^-?\d{1,3}(,\d{3})+(\.\d+)?$"


class Parsed(NamedTuple):
    """The values of a column, null where blank or broken, and for each rule that is broken, where."""

    values: pl.Series
    broken: list[tuple[Rule, pl.Series]]


def beyond_ascii(texts: pl.DataFrame) -> list[str]:
    """Columns of a frame of texts that hold any character beyond ASCII."""
    only = texts.select((pl.all().str.len_bytes() == pl.all().str.len_chars()).all())
    return [column.name for column in only if not column.item()]


def plain(column: str, *, half_width: bool = False) -> pl.Expr:
    """Texts half-width, without spaces around, null where nothing was recorded (`BLANK`).

    `half_width`: the column is so already, being ASCII alone.
    """
    text = pl.col(column) if half_width else pl.col(column).str.normalize("NFKC")
    normal = text.str.strip_chars()
    return pl.when(~normal.is_in(BLANK)).then(normal).alias(column)


def recorded(column: str, *, lines: bool = False) -> pl.Expr:
    """Texts as delivered, null where nothing was recorded; without spaces around, unless they are `lines`."""
    stripped = pl.col(column).str.strip_chars()
    short = pl.when(stripped.str.len_chars() <= _LONGEST_BLANK).then(stripped)  # no text normalises to a shorter blank
    blank = short.str.normalize("NFKC").str.strip_chars().is_in(BLANK).fill_null(False)
    return pl.when(~blank).then(pl.col(column) if lines else stripped).alias(column)


def parse_sex(text: pl.Series, aliases: Mapping[str, str]) -> Parsed:
    """M or F; `aliases` are the source's own spellings."""
    return _looked_up(text, _SEXES | {alias.casefold(): sex for alias, sex in aliases.items()})


def parse_measurement(text: pl.Series, measurement: Measurement) -> Parsed:
    """Values of a measured column, in the type of `DTYPES`.

    Parameters
    ----------
    text
        The column as `plain` leaves it.
    measurement
        Its specification.
    """
    if measurement.type in ("flag", "category"):
        own = _FLAGS if measurement.type == "flag" else {value.casefold(): value for value in measurement.values}
        parsed = _looked_up(text, own | _aliases(measurement))
        return parsed._replace(values=parsed.values.cast(DTYPES[measurement.type]))
    if measurement.type == "codes":
        return _codes(text, measurement)
    if measurement.type == "text":
        return Parsed(text, [])
    return _number(text, measurement)


def _aliases(measurement: Measurement) -> dict[str, str]:
    return {str(alias).casefold(): value for alias, value in measurement.aliases.items()}


def _looked_up(text: pl.Series, table: dict[str, str]) -> Parsed:
    values = text.str.to_lowercase().replace_strict(table, default=None, return_dtype=pl.String())
    return Parsed(values, _lost(Rule.VALUE_NOT_ALLOWED, text, values))


def _lost(rule: Rule, text: pl.Series, values: pl.Series) -> list[tuple[Rule, pl.Series]]:
    """Where a text has no value, if it is so anywhere."""
    if values.null_count() == text.null_count():
        return []
    return [(rule, text.is_not_null() & values.is_null())]


def _codes(text: pl.Series, measurement: Measurement) -> Parsed:
    """Codes parted by `;`, each allowed, sorted, each once."""
    table = {value.casefold(): value for value in measurement.values} | _aliases(measurement)

    def joined(value: str) -> str | None:
        codes = [part.strip().casefold() for part in value.replace("、", ";").replace(",", ";").split(";")]
        known = {table.get(code) for code in codes if code}
        return None if None in known else ";".join(sorted(filter(None, known)))

    values = map_unique(text, joined)
    only_separators = text.str.contains(r"^[;、,\s]*$")
    broken = [(rule, where & ~only_separators) for rule, where in _lost(Rule.VALUE_NOT_ALLOWED, text, values)]
    return Parsed(values, broken)


def _number(text: pl.Series, measurement: Measurement) -> Parsed:
    """Numbers within their bounds, integers also within what their type holds; integers may be written 12.0."""
    aliases = _aliases(measurement)
    written = text.str.to_lowercase().replace(aliases) if aliases else text
    values = written.cast(pl.Float64, strict=False)
    if values.null_count() > written.null_count():
        digits = written.str.replace_all("[−–]", "-")
        grouped = digits.str.contains(_WITH_COMMAS).fill_null(False)
        values = digits.str.replace_all(",", "").zip_with(grouped, digits).cast(pl.Float64, strict=False)
    if not math.isfinite(values.sum()):
        values = values.set(~values.is_finite(), None)
    largest = _INT32 if measurement.type == "integer" else math.inf
    lowest = -largest if measurement.min is None else max(measurement.min, -largest)
    highest = largest if measurement.max is None else min(measurement.max, largest)
    broken = _lost(Rule.NOT_A_NUMBER, text, values)
    bounds = [(Rule.BELOW_MINIMUM, values < lowest), (Rule.ABOVE_MAXIMUM, values > highest)]
    if measurement.type == "integer":
        bounds.insert(0, (Rule.NOT_AN_INTEGER, values % 1 != 0))
        values = values.cast(pl.Int32, strict=False)
    return Parsed(values, broken + [(rule, where) for rule, where in bounds if where.any()])
