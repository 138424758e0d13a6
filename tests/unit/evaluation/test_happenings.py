"""Groups of children by what happened to them, and the figures of each group."""

from datetime import date

import polars as pl
import pytest

from evaluation.happenings import happenings
from evaluation.linkage import linkage_quality
from tests.unit.evaluation.tables import children, links, records
from vocabulary.frames import TRUTH_RECORDS


def groups_of(child: str, frame: pl.DataFrame) -> set[str]:
    return set(frame.filter(pl.col("child") == child)["group"])


def rows(*rows: tuple[str, str, int]) -> pl.DataFrame:
    """Records of child a: source, number, year."""
    table = [(source, number, date(year, 4, 1), "a") for source, number, year in rows]
    return pl.DataFrame(table, schema=TRUTH_RECORDS, orient="row")


def traits(truth: pl.DataFrame, surnames: list[int | None], addresses: list[int | None]) -> pl.DataFrame:
    return truth.drop("child").with_columns(
        surname_code=pl.Series(surnames, dtype=pl.Int64), address_code=pl.Series(addresses, dtype=pl.Int64)
    )


@pytest.mark.parametrize(
    ("delivered", "expected"),
    [
        (rows(("school", "1", 2020), ("school", "1", 2021)), {"nothing", "one_source"}),
        (rows(("school", "1", 2020), ("school", "2", 2021)), {"renewed_number", "one_source"}),
        (rows(("school", "1", 2020), ("school", "2", 2020)), {"doubled_number", "one_source"}),
        (
            rows(("school", "1", 2020), ("school", "2", 2020), ("school", "3", 2021)),
            {"doubled_number", "renewed_number", "one_source"},
        ),
        (rows(("school", "1", 2020), ("health", "2", 2020)), {"nothing", "two_sources"}),
        (
            rows(("school", "1", 2020), ("health", "2", 2020), ("welfare", "3", 2020)),
            {"nothing", "three_or_more_sources"},
        ),
    ],
)
def test_numbers_and_sources(delivered, expected):
    assert groups_of("a", happenings(delivered, children("a"))) == expected


def test_twins_and_siblings_are_the_truths_own():
    found = happenings(records("abc"), children("abc", twins="a", family="ab"))
    assert groups_of("a", found) == {"twin", "sibling", "one_source"}
    assert groups_of("b", found) == {"nothing", "sibling", "one_source"}
    assert groups_of("c", found) == {"nothing", "one_source"}


@pytest.mark.parametrize(
    ("surnames", "addresses", "expected"),
    [
        ([1, 1, 2, 2], [5, 5, 5, 5], {"renamed"}),
        ([1, 1, 1, 2], [5, 5, 5, 5], {"nothing"}),  # seen once: a slip
        ([1, 1, 1, 1], [5, 5, 6, 6], {"moved"}),
        ([1, 1, None, None], [5, 5, 5, None], {"nothing"}),
        ([1, 2, 1, 2], [5, 6, 6, 5], {"moved", "renamed", "moved_and_renamed"}),
    ],
)
def test_moved_and_renamed_need_two_values_each_seen_twice(surnames, addresses, expected):
    truth = rows(*[("school", "1", year) for year in range(2020, 2024)])
    found = happenings(truth, children("a"), traits(truth, surnames, addresses))
    assert groups_of("a", found) == expected | {"one_source"}


def test_a_boolean_trait_is_a_group():
    truth = records("aab")
    found = happenings(
        truth,
        children("ab"),
        traits(truth, [1] * 3, [1] * 3).with_columns(foreign=pl.Series([False, True, None])),
    )
    assert "foreign" in groups_of("a", found)
    assert "foreign" not in groups_of("b", found)


def test_figures_of_a_group_count_every_pair_that_touches_it():
    # P holds 2 records of the twin a and 1 of b; Q holds the third record of a; R both records of c
    found = linkage_quality(links("PPPQRR"), records("aabacc"), children("abc", twins="a"))
    groups = {group.group: group for group in found.groups}
    twin = groups["twin"]
    assert (twin.children, twin.records) == (1, 3)
    assert twin.pairwise.precision == pytest.approx(1 / 3)  # a–a right; two a–b wrong
    assert twin.pairwise.recall == pytest.approx(1 / 3)  # one of a's three pairs
    assert (twin.exact.hits, twin.split.hits, twin.mixed.hits) == (0, 1, 1)
    everyone = groups["one_source"]
    assert everyone.pairwise == found.linked.pairwise
    assert next(iter(groups)) == "nothing"
