"""Which delivered rows are accepted, and which are set aside under which rule.

Pure: text columns in, typed rows and rejects out. A row is set aside once, under the first rule it breaks in the order
of the columns; a doubled row under the key, after every other rule.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from linkage.dates import parse_dates
from linkage.decoding import UNREADABLE
from linkage.names import LOST_MARKS
from linkage.rules import Rule
from linkage.shared_numbers import my_numbers
from linkage.values import DTYPES, Parsed, beyond_ascii, parse_measurement, parse_sex, plain, recorded
from vocabulary.frames import IDENTITY, KEY, REJECTS
from vocabulary.identity import OPTIONS, Order
from vocabulary.source import BY_NAME_ONLY, Source

NAMING = ("family_name", "given_name", "guardian_name", "address")
BLANKABLE = OPTIONS["unreadable"]
WRITTEN = {"as_of", *IDENTITY} - {"sex"}
"""Identity columns whose texts stay as they were delivered, those of dates until they are parsed."""

NOT_ABOVE = (("days_absent", "days_required", Rule.MORE_ABSENT_THAN_REQUIRED),)

Check = tuple[str, Rule, pl.Series]


class Acceptance(NamedTuple):
    """The rows of one source, told apart.

    `accepted`: KEY and IDENTITY columns, the measurements in their types, `file`, `line`. `rejects`: REJECTS.
    `lost_characters`, `birth_dates_blanked`, `my_numbers_blanked`, `unreadable_blanked`: file and number of accepted
    `rows` each concerns; the last with the `column` whose cells could not be read.
    """

    accepted: pl.DataFrame
    rejects: pl.DataFrame
    lost_characters: pl.DataFrame
    birth_dates_blanked: pl.DataFrame
    my_numbers_blanked: pl.DataFrame
    unreadable_blanked: pl.DataFrame


def accept(raw: pl.DataFrame, source: Source, measurements: Sequence[str], today: date) -> Acceptance:
    """Hold the rows of one source against its specification.

    Parameters
    ----------
    raw
        `file`, `line` and any of the source's columns, all as text; a column that is missing was not recorded.
    source
        The specification.
    measurements
        The measured columns to take.
    today
        No date may lie after it.
    """
    columns = ["local_id", "as_of", *IDENTITY, *measurements]
    raw = raw.with_columns(pl.lit(None, pl.String).alias(name) for name in columns if name not in raw.columns)
    typed, checks, unreadable = _parse(raw, source, measurements, today)
    broken = _first_broken(checks, raw.height)
    doubled = (broken < 0) & _repeated(typed, broken < 0)
    broken[doubled] = len(checks)
    checks.append(("local_id", Rule.DUPLICATE_KEY, pl.Series(doubled)))
    kept = pl.Series(broken < 0)
    accepted = typed.filter(kept)
    blanked = accepted["birth_date"] > accepted["as_of"]
    forbidden = my_numbers(accepted["shared_number"], accepted["file"])
    return Acceptance(
        accepted.with_columns(
            birth_date=accepted["birth_date"].set(blanked, None),
            shared_number=accepted["shared_number"].set(forbidden, None),
        ),
        _rejects(raw, source.name, checks, broken),
        _rows_by_file(accepted, pl.any_horizontal(pl.col(name).str.contains(LOST_MARKS) for name in NAMING)),
        _rows_by_file(accepted, pl.lit(blanked)),
        _rows_by_file(accepted, pl.lit(forbidden)),
        pl.concat(
            _rows_by_file(accepted, pl.lit(cells.filter(kept))).with_columns(column=pl.lit(column))
            for column, cells in unreadable.items()
        ),
    )


def _parse(
    raw: pl.DataFrame, source: Source, measurements: Sequence[str], today: date
) -> tuple[pl.DataFrame, list[Check], dict[str, pl.Series]]:
    """Typed columns, every rule that is broken with where, in column order, and which cells were left blank for it."""
    columns = ["local_id", "as_of", *IDENTITY, *measurements]
    beyond = beyond_ascii(raw.select(columns))
    marked = raw.select(pl.col(beyond).str.contains(UNREADABLE, literal=True))
    texts = raw.select(
        recorded(column, lines=bool(source.identity_column(column).lines()))
        if column in WRITTEN
        else plain(column, half_width=column not in beyond)
        for column in columns
    )
    values: dict[str, pl.Series] = {}
    checks: list[Check] = []
    blanked: dict[str, pl.Series] = {}
    for column in columns:
        parsed = _column(column, texts[column], source, today)
        if column in BLANKABLE:
            parsed, blanked[column] = _blanked(parsed, source.identity_column(column).unreadable == "blank")
        values[column] = parsed.values
        if column in beyond:
            checks.append((column, Rule.UNDECODABLE_CHARACTER, marked[column]))
        checks += [(column, rule, where) for rule, where in parsed.broken]
    checks += [(low, rule, values[low] > values[high]) for low, high, rule in NOT_ABOVE if {low, high} <= values.keys()]
    types = {column: DTYPES[source.measurements[column].type] for column in measurements}
    typed = pl.DataFrame(
        {"source": pl.repeat(source.name, raw.height, eager=True), **values, "file": raw["file"], "line": raw["line"]}
    )
    return typed.cast(pl.Schema(KEY | IDENTITY | types)), checks, blanked


def _column(column: str, text: pl.Series, source: Source, today: date) -> Parsed:
    """One column parsed by what it is."""
    specified = source.identity_column(column)
    if column == "local_id":
        return Parsed(text, [(Rule.LOCAL_ID_MISSING, text.is_null())])
    if column == "as_of":
        parsed = _past_date(text, specified.order, today, Rule.AS_OF_NOT_A_DATE, Rule.AS_OF_IN_FUTURE)
        return parsed._replace(broken=[(Rule.AS_OF_MISSING, text.is_null()), *parsed.broken])
    if column == "birth_date":
        return _past_date(text, specified.order, today, Rule.BIRTH_DATE_NOT_A_DATE, Rule.BIRTH_DATE_IN_FUTURE)
    if column == "sex":
        return parse_sex(text, specified.aliases)
    if column in IDENTITY:
        return Parsed(text, [])
    return parse_measurement(text, source.measurements[column])


def _blanked(parsed: Parsed, wanted: bool) -> tuple[Parsed, pl.Series]:
    """A column whose cells are left blank where they break a rule, if that is wanted, and where that is."""
    none = pl.repeat(False, len(parsed.values), eager=True)
    if not wanted or not parsed.broken:
        return parsed, none
    broken = pl.select(pl.any_horizontal(none, *(where for _, where in parsed.broken)).fill_null(False)).to_series()
    return Parsed(parsed.values.set(broken, None), []), broken


def _past_date(text: pl.Series, order: Order, today: date, not_a_date: Rule, in_future: Rule) -> Parsed:
    dates = parse_dates(text, order)
    return Parsed(dates, [(not_a_date, text.is_not_null() & dates.is_null()), (in_future, dates > today)])


def _first_broken(checks: Sequence[Check], rows: int) -> NDArray[np.int64]:
    """Index of the first check each row breaks, -1 where none."""
    first = np.full(rows, -1)
    for index in range(len(checks) - 1, -1, -1):
        where = checks[index][2]
        if where.any():
            first[where.fill_null(False).to_numpy()] = index
    return first


def _repeated(typed: pl.DataFrame, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows whose key an earlier row of `among` has."""
    repeated = np.zeros(typed.height, np.bool_)
    keys = typed.select(KEY.keys()).filter(pl.Series(among))
    repeated[among] = (~keys.select(pl.struct(pl.all()).is_first_distinct()).to_series()).to_numpy()
    return repeated


def _rejects(raw: pl.DataFrame, source: str, checks: Sequence[Check], broken: NDArray[np.int64]) -> pl.DataFrame:
    """One row per set-aside row: where it stands and what it broke; no value of a column that needs leave by name."""
    parts = [
        raw.filter(pl.Series(broken == index)).select(
            pl.lit(source).alias("source"),
            "file",
            "line",
            pl.lit(checks[index][0]).alias("column"),
            _shown(checks[index][0]).alias("value"),
            pl.lit(str(checks[index][1])).alias("rule"),
        )
        for index in np.unique(broken[broken >= 0])
    ]
    return pl.concat([pl.DataFrame(schema=REJECTS), *(part.cast(REJECTS) for part in parts)])


def _shown(column: str) -> pl.Expr:
    if column in BY_NAME_ONLY:  # part of a My Number may stand there
        return pl.lit(None, pl.String)
    return pl.col(column).str.replace_all(UNREADABLE, "\ufffd", literal=True)


def _rows_by_file(rows: pl.DataFrame, condition: pl.Expr) -> pl.DataFrame:
    return rows.filter(condition).group_by("file", maintain_order=True).agg(pl.len().alias("rows"))
