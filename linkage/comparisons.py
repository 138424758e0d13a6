"""How two profiles are compared, attribute by attribute: the levels of agreement and what is expected of them.

Each comparison is a list of levels from the strongest to none. "In common" means that some value stands in both sets;
nearness is measured between the most frequent values. String distances of names are taken on `<name>_code` columns, in
which every kana is one byte, because DuckDB measures strings by byte (its issue 25113).

`individual` comparisons tell a child from its brothers and sisters; `household` comparisons do not.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Level:
    """One level of agreement.

    Attributes
    ----------
    label
        What agrees.
    condition
        SQL over the columns of the two profiles, suffixed `_l` and `_r`; `ELSE` for the last level.
    m, u, sibling
        Expected share of this level among pairs of one child, of two strangers, and of two children of one household:
        where training starts, and what is kept where the data say little.
    frequency_column
        Column whose value frequencies weight the agreement (a rare name in common says more), if any.
    """

    label: str
    condition: str
    m: float
    u: float
    sibling: float
    frequency_column: str | None = None


@dataclass(frozen=True)
class Comparison:
    """A comparison: what it tells apart, the SQL of "nothing to compare", its levels from strongest to none."""

    name: str
    role: Literal["individual", "household"]
    missing: str
    levels: tuple[Level, ...]


def _absent(*columns: str) -> str:
    """SQL: none of these sets has values on both sides."""
    return "(" + " AND ".join(f"(len({column}_l) = 0 OR len({column}_r) = 0)" for column in columns) + ")"


def _common(column: str) -> str:
    """SQL: some value stands in both sets."""
    return f"list_has_any({column}_l, {column}_r)"


def _one_edit(column: str, shortest: int) -> str:
    """SQL: one edit apart, and long enough that this is not chance."""
    return (
        f"(greatest(length({column}_l), length({column}_r)) >= {shortest} "
        f"AND damerau_levenshtein({column}_l, {column}_r) <= 1)"
    )


def _begins(column: str, shortest: int) -> str:
    """SQL: one begins with the other, as when a middle name is left out."""
    return (
        f"(least(length({column}_l), length({column}_r)) >= {shortest} "
        f"AND (starts_with({column}_l, {column}_r) OR starts_with({column}_r, {column}_l)))"
    )


def _one_character(column: str, shortest: int) -> str:
    """SQL: as long as each other, with all characters but one in common. Counts characters, not bytes."""
    shared = f"len(list_intersect(string_split({column}_l, ''), string_split({column}_r, '')))"
    return (
        f"(length({column}_l) = length({column}_r) AND length({column}_l) >= {shortest} "
        f"AND {shared} >= length({column}_l) - 1)"
    )


def _near_name(name: str) -> str:
    """SQL: readings one edit apart or one beginning with the other; kanji one character apart where no reading is."""
    return (
        f"({_one_edit(f'{name}_code', 3)} OR {_begins(f'{name}_code', 3)} OR {_begins(f'{name}_main', 3)} "
        f"OR ({_absent(f'{name}_kana')} AND {_one_character(f'{name}_main', 2)}))"
    )


def _swapped() -> str:
    """SQL: family and given name stand in each other's place."""
    kanji = "list_has_any(given_l, family_r) AND list_has_any(family_l, given_r)"
    kana = "list_has_any(given_kana_l, family_kana_r) AND list_has_any(family_kana_l, given_kana_r)"
    return f"(({kanji}) OR ({kana}))"


YEAR, MONTH, DAY = "[:4]", "[6:7]", "[9:10]"


def _near_date() -> str:
    """SQL: birth dates with one digit wrong, two neighbours exchanged, or day and month exchanged."""
    left, right = "birth_date_main_l", "birth_date_main_r"
    exchanged = f"{left}{YEAR} = {right}{YEAR} AND {left}{MONTH} = {right}{DAY} AND {left}{DAY} = {right}{MONTH}"
    return f"({_one_edit('birth_date_main', 8)} OR ({exchanged}))"


