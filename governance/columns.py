"""Which columns of a source an approval grants: some by name, or all of its measurements."""

from typing import Literal

ALL = "*"
"""In a list of columns: every measured column of the source."""

Columns = frozenset[str] | Literal["*"]
"""Approved columns of a source beyond those approved with it; "*" in it: all its measurements."""
