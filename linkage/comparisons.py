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
    by_frequency
        Agreement at this level is weighted by the frequency of the agreed value, the comparison's `frequency_column`:
        a rare name in common says more.
    m, u
        Expected share of this level among pairs of one child, and of two strangers: where training starts, and what is
        kept where the data say little. So are the others.
    sibling, twin
        Of individual comparisons: among two children of one household, and among those of them born on one day, for
        which the birth date itself is left out.
    other_parent, changed
        Of household comparisons: among pairs of one child of which one record names another of its parents, and of one
        child whose household changed.
    """

    label: str
    condition: str
    m: float
    u: float
    sibling: float | None = None
    twin: float | None = None
    other_parent: float | None = None
    changed: float | None = None
    by_frequency: bool = False


@dataclass(frozen=True)
class Comparison:
    """A comparison: what it tells apart, the SQL of "nothing to compare", its levels from strongest to none."""

    name: str
    role: Literal["individual", "household"]
    missing: str
    levels: tuple[Level, ...]
    frequency_column: str | None = None


SETS = (
    "family",
    "given",
    "family_kana",
    "given_kana",
    "birth_date",
    "sex",
    "postal",
    "town",
    "block",
    "room",
    "address",
    "guardian",
    "guardian_kana",
    "guardian_given",
    "phone",
    "shared_number",
)
"""Attributes whose values are compared as sets: the whole set is a text of numbers, `<attribute>_set`, null without
values; its first and second value by themselves are `_first` and `_second`. Texts compare many times faster than lists;
values that stand third or later in both sets are not found in common."""


def _absent(*columns: str) -> str:
    """SQL: none of these sets has values on both sides."""
    return "(" + " AND ".join(f"({column}_set_l IS NULL OR {column}_set_r IS NULL)" for column in columns) + ")"


def _no_words() -> str:
    """SQL: no words of names on both sides."""
    return "(len(words_l) = 0 OR len(words_r) = 0)"


def _common(column: str, other: str | None = None) -> str:
    """SQL: some value stands in both sets; with `other`, in that set of the right profile."""
    right = other or column
    found = [f"contains({column}_set_l, {right}_{place}_r)" for place in ("first", "second")]
    found += [f"contains({right}_set_r, {column}_{place}_l)" for place in ("first", "second")]
    return f"({' OR '.join(found)})"


def _at_one_time(column: str) -> str:
    """SQL: the most frequent values were shown in one year or the next."""
    return f"(({column}_years_l & {column}_years_r) <> 0)"


def _same_main(column: str) -> str:
    """SQL: the most frequent value is the same."""
    return f"{column}_main_l = {column}_main_r"


def _words(of: int) -> str:
    """SQL: so many words of the whole name in common, or all of the shorter name."""
    shared = "len(list_intersect(words_l, words_r))"
    return f"({shared} >= {of} OR ({shared} > 0 AND {shared} = least(len(words_l), len(words_r))))"


def _one_edit(column: str, shortest: int) -> str:
    """SQL: one edit apart, and long enough that this is not chance.

    One edit leaves the beginning or the end as it was, which is seen much faster than the distance.
    """
    kept = max((shortest - 2) // 2, 1)
    ends = [f"{side}({column}_l, {kept}) = {side}({column}_r, {kept})" for side in ("left", "right")]
    return (
        f"(greatest(length({column}_l), length({column}_r)) >= {shortest} AND ({' OR '.join(ends)}) "
        f"AND damerau_levenshtein({column}_l, {column}_r) <= 1)"
    )


def _begins(column: str, shortest: int) -> str:
    """SQL: one begins with the other, as when a middle name is left out."""
    return (
        f"(least(length({column}_l), length({column}_r)) >= {shortest} "
        f"AND (starts_with({column}_l, {column}_r) OR starts_with({column}_r, {column}_l)))"
    )


def _one_character(column: str) -> str:
    """SQL: all characters in common but one, in any order; at least two characters. Counts characters, not bytes."""
    longer = f"greatest(length({column}_l), length({column}_r))"
    shared = f"len(list_intersect(string_split({column}_l, ''), string_split({column}_r, '')))"
    shorter = f"least(length({column}_l), length({column}_r))"
    return f"({longer} >= 2 AND {shorter} >= {longer} - 1 AND {shared} >= {longer} - 1)"


def _near_name(name: str) -> str:
    """SQL: readings one edit apart or one beginning with the other; kanji one character apart where no reading is."""
    return (
        f"({_one_edit(f'{name}_code', 3)} OR {_begins(f'{name}_code', 3)} OR {_begins(f'{name}_main', 3)} "
        f"OR ({_absent(f'{name}_kana')} AND {_one_character(f'{name}_main')}))"
    )


def _swapped() -> str:
    """SQL: family and given name stand in each other's place."""
    kanji = f"{_common('given', 'family')} AND {_common('family', 'given')}"
    kana = f"{_common('given_kana', 'family_kana')} AND {_common('family_kana', 'given_kana')}"
    return f"(({kanji}) OR ({kana}))"


