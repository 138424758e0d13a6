"""What the sources know of themselves: pairs of two children, at random and of one household."""

from datetime import date

import pytest

from linkage.known import LARGEST_HOUSEHOLD, household_pairs, stranger_pairs
from linkage.profiles import build_profiles
from tests.unit.linkage.people import at, records, tables

BROTHER = {"local_id": "S2", "given": "太郎", "given_kana": "タロウ", "birth_date": date(2010, 1, 2), "sex": "M"}


def drawn(make, *changes, seed=0):
    with tables(build_profiles(records(*changes))) as connection:
        arguments = ("members",) if make is stranger_pairs else ("profiles", "members")
        name = make(connection, *arguments, seed=seed)
        return sorted(connection.sql(f'SELECT "left", "right" FROM {name}').fetchall())


def test_strangers_are_two_numbers_of_one_source_at_one_date():
    # 0, 1 and 2 at one school date; 3 at another date, 4 at another office.
    found = drawn(
        stranger_pairs,
        {"source": "school", "local_id": "S1"},
        {"local_id": "S2"},
        {"local_id": "S3"},
        {"local_id": "S4", "as_of": at(1999)},
        {"source": "welfare", "local_id": "W1"},
    )
    assert found == [(0, 1), (0, 2), (1, 2)]


def test_the_same_seed_draws_the_same_strangers():
    crowd = [{"local_id": f"S{n}"} for n in range(30)]
    assert drawn(stranger_pairs, *crowd, seed=3) == drawn(stranger_pairs, *crowd, seed=3)


def test_brothers_and_sisters_of_one_register_are_household_pairs():
    assert drawn(household_pairs, {}, BROTHER) == [(0, 1)]


@pytest.mark.parametrize(
    "change",
    [
        {"phone": None},  # the address and the family name are in common
        {"town": "新町"},  # the telephone is
    ],
)
def test_a_household_is_a_telephone_or_an_address_and_a_family_name(change):
    assert drawn(household_pairs, {}, BROTHER | change) == [(0, 1)]


@pytest.mark.parametrize(
    "change",
    [
        {"phone": None, "family": "鈴木"},  # neighbours of one house
        {"source": "health"},  # another office: it may be the same child
        {"as_of": at(1999)},  # another date: likewise
        {"given": "花子", "given_kana": "ハナコ"},  # a child held twice
        {"given": "花子", "given_kana": None},
    ],
)
def test_no_household_pair(change):
    assert drawn(household_pairs, {}, BROTHER | change) == []


def test_a_home_of_many_is_no_household():
    def home(size):
        return [BROTHER | {"local_id": f"S{n}", "given": f"名{n}", "given_kana": None} for n in range(size)]

    assert len(drawn(household_pairs, *home(LARGEST_HOUSEHOLD))) == LARGEST_HOUSEHOLD * (LARGEST_HOUSEHOLD - 1) // 2
    assert drawn(household_pairs, *home(LARGEST_HOUSEHOLD + 1)) == []
