"""Standardised records, profiles and compared pairs for the tests of the linkage core, of people who do not exist."""

from contextlib import contextmanager
from datetime import date

import duckdb
import polars as pl

from linkage.comparing import compare
from linkage.comparisons import COMPARISONS
from linkage.known import with_circumstances
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
}
LEVELS = {comparison.name: [level.label for level in comparison.levels] for comparison in COMPARISONS}


def at(year: int) -> date:
    """1 April of `year`."""
    return date(year, 4, 1)


def records(*changes: dict) -> pl.DataFrame:
    """One record for each of `changes` to HANAKO (STANDARDISED)."""
    return pl.DataFrame([HANAKO | change for change in changes], schema=STANDARDISED)


@contextmanager
def tables(profiles: Profiles):
    """A DuckDB connection with the tables `profiles` and `members`."""
    with duckdb.connect() as connection:
        connection.register("profile_frame", profiles.profiles)
        connection.register("member_frame", profiles.members)
        connection.execute("CREATE TABLE profiles AS SELECT * FROM profile_frame")
        connection.execute("CREATE TABLE members AS SELECT * FROM member_frame")
        yield connection


def compared(*changes: dict) -> pl.DataFrame:
    """Every pair of the profiles of `records(*changes)`, compared, with its circumstances."""
    profiles = build_profiles(records(*changes))
    with tables(profiles) as connection:
        connection.execute(
            """CREATE TABLE pairs AS SELECT l.profile AS "left", r.profile AS "right"
               FROM profiles AS l JOIN profiles AS r ON l.profile < r.profile"""
        )
        return with_circumstances(connection, compare(connection, "profiles", "pairs"), "profiles", "members")


def level(pair: dict, name: str) -> str | None:
    """Label of the level a compared pair (one row, named) reached in comparison `name`; None: nothing to compare."""
    gamma = pair[f"gamma_{name}"]
    return None if gamma < 0 else LEVELS[name][len(LEVELS[name]) - 1 - gamma]
