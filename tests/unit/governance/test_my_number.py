"""Individual Numbers are found by their check digit in any column, and other numbers are not taken for them."""

import random
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import my_number
from governance.my_number import holds_twelve_digits, is_my_number, screen

PUBLISHED = "123456789018"
"""The specimen number of the Ministry's own forms."""


def check_digit(eleven: str) -> int:
    """As article 5 of the Ordinance writes it: digits P(n) and Q(n), n counted from the right."""
    total = sum(int(eleven[-n]) * (n + 1 if n <= 6 else n - 5) for n in range(1, 12))
    return 0 if total % 11 <= 1 else 11 - total % 11


def numbers(count, *, valid, seed=1):
    made = random.Random(seed)
    drawn = [f"{made.randrange(10**11):011d}" for _ in range(count)]
    return [eleven + str((check_digit(eleven) + (0 if valid else 1 + made.randrange(9))) % 10) for eleven in drawn]


def random_numbers(count, seed=2):
    made = random.Random(seed)
    return [str(made.randrange(10**11, 10**12)) for _ in range(count)]


@given(st.text("0123456789", min_size=11, max_size=11))
def test_of_ten_last_digits_one_is_the_check_digit_of_the_ordinance(eleven):
    passing = [digit for digit in range(10) if is_my_number(f"{eleven}{digit}")]
    repeated = len({*eleven, str(check_digit(eleven))}) == 1
    assert passing == ([] if repeated else [check_digit(eleven)])


def test_the_published_specimen():
    assert is_my_number(PUBLISHED)


@pytest.mark.parametrize(
    "written",
    [
        "123456789018",
        "1234 5678 9018",
        "1234-5678-9018",
        "１２３４５６７８９０１８",
        "１２３４－５６７８－９０１８",
        "1234\u200b56789018",
        "一二三四五六七八九〇一八",
        "母の番号は1234.5678.9018です",
        "01-123456789018",
        "12-34567-89018",
        "090-1234 1234 5678 9018",
        "123456789018 090-1234-5678",
        "備考:123456789018(確認済)",
    ],
)
def test_a_single_number_is_found_however_it_is_written(written):
    found = screen(pl.Series(["みどり町1丁目2-3", written, None]))
    assert (found.verdict, found.where.to_list()) == ("cells", [False, True, False])
    assert holds_twelve_digits(pl.Series(["みどり町1丁目2-3", written, None])).to_list() == [False, True, False]


@pytest.mark.parametrize(
    "written",
    [
        "123456789019",
        "1234567890181",
        "0123456789018",
        "12345678901",
        "090-1234-5678",
        "7000012050002",
        "7-0000-1205-0002",
        "0721-23-4567 0721-23-4574",
        "000000000000",
        "2025-04-01",
    ],
)
def test_what_is_none_is_left_alone(written):
    assert screen(pl.Series([written])).verdict == "none"


@pytest.mark.parametrize("written", ["7000012050002", "8700110005901"])
def test_published_corporate_numbers_are_known_as_such(written):
    assert my_number._is_corporate(written)


def test_a_number_stored_as_a_number_is_found():
    assert screen(pl.Series([123456789018, 5])).where.to_list() == [True, False]
    assert screen(pl.Series([123456789018.0, 1.5, None])).where.to_list() == [True, False, False]
    assert screen(pl.Series([date(2025, 4, 1)])).verdict == "none"


@pytest.mark.parametrize(
    "local",
    [
        random_numbers(5_000),
        [str(300_000_000_000 + n) for n in range(5_000)],
        [f"{20_000_000_000 + 7 * n}0" for n in range(5_000)],
        numbers(5_000, valid=False),
        random_numbers(20),
    ],
    ids=["random", "one after another", "ending in 0", "none passes", "few"],
)
def test_other_twelve_digit_numbers_pass(local):
    assert screen(pl.Series(local)).verdict == "none"


def test_the_share_that_chance_gives_is_that_of_the_last_digits():
    """Two in eleven of numbers that end in 0: more than chance gives where the last digits vary."""
    ending_in_zero = screen(pl.Series([f"{20_000_000_000 + 7 * n}0" for n in range(5_000)]))
    assert ending_in_zero.valid / ending_in_zero.numbers == pytest.approx(2 / 11, abs=0.02)
    varying = screen(pl.Series(random_numbers(5_000)))
    assert varying.valid / varying.numbers == pytest.approx(1.1 / 11, abs=0.02)


@pytest.mark.parametrize(
    "column",
    [
        numbers(9, valid=True),
        numbers(300, valid=True) + numbers(100, valid=False),
        random_numbers(5_000) + numbers(250, valid=True),
        [f"備考 {number}" for number in numbers(12, valid=True)] + ["なし"] * 5_000,
    ],
    ids=["few", "mistyped ones among them", "among local numbers", "in some remarks"],
)
def test_more_than_chance_is_a_column_of_them(column):
    assert screen(pl.Series(column)).verdict == "column"


def test_false_alarms_are_as_rare_as_they_are_said_to_be():
    verdicts = [screen(pl.Series(random_numbers(200, seed=seed))).verdict for seed in range(100)]
    assert verdicts.count("column") == 0
    assert verdicts.count("cells") <= 1
