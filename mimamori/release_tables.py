"""Which tables are released: definitions as data, read and checked."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vocabulary.errors import SpecificationError, UsageError
from vocabulary.source import Titled

Dimension = Literal["sex", "grade", "band", "school", "district"]


class TableDefinition(BaseModel):
    """One table: children by `by`, and by the categories of `of`; or the mean and percentiles of an indicator."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Titled
    by: Annotated[tuple[Dimension, ...], Field(max_length=3)] = ()
    of: Annotated[str | None, Field(pattern=r"^(judgement|indicator|flag):[a-z][a-z0-9_]*$")] = None
    mean: Annotated[str | None, Field(pattern=r"^[a-z][a-z0-9_]*$")] = None
    percentiles: tuple[Annotated[int, Field(ge=1, le=99)], ...] = ()  # beside the mean

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.of and self.mean:
            raise ValueError("a table has `of` or `mean`, not both")
        if self.percentiles and (not self.mean or len({*self.percentiles}) < len(self.percentiles)):
            raise ValueError("`percentiles` stand beside a `mean`, each once")
        if {"grade", "band"} <= {*self.by} or {"school", "district"} <= {*self.by} or len({*self.by}) < len(self.by):
            raise ValueError("`by` names a dimension twice: grade is within band, school within district")
        return self

    @property
    def dimensions(self) -> list[str]:
        """Columns of the cases that name a cell."""
        measured = [self.of] if self.of else [f"recorded:{self.mean}"] if self.mean else []
        return [*self.by, *measured]


class ReleaseTables(BaseModel):
    """A file of table definitions."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    tables: Annotated[tuple[TableDefinition, ...], Field(min_length=1)]
    districts: Mapping[str, str] = {}
    schools_agreed: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        by = {dimension for table in self.tables for dimension in table.by}
        if "district" in by and not self.districts:
            raise ValueError("a table by district needs [districts]")
        if "school" in by and not (self.schools_agreed or "").strip():
            raise ValueError("a table by school needs `schools_agreed`, the decision that allows it")
        names = [table.name for table in self.tables]
        means = [table.mean for table in self.tables if table.mean]
        if len({*names}) < len(names) or len({*means}) < len(means):
            raise ValueError("two tables have the same name or the mean of the same indicator")
        return self

    def only(self, names: Sequence[str]) -> "ReleaseTables":
        """The tables of these names, all where none is named.

        Raises
        ------
        UsageError
            There is no such table.
        """
        known = {table.name: table for table in self.tables}
        for name in names:
            if name not in known:
                raise UsageError("release.no_table", name=name, known=", ".join(known))
        return self.model_copy(update={"tables": tuple(known[name] for name in names)}) if names else self


def load_tables(file: Path | None) -> ReleaseTables:
    """The definitions in `file`; those that come with the system where it is None.

    Raises
    ------
    SpecificationError
        The file is not there, not TOML, or a definition is not well formed.
    """
    try:
        written = file.read_text("utf-8") if file else (files("mimamori") / "release_tables.toml").read_text("utf-8")
        return ReleaseTables.model_validate(tomllib.loads(written))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SpecificationError("release.tables_unread", file=file, problem=error) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "-"
        raise SpecificationError("release.tables_broken", file=file, field=where, problem=first["msg"]) from None
