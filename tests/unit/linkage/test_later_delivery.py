"""A later delivery, linked with what is known under the model in use."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from linkage import adding
from linkage.link import link
from linkage.linked import Linkage
from linkage.stages import clusters_on
from linkage.state import TABLES, as_tables, from_tables
from tests.unit.linkage.people import at, records
from tests.unit.linkage.town import HOUSEHOLD, TOWN, TWIN, X, are_one, child, decision, held, partition

SOURCES = ("school", "health", "welfare")
BEFORE = TOWN + [row for source in SOURCES for row in held(X, source, [2020, 2021])]
MOVED = {column: child(77)[column] for column in HOUSEHOLD} | {"guardian": "加藤真"}
LATER = [
    *[row for n in range(60) for source in SOURCES for row in held(child(n), source, [2023])],
    *held(X, "school", [2023]),
    *held(X, "welfare", [2023], number="R1", **MOVED),  # came back under a new number, and all else new
    *held(TWIN, "school", [2023]),
    *held(child(61), "school", [2022, 2023]),
]


@pytest.fixture(scope="module")
def first() -> Linkage:
    return link(records(*BEFORE))


def later(first: Linkage, *rows: dict, **options: object) -> Linkage:
    return link(records(*rows), known=first.known, model=first.model, **options)


def test_what_is_new_is_linked_as_if_all_were_linked_at_once(first):
    second = later(first, *LATER)
    at_once = link(records(*BEFORE, *LATER), model=first.model)
    assert partition(second) == partition(at_once)
    assert are_one(second, ("school", "S100"), ("welfare", "R1"))
    assert not are_one(second, ("school", "S100"), ("school", "T100"))


def test_the_model_stays(first):
    assert later(first, *LATER).model == first.model


def test_year_by_year_is_all_at_once(first):
    second = first
    for year in (2022, 2023):
        second = later(second, *[row for row in LATER if row["as_of"] == at(year)])
    assert partition(second) == partition(link(records(*BEFORE, *LATER), model=first.model))


def test_the_same_records_again_change_nothing(first):
    again = later(first, *BEFORE)
    assert partition(again) == partition(first)
    assert_frame_equal(again.pairs, first.pairs, check_row_order=False)
    assert again.clusters.assignment.equals(first.clusters.assignment)
    assert again.clusters.joinings.equals(first.clusters.joinings)


def test_nothing_new_at_all(first):
    assert partition(later(first)) == partition(first)


def test_a_birth_date_put_right_is_taken():
    slip = held(X, "school", [2022], birth_date=X["birth_date"].replace(year=2001))
    first = link(records(*BEFORE, *slip))
    assert first.profiles.profiles.filter(local_id="S100", source="school").height == 2
    mended = later(first, *held(X, "school", [2022]))
    assert mended.profiles.profiles.filter(local_id="S100", source="school").height == 1
    assert are_one(mended, *((source, "S100") for source in SOURCES))
    assert mended.keys.filter(local_id="S100", source="school")["birth_date"].unique().to_list() == [X["birth_date"]]


def test_a_name_put_right_may_part_two():
    first = link(records(*BEFORE, *held(X, "school", [2023], number="N1")))
    assert are_one(first, ("school", "S100"), ("school", "N1"))
    put_right = held(TWIN, "school", [2023], number="N1")
    assert not are_one(later(first, *put_right), ("school", "S100"), ("school", "N1"))


@pytest.mark.parametrize("verdict", ["same", "different"])
def test_what_was_decided_holds_in_every_later_run(first, verdict):
    pair = {"same": ("S61", 2023), "different": ("S100", 2021)}[verdict]
    decided = decision(verdict, ("health", "S100", 2020), ("school", *pair))
    second = later(first, *LATER, decisions=decided)
    third = later(second, *held(X, "school", [2024]), *held(child(61), "school", [2024]), decisions=decided)
    for linkage in (second, third):
        assert are_one(linkage, ("health", "S100"), ("school", pair[0])) == (verdict == "same")


def test_a_decision_that_holds_no_more_leaves_no_trace(first):
    decided = decision("different", ("health", "S100", 2020), ("school", "S100", 2021))
    second = later(first, *LATER, decisions=decided)
    assert partition(later(second)) == partition(later(first, *LATER))


def test_dates_that_a_profile_lost_count_no_more():
    first = link(records(*BEFORE, *held(X, "school", [2012], number="N1"), *held(X, "school", [2021], number="N1")))
    other = held(TWIN, "school", [2021], number="N1")  # the last record of N1 was another child's
    second = later(first, *other)
    at_once = link(records(*BEFORE, *held(X, "school", [2012], number="N1"), *other), model=first.model)

    def years(linkage: Linkage) -> list[int]:
        seen = pl.col("first_seen") == at(2012)
        last = linkage.profiles.profiles.filter(seen & (pl.col("local_id") == "N1"))["profile"].item()
        ends = pl.col("left", "right") == last
        return sorted(linkage.pairs.filter(pl.any_horizontal(ends))["years"].to_list())

    assert years(second) == years(at_once)
    assert max(years(second)) > 0


def test_only_the_groups_that_change_are_clustered_again(first, monkeypatch):
    again = []

    def watched(connection, pairs, members, **options):
        again.append(set(members["profile"]))
        return clusters_on(connection, pairs, members, **options)

    monkeypatch.setattr(adding, "clusters_on", watched)
    moved = held(X, "school", [2022], town="新町", block="9-9")
    second = later(first, *moved, *held(child(3), "health", [2022]))
    of_x = second.profiles.profiles.filter(pl.col("local_id") == "S100")["profile"]
    of_other = second.profiles.profiles.filter(pl.col("local_id") == "S3")["profile"]
    assert again[0] >= set(of_x)
    assert again[0].isdisjoint(of_other), "a further date of what was known changes no weight"


def test_what_is_kept_in_tables_links_as_what_is_in_memory(first, tmp_path):
    tables = as_tables(first)
    assert set(tables) == set(TABLES)
    for name, frame in tables.items():
        frame.write_parquet(tmp_path / name)
    kept = from_tables({name: pl.read_parquet(tmp_path / name) for name in TABLES})
    from_memory = later(first, *LATER)
    from_disk = link(records(*LATER), known=kept, model=first.model)
    assert partition(from_disk) == partition(from_memory)
    assert_frame_equal(from_disk.pairs, from_memory.pairs)
    assert from_disk.clusters.joinings.equals(from_memory.clusters.joinings)
