"""The rows of a delimited text: which lines make a row, and which have not as many fields as the header.

polars reads well-formed rows fast but stops at the first ragged one and cannot say on which line it stands. So the
lines are first told apart over the bytes of the whole file: well-formed ones go to polars together, ragged ones are
set aside with their line, and only lines whose quotes do not close on the line, or stand in the middle of a field, are
read one by one with Python's reader.
"""

import csv
import re
from io import BytesIO
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

MOST_LINES = 20  # of one row; a quote still open after so many lines was never meant to open

_FIRST_LINES = re.compile(rf"(?:.*\n){{0,{MOST_LINES - 1}}}.*")
_QUOTE, _NEWLINE = ord('"'), ord("\n")


class Rows(NamedTuple):
    """`frame`: the chosen columns as text, and `line`. `ragged`: `line` and the number of `fields` found there."""

    frame: pl.DataFrame
    ragged: pl.DataFrame


class Lines(NamedTuple):
    """Where each physical line begins and ends (newline excluded), its number of fields, and what its quotes say."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    fields: NDArray[np.int64]
    odd_quotes: NDArray[np.bool_]  # quotes that do not close on the line, or do not stand at a field's ends


def split_header(text: str, separator: str) -> tuple[list[str], int]:
    """The fields of the first row and the number of lines it takes; no fields where it is no row."""
    first = _FIRST_LINES.match(text)
    return _first_row(first[0].split("\n") if first else [], separator)


def read_rows(text: str, separator: str, *, header_lines: int, width: int, chosen: dict[str, int]) -> Rows:
    """Read what follows the header.

    Parameters
    ----------
    text
        The whole file, lines ended by LF.
    separator
        One character.
    header_lines, width
        Lines and fields of the header.
    chosen
        Name and position of each column to read; the others are not parsed.

    Returns
    -------
    Rows
        Lines are those of the file, counted from 1; of a row over several lines, the first. Empty lines are no rows.
    """
    data = text.encode() if text.endswith("\n") else f"{text}\n".encode()
    lines = _lines(data, separator)
    rest = np.arange(len(lines.starts)) >= header_lines
    filled = rest & (lines.ends > lines.starts)
    good = filled & ~lines.odd_quotes & (lines.fields == width)
    ragged = filled & ~lines.odd_quotes & (lines.fields != width)
    mended = []
    taken_to = 0
    for line in np.flatnonzero(filled & lines.odd_quotes).tolist():
        if line < taken_to:
            continue
        row, taken = _quoted_row(data, lines, line, separator)
        if len(row) == width and taken < MOST_LINES:
            mended.append((line + 1, *(row[position] for position in chosen.values())))
            good[line : line + taken] = ragged[line : line + taken] = False
            taken_to = line + taken
        else:
            ragged[line] = True
    frame = _well_formed(data, lines, good, separator, chosen)
    if mended:
        frame = pl.concat([frame, _frame(mended, chosen)]).sort("line")
    counts = pl.DataFrame({"line": np.flatnonzero(ragged) + 1, "fields": lines.fields[ragged]})
    return Rows(frame, counts.cast(pl.Int64))


def _lines(data: bytes, separator: str) -> Lines:
    """Tell the lines apart, taking each to begin outside quotes."""
    signs = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(signs == _NEWLINE)
    starts = np.concatenate([[0], ends[:-1] + 1])
    separators = signs == ord(separator)
    quotes = signs == _QUOTE
    if not quotes.any():
        return Lines(starts, ends, _count(separators, starts, ends) + 1, np.zeros(len(starts), np.bool_))
    open_after = np.logical_xor.accumulate(quotes)
    open_before_line = np.concatenate([[False], open_after[ends[:-1]]])
    inside = open_after ^ np.repeat(open_before_line, ends - starts + 1)
    fields = _count(separators & ~inside, starts, ends) + 1
    border = separators | quotes | (signs == _NEWLINE)
    after_border = np.concatenate([[True], border[:-1]])
    before_border = np.concatenate([border[1:], [True]])
    misplaced = quotes & ~(inside & after_border | ~inside & before_border)
    return Lines(starts, ends, fields, (_count(misplaced, starts, ends) > 0) | inside[ends])


def _count(marked: NDArray[np.bool_], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of marked bytes of each line."""
    places = np.flatnonzero(marked)
    return np.searchsorted(places, ends) - np.searchsorted(places, starts)


def _quoted_row(data: bytes, lines: Lines, line: int, separator: str) -> tuple[list[str], int]:
    """The row that begins on `line`, and how many lines it takes, as Python's reader sees it."""
    last = min(line + MOST_LINES, len(lines.ends)) - 1
    return _first_row(data[lines.starts[line] : lines.ends[last]].decode().split("\n"), separator)


def _first_row(lines: list[str], separator: str) -> tuple[list[str], int]:
    """The row at the beginning of `lines` and the number of lines it takes; no fields where its quotes are wrong."""
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator, strict=True)
    try:
        return next(reader), reader.line_num
    except csv.Error:
        return [], 1


def _well_formed(
    data: bytes, lines: Lines, good: NDArray[np.bool_], separator: str, chosen: dict[str, int]
) -> pl.DataFrame:
    """Rows that stand on one line each."""
    numbers = np.flatnonzero(good)
    if not len(numbers):
        return _frame([], chosen)
    first, last = numbers[0], numbers[-1]
    text = data[lines.starts[first] : lines.ends[last] + 1]
    if last - first >= len(numbers):  # others stand between
        kept = np.repeat(good[first : last + 1], (lines.ends - lines.starts + 1)[first : last + 1])
        text = np.frombuffer(text, np.uint8)[kept].tobytes()
    frame = pl.read_csv(
        BytesIO(text),
        has_header=False,
        separator=separator,
        infer_schema=False,
        columns=sorted(chosen.values()),
    )
    frame.columns = sorted(chosen, key=chosen.__getitem__)
    line = pl.Series("line", numbers + 1, dtype=pl.Int64)
    return frame.select(line, *chosen)


def _frame(rows: list[tuple[object, ...]], chosen: dict[str, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"line": pl.Int64(), **dict.fromkeys(chosen, pl.String())}, orient="row")
