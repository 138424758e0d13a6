"""A delivery as the departments would hand it over, each in its own form of file.

welfare.csv   UTF-8 with BOM, our headers, LF
school.csv    CP932, Japanese headers, every field quoted, CRLF
health.csv    UTF-8, our headers, tab-separated, LF
"""

from dataclasses import dataclass

import polars as pl

from synthetic.slips import by_unique
from vocabulary.source import IDENTITY_COLUMNS, load_sources


@dataclass(frozen=True)
class FileForm:
    """How one department writes its file."""

    encoding: str
    separator: str
    line_end: str
    japanese_headers: bool
    quoted: bool


FORMS = {
    "welfare": FileForm("utf-8-sig", ",", "\n", japanese_headers=False, quoted=False),
    "school": FileForm("cp932", ",", "\r\n", japanese_headers=True, quoted=True),
    "health": FileForm("utf-8", "\t", "\n", japanese_headers=False, quoted=False),
}
LOST_CHARACTER = "〓"


def encoded(name: str, frame: pl.DataFrame) -> bytes:
    """The file of source `name`, as bytes."""
    form = FORMS[name]
    if form.encoding == "cp932":
        frame = frame.with_columns(_encodable(frame[column]) for column in IDENTITY_COLUMNS if column in frame.columns)
    if form.japanese_headers:
        headers = load_sources()[name].headers()
        frame = frame.rename({column: headers[column][1] for column in frame.columns})
    text = frame.write_csv(
        separator=form.separator,
        line_terminator=form.line_end,
        quote_style="always" if form.quoted else "necessary",
    )
    return text.encode(form.encoding)


def _encodable(column: pl.Series) -> pl.Series:
    """Characters that CP932 has no code for, lost to 〓 as in a transfer between real systems."""
    characters = set("".join(column.drop_nulls().unique().to_list()))
    lost = str.maketrans({character: LOST_CHARACTER for character in characters if not _has_code(character)})
    return by_unique(column, lambda value: value.translate(lost))


def _has_code(character: str) -> bool:
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True
