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
RECORD_3 = {"source": "school", "local_id": "S3", "as_of": date(2020, 4, 1)}


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


def assign(*clusters, before=NOBODY, key=SECRET, **options):
    return assign_person_ids(clustered(*clusters), before, key=key, **options)


def after(spine, *clusters, **options):
    """The next run, which knows of `spine` what a run leaves."""
    return assign(*clusters, before=known(spine), former=spine.former, **options)


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
        {"kind": "merged", "person_id": ids(first)[0], "other_id": ids(first)[3], "records": 1, "reason": "records"}
    ]
    assert second.events.schema == EVENTS


def test_a_child_found_to_be_two_is_split_and_the_larger_keeps_the_id():
    first = assign([0, 1, 2])
    second = assign([0], [1, 2], before=known(first))
    assert ids(second)[1] == ids(second)[2] == ids(first)[0] != ids(second)[0]
    assert second.events.rows(named=True) == [
        {"kind": "split", "person_id": ids(second)[0], "other_id": ids(first)[0], "records": 1, "reason": "records"}
    ]


def test_records_that_change_hands_are_recorded():
    first = assign([0, 1, 2], [3, 4, 5])
    second = assign([0, 1], [2, 3, 4, 5], before=known(first))
    assert ids(second)[0] == ids(first)[0]
    assert ids(second)[2] == ids(first)[3]
    assert second.events.rows(named=True) == [
        {"kind": "split", "person_id": ids(first)[3], "other_id": ids(first)[0], "records": 1, "reason": "records"}
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


def test_a_child_parted_again_gets_its_former_id_back():
    first = assign([0, 1, 2], [3])
    merged = after(first, [0, 1, 2, 3])
    assert merged.former.rows(named=True) == [{**RECORD_3, "person_id": ids(first)[3]}]
    parted = after(merged, [0, 1, 2], [3])
    assert ids(parted) == ids(first)
    assert parted.former.height == 0
    assert parted.events.rows(named=True) == [
        {"kind": "split", "person_id": ids(first)[3], "other_id": ids(first)[0], "records": 1, "reason": "records"}
    ]


def test_a_former_id_comes_back_after_many_runs_and_to_the_records_it_had():
    first = assign([0, 1, 2], [3, 4])
    later = after(after(first, [0, 1, 2, 3, 4]), [0, 1, 2, 3, 4, 5], [6])
    assert set(later.former["person_id"]) == {ids(first)[3]}
    parted = after(later, [0, 1, 2, 5], [4, 3], [6])
    assert ids(parted)[3] == ids(parted)[4] == ids(first)[3]
    assert ids(parted)[0] == ids(first)[0]
    assert ids(parted)[6] == ids(later)[6]


def test_of_parts_of_a_former_child_the_larger_gets_its_id():
    first = assign([0, 1, 2, 3], [4, 5, 6])
    parted = after(after(first, [0, 1, 2, 3, 4, 5, 6]), [0, 1, 2, 3], [4], [5, 6])
    assert ids(parted)[5] == ids(first)[4]
    assert ids(parted)[4] not in set(ids(first).values())


def test_an_undone_merge_leaves_each_id_with_whose_it_was_though_the_other_grew_meanwhile():
    def of(number, years):
        return [("school", number, date(year, 4, 1)) for year in years]

    def run(*clusters, before=None):
        rows = [(*record, label) for label, cluster in enumerate(clusters) for record in cluster]
        frame = pl.DataFrame(rows, schema=CLUSTERED, orient="row")
        return assign_person_ids(
            frame,
            NOBODY if before is None else known(before),
            former=None if before is None else before.former,
            key=SECRET,
        )

    def person(spine, number):
        return spine.links.filter(local_id=number)["person_id"].unique().item()

    first = run(of("S1", range(2018, 2021)), of("S2", range(2019, 2021)))
    merged = run(of("S1", range(2018, 2021)) + of("S2", range(2019, 2025)), before=first)
    undone = run(of("S1", range(2018, 2021)), of("S2", range(2019, 2025)), before=merged)
    assert person(undone, "S1") == person(first, "S1")
    assert person(undone, "S2") == person(first, "S2")


def test_an_id_that_a_known_record_still_has_is_not_former():
    # Record 3 is not in this run, for which another source was approved; its id stays with it.
    first = assign([0, 1, 2], [3])
    assert after(first, [0, 1, 2]).former.height == 0


def test_a_reason_is_that_of_the_cluster_it_came_to():
    first = assign([0, 1], [2], [3, 4], [5])
    reasons = pl.DataFrame({"cluster": [1], "reason": ["review"]}, schema_overrides={"cluster": pl.UInt32})
    merged = after(first, [0, 1, 2], [3, 4, 5], reasons=reasons)
    assert {row["other_id"]: row["reason"] for row in merged.events.iter_rows(named=True)} == {
        ids(first)[2]: "records",
        ids(first)[5]: "review",
    }


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


@given(st.lists(partitions, min_size=2, max_size=5))
def test_no_id_is_ever_lost_or_given_to_two(history):
    spine = assign(*parted(history[0]))
    given_out = set(ids(spine).values())
    for labels in history[1:]:
        before, spine = spine, after(spine, *parted(labels))
        now, absent = ids(spine), {n: person for n, person in ids(before).items() if n not in ids(spine)}
        held = set(now.values()) | set(absent.values()) | set(spine.former["person_id"])
        # What a run leaves of records it did not link is kept by the pipeline; here they leave with their ids.
        assert set(ids(before).values()) | set(before.former["person_id"]) <= held
        assert len(
            {
                (cluster, now[int(record[1:])])
                for record, cluster in spine.links.select("local_id", "cluster").iter_rows()
            }
        ) == len(set(now.values()))
        given_out |= set(now.values())
    assert all(len(person) == 16 for person in given_out)


@given(partitions, st.integers(0, 5), st.integers(0, 5))
def test_a_merge_and_its_undoing_leave_every_id_as_it_was(labels, one, other):
    first = assign(*parted(labels))
    merged = after(first, *parted([one if label == other else label for label in labels]))
    undone = after(merged, *parted(labels))
    assert ids(undone) == ids(first)
    assert undone.former.height == 0


@given(st.permutations(range(8)))
def test_row_order_changes_nothing(order):
    frame = clustered([0, 1, 2], [3], [4, 5, 6, 7])
    straight = assign_person_ids(frame, NOBODY, key=SECRET)
    assert ids(assign_person_ids(frame[list(order)], NOBODY, key=SECRET)) == ids(straight)
