"""The spine: ids that stay, events that are recorded, ids that say nothing without the key."""

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from linkage.spine import EVENTS, assign_person_ids
from vocabulary.frames import KEY, SPINE

SECRET = b"a secret of the workspace"
CLUSTERED = pl.Schema(KEY | {"cluster": pl.UInt32()})
NOBODY = pl.DataFrame(schema=SPINE)


def clustered(*clusters):
    """The records numbered in each list are one cluster."""
    rows = [
        ("school", f"S{number}", date(2020, 4, 1), cluster)
        for cluster, numbers in enumerate(clusters)
        for number in numbers
    ]
    return pl.DataFrame(rows, schema=CLUSTERED, orient="row")


def ids(spine):
    """Record number → person id."""
    return {int(row["local_id"][1:]): row["person_id"] for row in spine.links.iter_rows(named=True)}


def known(spine):
    return spine.links.select(NOBODY.columns)


def assign(*clusters, before=NOBODY, key=SECRET):
    return assign_person_ids(clustered(*clusters), before, key=key)


def test_records_of_a_cluster_share_an_id_and_clusters_do_not():
    found = ids(assign([0, 1], [2]))
    assert found[0] == found[1] != found[2]


def test_ids_stay_when_records_come():
    first = assign([0, 1], [2])
    second = assign([5], [2, 3], [4, 0, 1], before=known(first))
    assert [ids(second)[n] for n in (0, 1, 2)] == [ids(first)[n] for n in (0, 1, 2)]
    assert ids(second)[4] == ids(first)[0]
    assert ids(second)[5] not in set(ids(first).values())
    assert second.events.height == 0


def test_an_earlier_record_does_not_change_the_id():
    first = assign([3, 4])
    assert ids(assign([0, 3, 4], before=known(first)))[0] == ids(first)[3]


def test_two_children_found_to_be_one_are_merged_under_the_larger():
    first = assign([0, 1, 2], [3])
    second = assign([3, 0, 1, 2], before=known(first))
    assert set(ids(second).values()) == {ids(first)[0]}
    assert second.events.rows(named=True) == [
        {"kind": "merged", "person_id": ids(first)[0], "other_id": ids(first)[3], "records": 1}
    ]
    assert second.events.schema == EVENTS


def test_a_child_found_to_be_two_is_split_and_the_larger_keeps_the_id():
    first = assign([0, 1, 2])
    second = assign([0], [1, 2], before=known(first))
    assert ids(second)[1] == ids(second)[2] == ids(first)[0] != ids(second)[0]
    assert second.events.rows(named=True) == [
        {"kind": "split", "person_id": ids(second)[0], "other_id": ids(first)[0], "records": 1}
    ]


def test_records_that_change_hands_are_recorded():
    first = assign([0, 1, 2], [3, 4, 5])
    second = assign([0, 1], [2, 3, 4, 5], before=known(first))
    assert ids(second)[0] == ids(first)[0]
    assert ids(second)[2] == ids(first)[3]
    assert second.events.rows(named=True) == [
        {"kind": "split", "person_id": ids(first)[3], "other_id": ids(first)[0], "records": 1}
    ]


def test_an_id_cannot_be_told_without_the_key():
    found = {ids(assign([0], key=key))[0] for key in (SECRET, b"another", b"")}
    assert len(found) == 3
    assert all(len(person) == 16 and person.isalnum() and person.islower() for person in found)


def test_an_id_in_use_is_not_given_again():
    # Record 0 founded an id; it now belongs elsewhere, and what it founds anew must be another.
    taken = ids(assign([0]))[0]
    before = pl.DataFrame([("school", "S9", date(2020, 4, 1), taken)], schema=NOBODY.schema, orient="row")
    found = ids(assign([0], [9], before=before))
    assert found[9] == taken != found[0]


partitions = st.lists(st.integers(0, 5), min_size=1, max_size=12)


def parted(labels):
    return [[n for n, label in enumerate(labels) if label == cluster] for cluster in sorted(set(labels))]


@given(partitions, partitions)
def test_ids_are_unique_deterministic_and_kept_or_recorded(before, after):
    first = assign(*parted(before))
    second = assign(*parted(after), before=known(first))
    assert second.links["person_id"].null_count() == 0
    assert second.links.select("cluster", "person_id").unique().height == len(set(after))
    assert second.links["person_id"].n_unique() == len(set(after))
    again = assign(*parted(after), before=known(first).reverse())
    assert ids(again) == ids(second)
    assert again.events.equals(second.events)
    told = {(row["other_id"], row["person_id"]) for row in second.events.iter_rows(named=True)}
    old, new = ids(first), ids(second)
    assert {(old[n], new[n]) for n in old.keys() & new.keys() if old[n] != new[n]} == told


@given(st.permutations(range(8)))
def test_row_order_changes_nothing(order):
    frame = clustered([0, 1, 2], [3], [4, 5, 6, 7])
    straight = assign_person_ids(frame, NOBODY, key=SECRET)
    assert ids(assign_person_ids(frame[list(order)], NOBODY, key=SECRET)) == ids(straight)
