"""Last updates of the child and of a source as a whole, and years that are known in part."""

from datetime import date

import polars as pl

from indicators.presence import presence
from indicators.staleness import last_updates, partial_years
from tests.unit.indicators.tables import timeline

SPRING, AUTUMN = (4, 1), (10, 1)


def seen(*records: tuple[str, str, date]) -> pl.DataFrame:
    return presence(timeline((child, day, source, "item", 1) for child, source, day in records))


def children(year: int, *, source: str | None = None) -> pl.DataFrame:
    found = pl.DataFrame({"person_id": ["a"], "year": pl.Series([year], dtype=pl.Int32)})
    return found if source is None else found.with_columns(pl.lit(source).alias("source"))


def twice_a_year(child: str, years: range) -> list[tuple[str, str, date]]:
    return [(child, "school", date(year, *day)) for year in years for day in (SPRING, AUTUMN)]


def test_the_latest_record_of_the_child_and_of_the_source():
    known = seen(
        ("a", "school", date(2024, 4, 1)),
        ("b", "school", date(2025, 4, 1)),
        ("a", "health", date(2023, 5, 2)),
        ("b", "welfare", date(2025, 4, 1)),
    )
    assert last_updates(children(2025), known).rows() == [
        ("a", 2025, "health", date(2023, 5, 2), date(2023, 5, 2)),
        ("a", 2025, "school", date(2024, 4, 1), date(2025, 4, 1)),
    ]


def test_what_came_after_the_year_is_not_told():
    known = seen(*twice_a_year("a", range(2022, 2026)))
    assert last_updates(children(2023), known).rows() == [
        ("a", 2023, "school", date(2023, 10, 1), date(2023, 10, 1)),
    ]


def test_a_year_still_running_is_told_from_a_whole_one():
    records = [record for child in "abc" for record in twice_a_year(child, range(2022, 2025))]
    known = seen(*records, *((child, "school", date(2025, 4, 1)) for child in "abc"))
    assert partial_years(children(2025, source="school"), known).rows(named=True) == [
        {
            "person_id": "a",
            "year": 2025,
            "source": "school",
            "records": 1,
            "first": date(2025, 4, 1),
            "last": date(2025, 4, 1),
            "usual": 2,
        }
    ]
    assert partial_years(children(2024, source="school"), known).is_empty()


def test_a_child_who_came_in_the_year_has_a_part_of_it():
    others = [record for child in "bc" for record in twice_a_year(child, range(2022, 2026))]
    known = seen(*others, ("a", "school", date(2025, 10, 1)))
    assert partial_years(children(2025, source="school"), known)["records"].to_list() == [1]


def test_a_source_that_delivers_once_a_year_never_has_a_part_of_one():
    known = seen(*((child, "school", date(year, 4, 1)) for child in "ab" for year in range(2020, 2026)))
    assert partial_years(children(2025, source="school"), known).is_empty()
