"""The tables of the model that are data: TOML files beside the code."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def read_toml(name: str) -> dict[str, Any]:
    """The tables of the file `name` of this folder; read once, so not to be changed."""
    return tomllib.loads(files("synthetic").joinpath(name).read_text(encoding="utf-8"))
