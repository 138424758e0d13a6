"""What no approval lets through without a legal basis for the very column: municipal tax records, My Number, and more.

A column is known by its name in the specification and by every header it may stand under in a file, so that a mapping
cannot bring a tax record in under another column's name. The list is data: `denied.toml`.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from governance.columns import ALL, Columns
from vocabulary.source import BY_NAME_ONLY, IDENTITY_COLUMNS, Source, Titled
from vocabulary.texts import current_language

MY_NUMBER = "my_number"


class Group(BaseModel):
    """What is denied for one reason: the patterns of names, and the law behind it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    of: tuple[Literal["source", "column"], ...]
    unless: tuple[str, ...]
    words: tuple[str, ...]
    title: Titled
    law: Titled


class Denied(NamedTuple):
    """A column that would be read, the name that stands on the list, and the group it stands in."""

    column: str
    name: str
    group: str


@cache
def groups() -> dict[str, Group]:
    """The list, by group."""
    stated = tomllib.loads(files("governance").joinpath("denied.toml").read_text(encoding="utf-8"))
    return {name: Group.model_validate(group) for name, group in stated.items()}


def group_title(group: str) -> str:
    """What a group is called, in the reader's language, with the law behind it."""
    stated, language = groups()[group], current_language()
    return f"{getattr(stated.title, language)}: {getattr(stated.law, language)}"


def group_of(name: str, kind: Literal["source", "column"]) -> str | None:
    """The group in which a name of a source or a column, or a header, stands; None where it is on no list."""
    words = f"_{'_'.join(_words(name))}_"
    for group, stated in groups().items():
        if kind in stated.of:
            left = words
            for pattern in stated.unless:
                left = _pattern(pattern).sub("_", left)
            if any(_pattern(pattern).search(left) for pattern in stated.words):
                return group
    return None


def denied_columns(source: Source, granted: Columns) -> list[Denied]:
    """Columns of a source that a grant would read and that stand on the list.

    Parameters
    ----------
    source
        The specification, with the headers of every column.
    granted
        As `Approval.columns` gives it; identity columns come with it.
    """
    whole = _first([source.name, source.title.ja, source.title.en], "source")
    found = []
    for column, headers in source.headers().items():
        if _is_read(column, granted):
            named = whole or _first([column, *headers], "column")
            if named:
                found.append(Denied(column, *named))
    return found


def without_basis(source: Source, granted: Columns, bases: Mapping[str, str]) -> list[Denied]:
    """Of these, those for which the approval states no legal basis."""
    return [one for one in denied_columns(source, granted) if one.column not in bases]


def _first(names: Iterable[str], kind: Literal["source", "column"]) -> tuple[str, str] | None:
    return next(((name, group) for name in names if (group := group_of(name, kind))), None)


def _is_read(column: str, granted: Columns) -> bool:
    if column in IDENTITY_COLUMNS and column not in BY_NAME_ONLY:
        return True
    return column in granted or (ALL in granted and column not in BY_NAME_ONLY)


def _words(name: str) -> list[str]:
    """Words of a name in small letters and usual widths: `TaxAmount`, `tax-amount` and `ＴＡＸ　amount` alike."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", name) if unicodedata.category(sign) != "Cf")
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain)
    return re.findall(r"[a-z]+|[^\W\d_a-z]+", apart.casefold())


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    if not pattern.isascii():
        return re.compile("_?".join(map(re.escape, pattern)))
    word = "[^_]*".join(map(re.escape, pattern.split("*")))
    return re.compile(rf"(?<=_){word}(?=_)")
