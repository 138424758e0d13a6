"""Conditions: the SQL by which two profiles agree in an attribute, over columns suffixed `_l` and `_r`.

"In common" means that some value stands in both sets; nearness is measured between the most frequent values. String
distances of names are taken on `<name>_code` columns, in which every kana is one byte, because DuckDB measures strings
by byte (its issue 25113).
"""

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
    "line",
    "address",
    "guardian",
    "guardian_kana",
    "guardian_given",
    "phone",
    "shared_number",
)
"""Attributes whose values are compared as sets. Values are numbers: the first of a set by itself, `<attribute>_first`,
and the list of the others, `_others`, each null where there is none. Most sets hold one value, and numbers compare many
times faster than lists."""


def absent(*columns: str) -> str:
    """SQL: none of these sets has values on both sides."""
    return "(" + " AND ".join(f"({column}_first_l IS NULL OR {column}_first_r IS NULL)" for column in columns) + ")"


def no_words() -> str:
    """SQL: no words of names on both sides."""
    return "(words_l IS NULL OR words_r IS NULL)"


def common(column: str, other: str | None = None) -> str:
    """SQL: some value stands in both sets; with `other`, in that set of the right profile."""
    right = other or column
    first_l, others_l, first_r, others_r = (
        f"{column}_first_l",
        f"{column}_others_l",
        f"{right}_first_r",
        f"{right}_others_r",
    )
    in_left = f"list_contains({others_l}, {first_r})"
    in_right = f"list_contains({others_r}, {first_l}) OR list_has_any({others_l}, {others_r})"
    further = f"({others_l} IS NOT NULL AND {in_left}) OR ({others_r} IS NOT NULL AND ({in_right}))"
    return f"({first_l} = {first_r} OR {further})"


def at_one_time(column: str) -> str:
    """SQL: the most frequent values were shown in one year or the next."""
    return f"(({column}_years_l & {column}_years_r) <> 0)"


def same_main(column: str) -> str:
    """SQL: the most frequent value is the same."""
    return f"{column}_main_l = {column}_main_r"


def words(of: int) -> str:
    """SQL: so many words of the whole name in common, or all of the shorter name."""
    shared = "len(list_intersect(words_l, words_r))"
    enough = f"({shared} >= {of} OR ({shared} > 0 AND {shared} = least(len(words_l), len(words_r))))"
    return f"(words_l IS NOT NULL AND words_r IS NOT NULL AND {enough})"


def one_edit(column: str, shortest: int) -> str:
    """SQL: one edit apart, and long enough that this is not chance.

    An edit leaves the last characters as they were, or all before them but one, which is seen much faster than the
    distance and without mistaking what all telephones or birth years begin with for nearness.
    """
    left, right, last = f"{column}_l", f"{column}_r", shortest // 2
    longer = f"greatest(length({left}), length({right}))"
    ends = f"right({left}, {last}) = right({right}, {last})"
    begins = f"left({left}, {longer} - {last + 1}) = left({right}, {longer} - {last + 1})"
    return f"({longer} >= {shortest} AND ({ends} OR {begins}) AND damerau_levenshtein({left}, {right}) <= 1)"


def begins(column: str, shortest: int) -> str:
    """SQL: one begins with the other, as when a middle name is left out."""
    return (
        f"(least(length({column}_l), length({column}_r)) >= {shortest} "
        f"AND (starts_with({column}_l, {column}_r) OR starts_with({column}_r, {column}_l)))"
    )


def one_character(column: str) -> str:
    """SQL: all characters in common but one, in any order; at least two characters. Counts characters, not bytes."""
    longer = f"greatest(length({column}_l), length({column}_r))"
    shared = f"len(list_intersect(string_split({column}_l, ''), string_split({column}_r, '')))"
    shorter = f"least(length({column}_l), length({column}_r))"
    return f"({longer} >= 2 AND {shorter} >= {longer} - 1 AND {shared} >= {longer} - 1)"


def near_name(name: str) -> str:
    """SQL: readings one edit apart or one beginning with the other; kanji one character apart where no reading is."""
    return (
        f"({one_edit(f'{name}_code', 3)} OR {begins(f'{name}_code', 3)} OR {begins(f'{name}_main', 3)} "
        f"OR ({absent(f'{name}_kana')} AND {one_character(f'{name}_main')}))"
    )


def swapped() -> str:
    """SQL: family and given name stand in each other's place."""
    kanji = f"{common('given', 'family')} AND {common('family', 'given')}"
    kana = f"{common('given_kana', 'family_kana')} AND {common('family_kana', 'given_kana')}"
    return f"(({kanji}) OR ({kana}))"


def reading_agrees() -> str:
    """SQL: the readings of the given name do not speak against its kanji."""
    return f"({absent('given_kana')} OR {common('given_kana')})"


def same_reading(name: str) -> str:
    """SQL: the reading in common, or names in each other's place. Swapped names prove no more than names that agree."""
    return f"({common(f'{name}_kana')} OR {swapped()})"


ALIKE = 0.88
"""Jaro-Winkler similarity from which two texts in Latin letters are alike (Winkler 1990)."""

BIRTH_PARTS = ("born_year", "born_month", "born_day")
"""Parts of the most frequent birth date, as numbers."""


def near_date() -> str:
    """SQL: birth dates with one digit wrong, two neighbours exchanged, or day and month exchanged."""
    exchanged = "born_year_l = born_year_r AND born_month_l = born_day_r AND born_day_l = born_month_r"
    return f"(({_date_parts()} = 2 AND {one_edit('birth_date_main', 8)}) OR ({exchanged}))"


def two_date_parts() -> str:
    """SQL: two of year, month and day are the same, and neither was seen before the other was born."""
    left, right = "CAST(birth_date_main_l AS DATE) <= first_seen_r", "CAST(birth_date_main_r AS DATE) <= first_seen_l"
    return f"({_date_parts()} = 2 AND {left} AND {right})"


def _date_parts() -> str:
    """SQL: how many of year, month and day are the same."""
    return "(" + " + ".join(f"CAST({part}_l = {part}_r AS INTEGER)" for part in BIRTH_PARTS) + ")"


def same_town() -> str:
    """SQL: town or postal code in common."""
    return f"({common('town')} OR {common('postal')})"


def near_house() -> str:
    """SQL: street and number alike in one area, or the same room or building there.

    Blocks of numbers alone are never near: 3-2-1 and 3-2-7 are two houses.
    """
    left, right = "block_main_l", "block_main_r"
    worded = f"{left} IS NOT NULL AND {right} IS NOT NULL"
    near = f"jaro_winkler_similarity({left}, {right}) >= {ALIKE}"
    room = f"({common('room', 'line')} OR {common('line', 'room')})"
    area = f"({same_town()} OR jaro_winkler_similarity(town_main_l, town_main_r) >= {ALIKE})"
    return f"({worded} AND ({common('block')} OR ({near} AND {area}) OR ({room} AND {area})))"


def same_guardian() -> str:
    """SQL: the guardian's name or its reading in common."""
    return f"({common('guardian')} OR {common('guardian_kana')})"
