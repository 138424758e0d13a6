"""CSV that is opened in a spreadsheet: no cell is taken for a formula, and the encoding is the reader's choice."""

import codecs
import re
from typing import Literal

import polars as pl

Encoding = Literal["utf-8", "cp932"]

RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a cell must not begin with: a spreadsheet would take it for a formula (OWASP, CSV Injection)."""

FORMULA = f"^[{''.join(map(re.escape, RUNS_AS_FORMULA))}]"

LOST = "〓"
"""For a character that CP932 does not have, as printers have it."""


def _lost(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return LOST * (error.end - error.start), error.end


codecs.register_error("lost", _lost)


def safe(texts: pl.Expr) -> pl.Expr:
    """Texts with an apostrophe before each that a spreadsheet would take for a formula."""
    return pl.when(texts.str.contains(FORMULA)).then("'" + texts).otherwise(texts).name.keep()


def csv_bytes(frame: pl.DataFrame, encoding: Encoding) -> bytes:
    """A table as CSV, every text quoted, lines ended as spreadsheets have them; UTF-8 begins with a byte order mark.

    Parameters
    ----------
    frame
        The table; a text that begins as a formula does gets an apostrophe before it.
    encoding
        `cp932` for programs that know no other; characters it does not have become 〓.
    """
    guarded = frame.with_columns(safe(pl.col(pl.String)))
    written = guarded.write_csv(quote_style="non_numeric", line_terminator="\r\n")
    return written.encode("cp932", "lost") if encoding == "cp932" else written.encode("utf-8-sig")
