"""What the sources say of a pair beside its values: held at once, time between, implausible ages."""

from datetime import date

import polars as pl
import pytest

from linkage.circumstances import YEARS_BETWEEN
from tests.unit.linkage.people import at, compared


def circumstances(*changes):
    """Of the first and the second of `changes`."""
    return compared(*changes).row(0, named=True)


def test_who_is_held_at_once_and_who_shares_a_number():
    frame = compared(
        {"source": "health", "local_id": "H1"},
        {},
        {"as_of": at(2024), "given": "太郎", "given_kana": "タロウ"},
        {"local_id": "S2"},
    )
    assert frame.select("left", "right", "held_at_once", "same_number").rows() == [
        (0, 1, False, False),
        (0, 2, False, False),
        (0, 3, False, False),
        (1, 2, False, True),  # one number, another name
        (1, 3, True, False),  # two numbers of one source at one date
        (2, 3, False, False),  # two numbers of one source at different dates
    ]


@pytest.mark.parametrize(
    ("year", "expected"),
    [(2020, 0), (2021, 0), (2022, 1), (2023, 1), (2024, 2), (2027, 2), (2028, 3), (2038, 3), (2019, 0), (2013, 2)],
)
def test_the_class_of_time_between_two(year, expected):
    assert YEARS_BETWEEN == (1, 3, 7)
    assert circumstances({}, {"source": "welfare", "local_id": "W1", "as_of": at(year)})["years"] == expected


def test_there_is_no_time_between_two_that_overlap():
    long = [{"as_of": at(2014)}, {"as_of": at(2030)}]
    assert circumstances({"source": "health", "local_id": "H1", "as_of": at(2022)}, *long)["years"] == 0


# A source knows its own ages. Here pupils are first seen at six and last at eleven; health knows children of any age.
PUPILS = [
    {"source": "school", "local_id": f"S{n}", "as_of": at(2014 + years), "birth_date": date(2007, 5 + n % 7, 1)}
    for n in range(10)
    for years in (0, 5)
]
PATIENTS = [
    {"source": "health", "local_id": f"H{n}", "as_of": at(2016), "birth_date": date(2016 - n, 4, 1)} for n in range(19)
]


@pytest.mark.parametrize(
    ("born", "implausible"),
    [
        (date(2015, 6, 1), True),  # not born yet when it went to school
        (date(2013, 6, 1), True),  # there already as a baby
        (date(2007, 8, 1), False),
        (date(1998, 6, 1), True),  # a pupil at twenty
        (None, False),
    ],
)
def test_an_age_of_which_a_source_has_no_children_is_implausible(born, implausible):
    child = {"source": "health", "local_id": "A", "as_of": at(2016), "birth_date": born}
    frame = compared(*PUPILS, *PATIENTS, child)
    with_pupils = frame.filter(pl.col("left") == 0, pl.col("right") > len(PATIENTS))
    assert with_pupils["implausible_age"].to_list() == [implausible] * 10
