"""Sources and indicators that say nothing of a child's year though they were to be expected to."""

from datetime import date

import numpy as np
import polars as pl

from indicators.compute import compute_indicators
from indicators.missing import missing_sources, unknown_indicators
from indicators.presence import presence
from indicators.rules import load_rules
from tests.unit.indicators.tables import names, persons, series
from vocabulary.source import Source, Titled, load_sources

RULES = load_rules()
CHILDREN, YEARS = 60, 4
SOURCES = load_sources()


def present(**without: dict[int, list[int]]) -> pl.DataFrame:
    """A record of each child, year 2020–2023 and source but those left out (`source={year: children}`)."""
    items = {"school": "days_absent", "welfare": "tax_exempt", "health": "untreated_caries"}
    told = []
    for source, left_out in without.items():
        matrix = np.ones((CHILDREN, YEARS))
        for year, children in left_out.items():
            matrix[children, year - 2020] = np.nan
        told.append(series(source, items[source], matrix))
    return pl.concat(told)


def missing(timeline: pl.DataFrame, child: int, year: int, born: date = date(2012, 6, 1)) -> list[tuple[object, ...]]:
    children = pl.DataFrame({"person_id": [names(CHILDREN)[child]], "year": pl.Series([year], dtype=pl.Int32)})
    found = missing_sources(children, presence(timeline), persons(names(CHILDREN), born=born), SOURCES)
    return found.select("source", "delivered", "last").rows()


def test_a_source_that_held_the_child_the_year_before_is_missed():
    told = present(welfare={2023: [9]}, school={})
    assert missing(told, 9, 2023) == [("welfare", True, date(2022, 4, 1))]
    assert missing(told, 9, 2022) == []
    assert missing(told, 8, 2023) == []


def test_a_source_that_never_held_the_child_is_not_missed():
    assert missing(present(welfare={year: [9] for year in range(2020, 2024)}, school={}), 9, 2023) == []


def test_a_source_that_expects_the_grade_is_missed_though_it_never_held_the_child():
    told = present(school={year: [9] for year in range(2020, 2024)}, welfare={})
    assert missing(told, 9, 2023) == [("school", True, None)]
    assert missing(told, 9, 2023, born=date(2019, 6, 1)) == []  # before school age


def test_a_source_that_delivered_nothing_is_told_apart():
    everybody = list(range(CHILDREN))
    told = present(welfare={2023: everybody}, school={})
    assert missing(told, 9, 2023) == [("welfare", False, date(2022, 4, 1))]


def test_a_source_that_never_delivered_is_not_missed():
    assert missing(present(welfare={}), 9, 2023) == []


def test_a_child_who_has_grown_out_of_a_source_misses_nothing():
    most = list(range(50))
    told = present(health={2023: most}, school={})
    assert missing(told, 9, 2023) == []
    assert missing(present(health={2023: most[:20]}, school={}), 9, 2023) == [("health", True, date(2022, 4, 1))]


def test_expected_grades_come_from_the_specification():
    own = {"nursery": Source(name="nursery", title=Titled(ja="保育", en="Nursery"), expected_grades=(-3, 0))}
    told = series("nursery", "hours", np.where(np.arange(CHILDREN)[:, None] == 9, np.nan, np.ones((CHILDREN, YEARS))))
    children = pl.DataFrame({"person_id": ["p00009"] * 2, "year": pl.Series([2022, 2023], dtype=pl.Int32)})
    known = persons(names(CHILDREN), born=date(2016, 6, 1))  # grade 0 in 2022, grade 1 in 2023
    found = missing_sources(children, presence(told), known, own)
    assert found.select("year", "source").rows() == [(2022, "nursery")]


def unknown(told: pl.DataFrame, child: str, year: int = 2023) -> list[str]:
    known = persons(names(CHILDREN))
    children = pl.DataFrame({"person_id": [child], "year": pl.Series([year], dtype=pl.Int32)})
    found = unknown_indicators(children, presence(told), compute_indicators(told, known, RULES), known, RULES)
    return found["indicator"].to_list()


def test_an_indicator_without_a_value_is_told_where_most_of_the_grade_has_one():
    math = np.full((CHILDREN, YEARS), 50.0)
    math[9, 3] = np.nan
    rare = np.full((CHILDREN, YEARS), np.nan)
    rare[:20] = 50
    told = pl.concat(
        [
            series("school", "days_absent", np.ones((CHILDREN, YEARS))),
            series("school", "score_math", math),
            series("school", "score_language", rare),
        ]
    )
    assert unknown(told, "p00009") == ["score_math"]
    assert unknown(told, "p00009", 2022) == []
    assert unknown(told, "p00030") == []


def test_indicators_of_a_source_without_a_record_are_not_told_again():
    absent = np.ones((CHILDREN, YEARS))
    absent[9, 3] = np.nan
    told = pl.concat(
        [series("school", "days_absent", absent), series("welfare", "tax_exempt", np.ones((CHILDREN, YEARS)))]
    )
    assert unknown(told, "p00009") == []