def _two_date_parts() -> str:
    """SQL: two of year, month and day are the same."""
    equal = (f"CAST(birth_date_main_l{part} = birth_date_main_r{part} AS INTEGER)" for part in (YEAR, MONTH, DAY))
    return f"({' + '.join(equal)} = 2)"


def _near_guardian() -> str:
    """SQL: readings one edit apart, or the same ending, as when only the guardian's family name changed."""
    return (
        f"({_one_edit('guardian_code', 4)} "
        "OR (length(guardian_main_l) >= 4 AND right(guardian_main_l, 2) = right(guardian_main_r, 2)) "
        "OR (length(guardian_code_l) >= 6 AND right(guardian_code_l, 3) = right(guardian_code_r, 3)))"
    )


COMPARISONS = (
    Comparison(
        "given_name",
        "individual",
        _absent("given", "given_kana"),
        (
            Level("same", "given_main_l = given_main_r", 0.80, 2e-3, 1e-3, "given_main"),
            Level("in common", _common("given"), 0.05, 5e-4, 5e-4),
            Level("reading in common", _common("given_kana"), 0.09, 3e-3, 2e-3),
            Level("swapped with the family name", _swapped(), 0.01, 1e-6, 1e-5),
            Level("near", _near_name("given"), 0.04, 0.03, 0.05),
            Level("different", "ELSE", 0.01, 0.964, 0.946),
        ),
    ),
    Comparison(
        "birth_date",
        "individual",
        _absent("birth_date"),
        (
            Level("in common", _common("birth_date"), 0.97, 2e-4, 0.015),
            Level("one slip apart", _near_date(), 0.02, 4e-3, 0.01),
            Level("two of year, month and day", _two_date_parts(), 0.005, 0.03, 0.03),
            Level("different", "ELSE", 0.005, 0.966, 0.945),
        ),
    ),
    Comparison(
        "sex",
        "individual",
        _absent("sex"),
        (
            Level("in common", _common("sex"), 0.99, 0.5, 0.5),
            Level("different", "ELSE", 0.01, 0.5, 0.5),
        ),
    ),
    Comparison(
        "family_name",
        "household",
        _absent("family", "family_kana"),
        (
            Level("same", "family_main_l = family_main_r", 0.78, 5e-3, 0.85, "family_main"),
            Level("in common", _common("family"), 0.07, 5e-4, 0.05),
            Level("reading in common", _common("family_kana"), 0.07, 1e-3, 0.05),
            Level("swapped with the given name", _swapped(), 0.01, 1e-6, 1e-5),
            Level("near", _near_name("family"), 0.02, 0.03, 0.02),
            Level("different", "ELSE", 0.05, 0.963, 0.08),
        ),
    ),
    Comparison(
        "address",
        "household",
        _absent("address", "postal", "town"),
        (
            Level("block in common", _common("address"), 0.80, 4e-4, 0.90),
            Level(
                "town or postal code in common",
                f"({_common('town')} OR {_common('postal')})",
                0.10,
                0.05,
                0.05,
            ),
            Level("different", "ELSE", 0.10, 0.95, 0.05),
        ),
    ),
    Comparison(
        "telephone",
        "household",
        _absent("phone"),
        (
            Level("in common", _common("phone"), 0.85, 2e-4, 0.93),
            Level("one digit apart", _one_edit("phone_main", 9), 0.01, 1e-5, 0.01),
            Level("different", "ELSE", 0.14, 0.9998, 0.06),
        ),
    ),
    Comparison(
        "guardian",
        "household",
        _absent("guardian", "guardian_kana"),
        (
            Level("in common", f"({_common('guardian')} OR {_common('guardian_kana')})", 0.85, 3e-4, 0.90),
            Level("near, or the same ending", _near_guardian(), 0.05, 8e-3, 0.03),
            Level("different", "ELSE", 0.10, 0.9917, 0.07),
        ),
    ),
)
