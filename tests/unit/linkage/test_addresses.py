"""Addresses: one house has one key in every spelling, two houses never share one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.addresses import address_key
from linkage.numerals import value_of

KANJI = "〇一二三四五六七八九"
TOWNS = ["粟生間谷西", "三田", "北1条西", "自由が丘", "西の宮町", "千成", "八丁堀", "大字小泉", "箕面市半町"]
NUMBER = st.integers(1, 1999)
HOUSE = st.tuples(st.sampled_from(TOWNS), st.tuples(NUMBER, NUMBER, NUMBER))


def in_kanji(number):
    """The number as it is said: 12 → 十二, 311 → 三百十一."""
    said = ""
    for power, sign in ((1000, "千"), (100, "百"), (10, "十")):
        count, number = divmod(number, power)
        said += ("" if count == 1 else KANJI[count]) * (count > 0) + sign * (count > 0)
    return said + (KANJI[number] if number else "")


def one_by_one(number):
    return "".join(KANJI[int(digit)] for digit in str(number))


def wide(number):
    return str(number).translate({ord("0") + n: "０１２３４５６７８９"[n] for n in range(10)})


WRITTEN = st.sampled_from([str, wide, in_kanji, one_by_one])
FORMS = st.sampled_from(
    ["{}丁目{}番{}号", "{}丁目{}番地の{}", "{}丁目{}ノ{}", "{}-{}-{}", "{}－{}－{}", "{}丁目 {}－{}"]
)


def key(house, form, said):
    town, numbers = house
    return address_key(town + form.format(*map(said, numbers)))[:2]


@given(HOUSE, FORMS, FORMS, WRITTEN, WRITTEN)
def test_every_spelling_of_a_house_has_one_key(house, form, other_form, said, other_said):
    assert key(house, form, said) == key(house, other_form, other_said)


@given(HOUSE, FORMS, FORMS, WRITTEN, WRITTEN, st.permutations(range(3)), st.sampled_from([0, 1, 10]))
def test_two_houses_never_have_one_key(house, form, other_form, said, other_said, order, more):
    town, numbers = house
    other = (town, tuple(numbers[place] + more * (place == 0) for place in order))
    assert (key(house, form, said) == key(other, other_form, other_said)) == (house == other)


@given(HOUSE, st.integers(101, 1299), FORMS, WRITTEN)
def test_a_room_never_changes_the_house(house, room, form, said):
    town, numbers = house
    written = town + form.format(*map(said, numbers))
    assert address_key(f"{written} コーポ青葉{room}号室")[:2] == address_key(written)[:2]
    assert address_key(f"{written} {room}号").room == str(room)


@given(HOUSE, st.sampled_from("イロハニホ甲乙丙丁"), st.sampled_from("イロハニホ甲乙丙丁"))
def test_lots_of_other_letters_are_other_houses(house, letter, other):
    town, (lot, *_) = house
    keys = {address_key(f"{town}{lot}番地{mark}")[:2] for mark in (letter, other)}
    assert (len(keys) == 1) == (letter == other)


@given(NUMBER)
def test_a_numeral_has_the_value_it_was_made_of(number):
    assert value_of(in_kanji(number)) == value_of(one_by_one(number)) == number


@given(
    st.text(st.sampled_from("一二三十百千丁目番地号条線のノ之-ー・イロ甲町市郡字ヶツ12９ 東上るハイツA()"), max_size=20)
)
def test_no_character_of_an_address_that_names_it_is_lost(written):
    key = "".join(address_key(written))
    assert set("市郡町") & set(written) <= set(key)
    assert bool(key) or not set("イロ甲12９A") & set(written)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("東3号南5番地", "東3号南6番地"),
        ("額新町1丁目ロ12番地", "額新町1丁目ロ13番地"),
        ("額新町1丁目ロ12番地", "額新町1丁目ハ12番地"),
        ("島町甲123", "島町乙123"),
        ("北1条西2丁目3", "北2条西1丁目3"),
        ("寺町通御池上る亀屋町5", "寺町通御池下る亀屋町5"),
        ("長内町24地割12", "長内町25地割12"),
        ("一番町12-3", "二番町12-3"),
        ("西2線25番地", "西3線25番地"),
        ("津島中1-11", "津島中11-1"),
        ("小泉11番地1", "小泉1番地11"),
        ("青葉団地3号棟205", "青葉団地3号棟206"),
    ],
)
def test_houses_that_look_alike_stay_apart(one, other):
    assert address_key(one)[:2] != address_key(other)[:2]
