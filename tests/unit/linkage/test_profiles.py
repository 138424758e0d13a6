"""Profiles: which rows of a number are one child's, and what a profile remembers."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from linkage.profiles import SET_ATTRIBUTES, build_profiles
from linkage.runs import FIRST_YEAR
from tests.unit.linkage.people import at, records


def one(*changes):
    profiles = build_profiles(records(*changes)).profiles
    assert profiles.height == 1
    return profiles.row(0, named=True)


def test_a_profile_keeps_every_value_its_number_ever_showed():
    profile = one(
        {"as_of": at(2020)}, {"as_of": at(2021), "family": "鈴木", "phone": None}, {"as_of": at(2022), "family": "鈴木"}
    )
    assert profile["family"] == ["鈴木", "佐藤"], "the most frequent first"
    assert profile["phone"] == ["0727210001"]
    assert (profile["first_seen"], profile["last_seen"], profile["records"]) == (at(2020), at(2022), 3)


def test_of_equally_frequent_values_the_smallest_comes_first():
    assert one({"phone": "2"}, {"as_of": at(2021), "phone": "1"})["phone"] == ["1", "2"]


def test_what_was_never_recorded_is_an_empty_set():
    never = ("phone", "guardian", "guardian_kana", "block", "birth_date", "words")
    profile = one(dict.fromkeys(never))
    missing = {*never, "address", "birth_year", "birth_day", "guardian_given", "shared_number", "room"}
    missing |= {"line", "house"}
    assert {attribute for attribute, values in profile.items() if values == []} == missing


def test_street_room_and_house_number_of_an_address_in_latin_letters():
    profile = one({"block": "12 FOOST", "room": "GREENHILL"})
    assert profile["line"] == ["FOOST", "GREENHILL"]
    assert profile["house"] == ["12"]
    assert one({"block": "ROSECOTTAGE"})["line"] == ["ROSECOTTAGE"]
    assert one({"block": "3-2-1", "room": "コ-ポ201"})["line"] == []


def test_sources_and_numbers_are_profiles_of_their_own():
    assert build_profiles(records({}, {"local_id": "S2"}, {"source": "health"})).profiles.height == 3


def test_a_number_given_to_another_child_is_not_one_profile():
    other = {"given": "太郎", "given_kana": "タロウ", "birth_date": date(2019, 1, 2), "sex": "M"}
    built = build_profiles(records({"as_of": at(2012)}, {"as_of": at(2013)}, other | {"as_of": at(2024)}))
    assert built.profiles["given"].to_list() == [["花子"], ["太郎"]]
    assert built.members["profile"].to_list() == [0, 0, 1]


def test_another_given_name_with_the_same_birth_date_is_another_profile():
    # Two of a pair of twins under one number in turn.
    changes = {"given": "桃子", "given_kana": "モモコ", "as_of": at(2021)}
    assert build_profiles(records({}, changes)).profiles.height == 2


def test_a_given_name_goes_on_where_kanji_or_reading_agrees_or_neither_can_be_compared():
    profile = one(
        {"as_of": at(2018)},
        {"as_of": at(2019), "given": "華子"},
        {"as_of": at(2020), "given": None},
        {"as_of": at(2021), "given": None, "given_kana": None},
        {"as_of": at(2022), "given": "華子", "given_kana": "ハナ"},
    )
    assert profile["records"] == 5


def test_a_slip_in_a_birth_date_is_a_profile_of_its_own_and_a_row_without_one_stays():
    built = build_profiles(
        records(
            {"as_of": at(2018)},
            {"as_of": at(2019), "birth_date": date(2012, 6, 17)},
            {"as_of": at(2020)},
            {"as_of": at(2021), "birth_date": None},
        )
    )
    assert built.profiles["birth_date"].to_list() == [["2012-06-07"], ["2012-06-17"]]
    assert built.profiles["records"].to_list() == [3, 1]


def test_the_years_of_the_most_frequent_value_and_those_after_them():
    profile = one(
        {"as_of": at(2018)},
        {"as_of": at(2019), "family": "鈴木"},
        {"as_of": date(2022, 10, 1)},
        {"as_of": date(2024, 1, 1), "block": None},
    )
    years = [FIRST_YEAR + bit for bit in range(64) if profile["family_years"] >> bit & 1]
    assert years == [2018, 2019, 2022, 2023, 2024]
    assert one({"family": None})["family_years"] is None


def test_rows_before_the_first_known_birth_date_belong_to_it():
    assert one({"as_of": at(2019), "birth_date": None}, {"as_of": at(2020)})["records"] == 2


def test_a_lost_name_is_nothing_to_compare_and_a_name_in_kana_is_no_kanji():
    profile = one({"family": "〓〓", "given": "ハナコ"})
    assert profile["family"] == profile["given"] == []
    assert one({"family": "渡〓"})["family"] == ["渡〓"]


def test_names_and_readings_have_a_form_that_does_not_depend_on_their_order():
    swapped = {"family": "花子", "given": "佐藤", "family_kana": "ハナコ", "given_kana": "サトウ"}
    assert one({})["name"] == one(swapped)["name"]
    assert one({})["reading"] == one(swapped)["reading"]


def test_a_guardians_given_name_is_what_follows_the_family_name_or_the_last_two_characters():
    assert one({})["guardian_given"] == ["幸子"]
    assert one({"guardian": "鈴木一郎"})["guardian_given"] == ["一郎"]
    assert one({"guardian": "佐藤"})["guardian_given"] == ["佐藤"]


def test_codes_have_one_byte_a_kana():
    profile = one({"given_kana": "シヨウタ", "guardian_kana": "サトウ"})
    assert len(profile["given_code"].encode()) == 4
    assert len(profile["guardian_code"].encode()) == 3
    assert len({one({"given_kana": kana})["given_code"] for kana in "アイウエオカガサザッツ"}) == 11


@given(st.permutations(range(6)))
def test_row_order_changes_nothing(order):
    changes = [
        {"as_of": at(2018)},
        {"as_of": at(2019), "birth_date": date(2012, 6, 17)},
        {"as_of": at(2020), "family": "鈴木"},
        {"as_of": at(2018), "local_id": "S2"},
        {"as_of": at(2018), "source": "health"},
        {"as_of": at(2019), "source": "health", "given": "桃子", "given_kana": "モモコ"},
    ]
    straight, shuffled = (build_profiles(records(*rows)) for rows in (changes, [changes[i] for i in order]))
    assert straight.profiles.equals(shuffled.profiles)
    assert straight.members.equals(shuffled.members)


def test_no_records_give_no_profiles():
    built = build_profiles(records())
    assert built.profiles.height == built.members.height == 0
    assert set(SET_ATTRIBUTES) < set(built.profiles.columns)
