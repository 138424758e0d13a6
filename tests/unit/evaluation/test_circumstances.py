"""Who each child is, from the truth, the persons, the timeline and the traits."""

from datetime import date

import polars as pl

from evaluation.circumstances import GROUPS, circumstances
from tests.unit.evaluation.tables import children
from vocabulary.frames import PERSONS, TIMELINE


def matched(*rows: tuple[str, str, int, str]) -> pl.DataFrame:
    """Linked records: person, source, year, child."""
    table = [(person, source, f"{child}{year}", date(year, 4, 1), child) for person, source, year, child in rows]
    return pl.DataFrame(table, schema=["person_id", "source", "local_id", "as_of", "child"], orient="row")


def observed(*rows: tuple[str, int, str, str]) -> pl.DataFrame:
    """Timeline of welfare: person, year, item, value."""
    table = [(person, date(year, 4, 1), "welfare", item, value) for person, year, item, value in rows]
    return pl.DataFrame(table, schema=TIMELINE, orient="row")


def groups(frame: pl.DataFrame, child: str, dimension: str) -> set[str]:
    return set(frame.filter((pl.col("child") == child) & (pl.col("dimension") == dimension))["group"])


LINKS = matched(
    ("A", "welfare", 2020, "a"), ("A", "welfare", 2021, "a"), ("B", "welfare", 2020, "b"), ("C", "school", 2020, "c")
)


def test_without_more_only_twins_are_told():
    found = circumstances(LINKS, children("abc", twins="a"))
    assert set(found["dimension"]) == {"twin"}
    assert [groups(found, child, "twin") for child in "abc"] == [{"twin"}, {"no_twin"}, {"no_twin"}]


def test_benefits_count_where_drawn_once_and_children_never_asked_are_in_no_group():
    timeline = observed(
        ("A", 2020, "child_rearing_allowance", "none"),
        ("A", 2021, "child_rearing_allowance", "partial"),
        ("A", 2021, "public_assistance", "1"),
        ("A", 2021, "single_parent", "1"),
        ("B", 2020, "public_assistance", "0"),
        ("B", 2020, "school_expense_aid", "0"),
        ("B", 2020, "single_parent", "0"),
    )
    found = circumstances(LINKS, children("abc"), timeline=timeline)
    benefits = [groups(found, child, "benefits") for child in "abc"]
    assert benefits == [{"child_rearing_allowance", "public_assistance"}, {"no_benefit"}, set()]
    assert [groups(found, child, "family") for child in "abc"] == [{"single_parent"}, {"two_parents"}, set()]


def test_an_observation_of_a_mixed_person_is_of_the_child_with_a_record_of_its_date():
    links = matched(("A", "welfare", 2020, "a"), ("A", "welfare", 2021, "b"))
    found = circumstances(links, children("ab"), timeline=observed(("A", 2021, "public_assistance", "1")))
    assert [groups(found, child, "benefits") for child in "ab"] == [set(), {"public_assistance"}]


def test_sex_is_that_of_most_records():
    links = matched(
        ("A", "welfare", 2020, "a"),
        ("B", "welfare", 2021, "a"),
        ("B", "welfare", 2022, "a"),
        ("C", "school", 2020, "c"),
    )
    persons = pl.DataFrame({"person_id": ["A", "B", "C"], "sex": ["M", "F", None]}, schema_overrides=PERSONS)
    found = circumstances(links, children("ac"), persons=persons)
    assert (groups(found, "a", "sex"), groups(found, "c", "sex")) == ({"female"}, set())


def test_moves_surnames_and_foreign_names():
    years = range(2010, 2020)
    links = matched(*[("A", "school", year, child) for child in "abc" for year in years])
    homes = {"a": [1] * 10, "b": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5], "c": [1, 1, 1, 2, None, None, 1, 1, 3, 3]}
    traits = links.drop("person_id").with_columns(
        address_code=pl.Series([code for child in "abc" for code in homes[child]], dtype=pl.Int64),
        surname_code=pl.Series([7] * 10 + [7] * 5 + [8] * 5 + [7] * 9 + [8], dtype=pl.Int64),
        foreign_name=pl.Series([True] + [False] * 9 + [False] * 10 + [None] * 10, dtype=pl.Boolean),
    )
    found = circumstances(links, children("abc"), traits=traits.drop("child"))
    assert [groups(found, child, "moves") for child in "abc"] == [{"moves_0"}, {"moves_3"}, {"moves_1"}]
    assert [groups(found, child, "surname") for child in "abc"] == [
        {"surname_kept"},
        {"surname_changed"},
        {"surname_kept"},
    ]
    assert [groups(found, child, "foreign_name") for child in "abc"] == [{"foreign_name"}, {"japanese_name"}, set()]
    assert set(circumstances(links, children("abc"), traits=traits.drop("child", "foreign_name"))["dimension"]) == {
        "twin",
        "moves",
        "surname",
    }


def test_a_group_stands_in_one_dimension():
    names = [group for groups in GROUPS.values() for group in groups]
    assert len(names) == len(set(names))
