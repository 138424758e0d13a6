"""Which column of a file is which: the file's headers held against those the source specification allows."""

import difflib
import unicodedata
from collections.abc import Collection, Sequence
from typing import NamedTuple

from vocabulary.errors import DeliveryError
from vocabulary.source import IDENTITY_COLUMNS, Source

REQUIRED = ("local_id", "as_of")

Lines = tuple[tuple[int, ...], ...]


class Headers(NamedTuple):
    """What the headers of a file say.

    `chosen`: each column to read and its position in the file. `composed`: each column to put together from several
    and their positions, line by line. `unknown`: headers of no column of the source.
    """

    chosen: dict[str, int]
    composed: dict[str, Lines]
    unknown: list[str]


def match_headers(seen: Sequence[str], source: Source, columns: Collection[str], file: str) -> Headers:
    """Find `columns` among the headers of a file, whatever their width, case and spaces.

    Raises
    ------
    DeliveryError
        No header is known, a required one is missing, or two stand for one column.
    """
    place_of: dict[str, int] = {}
    allowed = {_plain(name): column for column, names in source.headers().items() for name in names}
    found = [allowed.get(_plain(header)) for header in seen]
    if not any(found):  # perhaps a row of data: what stands there must not be shown
        raise DeliveryError("delivery.no_header", file=file, expected=_spellings(source))
    composed = {column for column in IDENTITY_COLUMNS if source.identity_column(column).lines()}
    for position, (header, column) in enumerate(zip(seen, found, strict=True)):
        part = _plain(header) if column in composed else column
        if part is not None and place_of.setdefault(part, position) != position:
            raise DeliveryError("delivery.header_twice", file=file, column=column)
    unknown = [header.strip() for header, column in zip(seen, found, strict=True) if column is None and header.strip()]
    for column in REQUIRED:
        if source.identity_column(column).in_file() and column not in found:
            raise _missing(column, source, seen, unknown, file)
    return Headers(
        {column: place_of[column] for column in columns if column in found and column not in composed},
        {column: _lines(source, column, place_of) for column in columns if column in found and column in composed},
        unknown,
    )


def _lines(source: Source, column: str, place_of: dict[str, int]) -> Lines:
    """Positions of the parts of a column that the file holds."""
    return tuple(
        tuple(place_of[_plain(header)] for header in line if _plain(header) in place_of)
        for line in source.identity_column(column).lines()
    )


def _missing(column: str, source: Source, seen: Sequence[str], unknown: Sequence[str], file: str) -> DeliveryError:
    """The error for a required column that is not there, with the header that looks most like it."""
    spellings = source.headers()[column]
    near = [match for name in spellings for match in difflib.get_close_matches(name, unknown, n=1)]
    return DeliveryError(
        "delivery.header_missing_but_near" if near else "delivery.header_missing",
        file=file,
        column=column,
        spellings=" / ".join(spellings),
        seen=", ".join(seen),
        near=near[0] if near else "",
    )


def _spellings(source: Source) -> str:
    """Headers of the required columns, else of any."""
    required = [" / ".join(source.headers()[column]) for column in REQUIRED if source.headers()[column]]
    return ", ".join(required or (names[0] for names in source.headers().values() if names))


def _plain(header: str) -> str:
    return "".join(unicodedata.normalize("NFKC", header).split()).casefold()
