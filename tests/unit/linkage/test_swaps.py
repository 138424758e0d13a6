"""Swapped names: put right on the word of the other records, left alone where the words do not say."""

from linkage.swaps import unswap
from tests.unit.linkage.people import records

NAMES = [
    {"local_id": str(n), "family": family, "given": given, "family_kana": None, "given_kana": None, "guardian": None}
    for n, (family, given) in enumerate(
        [("佐藤", "花子"), ("佐藤", "太郎"), ("鈴木", "花子"), ("鈴木", "太郎"), ("高橋", "花子"), ("佐藤", "桃子")]
        * 10
    )
]
SWAPPED = {"local_id": "x", "family": "花子", "given": "佐藤", "family_kana": None, "given_kana": None}


def last(*changes):
    return unswap(records(*changes)).row(-1, named=True)


def test_names_in_each_others_place_are_turned_round():
    right = last(*NAMES, SWAPPED | {"guardian": None})
    assert (right["family"], right["given"]) == ("佐藤", "花子")


def test_readings_are_turned_apart_from_kanji():
    readings = [
        {"local_id": str(n), "family_kana": "サトウ", "given_kana": kana, "guardian_kana": None}
        for n, kana in enumerate(["ハナコ", "ハナコ", "ハナコ", "タロウ"] * 10)
    ]
    right = last(*readings, {"local_id": "x", "family_kana": "ハナコ", "given_kana": "サトウ", "guardian_kana": None})
    assert (right["family"], right["given"]) == ("佐藤", "花子")
    assert (right["family_kana"], right["given_kana"]) == ("サトウ", "ハナコ")


def test_two_family_names_stay_as_they_are():
    # 鈴木 is a family name wherever it stands; so is 佐藤: nothing says which of the two is the child's.
    right = last(*NAMES, SWAPPED | {"family": "鈴木", "given": "佐藤", "guardian": None})
    assert (right["family"], right["given"]) == ("鈴木", "佐藤")


def test_the_guardian_says_the_order_of_two_unknown_words():
    elsewhere = {"family": "真木", "given": "千早", "guardian": None}
    unknown = SWAPPED | {"family": "千早", "given": "真木"}
    assert last(elsewhere, unknown | {"guardian": "真木一郎"})["family"] == "真木"
    assert last(elsewhere, unknown | {"guardian": "千早一郎"})["family"] == "千早"
    assert last(elsewhere, unknown | {"guardian": None})["family"] == "千早"


def test_names_in_order_and_missing_names_stay():
    frame = records(*NAMES, {"family": None, "guardian": None}, {"given": None, "guardian": None})
    assert unswap(frame).equals(frame)
