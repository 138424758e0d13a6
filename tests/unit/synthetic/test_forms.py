from datetime import date

import polars as pl
import pytest

from synthetic.forms import KANA, PHONES, POSTAL, write_addresses, write_dates

HOMES = pl.DataFrame(
    {
        "town": ["桜ケ丘", "桜ケ丘"],
        "postal": ["5690802", "5690802"],
        "chome": [1, 1],
        "ban": [12, 12],
        "go": [3, 3],
        "building": [None, "ハイツ本町"],
        "room": [None, "204"],
    }
)


@pytest.mark.parametrize(
    ("day", "form", "written"),
    [
        (date(2025, 4, 1), "iso", "2025-04-01"),
        (date(2025, 4, 1), "slash", "2025/4/1"),
        (date(2025, 4, 1), "wareki", "R7.4.1"),
        (date(2025, 4, 1), "wareki_long", "令和7年4月1日"),
        (date(2019, 4, 30), "wareki", "H31.4.30"),
        (date(2019, 5, 1), "wareki_long", "令和元年5月1日"),
        (date(1989, 1, 7), "wareki", "S64.1.7"),
        (date(1989, 1, 8), "wareki_long", "平成元年1月8日"),
    ],
)
def test_dates(day, form, written):
    assert write_dates(pl.Series([day, None]), form).to_list() == [written, None]


@pytest.mark.parametrize(
    ("form", "house", "apartment"),
    [
        ("long", "若葉野市桜ヶ丘1丁目12番3号", "若葉野市桜ヶ丘1丁目12番3号　ハイツ本町204号室"),
        ("hyphens", "若葉野市桜ケ丘1-12-3", "若葉野市桜ケ丘1-12-3 ハイツ本町 204"),
        ("kanji_chome", "若葉野市桜ケ丘一丁目１２－３", "若葉野市桜ケ丘一丁目１２－３ハイツ本町２０４"),
        ("short", "桜ケ丘1-12-3", "桜ケ丘1-12-3-204"),
        ("full", "若葉県若葉野市桜ケ丘１丁目１２番地の３", "若葉県若葉野市桜ケ丘１丁目１２番地の３　ハイツ本町204"),
    ],
)
def test_addresses(form, house, apartment):
    assert write_addresses(HOMES, form, pl.Series([True, True])).to_list() == [house, apartment]


def test_an_address_may_leave_out_building_and_room():
    assert write_addresses(HOMES, "hyphens", pl.Series([False, False])).n_unique() == 1


@pytest.mark.parametrize(
    ("table", "form", "plain", "written"),
    [
        (PHONES, "hyphen", "09001234567", "090-0123-4567"),
        (PHONES, "hyphen", "0729001234", "072-900-1234"),
        (PHONES, "wide", "09001234567", "０９０－０１２３－４５６７"),
        (POSTAL, "hyphen", "5690802", "569-0802"),
        (POSTAL, "wide", "5690802", "５６９－０８０２"),
        (KANA, "half", "ワタナベ", "ﾜﾀﾅﾍﾞ"),
        (KANA, "hiragana", "ワタナベ", "わたなべ"),
        (KANA, "katakana", "ワタナベ", "ワタナベ"),
    ],
)
def test_numbers_and_readings(table, form, plain, written):
    assert table[form](pl.Series([plain, None])).to_list() == [written, None]
