"""What each comparison says of two values: a table of pairs of values and the level they reach."""

from datetime import date

import pytest

from linkage.comparisons import COMPARISONS
from tests.unit.linkage.people import compared, level

OTHER = {"source": "health", "local_id": "H1"}


def reached(name, left, right):
    return level(compared(left, OTHER | right).row(0, named=True), name)


def kanji_only(given):
    return {"given": given, "given_kana": None}


def kana_only(kana):
    return {"given": None, "given_kana": kana}


SWAPPED = {"family": "花子", "given": "佐藤", "family_kana": "ハナコ", "given_kana": "サトウ"}
SOFIA = dict.fromkeys(("family", "given", "family_kana", "given_kana")) | {"words": ["SANTOS", "SOFIA"]}
"""A name of which only its words are known, as it is compared across Latin letters and katakana."""
UNTOLD = "reading in common and kanji not told apart"


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ({}, {}, "same"),
        (kanji_only("花子"), {}, "same"),
        ({}, kana_only("ハナコ"), UNTOLD),
        ({}, {"given": "華子"}, UNTOLD),
        ({"given": "花〓"}, {}, UNTOLD),
        ({}, SWAPPED, "swapped"),
        ({"given": "智弓", "given_kana": "トモミ"}, {"given": "倫己", "given_kana": "トモミ"}, "reading in common"),
        ({}, {"given_kana": "ハナエ"}, "same with another reading"),
        (kana_only("アオイ"), kana_only("アオエ"), "near"),
        (kana_only("シヨウタ"), kana_only("シヨタ"), "near"),
        (kana_only("ソフイア"), kana_only("ソフイアサントス"), "near"),
        (kanji_only("花子"), kanji_only("桃子"), "near"),
        (kana_only("アオイ"), kana_only("アカリ"), "different"),  # three bytes a kana would make them near
        (kana_only("ユイ"), kana_only("メイ"), "different"),  # too short for one edit to mean anything
        # Readings are known, so kanji in common do not count.
        ({}, {"given": "桃子", "given_kana": "モモコ"}, "different"),
        (kanji_only("花子"), kana_only("タロウ"), None),  # kanji against kana
        (kanji_only(None), {}, None),
        ({}, SOFIA, None),  # one written in kanji, one in words
        (SOFIA, SOFIA | {"words": ["MARIA", "SOFIA"]}, "different"),  # one word is a common name
        (SOFIA, SOFIA | {"words": ["MARIA", "SANTOS", "SOFIA"]}, "two words of the name in common"),
        (SOFIA, SOFIA | {"words": ["SOFIA"]}, "two words of the name in common"),  # all there are
    ],
)
def test_given_name(left, right, expected):
    assert reached("given_name", left, right) == expected
    assert reached("given_name", right | {"source": "school"}, left) == expected


def test_an_earlier_given_name_in_common():
    pairs = compared({}, {"as_of": date(2021, 4, 1), "given": "華子"}, OTHER | {"given": "華子"})
    assert level(pairs.row(0, named=True), "given_name") in {"same", "in common"}


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (date(2012, 6, 7), "in common"),
        (date(2012, 6, 1), "one slip apart"),  # one digit
        (date(2012, 7, 6), "one slip apart"),  # day and month exchanged
        (date(2021, 6, 7), "one slip apart"),  # two neighbouring digits exchanged
        (date(2012, 6, 24), "two of year, month and day"),
        (date(1988, 6, 7), "two of year, month and day"),  # an era mistaken
        (date(2009, 11, 30), "different"),
        (None, None),
    ],
)
def test_birth_date(other, expected):
    assert reached("birth_date", {"as_of": date(2025, 4, 1)}, {"as_of": date(2025, 4, 1), "birth_date": other}) == (
        expected
    )


def test_who_was_seen_before_the_other_was_born_did_not_slip_in_the_year():
    early = {"as_of": date(2012, 4, 1), "birth_date": date(1998, 2, 21)}
    late = {"as_of": date(2024, 4, 1), "birth_date": date(2023, 2, 21)}
    assert reached("birth_date", early, late) == "different"
    assert reached("birth_date", early | {"as_of": date(2024, 4, 1)}, late) == "two of year, month and day"


