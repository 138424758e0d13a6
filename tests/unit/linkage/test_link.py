"""Linkage of a small town of known people: each case that systems of this kind are known to get wrong."""

from datetime import date

import pytest

from linkage.link import link
from tests.unit.linkage.people import at, records
from tests.unit.linkage.town import HOUSEHOLD, TOWN, TWIN, X, are_one, child, decision, held, people, same


def test_a_town_without_slips_is_linked_whole():
    found = people([])
    for number in range(60):
        clusters = {frozenset(found[source, f"S{number}"]) for source in ("school", "health", "welfare")}
        assert len(clusters) == 1
    assert len(set().union(*found.values())) == 60


def test_twins_are_never_one_child():
    rows = [
        row
        for who in (X, TWIN)
        for source in ("school", "health", "welfare")
        for row in held(who, source, range(2020, 2023))
    ]
    found = people(rows)
    assert found["school", "S100"] == found["health", "S100"] == found["welfare", "S100"]
    assert found["school", "T100"] == found["health", "T100"] == found["welfare", "T100"]
    assert found["school", "S100"].isdisjoint(found["school", "T100"])


def test_a_number_doubled_for_a_year_is_one_child():
    rows = held(X, "school", range(2020, 2023)) + held(X, "school", [2022], number="D1") + held(X, "health", [2022])
    assert same(rows, ("school", "S100"), ("school", "D1"), ("health", "S100"))


def test_a_new_number_after_a_return_is_one_child():
    rows = held(X, "school", [2018, 2019]) + held(X, "school", [2022], number="R1", town="新町", phone="09011112222")
    assert same(rows, ("school", "S100"), ("school", "R1"))


def test_a_child_whose_household_changed_in_everything_is_one_child():
    new = {column: child(77)[column] for column in HOUSEHOLD} | {"guardian": "加藤真"}
    rows = held(X, "health", [2019, 2020]) + held(X, "school", [2021, 2022], **new)
    assert same(rows, ("health", "S100"), ("school", "S100"))


def test_strangers_of_one_name_and_birthday_held_at_once_in_two_households_are_two_children():
    # Not so rare a name as X's: another child of the town bears it too.
    first = child(100)
    other = child(117) | {column: first[column] for column in ("given", "given_kana", "birth_date", "sex")}
    other |= {"family": first["family"], "family_kana": first["family_kana"]}
    rows = [
        row
        for who in (first, other)
        for source in ("school", "welfare")
        for row in held(who, source, range(2020, 2023))
    ]
    found = people(rows)
    assert found["school", "S100"] == found["welfare", "S100"]
    assert found["school", "S100"].isdisjoint(found["school", "S117"])


def test_a_number_given_to_another_child_is_two_children():
    rows = held(X, "school", [2008, 2009], birth_date=date(1999, 5, 5)) + held(
        child(101), "school", [2021], number="S100"
    )
    assert len(people(rows)["school", "S100"]) == 2


def test_a_slip_in_a_birth_date_is_rejoined():
    slip = held(X, "school", [2021], birth_date=X["birth_date"].replace(day=X["birth_date"].day % 9 + 11))
    rows = held(X, "school", [2020, 2022]) + slip + held(X, "health", [2020])
    assert same(rows, ("school", "S100"), ("health", "S100"))


def test_swapped_names_are_no_other_child():
    first = child(100)
    swapped = {"family": first["given"], "given": first["family"]} | {
        "family_kana": first["given_kana"],
        "given_kana": first["family_kana"],
    }
    rows = held(first, "school", range(2020, 2023)) + held(first, "health", [2022], **swapped)
    assert same(rows, ("school", "S100"), ("health", "S100"))


def test_a_confidence_and_a_probability_for_each():
    linked = link(records(*TOWN, *held(X, "school", [2020])))
    assert linked.clusters.assignment.height == linked.profiles.profiles.height
    assert linked.clusters.assignment["match_probability"].is_between(0.5, 1).all()
    assert linked.clusters.confidence["link_confidence"].is_between(0.5, 1).all()
    assert (
        linked.clusters.confidence["cluster"].to_list()
        == linked.clusters.assignment["cluster"].unique().sort().to_list()
    )


@pytest.mark.parametrize("slip", ["year", "month", "day"])
def test_a_slip_in_a_birth_date_is_found_by_the_telephone(slip):
    born = X["birth_date"]
    other = born.replace(**{slip: {"year": born.year + 1, "month": born.month % 12 + 1, "day": born.day - 1}[slip]})
    rows = held(X, "school", range(2020, 2023)) + held(X, "health", [2021], birth_date=other, town="新町")
    assert same(rows, ("school", "S100"), ("health", "S100"))


SOFIA = X | {
    "family": "SANTOS",
    "given": "SOFIAMARIA",
    "family_kana": None,
    "given_kana": None,
    "guardian": "SANTOSANA",
    "words": ["MARIA", "SANTOS", "SOFIA"],
}
IN_KATAKANA = {"family": "サントス", "given": "ソフィア", "family_kana": "サントス", "given_kana": "ソフイア"} | {
    "words": ["SANTOS", "SOFIA"],
    "guardian": None,
}


