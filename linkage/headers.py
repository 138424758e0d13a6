"""Which column of a file is which: the file's headers held against those the source specification allows."""

import difflib
import unicodedata
from collections.abc import Collection, Sequence
from typing import NamedTuple

from vocabulary.errors import DeliveryError
from vocabulary.source import Source

REQUIRED = ("local_id", "as_of")


class Headers(NamedTuple):
    """`chosen`: each column to read and its position in the file. `unknown`: headers of no column of the source."""

    chosen: dict[str, int]
    unknown: list[str]


def match_headers(seen: Sequence[str], source: Source, columns: Collection[str], file: str) -> Headers:
    """Find `columns` among the headers of a file, whatever their width, case and spaces.

    Raises
    ------
    DeliveryError
        No header is known, a required one is missing, or two stand for one column.
    """
    allowed = {_plain(name): column for column, names in source.headers().items() for name in names}
    found = [allowed.get(_plain(header)) for header in seen]
    if not any(found):  # perhaps a row of data: what stands there must not be shown
        raise DeliveryError("delivery.no_header", file=file, expected=_spellings(source, REQUIRED))
    for column in source.headers():
        if found.count(column) > 1:
            raise DeliveryError("delivery.header_twice", file=file, column=column)
    unknown = [header.strip() for header, column in zip(seen, found, strict=True) if column is None and header.strip()]
    for column in REQUIRED:
        if column not in found:
            raise _missing(column, source, seen, unknown, file)
    chosen = {column: found.index(column) for column in columns if column in found}
    return Headers(chosen, unknown)


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


def _spellings(source: Source, columns: Collection[str]) -> str:
    return ", ".join(" / ".join(source.headers()[column]) for column in columns)


def _plain(header: str) -> str:
    return "".join(unicodedata.normalize("NFKC", header).split()).casefold()
