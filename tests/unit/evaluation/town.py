"""A town of ten children (a to j) and four years, small enough that every figure of its flags is counted by hand."""

from datetime import date

import polars as pl

from tests.unit.evaluation.tables import children, shocks
from vocabulary.frames import FLAGS, INDICATORS, LINKS, PERSONS, TRUTH_RECORDS

NAMES = "abcdefghij"
YEARS = (2020, 2021, 2022, 2023)


def town_links() -> pl.DataFrame:
    rows = [("school", name, date(year, 4, 1), name.upper(), 1.0) for name in NAMES for year in YEARS]
    return pl.DataFrame(rows, schema=LINKS, orient="row")


def town_records() -> pl.DataFrame:
    rows = [("school", name, date(year, 4, 1), name) for name in NAMES for year in YEARS]
    return pl.DataFrame(rows, schema=TRUTH_RECORDS, orient="row")


def town_indicators(changes: dict[tuple[str, int], float], levels: dict[tuple[str, int], int]) -> pl.DataFrame:
    """One indicator of which less is worse; a change of 1 where none is stated, none known in the first year."""
    rows = [
        {
            "person_id": name.upper(),
            "year": year,
            "indicator": "score",
            "value": 50.0,
            "level": levels.get((name, year), 0),
            "change": None if year == YEARS[0] else changes.get((name, year), 1.0),
            "change_z": None if year == YEARS[0] else -changes.get((name, year), 1.0) / 2,
        }
        for name in NAMES
        for year in YEARS
    ]
    return pl.DataFrame(rows, schema_overrides=INDICATORS)


def town_flags(*rows: tuple[str, int, int, str, bool]) -> pl.DataFrame:
    """Child, year, rank, kind, already supported."""
    return pl.DataFrame(
        [
            {
                "person_id": name.upper(),
                "year": year,
                "rank": rank,
                "kind": kind,
                "already_supported": supported,
            }
            for name, year, rank, kind, supported in rows
        ],
        schema=FLAGS,
    )


ONSETS = shocks(("a", 2021, "income"), ("b", 2021, "care"), ("c", 2022, "income"), ("d", 2019, "income"))
FOUND = town_flags(
    ("a", 2021, 1, "learning", False),  # a hit in the year of the onset
    ("e", 2021, 2, "learning", True),  # none
    ("b", 2022, 1, "attendance", True),  # a hit a year later
    ("f", 2022, 2, "attendance", False),  # none
    ("c", 2020, 1, "learning", False),  # in the year without history
)


def town_outputs(flags: pl.DataFrame = FOUND) -> dict[str, pl.DataFrame]:
    """What a run on the town gives."""
    links = town_links()
    persons = links.group_by("person_id").agg(link_confidence=pl.col("match_probability").min())
    return {
        "links": links,
        "persons": pl.concat([pl.DataFrame(schema=PERSONS), persons], how="diagonal"),
        "indicators": town_indicators({}, {}),
        "flags": flags,
    }


def town_truth() -> dict[str, pl.DataFrame]:
    return {"records": town_records(), "children": children(NAMES), "shocks": ONSETS}
