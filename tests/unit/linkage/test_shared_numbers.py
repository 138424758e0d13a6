"""A number that departments share is read only where an approval lists it, and My Numbers are never kept."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.shared_numbers import my_numbers, shared_number_key
from tests.unit.linkage.deliveries import csv_bytes, extract, read, rejected

MY_NUMBER = "123456789018"
BY_NAME = {"school": ["*", "shared_number"]}


def check_digit(eleven: str) -> str:
    """The ordinance's formula as it stands there: P1 is the lowest digit, Q is n+1 up to the sixth, then n−5."""
    terms = [int(digit) * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(eleven), 1)]
    rest = sum(terms) % 11
    return "0" if rest <= 1 else str(11 - rest)


def of_one_file(*numbers: str | None) -> list[bool]:
    column = pl.Series(numbers, dtype=pl.String)
    return my_numbers(column, pl.repeat("school.csv", len(numbers), eager=True)).to_list()


def numbers_read(folder, *numbers: str, columns: dict[str, object] | None = None):
    rows = [f"{n},2025-04-01,{number}" for n, number in enumerate(numbers)]
    data = csv_bytes(*rows, header="local_id,as_of,統一宛名番号")
    return read(folder, {"school.csv": data}, columns=columns or BY_NAME)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("０１２－３４５", "012345"),
        ("a 12.3/4", "A1234"),
        ("0000000", ""),
        ("- -", ""),
        ("123", ""),
    ],
)
def test_key(written, key):
    assert shared_number_key(written) == key


@given(st.text("0123456789", min_size=11, max_size=11), st.sampled_from("123456789"))
def test_a_number_with_its_check_digit_is_taken_for_a_my_number_and_none_other(eleven, off):
    right = check_digit(eleven)
    wrong = str((int(right) + int(off)) % 10)
    usual = ["900000000002"] * 2  # so that one valid number of a file does not condemn the others
    assert check_digit(usual[0][:-1]) != "2"
    assert of_one_file(eleven + right, *usual) == [True, False, False]
    assert of_one_file(eleven + wrong, *usual) == [False, False, False]


def test_in_any_writing_and_no_other_length():
    assert of_one_file("1234-5678-9018", "１２３４５６７８９０１８", "23456789018", None, "A23456789018") == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_file_mostly_of_my_numbers_keeps_none_of_the_mistyped_ones():
    assert of_one_file(MY_NUMBER, MY_NUMBER, "123456789019", "1234567") == [True, True, True, False]


def test_read_only_where_the_approval_lists_it(tmp_path):
    assert (
        numbers_read(tmp_path, "0012345", columns={"school": "*"}).extracts["school"]["shared_number"].is_null().all()
    )
    assert extract(numbers_read(tmp_path, "0012345"))["shared_number"].to_list() == ["0012345"]


def test_my_numbers_are_blanked_counted_and_shown_nowhere(tmp_path):
    found = numbers_read(tmp_path, MY_NUMBER, "0012345")
    assert extract(found)["shared_number"].to_list() == [None, "0012345"]
    (notice,) = found.notices
    assert (notice.key, notice.values) == ("delivery.my_number_blanked", {"file": "school.csv", "rows": 1})
    assert MY_NUMBER not in str(notice)


def test_an_unreadable_number_is_set_aside_without_its_value(tmp_path):
    rows = ["1,2025-04-01,12345678901\ufffd,佐藤花子", "2,2025-04-01,0012345,佐藤太郎"]
    data = csv_bytes(*rows, header="local_id,as_of,統一宛名番号,氏").replace("\ufffd".encode(), b"\xff")
    found = read(tmp_path, {"school.csv": data}, columns=BY_NAME)
    assert rejected(found) == [(2, "shared_number", None, "undecodable_character")]
