"""Every rule a row can break, one row at a time, and the values a measured column may take."""

from datetime import date

import pytest

from linkage.rules import Rule
from tests.unit.linkage.deliveries import csv_bytes, extract, good_rows, read, rejected
from vocabulary.texts import catalogue

# rule → the row after two good ones, and the column and value that are reported
BROKEN = {
    Rule.RAGGED_ROW: ("9,2025-04-01,佐藤", None, "3"),
    Rule.UNDECODABLE_CHARACTER: ("9,2025-04-01,佐\ufffd,花子,,,,,,,", "family_name", "佐\ufffd"),
    Rule.LOCAL_ID_MISSING: (" ,2025-04-01,佐藤,花子,,,,,,,", "local_id", " "),
    Rule.AS_OF_MISSING: ("9,,佐藤,花子,,,,,,,", "as_of", None),
    Rule.AS_OF_NOT_A_DATE: ("9,2025-02-30,佐藤,花子,,,,,,,", "as_of", "2025-02-30"),
    Rule.AS_OF_IN_FUTURE: ("9,2026-11-22,佐藤,花子,,,,,,,", "as_of", "2026-11-22"),
    Rule.BIRTH_DATE_NOT_A_DATE: ("9,2025-04-01,佐藤,花子,2015-31-12,,,,,,", "birth_date", "2015-31-12"),
    Rule.BIRTH_DATE_IN_FUTURE: ("9,2025-04-01,佐藤,花子,2027-01-01,,,,,,", "birth_date", "2027-01-01"),
    Rule.VALUE_NOT_ALLOWED: ("9,2025-04-01,佐藤,花子,,3,,,,,", "sex", "3"),
    Rule.NOT_A_NUMBER: ("9,2025-04-01,佐藤,花子,,,,,,,five", "score_math", "five"),
    Rule.NOT_AN_INTEGER: ("9,2025-04-01,佐藤,花子,,,,,,4.5,", "grade", "4.5"),
    Rule.BELOW_MINIMUM: ("9,2025-04-01,佐藤,花子,,,,,-1,,", "days_absent", "-1"),
    Rule.ABOVE_MAXIMUM: ("9,2025-04-01,佐藤,花子,,,,,,13,", "grade", "13"),
    Rule.MORE_ABSENT_THAN_REQUIRED: ("9,2025-04-01,佐藤,花子,,,,5,6,,", "days_absent", "6"),
    Rule.DUPLICATE_KEY: ("１０００,R7.4.1,佐藤,花子,,,,,,,", "local_id", "１０００"),
}


def test_every_rule_has_its_case_and_its_text():
    assert set(BROKEN) == set(Rule)
    assert {key for key in catalogue() if key.startswith("delivery.rule_")} == {
        f"delivery.rule_{rule}" for rule in Rule
    }


@pytest.mark.parametrize("rule", Rule)
def test_a_broken_row_is_set_aside_and_the_rest_goes_on(tmp_path, rule):
    row, column, value = BROKEN[rule]
    before, after = good_rows(3)[:2], good_rows(3)[2:]
    data = csv_bytes(*before, row, *after)
    if rule is Rule.UNDECODABLE_CHARACTER:
        data = data.replace("\ufffd".encode(), b"\xff")
    found = read(tmp_path, {"school.csv": data})
    assert rejected(found) == [(4, column, value, str(rule))]
    assert extract(found)["local_id"].to_list() == ["1000", "1001", "1002"]


def test_a_row_that_breaks_several_rules_is_set_aside_once_under_the_first(tmp_path):
    found = read(tmp_path, {"school.csv": csv_bytes("9,2025-04-01,佐藤,花子,2027-01-01,X,,,-1,99,abc")})
    assert rejected(found) == [(2, "birth_date", "2027-01-01", "birth_date_in_future")]


def test_bytes_that_cp932_reads_without_a_word_are_set_aside(tmp_path):
    data = csv_bytes(*good_rows(20)).decode().encode("cp932").replace("佐".encode("cp932"), b"\xa0", 1)
    assert [row[0::3] for row in rejected(read(tmp_path, {"school.csv": data}))] == [(2, "undecodable_character")]


def test_a_vendors_own_character_is_kept_and_noticed(tmp_path):
    data = csv_bytes(*good_rows(20)).decode().encode("cp932").replace("佐".encode("cp932"), b"\xf0\x40", 1)
    found = read(tmp_path, {"school.csv": data})
    assert found.rejects.is_empty()
    assert found.extracts["school"]["family_name"][0] == "\ue000藤"
    assert "delivery.lost_characters" in [notice.key for notice in found.notices]


@pytest.mark.parametrize("mark", ["?", "？", "*", "＊", "●", "〓"])
def test_a_mark_for_a_lost_character_is_noticed_in_any_width(tmp_path, mark):
    found = read(tmp_path, {"school.csv": csv_bytes(*good_rows(20)).decode().replace("佐", mark, 1).encode()})
    assert "delivery.lost_characters" in [notice.key for notice in found.notices]


@pytest.mark.parametrize(
    ("source", "column", "written", "read_as"),
    [
        ("school", "grade", "４", 4),
        ("school", "grade", "4.0", 4),
        ("school", "grade", " 4 ", 4),
        ("school", "grade", "", None),
        ("school", "grade", "-", None),
        ("school", "score_math", "５１．５", 51.5),
        ("school", "school_code", " 第１小 ", "第1小"),
        ("welfare", "tax_exempt", "1", 1),
        ("welfare", "tax_exempt", "０", 0),
        ("welfare", "tax_exempt", "true", 1),
        ("welfare", "child_rearing_allowance", "Partial", "partial"),
        ("welfare", "child_rearing_allowance", "none", "none"),
        ("welfare", "consultation_topics", "truancy; abuse;truancy", "abuse;truancy"),
        ("welfare", "consultation_topics", "poverty；health", "health;poverty"),
        ("welfare", "consultation_topics", ";", None),
        ("welfare", "sex", "男", "M"),
        ("welfare", "sex", "２", "F"),
        ("welfare", "sex", "f", "F"),
        ("welfare", "birth_date", "H27.6.7", date(2015, 6, 7)),
        ("welfare", "address", "　半町1-2 ", "半町1-2"),
        ("welfare", "family_name", "齋藤", "齋藤"),
    ],
)
def test_values_are_read_whatever_their_form(tmp_path, source, column, written, read_as):
    data = csv_bytes(f"1,2025-04-01,{written}", header=f"local_id,as_of,{column}")
    found = read(tmp_path, {f"{source}.csv": data})
    assert found.extracts[source][column].to_list() == [read_as]


def test_an_unknown_code_among_known_ones_sets_the_row_aside(tmp_path):
    data = csv_bytes("1,2025-04-01,abuse;debts", header="local_id,as_of,consultation_topics")
    found = read(tmp_path, {"welfare.csv": data})
    assert rejected(found) == [(2, "consultation_topics", "abuse;debts", "value_not_allowed")]


def test_a_date_in_digits_of_another_script_is_set_aside_and_the_rest_goes_on(tmp_path):
    found = read(tmp_path, {"school.csv": csv_bytes(*good_rows(2), "9,2025-04-01,佐藤,花子,٢٠١٥-٠٤-٠١,,,,,,")})
    assert rejected(found) == [(4, "birth_date", "٢٠١٥-٠٤-٠١", "birth_date_not_a_date")]
    assert extract(found)["local_id"].to_list() == ["1000", "1001"]