def _reading_agrees() -> str:
    """SQL: the readings of the given name do not speak against its kanji."""
    return f"({_absent('given_kana')} OR {_common('given_kana')})"


def _same_reading(name: str) -> str:
    """SQL: the reading in common, or names in each other's place. Swapped names prove no more than names that agree."""
    return f"({_common(f'{name}_kana')} OR {_swapped()})"


ALIKE = 0.88
"""Jaro-Winkler similarity from which two texts in Latin letters are alike (Winkler 1990)."""

YEAR, MONTH, DAY = "[:4]", "[6:7]", "[9:10]"


def _near_date() -> str:
    """SQL: birth dates with one digit wrong, two neighbours exchanged, or day and month exchanged."""
    left, right = "birth_date_main_l", "birth_date_main_r"
    exchanged = f"{left}{YEAR} = {right}{YEAR} AND {left}{MONTH} = {right}{DAY} AND {left}{DAY} = {right}{MONTH}"
    return f"({_one_edit('birth_date_main', 8)} OR ({exchanged}))"


def _two_date_parts() -> str:
    """SQL: two of year, month and day are the same, and neither was seen before the other was born."""
    equal = (f"CAST(birth_date_main_l{part} = birth_date_main_r{part} AS INTEGER)" for part in (YEAR, MONTH, DAY))
    left, right = "CAST(birth_date_main_l AS DATE) <= first_seen_r", "CAST(birth_date_main_r AS DATE) <= first_seen_l"
    return f"({' + '.join(equal)} = 2 AND {left} AND {right})"


def _same_town() -> str:
    """SQL: town or postal code in common."""
    return f"({_common('town')} OR {_common('postal')})"


def _near_house() -> str:
    """SQL: street and number alike in one area, or the same room or building there.

    Blocks of numbers alone are never near: 3-2-1 and 3-2-7 are two houses.
    """
    left, right = "block_main_l", "block_main_r"
    worded = f"regexp_matches({left}, '[A-Z]{{3}}') AND regexp_matches({right}, '[A-Z]{{3}}')"
    near = f"jaro_winkler_similarity({left}, {right}) >= {ALIKE}"
    area = f"({_same_town()} OR jaro_winkler_similarity(town_main_l, town_main_r) >= {ALIKE})"
    return f"({worded} AND ({_common('block')} OR ({near} AND {area}) OR ({_common('room')} AND {area})))"


def _same_guardian() -> str:
    """SQL: the guardian's name or its reading in common."""
    return f"({_common('guardian')} OR {_common('guardian_kana')})"


