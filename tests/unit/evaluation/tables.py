"""Small tables written as text, so that every figure in these tests can be counted by hand."""

from datetime import date

import polars as pl

from vocabulary.frames import LINKS, TRUTH_CHILDREN, TRUTH_RECORDS, TRUTH_SHOCKS


def records(children: str) -> pl.DataFrame:
    """One record of one source a letter: `"aab"` is two records of child a and one of child b."""
    rows = [("school", str(number), date(2025, 4, 1), child) for number, child in enumerate(children)]
    return pl.DataFrame(rows, schema=TRUTH_RECORDS, orient="row")


def links(persons: str, probability: float = 1.0) -> pl.DataFrame:
    """Persons of the records of `records`, in the same order; a dash is a record that was not linked."""
    rows = [
        ("school", str(number), date(2025, 4, 1), person, probability)
        for number, person in enumerate(persons)
        if person != "-"
    ]
    return pl.DataFrame(rows, schema=LINKS, orient="row")


def children(names: str, *, twins: str = "", family: str = "") -> pl.DataFrame:
    """One child a letter, each its own family but for those in `family`; `twins` are marked so."""
    rows = [(child, "f" if child in family else f"f{child}", date(2015, 4, 2), child in twins) for child in names]
    return pl.DataFrame(rows, schema=TRUTH_CHILDREN, orient="row")


def shocks(*rows: tuple[str, int, str]) -> pl.DataFrame:
    """Onsets: child, year, kind."""
    return pl.DataFrame(list(rows), schema=TRUTH_SHOCKS, orient="row")
