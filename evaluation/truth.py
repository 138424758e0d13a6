"""Reads the truth beside a synthetic delivery (contract section 4): CSV or Parquet, checked on the way in."""

from pathlib import Path

import polars as pl

from vocabulary.errors import EvaluationError
from vocabulary.frames import TRUTH

NO = ("false", "0", "no", "n", "f")
MAY_BE_BLANK = {"family", "birth_date", "twin", "strength"}

OPTIONAL = {"shocks": {"strength": pl.Float64()}}
"""Columns that a truth may have beyond the contract's; `strength` orders onsets from faint to plain."""


def load_truth(folder: Path) -> dict[str, pl.DataFrame]:
    """Read `records`, `children` and `shocks` from `folder`: `<name>.csv` (UTF-8) or `<name>.parquet`.

    Returns
    -------
    Frames of the schemas in `vocabulary.frames.TRUTH`, by name, with the columns of `OPTIONAL` that are there. Columns
    beyond these are ignored. `twin` is true or
    false in any spelling, or names the other twin; blank is false.

    Raises
    ------
    EvaluationError
        A file or column is missing, a file cannot be read, or a cell is blank or not of its type.

    """
    if not folder.is_dir():
        raise EvaluationError("evaluation.no_truth_folder", folder=folder)
    return {name: _load(folder, name, schema) for name, schema in TRUTH.items()}


def _load(folder: Path, name: str, schema: pl.Schema) -> pl.DataFrame:
    path = next((path for path in (folder / f"{name}.parquet", folder / f"{name}.csv") if path.is_file()), None)
    if path is None:
        raise EvaluationError("evaluation.no_truth_file", folder=folder, name=name)
    delivered = _read(path)
    missing = [column for column in schema if column not in delivered.columns]
    if missing:
        raise EvaluationError("evaluation.truth_column", file=path.name, columns=", ".join(missing))
    further = {column: kind for column, kind in OPTIONAL.get(name, {}).items() if column in delivered.columns}
    wanted = dict(schema) | further
    raw = delivered.select(list(wanted))
    typed = raw.select(_typed(column, raw.schema[column], dtype) for column, dtype in wanted.items())
    for column in wanted:
        _check(raw[column], typed[column], path)
    return typed.with_columns(pl.col(pl.Boolean).fill_null(False))


def _read(path: Path) -> pl.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        return pl.read_csv(path, infer_schema=False)  # as text: a local id keeps its leading zeros
    except (pl.exceptions.PolarsError, OSError) as error:
        raise EvaluationError("evaluation.truth_unreadable", file=path.name, problem=_line(error)) from None


def _line(error: Exception) -> str:
    """First line of what a library says, or the kind of error where it says nothing."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _typed(column: str, given: pl.DataType, wanted: pl.DataType) -> pl.Expr:
    cell = pl.col(column)
    if given == pl.String:
        cell = cell.str.strip_chars().replace("", None)
        if wanted == pl.Date:
            return cell.str.to_date("%Y-%m-%d", strict=False)
        if wanted == pl.Boolean:
            return ~cell.str.to_lowercase().is_in(NO)  # else it says yes or names the other twin
    return cell.cast(wanted, strict=False)


def _check(raw: pl.Series, typed: pl.Series, path: Path) -> None:
    """Refuse the first cell that could not be read as its type, or that is blank where it must not be."""
    blank = raw.is_null() | (raw.cast(pl.String).str.strip_chars() == "").fill_null(False)
    faulty = typed.is_null() if raw.name not in MAY_BE_BLANK else typed.is_null() & ~blank
    if faulty.any():
        row = int(faulty.arg_true()[0])
        header = 1 if path.suffix == ".csv" else 0
        raise EvaluationError(
            "evaluation.truth_cell",
            file=path.name,
            line=row + 1 + header,
            column=raw.name,
            type=str(typed.dtype),
        )
