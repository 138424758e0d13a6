"""What is linked, and who links it."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

TITLES = {"febrl4": "FEBRL4", "febrl3": "FEBRL3", "pseudopeople": "pseudopeople"}
CONTENDERS = {"mimamori": "Mimamori", "splink": "Splink", "recordlinkage": "recordlinkage"}


class Case(NamedTuple):
    """A data set, and whether its strongest identifier, a number that its rows share, may be used."""

    data: str
    with_number: bool

    @property
    def title(self) -> str:
        """The case as a table names it."""
        return f"{TITLES[self.data]}{', with SSN' if self.with_number else ''}"


CASES = (
    Case("febrl4", True),
    Case("febrl4", False),
    Case("febrl3", True),
    Case("febrl3", False),
    Case("pseudopeople", False),
)

MAKERS = {
    "febrl4": "benchmarks.public.febrl:make_febrl4",
    "febrl3": "benchmarks.public.febrl:make_febrl3",
    "pseudopeople": "benchmarks.public.pseudopeople:make_pseudopeople",
}
"""Data set and the function (folder) that writes its files."""

RUNS = {
    "mimamori": "benchmarks.public.ours:run",
    "splink": "benchmarks.public.peers.splink_recipes:run",
    "recordlinkage": "benchmarks.public.peers.recordlinkage_recipes:run",
}
"""Contender and the function (folder, data set, with_number) that yields its options (`judge.Option`)."""


def load(function: str) -> Callable[..., Any]:
    """The function named `module:function`, imported only now: no contender's memory holds another's libraries."""
    module, name = function.split(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found
