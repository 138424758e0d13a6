"""Names: readings of different names stay apart, ways of writing one name do not part it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.names import kana_key, name_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ユウキ", "ユキ"),
        ("ショウ", "ショ"),
        ("オオノ", "オノ"),
        ("コウタ", "コタ"),
        ("リョウ", "リオ"),
        ("ハナ", "ワナ"),
        ("カズキ", "カツキ"),
        ("マオ", "マウ"),
        ("ケイ", "ケ"),
        ("アンナ", "アナ"),
        ("タダシ", "タタシ"),
    ],
)
def test_readings_of_different_names_stay_apart(one, other):
    assert kana_key(one) != kana_key(other)


@given(st.text(st.sampled_from("アオコサタナハマヤラワガザーン"), min_size=1, max_size=8))
def test_a_reading_has_one_key_in_hiragana_and_katakana(katakana):
    hiragana = "".join(chr(ord(kana) - 0x60) if kana < "ー" else kana for kana in katakana)
    assert kana_key(hiragana) == kana_key(katakana)


@given(st.text(st.sampled_from("澤沢邉辺齋斎髙高ア々 ・"), max_size=8), st.text(st.sampled_from("　 ・-"), max_size=3))
def test_separators_say_nothing(name, separator):
    assert name_key(name + separator) == name_key(separator + name) == name_key(name)
