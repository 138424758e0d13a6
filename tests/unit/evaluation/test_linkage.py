"""Linkage figures: tables countable by hand; the package `bcubed` and plain pair enumeration as oracles."""

from itertools import combinations

import bcubed as oracle
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.linkage import linkage_quality
from tests.unit.evaluation.tables import children, links, records
from vocabulary.errors import EvaluationError
from vocabulary.frames import PERSONS


def quality(persons: str, truth: str, **options):
    return linkage_quality(links(persons), records(truth), children("".join(sorted(set(truth)))), **options)


def test_a_perfect_linkage_scores_one_everywhere():
    found = quality("PPQQQ", "aabbb").linked
    assert (found.pairwise.f1, found.bcubed.f1, found.exact.f1) == (1, 1, 1)
    assert (found.records, found.children, found.persons) == (5, 2, 2)


def test_figures_counted_by_hand():
    # a has 3 records in P; b has 2 records in P and 1 in Q
    found = quality("PPPPPQ", "aaabbb").linked
    assert found.pairwise.precision == pytest.approx(4 / 10)  # 3 + 1 right pairs of 10 in P, 0 in Q
    assert found.pairwise.recall == pytest.approx(4 / 6)
    assert found.bcubed.precision == pytest.approx((3 * 3 / 5 + 2 * 2 / 5 + 1) / 6)
    assert found.bcubed.recall == pytest.approx((3 + 2 * 2 / 3 + 1 / 3) / 6)
    assert (found.exact.precision, found.exact.recall) == (0, 0)


def test_exact_clusters_are_out_of_persons_and_out_of_children():
    found = quality("PPQQRS", "aabbcc").linked
    assert found.exact.precision == pytest.approx(2 / 4)
    assert found.exact.recall == pytest.approx(2 / 3)


def test_records_not_linked_count_against_the_whole_truth_only():
    found = quality("PP-QQ", "aaabb")
    assert (found.records_of_truth, found.records_linked, found.records_not_linked) == (5, 4, 1)
    assert found.linked.pairwise.f1 == 1
    assert found.whole.pairwise.precision == 1
    assert found.whole.pairwise.recall == pytest.approx(2 / 4)
    assert found.whole.bcubed.recall == pytest.approx((2 * 2 / 3 + 2) / 5)
    assert found.whole.exact.recall == pytest.approx(1 / 2)


def test_a_child_none_of_whose_records_were_read_is_a_child_not_found():
    found = quality("PP-", "aab")
    assert (found.linked.children, found.whole.children) == (1, 2)
    assert found.whole.exact.recall == pytest.approx(1 / 2)


def test_links_outside_the_truth_are_counted_and_left_out():
    found = linkage_quality(links("PPQ"), records("aa"), children("a"))
    assert found.links_without_truth == 1
    assert found.linked.persons == 1


def test_mixed_persons_name_their_relation():
    twins = linkage_quality(links("PPQQ"), records("abcd"), children("abcd", twins="ab", family="ab"))
    assert [(person.relation, person.children) for person in twins.mixed_persons] == [
        ("twin", 2),
        ("unrelated", 2),
    ]
    assert (twins.mixed.hits, twins.mixed.of) == (2, 2)
    siblings = linkage_quality(links("PP"), records("ab"), children("ab", family="ab"))
    assert [person.relation for person in siblings.mixed_persons] == ["sibling"]


def test_splits_are_counted_by_the_number_of_persons():
    found = quality("PQRSST", "aaabbc")
    assert (found.split.hits, found.split.of) == (1, 3)
    assert found.persons_per_split_child == {3: 1}


def test_sizes_of_persons_beside_those_of_children():
    sizes = quality("PQRSS", "aaabb").sizes
    assert [(size.records, size.persons, size.children) for size in sizes] == [
        (1, 3, 0),
        (2, 1, 1),
        (3, 0, 1),
    ]


def test_calibration_bins_hold_what_was_stated_against_what_was_true():
    stated = links("PPPP").with_columns(match_probability=pl.Series([0.97, 0.97, 0.6, 1.0]))
    found = linkage_quality(stated, records("aaba"), children("ab"))
    bins = {(bin_.above, bin_.upto): bin_ for bin_ in found.link_calibration}
    assert bins[0.95, 0.99].stated == pytest.approx(0.97)
    assert (bins[0.95, 0.99].observed.hits, bins[0.95, 0.99].observed.of) == (2, 2)
    assert (bins[0.5, 0.8].observed.hits, bins[0.5, 0.8].observed.of) == (0, 1)
    assert bins[0.999, 1.0].observed.of == 1


def test_link_confidence_is_held_against_persons_of_one_child():
    persons = pl.DataFrame({"person_id": ["P", "Q", "R"], "link_confidence": [0.55, 0.7, 1.0]})
    persons = persons.with_columns(pl.lit(None, PERSONS[column]).alias(column) for column in ("sex", "sources"))
    found = linkage_quality(links("PPQQR"), records("aabcd"), children("abcd"), persons=persons)
    counted = {bin_.above: bin_.observed for bin_ in found.person_calibration if bin_.observed.of}
    assert list(counted) == [0.5]  # R holds one record: there is no link to be sure of
    assert (counted[0.5].hits, counted[0.5].of) == (1, 2)


@pytest.mark.parametrize(
    ("given_links", "truth", "key"),
    [
        (pl.concat([links("P"), links("Q")]), records("a"), "evaluation.link_twice"),
        (links("P"), pl.concat([records("a"), records("b")]), "evaluation.record_of_two_children"),
        (links("P").with_columns(source=pl.lit("other")), records("a"), "evaluation.nothing_in_common"),
    ],
)
def test_frames_that_cannot_be_compared_are_refused(given_links, truth, key):
    with pytest.raises(EvaluationError) as refused:
        linkage_quality(given_links, truth, children("ab"))
    assert refused.value.key == key
    assert "\n" not in str(refused.value)


def test_figures_survive_json():
    found = quality("PPQ", "aab")
    assert type(found).model_validate_json(found.model_dump_json()) == found


@given(st.lists(st.tuples(st.sampled_from("PQRST"), st.sampled_from("abcd")), min_size=1, max_size=25))
def test_measures_agree_with_the_oracles(pairs):
    persons, truth = "".join(p for p, _ in pairs), "".join(c for _, c in pairs)
    found = quality(persons, truth).linked
    assigned = {number: {person} for number, person in enumerate(persons)}
    actual = {number: {child} for number, child in enumerate(truth)}
    assert found.bcubed.precision == pytest.approx(oracle.precision(assigned, actual))
    assert found.bcubed.recall == pytest.approx(oracle.recall(assigned, actual))

    linked = {(i, j) for i, j in combinations(range(len(pairs)), 2) if persons[i] == persons[j]}
    same = {(i, j) for i, j in combinations(range(len(pairs)), 2) if truth[i] == truth[j]}
    assert found.pairwise.precision == (pytest.approx(len(linked & same) / len(linked)) if linked else None)
    assert found.pairwise.recall == (pytest.approx(len(linked & same) / len(same)) if same else None)

    as_sets = [
        {frozenset(n for n, name in enumerate(names) if name == one) for one in names} for names in (persons, truth)
    ]
    assert found.exact.precision == pytest.approx(len(as_sets[0] & as_sets[1]) / len(as_sets[0]))
    assert found.exact.recall == pytest.approx(len(as_sets[0] & as_sets[1]) / len(as_sets[1]))