@pytest.mark.parametrize(("other", "expected"), [("F", "in common"), ("M", "different"), (None, None)])
def test_sex(other, expected):
    assert reached("sex", {}, {"sex": other}) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "same, at one time"),
        ({"as_of": date(2021, 4, 1)}, "same, at one time"),  # the year after is one time still
        ({"as_of": date(2022, 4, 1)}, "same"),
        ({"family": "佐東"}, "reading in common, or swapped"),
        ({"family": "花子", "given": "佐藤", "family_kana": None}, "reading in common, or swapped"),
        ({"family": None, "family_kana": "サトオ"}, "near"),
        ({"family": "鈴木", "family_kana": "スズキ"}, "different"),
        ({"family": None, "family_kana": None}, None),
    ],
)
def test_family_name(change, expected):
    assert reached("family_name", {}, change) == expected
    assert reached("family_name", change | {"source": "school"}, {}) == expected


def test_an_old_family_name_in_common():
    remarried = [{"as_of": date(year, 4, 1), "family": "鈴木", "family_kana": "スズキ"} for year in (2021, 2022)]
    pairs = compared(OTHER, {}, *remarried)
    assert level(pairs.row(0, named=True), "family_name") == "in common"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, "same, at one time"),
        ({"as_of": date(2019, 4, 1)}, "same, at one time"),
        ({"as_of": date(2018, 4, 1)}, "same"),
        ({"block": "1-2-7"}, "town or postal code in common"),  # the house next door is another house
        ({"town": "新町", "block": "9-9"}, "town or postal code in common"),
        ({"town": "新町", "postal": "5638888"}, "different"),
        ({"town": "新町", "block": None, "postal": None}, "different"),
        ({"town": None, "block": None, "postal": None}, None),
    ],
)
def test_address(change, expected):
    assert reached("address", {}, change) == expected
    assert reached("address", change | {"source": "school"}, {}) == expected


LATIN = {"town": "KALEEN", "block": "12 FOOST", "room": "FLAT4", "postal": "2617"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"block": "12 FOSST"}, "near"),  # a slip in the street
        ({"town": "KALEN", "postal": "2671"}, "near"),  # in town and postal code
        ({"block": "94 BARRD"}, "near"),  # another street, the same building
        ({"block": "94 FLAT4", "room": "FOOST"}, "near"),  # the lines exchanged
        ({"block": "94 BARRD", "room": None}, "town or postal code in common"),
        ({"town": "ARALUEN", "postal": "2622", "block": "94 BARRD"}, "different"),
    ],
)
def test_address_in_words(change, expected):
    assert reached("address", LATIN, LATIN | change) == expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [("48210-7", "in common"), ("48210-1", "one slip apart"), ("93355-2", "different"), (None, None)],
)
def test_shared_number(other, expected):
    assert reached("shared_number", {"shared_number": "48210-7"}, {"shared_number": other}) == expected


def test_one_digit_of_a_short_number_is_another_number():
    assert reached("shared_number", {"shared_number": "48210"}, {"shared_number": "48211"}) == "different"


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("0727210001", "in common"),
        ("0727210011", "one digit apart"),
        ("0727120001", "one digit apart"),
        ("0727212211", "different"),
        (None, None),
    ],
)
def test_telephone(other, expected):
    assert reached("telephone", {}, {"phone": other}) == expected


@pytest.mark.parametrize(
    ("name", "kana", "expected"),
    [
        ("佐藤幸子", None, "same"),
        (None, "サトウサチコ", "in common"),
        ("鈴木幸子", "スズキサチコ", "given name in common"),
        (None, "サトウサチヨ", "near"),
        ("佐藤一郎", "サトウイチロウ", "different"),
        (None, None, None),
    ],
)
def test_guardian(name, kana, expected):
    assert reached("guardian", {}, {"guardian": name, "guardian_kana": kana}) == expected


@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda comparison: comparison.name)
def test_expected_shares_of_every_class_sum_to_one(comparison):
    classes = {"m", "u"} | {
        "individual": {"sibling", "twin"} - ({"twin"} if comparison.name == "birth_date" else set()),
        "household": {"other_parent", "changed"},
    }[comparison.role]
    for name in ("m", "u", "sibling", "twin", "other_parent", "changed"):
        shares = [getattr(level, name) for level in comparison.levels]
        if name in classes:
            assert sum(shares) == pytest.approx(1, abs=0.011), name
        else:
            assert set(shares) == {None}, name
    assert comparison.levels[-1].condition == "ELSE"
    assert len({level.label for level in comparison.levels}) == len(comparison.levels)
