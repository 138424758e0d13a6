"""The list as a CSV file that is safe to open in a spreadsheet."""

import csv
import io
import json

import polars as pl

from api.children.list_choice import hands_of
from api.children.list_found import Found
from api.frame.csv_safe import RUNS_AS_FORMULA
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
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([text(f"list.{column}", language=language) for column in COLUMNS])
    rows = found.rows.with_columns(pl.col("kind").cast(pl.String))
    for row in rows.iter_rows(named=True):
        writer.writerow([safe(cell) for cell in _cells(found, row, language)])
    return ((MARK if marked else "") + out.getvalue()).encode()


def safe(cell: object) -> str:
    """A cell that no spreadsheet runs; nothing is what is not known."""
    written = "" if cell is None else str(cell)
    return f"'{written}" if written.startswith(RUNS_AS_FORMULA) else written


def _cells(found: Found, row: dict[str, object], language: Language) -> list[object]:
    judgement, reasons = row["judgement"], json.loads(str(row["reasons"]))
    stated = found.published.rules.judgements
    word = None if judgement is None else getattr(stated.word("overall", int(str(judgement))), language)
    hands = hands_of(found.cases.get(str(row["person_id"])))
    return [
        row["rank"],
        row["person_id"],
        row["year"],
        text(f"kind.{row['kind']}", language=language),
        word,
        row["school"],
        row["grade"],
        f"{row['score']:.4f}",
        f"{row['link_confidence']:.4f}",
        text("list.yes" if row["already_supported"] else "list.no", language=language),
        text(f"list.hands_{hands}", language=language),
        " / ".join(reason[language] for reason in reasons),
    ]
