"""Blocking: every rule finds its pair, a household alone finds none, a value shared by too many is none."""

from datetime import date

import pytest

from linkage.blocking import LARGEST_BLOCK, LARGEST_WIDE_BLOCK, RULES, WIDE_RULES
from tests.unit.linkage.people import HANAKO, blocked

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
KNOWN = HANAKO | {"shared_number": "48210", "words": ["SANTOS", "SOFIA"]}
KNOWN |= {"block": "12 FOOST", "room": "コ-ポ201"}
SHARED = {  # attribute → what a stranger shows who has it in common with KNOWN, and as little else as can be
    "address": {"town": KNOWN["town"], "block": KNOWN["block"]},
    "line": {"block": "94 FOOST"},
    "house": {"block": "12 BARRD"},
    "name": {"family": KNOWN["family"], "given": KNOWN["given"]},
    "reading": {"family_kana": KNOWN["family_kana"], "given_kana": KNOWN["given_kana"]},
    "number": {"source": KNOWN["source"], "local_id": KNOWN["local_id"]},
    "birth_year": {"birth_date": date(KNOWN["birth_date"].year, 11, 30)},
    "birth_day": {"birth_date": KNOWN["birth_date"].replace(year=2009)},
    "words": {"words": ["MARIA", "SOFIA"]},
}


def sharing(attributes):
    """A stranger to KNOWN but for the values of `attributes`."""
    shared = [SHARED.get(attribute, {attribute: KNOWN.get(attribute)}) for attribute in attributes]
    stranger = STRANGER | {"as_of": date(2024, 4, 1)}
    for values in shared:
        stranger |= values
    return stranger


@pytest.mark.parametrize(("rule", "attributes"), [*RULES.items(), *WIDE_RULES.items()])
def test_each_rule_finds_two_profiles_that_share_its_values(rule, attributes):
    assert blocked(KNOWN, sharing(attributes), rules={rule: attributes}) == [(0, 1)]


@pytest.mark.parametrize(("rule", "attributes"), [*RULES.items(), *WIDE_RULES.items()])
def test_no_rule_finds_two_profiles_that_share_less(rule, attributes):
    for left_out in attributes:
        fewer = [attribute for attribute in attributes if attribute != left_out]
        assert blocked(KNOWN, sharing(fewer), rules={rule: attributes}) == []


def test_strangers_are_no_pair():
    assert blocked({}, STRANGER) == []


def test_any_value_of_the_set_will_do():
    old_name = [{}, {"as_of": date(2021, 4, 1), "family": "鈴木", "family_kana": "スズキ"}]
    other = STRANGER | {"family": "佐藤", "birth_date": HANAKO["birth_date"]}
    assert blocked(*old_name, other) == [(0, 1)]


def test_brothers_and_sisters_are_no_pair_for_their_household_alone():
    brother = {"local_id": "S2", "given": "太郎", "given_kana": "タロウ", "birth_date": date(2010, 1, 2), "sex": "M"}
    assert blocked({}, brother) == []


@pytest.mark.parametrize("slip", [date(2012, 6, 17), date(2012, 7, 6), date(2021, 6, 7), date(2002, 6, 7)])
def test_a_slip_in_the_birth_date_is_no_hindrance_where_the_telephone_is_the_same(slip):
    other = STRANGER | {"birth_date": slip, "phone": HANAKO["phone"]}
    assert blocked({}, other) == [(0, 1)]


def test_a_value_that_is_missing_is_shared_by_nobody():
    unknown = dict.fromkeys(("birth_date", "phone", "guardian", "given_kana", "family_kana", "words", "shared_number"))
    assert blocked(unknown, STRANGER | unknown) == []


@pytest.mark.parametrize(
    ("rule", "largest"),
    [("given name and telephone", LARGEST_BLOCK), ("full name", LARGEST_WIDE_BLOCK), ("house", LARGEST_WIDE_BLOCK)],
)
def test_a_value_shared_by_too_many_is_no_block(rule, largest):
    crowd = [{"local_id": str(n)} for n in range(largest + 1)]
    only = {rule: (RULES | WIDE_RULES)[rule]}
    assert len(blocked(*crowd[:largest], rules=only)) == largest * (largest - 1) // 2
    assert blocked(*crowd, rules=only) == []


THREE = [{}, {"source": "health", "local_id": "H1"}, {"source": "welfare", "local_id": "W1"}]


def test_a_pair_found_by_several_rules_is_one_pair_in_order():
    assert blocked(*THREE) == [(0, 1), (0, 2), (1, 2)]


@pytest.mark.parametrize(
    ("fresh", "found"), [([], []), ([1], [(0, 1), (1, 2)]), ([0, 2], [(0, 1), (0, 2), (1, 2)]), ([9], [])]
)
def test_only_pairs_of_which_one_is_fresh(fresh, found):
    assert blocked(*THREE, fresh=fresh) == found
