"""Standardised records, profiles and compared pairs for the tests of the linkage core, of people who do not exist."""

from collections.abc import Iterable, Mapping
from datetime import date

import duckdb
import polars as pl

from linkage.blocking import RULES, block
from linkage.circumstances import plausible_ages, with_circumstances
from linkage.comparing import Comparer
from linkage.comparisons import COMPARISONS
from linkage.profiles import Profiles, build_profiles
from vocabulary.frames import STANDARDISED

HANAKO = {
    "source": "school",
    "local_id": "S1",
    "as_of": date(2020, 4, 1),
    "family": "佐藤",
    "given": "花子",
    "family_kana": "サトウ",
    "given_kana": "ハナコ",
    "birth_date": date(2012, 6, 7),
    "sex": "F",
    "postal": "5620001",
    "town": "半町",
    "block": "1-2-3",
    "guardian": "佐藤幸子",
    "guardian_kana": "サトウサチコ",
    "phone": "0727210001",
    "room": None,
    "shared_number": None,
    "words": None,
}
LEVELS = {comparison.name: [level.label for level in comparison.levels] for comparison in COMPARISONS}


def at(year: int) -> date:
    """1 April of `year`."""
    return date(year, 4, 1)


def records(*changes: dict) -> pl.DataFrame:
    """One record for each of `changes` to HANAKO (STANDARDISED)."""
    return pl.DataFrame([HANAKO | change for change in changes], schema=STANDARDISED)


def pairs_of(profiles: Profiles, asked: pl.DataFrame) -> pl.DataFrame:
    """The pairs asked for (`left`, `right`), compared, with their circumstances."""
    with duckdb.connect() as connection:
        pairs = Comparer(connection, profiles.profiles).compare(asked)[0]
        ages = plausible_ages(profiles.profiles)
        return with_circumstances(pairs, profiles.profiles, profiles.members, ages)


def compared(*changes: dict) -> pl.DataFrame:
    """Every pair of the profiles of `records(*changes)`, compared, with its circumstances."""
    profiles = build_profiles(records(*changes))
    numbers = profiles.profiles["profile"]
    every = numbers.to_frame("left").join(numbers.to_frame("right"), how="cross")
    return pairs_of(profiles, every.filter(pl.col("left") < pl.col("right")))


def blocked(
    *changes: dict, rules: Mapping[str, tuple[str, ...]] = RULES, fresh: Iterable[int] | None = None
) -> list[tuple[int, int]]:
    """The pairs that blocking finds among the profiles of `records(*changes)`."""
    profiles = build_profiles(records(*changes)).profiles
    numbers = None if fresh is None else pl.Series("profile", fresh, pl.UInt32)
    with duckdb.connect() as connection:
        return block(connection, profiles, rules=rules, fresh=numbers).rows()


def level(pair: dict, name: str) -> str | None:
    """Label of the level a compared pair (one row, named) reached in comparison `name`; None: nothing to compare."""
    gamma = pair[f"gamma_{name}"]
    return None if gamma < 0 else LEVELS[name][len(LEVELS[name]) - 1 - gamma]
