"""What the rule files have in common: frozen data, a basis that names its source, a version, errors of one line."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from vocabulary.errors import SpecificationError


class Data(BaseModel):
    """Data that do not change, with no field that is not specified."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sourced(Data):
    """Something that is either ours or from a public source, which `note` then names."""

    basis: Literal["ours", "public"]
    note: str = ""

    @model_validator(mode="after")
    def _what_is_public_names_its_source(self) -> Self:
        if self.basis == "public" and not self.note:
            raise ValueError("what is from a public source names it in `note`")
        return self


class Versioned(Data):
    """A whole file of rules."""

    @property
    def version(self) -> str:
        """SHA-256 of the rules' content, independent of layout and comments."""
        content = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()


Model = TypeVar("Model", bound=Versioned)


def read_toml(file: Path, area: str) -> dict[str, Any]:
    """Content of a TOML file.

    Raises
    ------
    SpecificationError
        `{area}.not_toml`: the file is not TOML in UTF-8.
    """
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecificationError(f"{area}.not_toml", file=file.name, problem=error) from None


def validated(content: Mapping[str, Any], model: type[Model], file: Path, area: str) -> Model:
    """`content` of `file` as a `model`.

    Raises
    ------
    SpecificationError
        `{area}.broken`: names the file, where in it, and the first rule of the form that it breaks.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "-"
        raise SpecificationError(f"{area}.broken", file=file.name, where=where, problem=first["msg"]) from None
