"""What schools are called: the names that a city gives to the codes of its schools, for pages and papers.

They stand in `schools.csv` beside the city's source specifications: `code,name`, and `name_en` where there is one.
Nothing is computed by them; without the file, or a line for it, a school is shown by its code.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from vocabulary.errors import SpecificationError
from vocabulary.source import Titled
from vocabulary.texts import Language, text

FILE = "schools.csv"

COLUMN_OF = {"code": "code", "学校コード": "code", "name": "name", "学校名": "name", "name_en": "name_en"}
"""The columns by their headers."""

LONGEST = 60
"""Letters of a name at most."""


def load_schools(folder: Path | None) -> Mapping[str, Titled]:
    """The names by code; none where there is no such folder, or no file in it.

    Parameters
    ----------
    folder
        Of the city's source specifications (`governance.workspace.Workspace.sources_folder`).

    Raises
    ------
    SpecificationError
        The file is no text in UTF-8 or CP932, has other columns, or a line without code or name, with more cells than
        columns or a quotation mark that is not closed, with a name that cannot be shown on a line, or with a code that
        an earlier line has.
    """
    if folder is None or not (folder / FILE).is_file():
        return {}
    lines = _lines(_decoded((folder / FILE).read_bytes()))
    _, header = next(lines, (1, []))
    columns = [COLUMN_OF.get(one.strip(), "") for one in header]
    if sorted(columns) not in (["code", "name"], ["code", "name", "name_en"]):
        raise SpecificationError("specification.schools_header", file=FILE)
    named: dict[str, Titled] = {}
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        row = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
        code, name = row.get("code", ""), row.get("name", "")
        english = row.get("name_en", "") or name
        shown = all(_shown_on_a_line(one) for one in (code, name, english))
        if len(cells) > len(columns) or not code or not name or not shown:
            raise _unusable(number)
        if code in named:
            raise SpecificationError("specification.schools_twice", file=FILE, line=number, code=code)
        named[code] = Titled(ja=name, en=english)
    return named


def school_words(schools: Mapping[str, Titled], code: str, language: Language) -> str:
    """A school as people read it: its name and code, or its code alone."""
    known = schools.get(code)
    if known is None:
        return code
    return text("specification.schools_named", language=language, name=getattr(known, language), code=code)


def _lines(content: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each line, with its number; of several, the first, where a quoted cell goes on beyond its line."""
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as broken:
            raise _unusable(number) from broken
        if cells is None:
            return
        yield number, cells


def _unusable(line: int) -> SpecificationError:
    return SpecificationError("specification.schools_line", file=FILE, line=line, longest=LONGEST)


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SpecificationError("specification.schools_not_text", file=FILE)


def _shown_on_a_line(words: str) -> bool:
    return words.isprintable() and len(words) <= LONGEST
