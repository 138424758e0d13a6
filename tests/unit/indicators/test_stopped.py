from datetime import date

import polars as pl

from indicators.stopped import HERE, NOT_AT_SCHOOL, NOWHERE, stopped_records
from tests.unit.indicators.tables import april, persons, timeline, yearly

ITEM_OF = {"school": "days_required", "pupils": "school_code"}


def at(year: int, *children: str, source: str = "school") -> pl.DataFrame:
    return timeline((child, april(year), source, ITEM_OF.get(source, "anything"), 1) for child in children)


def states(*seen: pl.DataFrame, born: date = date(2012, 6, 1)) -> dict[tuple[str, int], float]:
    told = pl.concat(seen)
    found = stopped_records(told, persons(told["person_id"].unique(), born))
    return {(name, year): value for name, year, value in found.select("person_id", "year", "value").iter_rows()}


def test_a_child_seen_in_no_department_is_nowhere_for_one_year():
    found = states(at(2022, "a", "b"), at(2023, "a"), at(2024, "a"))
    assert found == {("a", 2023): HERE, ("b", 2023): NOWHERE, ("a", 2024): HERE}


def test_a_child_known_elsewhere_but_not_at_school():
    found = states(at(2022, "a", "b"), at(2023, "a"), at(2023, "b", source="health"))
    assert found[("b", 2023)] == NOT_AT_SCHOOL


def test_a_department_that_did_not_deliver_says_nothing_of_a_child():
    assert states(at(2022, "a", "b"), at(2023, "c", source="welfare")) == {}


def test_children_past_compulsory_school_are_left_out():
    assert states(at(2022, "a", "b"), at(2023, "a"), born=date(2005, 6, 1)) == {}


def test_a_child_without_a_birth_date_is_judged_by_presence():
    told = pl.concat([at(2022, "a", "b"), at(2023, "a")])
    unknown = persons(["a", "b"]).with_columns(pl.lit(None, dtype=pl.Date).alias("birth_date"))
    assert set(stopped_records(told, unknown)["value"]) == {HERE, NOWHERE}


def test_a_source_of_school_records_is_known_by_its_items_not_by_its_name():
    found = states(at(2022, "a", "b", source="pupils"), at(2023, "a", source="pupils"), at(2023, "b", source="health"))
    assert found[("b", 2023)] == NOT_AT_SCHOOL


def test_a_school_that_did_not_deliver_says_nothing_of_its_children():
    pupils, others = [f"a{at:02d}" for at in range(20)], [f"b{at:02d}" for at in range(30)]
    code = {2022: dict.fromkeys(pupils, "E01") | dict.fromkeys(others, "E02"), 2023: dict.fromkeys(others[1:], "E02")}
    found = states(yearly("school", "school_code", code), at(2023, *pupils, *others, source="health"))
    assert {name for name, _ in found} == set(others)
    assert found[("b00", 2023)] == NOT_AT_SCHOOL
