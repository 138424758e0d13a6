"""Who is within the population of an approval: small tables in, rows within and counts by rule out."""

import hashlib
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import register
from governance.population import LISTED, RULES, Population, hold, parse_listed
from governance.population_lists import read_list
from governance.tables import population_lists
from governance.verify import verify
from tests.unit.governance.conftest import APPROVAL
from vocabulary.errors import ApprovalError, IntegrityError
from vocabulary.source import load_sources

ROWS = pl.DataFrame(
    {
        "local_id": ["a", "b", "c", "d"],
        "as_of": [date(2025, 4, 1)] * 4,
        "birth_date": [date(2025, 4, 1), date(2007, 4, 1), date(2007, 4, 2), None],
        "address": ["箕面市粟生間谷西1-2", "箕面市 稲 3", "箕面市粟生間谷東５", None],
        "grade": [1, 2, None, 2],
    },
    schema_overrides={"grade": pl.Int32},
)

LIST = b"source,local_id\nschool,a\nschool,b\nhealth,c\n"
SHA256 = hashlib.sha256(LIST).hexdigest()


def within(stated, source="school", listed=None):
    held = hold(ROWS, source, Population.model_validate(stated), listed)
    assert held.within.height + sum(held.outside.values()) == ROWS.height
    assert held.within.columns == ROWS.columns
    return "".join(held.within["local_id"]), held.outside


@pytest.mark.parametrize(
    ("stated", "ids", "outside"),
    [
        ({"ages": (0, 17)}, "ac", {"age_unknown": 1, "age": 1}),
        ({"ages": (0, 18)}, "abc", {"age_unknown": 1}),
        ({"ages": (18, 18)}, "b", {"age_unknown": 1, "age": 2}),
        ({"ages": (0, 17), "unknown": "read"}, "acd", {"age": 1}),
        ({"towns": ["粟生間谷"]}, "ac", {"residence_unknown": 1, "residence": 1}),
        ({"towns": ["粟生間谷東5", "市稲"]}, "bc", {"residence_unknown": 1, "residence": 1}),
        ({"towns": ["豊中市"], "unknown": "read"}, "d", {"residence": 3}),
        ({"columns": {"school": {"grade": ["2"]}}}, "bd", {"column_unknown": 1, "column": 1}),
        ({"columns": {"school": {"grade": ["2"]}}, "unknown": "read"}, "bcd", {"column": 1}),
        ({"columns": {"health": {"grade": ["2"]}}}, "abcd", {}),
        ({"ages": (0, 17), "towns": ["東"]}, "c", {"age_unknown": 1, "age": 1, "residence": 1}),
    ],
)
def test_who_is_within(stated, ids, outside):
    assert within(stated) == (ids, outside)


def test_a_list_names_the_numbers_of_each_source():
    listed = parse_listed(LIST, file="list.csv", expected=SHA256)
    assert within({"listed": SHA256}, "school", listed) == ("ab", {"not_listed": 2})
    assert within({"listed": SHA256}, "health", listed) == ("c", {"not_listed": 3})
    assert within({"listed": SHA256}, "welfare", listed) == ("", {"not_listed": 4})
    assert within({"listed": SHA256, "unknown": "read"}, "welfare", listed) == ("", {"not_listed": 4})


@given(st.dates(date(1990, 1, 1), date(2025, 12, 31)), st.dates(date(2026, 1, 1), date(2060, 12, 31)))
def test_the_age_is_the_number_of_birthdays(born, day):
    """Who was born on 29 February has the birthday on 1 March in other years."""
    years = range(born.year + 1, day.year + 1)
    birthdays = sum((year, born.month, born.day) <= (day.year, day.month, day.day) for year in years)
    rows = pl.DataFrame({"local_id": ["a"], "as_of": [day], "birth_date": [born], "address": [None]})
    assert hold(rows, "school", Population(ages=(birthdays, birthdays)), None).outside == {}
    assert hold(rows, "school", Population(ages=(birthdays + 1, 130)), None).outside == {"age": 1}


def test_every_rule_can_be_broken():
    broken = {
        rule
        for stated in (
            {"ages": (0, 17)},
            {"towns": ["稲"]},
            {"columns": {"school": {"grade": ["2"]}}},
            {"listed": SHA256},
        )
        for rule in within(stated)[1]
    }
    assert broken == set(RULES)


def with_list(digest):
    return APPROVAL.replace("[sources]", f'[population]\nlisted = "{digest}"\n[sources]')


def add(workspace, toml, listed):
    return register.add(workspace, toml, file="a.toml", sources=load_sources(), actor="os:operator", listed=listed)


def test_a_list_is_kept_encrypted_and_read_back(workspace):
    approval = add(workspace, with_list(SHA256), LIST).approval
    assert read_list(workspace, approval).rows() == [("school", "a"), ("school", "b"), ("health", "c")]
    with workspace.reading() as connection:
        ((digest, content),) = connection.execute(population_lists.select()).all()
    assert digest == SHA256
    assert "school" not in content
    assert verify(workspace).findings == ()


def test_an_exchanged_or_removed_list_is_not_read(workspace):
    approval = add(workspace, with_list(SHA256), LIST).approval
    other = workspace.custody.seal("population/other", LIST)
    with workspace.writing() as connection:
        connection.execute(population_lists.update().values(content=other))
    with pytest.raises(IntegrityError):
        read_list(workspace, approval)
    with workspace.writing() as connection:
        connection.execute(population_lists.delete())
    with pytest.raises(IntegrityError):
        read_list(workspace, approval)


@pytest.mark.parametrize(
    ("toml", "listed", "message"),
    [
        (with_list(SHA256), None, "no list of numbers was given"),
        (APPROVAL, LIST, "names no list of numbers"),
        (with_list(SHA256), LIST + b"school,d\n", "has the SHA-256 .*, the approval names"),
        (with_list(hashlib.sha256(b"number\n1\n").hexdigest()), b"number\n1\n", f"columns {', '.join(LISTED)}"),
        (with_list(hashlib.sha256(b"\xff\n").hexdigest()), b"\xff\n", "cannot be read"),
        (with_list("5"), LIST, "population.listed: not a SHA-256"),
    ],
)
def test_another_list_than_the_approved_one_is_refused(workspace, toml, listed, message):
    with pytest.raises(ApprovalError, match=message):
        add(workspace, toml, listed)
    assert register.list_approvals(workspace) == []
