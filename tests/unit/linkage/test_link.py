"""Linkage of a small town of known people: each case that systems of this kind are known to get wrong."""

from datetime import date

import polars as pl
import pytest

from linkage.link import link
from tests.unit.linkage.people import at, records

FAMILIES = [
    "佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "中村", "小林", "加藤",
    "吉田", "山田", "佐々木", "山口", "松本", "井上", "木村", "林", "斎藤", "清水",
]  # fmt: skip
GIVEN = ["花子", "太郎", "桃子", "翼", "蓮", "陽菜", "結衣", "大和", "颯太", "美咲"]
READINGS = ["ハナコ", "タロウ", "モモコ", "ツバサ", "レン", "ヒナ", "ユイ", "ヤマト", "ソウタ", "ミサキ"]


def child(number: int) -> dict:
    """The values of the child of this number; every child lives in a household of its own."""
    family, given = FAMILIES[number % 20], number % 10
    return {
        "local_id": f"S{number}",
        "family": family,
        "given": GIVEN[given],
        "family_kana": f"カゾク{'アイウエオカキクケコサシスセソタチツテト'[number % 20]}",
        "given_kana": READINGS[given],
        "birth_date": date(2008 + number % 7, 1 + number * 5 % 12, 1 + number * 11 % 28),
        "sex": "FM"[number % 2],
        "postal": f"56200{number % 30:02}",
        "town": f"町{number % 30}",
        "block": f"{number}-1",
        "guardian": f"{family}親{number}",
        "guardian_kana": None,
        "phone": f"07272{number * 9173 % 100000:05}",
    }


def held(who: dict, source: str, years, number: str | None = None, **changes) -> list[dict]:
    """The rows of one number: what `source` holds of a child in `years`."""
    return [
        who | {"source": source, "local_id": number or who["local_id"], "as_of": at(year)} | changes for year in years
    ]


TOWN = [
    row
    for number in range(60)
    for source in ("school", "health", "welfare")
    for row in held(child(number), source, range(2020, 2023))
]
X = child(100) | {
    "given": "蒼",
    "given_kana": "アオイ",
    "family": "千早",
    "family_kana": "チハヤ",
    "guardian": "千早真",
}
TWIN = X | {"local_id": "T100", "given": "茜", "given_kana": "アカネ"}
HOUSEHOLD = ("family", "family_kana", "postal", "town", "block", "phone")


def people(rows: list[dict], **options) -> dict[tuple[str, str], set[int]]:
    """(source, local id) of the rows → the clusters its records came to."""
    frame = records(*TOWN, *rows)
    linked = link(frame, **options)
    found = linked.profiles.members.join(linked.clusters.assignment, on="profile")
    groups = found.group_by("source", "local_id").agg(pl.col("cluster").unique())
    return {(source, number): set(clusters) for source, number, clusters in groups.iter_rows()}


def same(rows, *numbers) -> bool:
    """Whether the numbers are one child, and wholly."""
    found = people(rows)
    return len(set().union(*(found[number] for number in numbers))) == 1


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
