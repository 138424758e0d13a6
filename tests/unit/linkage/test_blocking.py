"""Blocking: every rule finds its pair, a household alone finds none, a value shared by too many is none."""

from datetime import date

import pytest

from linkage.blocking import RULES, block
from linkage.profiles import build_profiles
from tests.unit.linkage.people import HANAKO, records, tables

STRANGER = {
    "source": "health",
    "local_id": "H9",
    "family": "高橋",
    "given": "翼",
    "family_kana": "タカハシ",
    "given_kana": "ツバサ",
    "birth_date": date(2009, 11, 30),
    "postal": "5638888",
    "town": "新町",
    "block": "9-9",
    "guardian": "高橋健",
    "guardian_kana": "タカハシケン",
    "phone": "09088887777",
}
COLUMNS = {
    "address": ("town", "block"),
    "name": ("family", "given"),
    "reading": ("family_kana", "given_kana"),
    "number": ("source", "local_id", "as_of"),
}


def blocked(*changes, **options):
    with tables(build_profiles(records(*changes))) as connection:
        name = block(connection, "profiles", **options)
        return sorted(connection.sql(f'SELECT "left", "right" FROM {name}').fetchall())


def sharing(attributes):
    """A stranger of HANAKO's but for the values of `attributes`."""
    columns = [column for attribute in attributes for column in COLUMNS.get(attribute, (attribute,))]
    return STRANGER | {column: HANAKO[column] for column in columns} | {"as_of": date(2024, 4, 1)}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_finds_two_profiles_that_share_its_values(rule):
    assert blocked({}, sharing(RULES[rule])) == [(0, 1)]


def test_strangers_are_no_pair():
    assert blocked({}, STRANGER) == []


def test_any_value_of_the_set_will_do():
    old_name = [{}, {"as_of": date(2021, 4, 1), "family": "鈴木", "family_kana": "スズキ"}]
    other = STRANGER | {"family": "佐藤", "birth_date": HANAKO["birth_date"]}
    assert blocked(*old_name, other) == [(0, 1)]


def test_brothers_and_sisters_are_no_pair_for_their_household_alone():
    brother = {"local_id": "S2", "given": "太郎", "given_kana": "タロウ", "birth_date": date(2010, 1, 2), "sex": "M"}
    assert blocked({}, brother) == []


def test_a_value_that_is_missing_is_shared_by_nobody():
    unknown = {"birth_date": None, "phone": None, "guardian": None, "given_kana": None, "family_kana": None}
    assert blocked(unknown, STRANGER | unknown) == []


def test_a_value_shared_by_too_many_is_no_block():
    crowd = [{"local_id": str(n), "phone": f"07{n}"} for n in range(6)]
    assert len(blocked(*crowd, largest_block=6)) == 15
    assert blocked(*crowd, largest_block=5) == []


def test_a_pair_found_by_several_rules_is_one_pair_in_order():
    assert blocked({}, {"source": "health", "local_id": "H1"}, {"source": "welfare", "local_id": "W1"}) == [
        (0, 1),
        (0, 2),
        (1, 2),
    ]
