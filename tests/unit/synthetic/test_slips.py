from dataclasses import fields, replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthetic.profile import Profile, load_profile
from synthetic.slips import Dice, changed, kana_slip, lost_gaiji, make_slips, typo, variant, wrong_digit

RECORDS = 4_000
FAULTLESS = replace(load_profile("clean"), **{field.name: 0.0 for field in fields(Profile)})
PLAIN = pl.DataFrame(
    {
        "as_of": [date(2020, 4, 1)] * RECORDS,
        "family_name": ["渡邊"] * RECORDS,
        "given_name": ["翔太"] * RECORDS,
        "family_kana": ["ワタナベ"] * RECORDS,
        "given_kana": ["ショウタ"] * RECORDS,
        "birth_date": [date(2015, 3, 4)] * RECORDS,
        "sex": ["M"] * RECORDS,
        "postal_code": ["5690802"] * RECORDS,
        "address": ["本町1-2-3"] * RECORDS,
        "guardian_name": ["渡邊　剛"] * RECORDS,
        "guardian_kana": ["ワタナベ　ツヨシ"] * RECORDS,
        "phone": ["09001234567"] * RECORDS,
    }
)


def slipped(seed: int = 1, **rates: float) -> pl.DataFrame:
    dice = Dice(np.random.default_rng(seed), np.arange(RECORDS) // 4)
    return make_slips(PLAIN, dice, replace(FAULTLESS, **rates))


def test_without_slips_nothing_is_changed():
    assert slipped().equals(PLAIN)


@pytest.mark.parametrize(
    ("rate", "columns"),
    [
        ("kanji_variant", {"family_name", "guardian_name"}),
        ("typo", {"family_name", "given_name", "guardian_name"}),
        ("kana_in_kanji", {"family_name", "given_name"}),
        ("kana_slip", {"family_kana", "given_kana", "guardian_kana"}),
        ("kana_missing", {"family_kana", "given_kana", "guardian_kana"}),
        ("birth_date_slip", {"birth_date"}),
        ("wrong_phone_digit", {"phone"}),
        ("identity_missing", {"sex", "postal_code", "address", "guardian_name", "phone", "birth_date"}),
        ("swapped_names", {"family_name", "given_name", "family_kana", "given_kana"}),
    ],
)
def test_a_slip_touches_its_own_columns(rate, columns):
    record = slipped(**{rate: 0.6})
    assert {name for name in PLAIN.columns if not record[name].equals(PLAIN[name])} == columns


def test_most_slips_stay_with_a_registration():
    wrong = slipped(typo=0.3)["family_name"] != "渡邊"
    by_registration = wrong.to_numpy().reshape(-1, 4).sum(axis=1)
    assert (by_registration == 4).mean() == pytest.approx(0.3 * 0.75, abs=0.05)
    assert wrong.mean() == pytest.approx(0.28, abs=0.05)


def test_a_slip_of_the_birth_date_is_a_day_that_was():
    born = slipped(birth_date_slip=1.0)["birth_date"]
    assert (born <= date(2020, 4, 1)).all()
    assert date(2015, 4, 3) in born
    assert born.n_unique() >= 4


@given(st.floats(0, 1, exclude_max=True))
def test_a_variant_is_another_form_of_the_name(how):
    assert variant(pl.Series(["渡邊"]), pl.Series([how]))[0] in {"渡辺", "渡邉"}


def test_a_name_without_variants_stays():
    assert variant(pl.Series(["田中"]), pl.Series([0.5]))[0] == "田中"


@given(st.text("田中山本翔太", min_size=1, max_size=4), st.floats(0, 1, exclude_max=True))
def test_a_typo_changes_the_length_by_one_or_the_order(name, how):
    written = typo(pl.Series([name]), pl.Series([how]))[0]
    assert abs(len(written) - len(name)) <= 1
    assert set(written) <= set(name)
    assert written


def test_characters_old_systems_lack_are_lost():
    assert lost_gaiji(pl.Series(["髙橋", "髙橋", "高橋"]), pl.Series([0.1, 0.9, 0.1])).to_list() == [
        "〓橋",
        "?橋",
        "高橋",
    ]


@pytest.mark.parametrize(("how", "written"), [(0.1, "シヨウタ"), (0.5, "ショータ")])
def test_readings_lose_small_kana_or_write_long_vowels_otherwise(how, written):
    assert kana_slip(pl.Series(["ショウタ"]), pl.Series([how])).to_list() == [written]


@given(st.floats(0, 1, exclude_max=True))
def test_one_digit_of_a_phone_is_wrong(how):
    written = wrong_digit(pl.Series(["09001234567"]), pl.Series([how]))[0]
    assert sum(a != b for a, b in zip(written, "09001234567", strict=True)) == 1


def test_blanks_are_left_alone():
    column = pl.Series(["渡邊", None])
    where = (np.array([True, True]), np.array([0.0, 0.0]))
    assert changed(column, where, lambda values, how: values + "様").to_list() == ["渡邊様", None]