COMPARISONS = (
    Comparison(
        "given_name",
        "individual",
        f"({_absent('given', 'given_kana')} AND {_no_words()})",
        (
            Level(
                "same",
                f"{_same_main('given')} AND {_reading_agrees()}",
                m=0.78,
                u=2e-3,
                sibling=1e-4,
                twin=0.001,
                by_frequency=True,
            ),
            Level("in common", f"{_common('given')} AND {_reading_agrees()}", m=0.05, u=5e-4, sibling=5e-5, twin=0.001),
            Level(
                "reading in common and kanji not told apart, or swapped",
                f"({_common('given_kana')} AND ({_absent('given')} OR {_one_character('given_main')})) OR {_swapped()}",
                m=0.09,
                u=1e-3,
                sibling=5e-4,
                twin=0.002,
            ),
            Level("two words of the name in common", _words(2), m=0.01, u=5e-4, sibling=1e-3, twin=0.003),
            Level("reading in common", _common("given_kana"), m=0.01, u=2e-3, sibling=5e-4, twin=0.003),
            Level("same with another reading", _common("given"), m=0.02, u=1e-3, sibling=1e-3, twin=0.003),
            Level("near", _near_name("given"), m=0.04, u=0.03, sibling=0.05, twin=0.2),
            Level("different", "ELSE", m=0.005, u=0.964, sibling=0.949, twin=0.79),
        ),
        frequency_column="given_main",
    ),
    Comparison(
        "birth_date",
        "individual",
        _absent("birth_date"),
        (
            Level("in common", _common("birth_date"), m=0.97, u=2e-4, sibling=0.015),
            Level("one slip apart", _near_date(), m=0.02, u=4e-3, sibling=0.01),
            Level("two of year, month and day", _two_date_parts(), m=0.004, u=0.03, sibling=0.03),
            Level("different", "ELSE", m=0.001, u=0.966, sibling=0.945),
        ),
    ),
    Comparison(
        "sex",
        "individual",
        _absent("sex"),
        (
            Level("in common", _common("sex"), m=0.99, u=0.5, sibling=0.5, twin=0.65),
            Level("different", "ELSE", m=0.01, u=0.5, sibling=0.5, twin=0.35),
        ),
    ),
    Comparison(
        "shared_number",
        "individual",
        _absent("shared_number"),
        (
            Level("in common", _common("shared_number"), m=0.97, u=2e-6, sibling=1e-5, twin=1e-4),
            Level("one slip apart", _one_edit("shared_number_main", 6), m=0.01, u=1e-3, sibling=1e-2, twin=1e-2),
            Level("different", "ELSE", m=0.02, u=0.998998, sibling=0.98999, twin=0.9899),
        ),
    ),
    Comparison(
        "family_name",
        "household",
        _absent("family", "family_kana"),
        (
            Level(
                "same, at one time",
                f"{_same_main('family')} AND {_at_one_time('family')}",
                m=0.63,
                u=4e-3,
                other_parent=0.63,
                changed=0.15,
                by_frequency=True,
            ),
            Level("same", _same_main("family"), m=0.2, u=1e-3, other_parent=0.2, changed=0.1, by_frequency=True),
            Level("in common", _common("family"), m=0.07, u=5e-4, other_parent=0.07, changed=0.02),
            Level(
                "reading in common, or swapped",
                f"({_same_reading('family')} OR {_words(2)})",
                m=0.08,
                u=1e-3,
                other_parent=0.08,
                changed=0.02,
            ),
            Level("near", _near_name("family"), m=0.01, u=0.03, other_parent=0.01, changed=0.02),
            Level("different", "ELSE", m=0.01, u=0.963, other_parent=0.01, changed=0.69),
        ),
        frequency_column="family_main",
    ),
    Comparison(
        "address",
        "household",
        _absent("address", "postal", "town"),
        (
            Level(
                "same, at one time",
                f"{_same_main('address')} AND {_at_one_time('address')}",
                m=0.6,
                u=2e-4,
                other_parent=0.6,
                changed=0.01,
                by_frequency=True,
            ),
            Level("same", _same_main("address"), m=0.15, u=2e-4, other_parent=0.15, changed=0.01, by_frequency=True),
            Level("in common", _common("address"), m=0.1, u=2e-4, other_parent=0.1, changed=0.01),
            Level("near", _near_house(), m=0.05, u=1e-3, other_parent=0.05, changed=0.01),
            Level("town or postal code in common", _same_town(), m=0.05, u=0.05, other_parent=0.05, changed=0.10),
            Level("different", "ELSE", m=0.05, u=0.948, other_parent=0.05, changed=0.86),
        ),
        frequency_column="address_main",
    ),
    Comparison(
        "telephone",
        "household",
        _absent("phone"),
        (
            Level("in common", _common("phone"), m=0.90, u=2e-4, other_parent=0.05, changed=0.10),
            Level("one digit apart", _one_edit("phone_main", 9), m=0.01, u=1e-5, other_parent=0.001, changed=1e-3),
            Level("different", "ELSE", m=0.09, u=0.9998, other_parent=0.949, changed=0.90),
        ),
    ),
    Comparison(
        "guardian",
        "household",
        _absent("guardian", "guardian_kana"),
        (
            Level("in common", _same_guardian(), m=0.65, u=3e-4, other_parent=0.05, changed=0.15),
            Level("given name in common", _common("guardian_given"), m=0.02, u=5e-3, other_parent=0.01, changed=0.35),
            Level("near", _one_edit("guardian_code", 5), m=0.01, u=1e-3, other_parent=0.001, changed=0.01),
            Level("different", "ELSE", m=0.32, u=0.99, other_parent=0.939, changed=0.49),
        ),
    ),
)

INDIVIDUAL = [comparison for comparison in COMPARISONS if comparison.role == "individual"]
HOUSEHOLD = [comparison for comparison in COMPARISONS if comparison.role == "household"]
