"""Words of foreign names: the spellings of one name share them, names in kanji have none."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.sounds import sound_key
from linkage.words import name_words

COLUMNS = ("family_name", "given_name", "family_kana", "given_kana")


def words(*name):
    frame = pl.DataFrame([name + (None,) * (4 - len(name))], schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    return name_words(frame).to_list()[0]


@pytest.mark.parametrize(
    "spellings",
    [
        [
            ("王", "小明", "ワン", "シャオミン"),
            ("WANG", "XIAOMING"),
            (None, None, "わん", "しゃおみん"),
            ("小明", "王", "シャオミン", "ワン"),
        ],
        [("〓", "〓〓", "グエン", "ティ マイ"), ("NGUYỄN", "THỊ MAI"), ("THI MAI", "NGUYEN"), ("NGUYEN THI MAI",)],
        [
            ("SANTOS", "MARIA LUISA A."),
            ("ﾏﾘｱ ﾙｲｻ", "ｻﾝﾄｽ"),
            ("マリア・ルイサ・サントス",),
            ("Maria-Luisa", "Santos Jr."),
        ],
    ],
)
def test_spellings_of_one_name_share_all_words_of_the_shortest(spellings):
    found = [set(words(*spelling)) for spelling in spellings]
    assert all(min(found, key=len) <= each for each in found)


def test_a_name_left_out_leaves_the_others():
    whole = set(words("DELA CRUZ", "JOHN MARK"))
    assert set(words("クルス", "ジョン")) < whole
    assert set(words("デラクルス", "ジョンマーク")) < whole


def test_a_name_in_hiragana_or_in_two_scripts_counts():
    assert words("ぐるん", "るーかす") == words("グルン", "ルーカス") == words("グルンLUCAS")
    assert words("鵜飼ALEX", "", "ウカイ", "アレックス") == words("ALEX", "鵜飼", "アレックス", "ウカイ")


def test_two_syllables_agree_written_together_or_apart():
    apart, together = words("KIM", "MIN JUN"), words("キム", "ミンジュン")
    assert set(together) < set(apart)
    assert words("金", "民俊", "キム", "ミンジュン") == together


@pytest.mark.parametrize(
    "name",
    [
        ("佐藤", "花子", "サトウ", "ハナコ"),
        ("佐藤", "さくら", "サトウ", "サクラ"),
        ("佐藤", "さくら"),
        ("林", "太郎", "ハヤシ", "タロウ"),
        ("一ノ瀬", "翼", "イチノセ", "ツバサ"),
        ("王", "花子"),
        (None, None, None, None),
        ("〓", "", None, None),
    ],
)
def test_names_in_kanji_and_hiragana_have_no_words(name):
    assert words(*name) is None


def test_an_asterisk_parts_the_words_of_a_latin_name():
    assert words("JOHN＊SMITH") == words("JOHN SMITH")


def test_rows_stay_in_their_order():
    frame = pl.DataFrame({"family_name": ["佐藤", "KIM", None], "given_name": ["花子", "ANA", None]}).with_columns(
        family_kana=pl.lit(None, pl.String), given_kana=pl.lit(None, pl.String)
    )
    assert name_words(frame).to_list() == [None, sorted([sound_key("KIM"), sound_key("ANA")]), None]


@given(st.lists(st.text(st.sampled_from("ABEHNTY アイウンティャーッ・-〓王"), max_size=8), min_size=4, max_size=4))
def test_words_are_sorted_distinct_and_never_empty(fields):
    found = words(*fields)
    assert found is None or (found == sorted(set(found)) and all(found))


@given(st.text(max_size=10))
def test_a_sound_key_is_made_of_capitals(word):
    assert set(sound_key(word)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ'")
