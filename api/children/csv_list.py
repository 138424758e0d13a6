"""The list as a CSV file that is safe to open in a spreadsheet."""

import numpy as np
import polars as pl

from api.children.list_choice import hands_of
from api.children.list_found import Found
from api.frame.csv_safe import safe
from vocabulary.texts import Language, text

COLUMNS = (
    "rank",
    "child",
    "year",
    "kind",
    "judgement",
    "school",
    "grade",
    "score",
    "link_confidence",
    "supported",
    "hands",
    "reasons",
)
"""Columns of the file; their headers are the texts `list.<column>`."""

MARK = "\ufeff"
"""Byte order mark, by which Excel knows a file to be UTF-8."""


def as_csv(found: Found, language: Language, *, marked: bool) -> bytes:
    """Every row that was found, with headers, as UTF-8; `marked` with the byte order mark for Excel."""
    cells = _cells(found, language).select(safe(pl.all()).replace("", None))  # else an empty text would be quoted
    headers = {column: text(f"list.{column}", language=language) for column in COLUMNS}
    return ((MARK if marked else "") + cells.rename(headers).write_csv(line_terminator="\r\n")).encode()


def _cells(found: Found, language: Language) -> pl.DataFrame:
    """The columns as texts; null is what is not known."""
    rows = found.rows.with_columns(pl.col("kind").cast(pl.String))
    kinds = {kind: text(f"kind.{kind}", language=language) for kind in rows["kind"].unique()}
    words = {word.judgement: getattr(word, language) for word in found.published.rules.judgements.overall_words}
    hands = {who: text(f"list.hands_{hands_of(case)}", language=language) for who, case in found.cases.items()}
    nobodys = text(f"list.hands_{hands_of(None)}", language=language)
    yes_or_no = {known: text(f"list.{'yes' if known else 'no'}", language=language) for known in (True, False)}
    reasons = pl.col("reasons").str.json_decode(pl.List(pl.Struct({language: pl.String})))
    return rows.select(
        pl.col("rank").cast(pl.String),
        pl.col("person_id").alias("child"),
        pl.col("year").cast(pl.String),
        pl.col("kind").replace_strict(kinds, return_dtype=pl.String),
        pl.col("judgement").replace_strict(words, return_dtype=pl.String),
        pl.col("school"),
        pl.col("grade").cast(pl.String),
        _to_four_places(rows["score"]),
        _to_four_places(rows["link_confidence"]),
        pl.col("already_supported").replace_strict(yes_or_no, return_dtype=pl.String).alias("supported"),
        pl.col("person_id").replace_strict(hands, default=nobodys, return_dtype=pl.String).alias("hands"),
        reasons.list.eval(pl.element().struct.field(language)).list.join(" / "),
    ).select(COLUMNS)


def _to_four_places(numbers: pl.Series) -> pl.Series:
    return pl.Series(numbers.name, np.char.mod("%.4f", numbers.to_numpy()), dtype=pl.String)
