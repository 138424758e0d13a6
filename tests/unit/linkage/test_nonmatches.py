"""Pairs of two children, at random and of one household."""

from datetime import date

import pytest

from linkage.homes import LARGEST_HOUSEHOLD
from linkage.nonmatches import household_pairs, stranger_pairs
from linkage.profiles import build_profiles
from tests.unit.linkage.people import at, records

BROTHER = {"local_id": "S2", "given": "太郎", "given_kana": "タロウ", "birth_date": date(2010, 1, 2), "sex": "M"}


def strangers(*changes, seed=0):
    members = build_profiles(records(*changes)).members
    return sorted(stranger_pairs(members, seed=seed).rows())


def of_household(*changes):
    profiles = build_profiles(records(*changes))
    return sorted(household_pairs(profiles.profiles, profiles.members, seed=0).rows())


def test_strangers_are_two_numbers_of_one_source_at_one_date():
    # 0, 1 and 2 at one school date; 3 at another date, 4 at another office.
    found = strangers(
        {"source": "school", "local_id": "S1"},
        {"local_id": "S2"},
        {"local_id": "S3"},
        {"local_id": "S4", "as_of": at(1999)},
        {"source": "welfare", "local_id": "W1"},
    )
    assert found == [(0, 1), (0, 2), (1, 2)]


def test_the_same_seed_draws_the_same_strangers():
    crowd = [{"local_id": f"S{n}"} for n in range(30)]
    assert strangers(*crowd, seed=3) == strangers(*crowd, seed=3)


def test_brothers_and_sisters_of_one_register_are_household_pairs():
    assert of_household({}, BROTHER) == [(0, 1)]


@pytest.mark.parametrize(
    "change",
    [
        {"phone": None},  # the address and the family name are in common
        {"town": "新町"},  # the telephone is
    ],
)
def test_a_household_is_a_telephone_or_an_address_and_a_family_name(change):
    assert of_household({}, BROTHER | change) == [(0, 1)]


@pytest.mark.parametrize(
    "change",
    [
        {"phone": None, "family": "鈴木"},  # neighbours of one house
        {"source": "health"},  # another office: it may be the same child
        {"as_of": at(1999)},  # another date: likewise
        {"given": "花子", "given_kana": "ハナコ"},  # a child held twice
        {"given": "花子", "given_kana": None},
        {"given": "花子"},  # read wrongly
        {"given_kana": "ハナコ"},  # or heard, and written with other characters
    ],
)
def test_no_household_pair(change):
    assert of_household({}, BROTHER | change) == []


def test_a_home_of_many_is_no_household():
    def home(size):
        return [BROTHER | {"local_id": f"S{n}", "given": f"名{n}", "given_kana": None} for n in range(size)]

    size = LARGEST_HOUSEHOLD
    assert len(of_household(*home(size))) == size * (size - 1) // 2
    assert of_household(*home(LARGEST_HOUSEHOLD + 1)) == []
