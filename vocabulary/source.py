"""A source: which columns a department delivers, what they mean, and how its files are written.

Sources are data. The three of the contract stand in `vocabulary/sources/*.toml`; a city adds its own beside them, or
replaces one, by a folder of TOML files of the same form.
"""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vocabulary.errors import SpecificationError
from vocabulary.frames import IDENTITY, KEY
from vocabulary.identity import IdentityColumn

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]

IDENTITY_COLUMNS = (*[column for column in KEY if column != "source"], *IDENTITY)
BY_NAME_ONLY = frozenset({"shared_number"})
"""Identity columns that an approval must list by name: a number that several departments share is a key to all they
hold, so that it is read is a decision of its own and neither follows from `*` nor from the source."""
RESERVED = (*IDENTITY_COLUMNS, "source", "file", "line", "person_id", "date")
"""Names no measurement may have: they stand beside the measurements in an extract or on the way to the timeline."""


class Titled(BaseModel):
    """A name in each language."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    ja: str
    en: str


class Measurement(BaseModel):
    """One measured column: its type, what it may hold, its unit.

    `flag` is 0 or 1 · `integer`, `number` within `min`–`max` · `category` one of `values` · `codes` several of
    `values` joined by `;` · `text` anything. Blank is "not recorded" in all of them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: Literal["flag", "integer", "number", "category", "codes", "text"]
    header: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    aliases: Mapping[str, str] = {}  # a value as delivered → one of `values` (0/1 of a flag, a number of a number)
    min: float | None = None
    max: float | None = None
    unit: str | None = None

    @model_validator(mode="after")
    def _values_where_needed(self) -> Self:
        if (self.type in ("category", "codes")) != bool(self.values):
            raise ValueError("`values` belong to the types category and codes, and to no other")
        return self

    @model_validator(mode="after")
    def _aliases_stand_for_values(self) -> Self:
        wrong = sorted(value for value in set(self.aliases.values()) if not self._may_be(value))
        if wrong:
            raise ValueError(f"`aliases` stand for no value of the type {self.type}: {', '.join(wrong)}")
        return self

    def _may_be(self, value: str) -> bool:
        """Whether `value` is one that a cell of this column may hold after its alias is resolved."""
        if self.type in ("integer", "number"):
            return re.fullmatch(r"-?\d+(\.\d+)?", value) is not None
        return value in (("0", "1") if self.type == "flag" else self.values)


class Source(BaseModel):
    """A source specification, as its TOML file states it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Name
    title: Titled
    encoding: Literal["auto", "utf-8", "cp932"] = "auto"
    separator: Literal["auto", ",", "\t"] = "auto"
    expected_grades: tuple[int, int] | None = None  # first and last grade in which every child has a record here
    identity: Mapping[str, IdentityColumn] = {}
    measurements: Mapping[Name, Measurement] = {}

    @model_validator(mode="after")
    def _grades_run_upwards(self) -> Self:
        if self.expected_grades and self.expected_grades[0] > self.expected_grades[1]:
            raise ValueError("`expected_grades` is the first and the last grade, in this order")
        return self

    @model_validator(mode="after")
    def _measurements_have_names_of_their_own(self) -> Self:
        reserved = sorted(set(self.measurements) & set(RESERVED))
        if reserved:
            raise ValueError(f"reserved, so no name of a measurement: {', '.join(reserved)}")
        return self

    @model_validator(mode="after")
    def _headers_name_one_column(self) -> Self:
        unknown = set(self.identity) - set(IDENTITY_COLUMNS)
        if unknown:
            raise ValueError(f"not identity columns: {', '.join(sorted(unknown))}")
        for column, specified in self.identity.items():
            specified.check_options_of(column)
        headers = [header for names in self.headers().values() for header in names]
        doubled = sorted({header for header in headers if headers.count(header) > 1})
        if doubled:
            raise ValueError(f"a header stands for two columns: {', '.join(doubled)}")
        return self

    def identity_column(self, column: str) -> IdentityColumn:
        """How an identity column is found and read, specified or not."""
        return self.identity.get(column, IdentityColumn())

    def headers(self) -> dict[str, tuple[str, ...]]:
        """Every column of this source and the headers it may stand under, its own name first.

        Of a column put together from several, the headers of all of them; of one that no file holds, none.
        """
        found: dict[str, tuple[str, ...]] = {}
        for column in IDENTITY_COLUMNS:
            specified = self.identity_column(column)
            parts = tuple(header for line in specified.lines() for header in line)
            found[column] = parts or ((column, *specified.header) if specified.in_file() else ())
        found |= {column: (column, *measurement.header) for column, measurement in self.measurements.items()}
        return {column: tuple(dict.fromkeys(names)) for column, names in found.items()}


def load_source(path: Path) -> Source:
    """Read one source specification.

    Raises
    ------
    SpecificationError
        The file is not TOML or breaks the form above.
    """
    try:
        return Source.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecificationError("specification.not_toml", file=path.name, problem=error) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "-"
        raise SpecificationError("specification.broken", file=path.name, where=where, problem=first["msg"]) from None


def load_sources(folder: Path | None = None) -> dict[str, Source]:
    """The built-in sources and those of `folder` (`*.toml`), which add to them or replace them by name.

    Raises
    ------
    SpecificationError
        A file is not well formed, or two files of one folder name the same source.
    """
    return _load_folder(Path(str(files("vocabulary.sources")))) | (_load_folder(folder) if folder else {})


def _load_folder(folder: Path) -> dict[str, Source]:
    found: dict[str, Source] = {}
    file_of: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        source = load_source(path)
        if source.name in found:
            raise SpecificationError(
                "specification.source_twice", name=source.name, file=file_of[source.name], other=path.name
            )
        found[source.name], file_of[source.name] = source, path.name
    return found
