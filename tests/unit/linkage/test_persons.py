"""Persons: the mode of what their records say, and nothing that names them."""

from datetime import date

import polars as pl
import pytest

from linkage.clusters import JOININGS, Clusters
from linkage.persons import identities, person_links, persons, record_traits
from tests.unit.linkage.people import at, records
from vocabulary.frames import IDENTITIES, LINKS, PERSONS, RECORD, RECORDS, TRAITS

ROWS = [
    {"source": "school", "local_id": "S1", "as_of": at(2021), "birth_date": date(2012, 6, 7), "sex": "F"},
    {"source": "school", "local_id": "S1", "as_of": at(2022), "birth_date": date(2012, 6, 7), "sex": None},
    {"source": "health", "local_id": "H1", "as_of": at(2020), "birth_date": date(2012, 7, 6), "sex": "F"},
    {"source": "health", "local_id": "H2", "as_of": at(2020), "birth_date": None, "sex": None},
]
CLUSTERS = Clusters(
    pl.DataFrame({"profile": [0, 1, 2], "cluster": [0, 0, 2], "match_probability": [1.0, 0.75, 1.0]}),
    pl.DataFrame({"cluster": [0, 2], "link_confidence": [0.75, 1.0]}),
    pl.DataFrame(schema=JOININGS),
)
FRAME = pl.DataFrame(ROWS, schema=RECORDS)
LINKED = FRAME.select(RECORD).with_columns(cluster=pl.Series([0, 0, 0, 2]), person_id=pl.Series(["a", "a", "a", "b"]))
MEMBERS = FRAME.select(RECORD).with_columns(profile=pl.Series([0, 0, 1, 2]))


def test_one_row_a_child():
    frame = persons(FRAME, LINKED, CLUSTERS)
    assert frame.schema == PERSONS
    assert frame.rows() == [
        ("a", date(2012, 6, 7), "F", at(2020), at(2022), "health;school", 0.75),
        ("b", None, None, at(2020), at(2020), "health", 1.0),
    ]


def test_the_smallest_of_equally_frequent_birth_dates():
    frame = persons(FRAME[[0, 2]], LINKED[[0, 2]], CLUSTERS)
    assert frame["birth_date"].to_list() == [date(2012, 6, 7)]


def test_every_record_has_its_link_and_its_probability():
    frame = person_links(LINKED, MEMBERS, CLUSTERS)
    assert frame.schema == LINKS
    assert frame.rows() == [
        ("health", "H1", at(2020), "a", 0.75),
        ("health", "H2", at(2020), "b", 1.0),
        ("school", "S1", at(2021), "a", 1.0),
        ("school", "S1", at(2022), "a", 1.0),
    ]


def test_identities_are_the_latest_value_that_was_recorded():
    named = FRAME.with_columns(
        family_name=pl.Series(["佐藤", "鈴木", "佐東", None]), phone=pl.Series(["1", None, "2", None])
    )
    frame = identities(named, person_links(LINKED, MEMBERS, CLUSTERS))
    assert frame.schema == IDENTITIES
    assert frame.select("person_id", "family_name", "phone").rows() == [("a", "鈴木", "1"), ("b", None, None)]


def test_traits_say_who_shares_a_surname_and_a_house_but_no_name():
    standardised = records(
        {"local_id": "1"},
        {"local_id": "2", "given": "太郎"},
        {"local_id": "3", "family": "鈴木", "block": "9-9"},
        {"local_id": "4", "family": None, "family_kana": None, "block": None},
    )
    traits = record_traits(standardised)
    assert traits.schema == TRAITS
    first, second, third, fourth = traits.select("surname_code", "address_code").rows()
    assert first == second
    assert first[0] != third[0]
    assert first[1] != third[1]
    assert fourth == (None, None)


@pytest.mark.parametrize("family", ["佐藤", "鈴木"])
def test_traits_of_the_same_records_are_the_same_again(family):
    frame = records({"family": family}, {"local_id": "2"})
    assert record_traits(frame).equals(record_traits(frame))
