"""Linkage of cities whose truth is known: how many links are right, and whether ids stay a year later."""

from datetime import date

import polars as pl
import pytest

from linkage.spine import assign_person_ids
from tests.recovery.linked_cities import clustered, delivered, linked, quality
from vocabulary.frames import RECORD, SPINE

pytestmark = pytest.mark.slow

CHILDREN = 5_000
TARGETS = [  # profile, seed, least F1, one person in so many may hold records of two children
    ("typical", 21, 0.9998, 2_000),
    ("hard", 23, 0.9995, 2_000),
    ("hard", 24, 0.9995, 2_000),
    ("extreme", 26, 0.995, 1_000),
]
NOBODY = pl.DataFrame(schema=SPINE)


@pytest.mark.parametrize(("profile", "seed", "least", "mixed"), TARGETS)
def test_records_of_one_child_and_no_other_are_linked(tmp_path, profile, seed, least, mixed):
    records, truth = delivered(tmp_path, CHILDREN, seed, profile)
    found = quality(clustered(linked(records)), truth)
    assert found.f1 >= least
    assert found.mixed <= found.persons / mixed


@pytest.mark.parametrize(("profile", "seed"), [("typical", 31), ("hard", 32)])
def test_a_delivery_a_year_later_keeps_the_ids(tmp_path, profile, seed):
    records, _ = delivered(tmp_path, CHILDREN, seed, profile)
    first = records.filter(pl.col("as_of") < date(2025, 1, 1))
    assert 0 < first.height < records.height
    before = assign_person_ids(clustered(linked(first)), NOBODY, key=b"key")
    known = before.links.select(*RECORD, "person_id")
    after = assign_person_ids(clustered(linked(records)), known, key=b"key")

    both = known.join(after.links, on=RECORD, suffix="_now")
    moved = both.filter(pl.col("person_id") != pl.col("person_id_now"))
    recorded = after.events.select("other_id", "person_id")
    assert (
        moved.join(recorded, left_on=["person_id", "person_id_now"], right_on=recorded.columns, how="anti").height == 0
    )
    # Some are: another year tells more of a child. Not many: at most one child in 500.
    assert after.events["other_id"].n_unique() <= known["person_id"].n_unique() / 500


def test_the_same_records_give_the_same_links_to_the_byte_whatever_their_order_and_the_threads(tmp_path):
    records, _ = delivered(tmp_path, 2_000, 41, "hard")
    shuffled = records.sample(fraction=1, shuffle=True, seed=1)
    results = [linked(records, threads=1), linked(records, threads=2), linked(shuffled, threads=2)]
    written = {
        (
            clustered(result).sort(RECORD).write_csv(),
            result.clusters.assignment.write_csv(),
            result.clusters.confidence.write_csv(),
            str(result.model.as_json()),
        )
        for result in results
    }
    assert len(written) == 1