def test_a_foreign_name_in_latin_letters_and_in_katakana_is_one_child():
    rows = held(SOFIA, "welfare", [2020, 2021]) + held(SOFIA, "school", [2021, 2022], **IN_KATAKANA)
    assert same(rows, ("welfare", "S100"), ("school", "S100"))
    elsewhere = held(SOFIA, "school", [2021, 2022], **IN_KATAKANA, town="新町", postal="5638888", phone=None)
    assert same(held(SOFIA, "welfare", [2020, 2021]) + elsewhere, ("welfare", "S100"), ("school", "S100"))


def test_two_children_of_a_foreign_family_are_two():
    brother = IN_KATAKANA | {"given": "ルカス", "given_kana": "ルカス", "words": ["LUKAS", "SANTOS"], "sex": "M"}
    twin = held(SOFIA, "school", [2020, 2021], **brother)
    assert not same(held(SOFIA, "welfare", [2020, 2021]) + twin, ("welfare", "S100"), ("school", "S100"))


NUMBERED = [row | {"shared_number": f"48{row['local_id'][1:]:>04}7"} for row in TOWN]
NUMBER = "4801007"
ADOPTED = {column: child(77)[column] for column in HOUSEHOLD} | {"guardian": "加藤真"}
ANOTHER_NAME = {"given": "結愛", "given_kana": "ユア"}


def numbered(*rows, **options):
    return link(records(*NUMBERED, *rows), **options)


def test_a_shared_number_joins_what_nothing_but_the_birth_date_would():
    def adopted(number):
        before = held(X, "welfare", [2018, 2019], shared_number=number)
        return before + held(X, "school", [2021, 2022], **ADOPTED, **ANOTHER_NAME, shared_number=number)

    numbers = ("welfare", "S100"), ("school", "S100")
    assert are_one(numbered(*adopted(NUMBER)), *numbers)
    assert not are_one(numbered(*adopted(None)), *numbers)


def test_a_shared_number_is_not_trusted_against_name_birth_date_and_sex_together():
    other = child(101) | {"shared_number": NUMBER}
    rows = held(X, "welfare", [2020, 2021], shared_number=NUMBER) + held(other, "school", [2020, 2021])
    assert not are_one(numbered(*rows), ("welfare", "S100"), ("school", "S101"))


@pytest.mark.parametrize("typed", ["4801001", "4800557", "9999998"], ids=["a slip", "another child's", "any"])
def test_a_mistyped_shared_number_parts_no_child(typed):
    rows = held(X, "welfare", [2020, 2021], shared_number=NUMBER) + held(X, "school", [2021], shared_number=typed)
    linkage = numbered(*rows)
    assert are_one(linkage, ("welfare", "S100"), ("school", "S100"))
    assert not are_one(linkage, ("welfare", "S100"), ("welfare", "S55"))


def test_a_reviewer_joins_what_the_evidence_does_not():
    rows = held(X, "health", [2020, 2021]) + held(child(101), "school", [2021, 2022])
    numbers = ("health", "S100"), ("school", "S101")
    assert not same(rows, *numbers)
    assert same(rows, *numbers, decisions=decision("same", ("health", "S100", 2020), ("school", "S101", 2022)))


def test_a_reviewer_parts_what_the_evidence_joins_with_all_that_goes_with_it():
    rows = [row for source in ("health", "school", "welfare") for row in held(X, source, [2020, 2021])]
    later = held(X, "school", [2022], number="R1")
    apart = decision("different", ("health", "S100", 2020), ("school", "R1", 2022))
    found = people(rows + later, decisions=apart)
    assert found["health", "S100"].isdisjoint(found["school", "R1"])
    assert same(rows + later, ("health", "S100"), ("school", "S100"), ("welfare", "S100"), ("school", "R1"))


def test_a_decision_on_records_that_are_not_at_hand_is_passed_over():
    rows = held(X, "health", [2020]) + held(X, "school", [2020])
    absent = decision("different", ("health", "S100", 2020), ("school", "S100", 1999))
    assert same(rows, ("health", "S100"), ("school", "S100"), decisions=absent)


@pytest.mark.parametrize("seed", [1, 2])
def test_row_order_and_threads_change_nothing(seed):
    frame = records(*TOWN, *held(X, "school", [2020, 2021]), *held(X, "health", [2021]), *held(TWIN, "school", [2021]))
    straight, other = link(frame, threads=1), link(frame.sample(fraction=1, shuffle=True, seed=seed), threads=2)
    assert straight.clusters.assignment.equals(other.clusters.assignment)
    assert straight.clusters.confidence.equals(other.clusters.confidence)
    assert straight.model == other.model


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_records_are_linked_too(count):
    linked = link(records(*[{"as_of": at(2020 + n)} for n in range(count)]))
    assert linked.clusters.assignment.height == min(count, 1)
    assert linked.clusters.confidence["link_confidence"].to_list() == [1.0] * min(count, 1)


def test_records_that_say_nothing_of_the_child_stay_alone():
    nothing = dict.fromkeys(
        ("family", "given", "family_kana", "given_kana", "birth_date", "sex", "postal", "town", "block", "phone")
    ) | {"guardian": None, "guardian_kana": None}
    found = people([nothing | {"local_id": "N1"}, nothing | {"local_id": "N2"}])
    assert found["school", "N1"].isdisjoint(found["school", "N2"])
