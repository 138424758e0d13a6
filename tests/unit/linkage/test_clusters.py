"""Clusters: by hand, and against networkx where nothing contradicts."""

from datetime import date

import networkx as nx
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.clusters import (
    DECIDED,
    HELD_AGAIN,
    JOININGS,
    MOST_DATES,
    cluster,
)

PAIRS = pl.Schema(
    {
        "left": pl.UInt32,
        "right": pl.UInt32,
        "evidence": pl.Float64,
        "against": pl.Float64,
        "gamma_birth_date": pl.Int8,
        "same_number": pl.Boolean,
    }
)
SAME_DATE, OTHER_DATE = 3, 0
MEMBERS = pl.Schema({"profile": pl.UInt32, "source": pl.String, "as_of": pl.Date})


def pairs(*rows):
    """Rows (left, right, evidence), and as far as told: against, the level of the birth date, whether of one number."""
    usual = (0.0, SAME_DATE, False)
    return pl.DataFrame([(*row, *usual[len(row) - 3 :]) for row in rows], schema=PAIRS, orient="row")


def apart(count):
    """Members of which no source holds two at one date."""
    return pl.DataFrame([(n, f"s{n}", date(2020, 4, 1)) for n in range(count)], schema=MEMBERS, orient="row")


def groups(clusters):
    parts = clusters.assignment.group_by("cluster").agg("profile")["profile"]
    return sorted(sorted(part) for part in parts.to_list())


def run(rows, members, held_at_once=5.0, **options):
    return cluster(pairs(*rows), members, held_at_once=held_at_once, **options)


def test_positive_evidence_joins_and_negative_does_not():
    found = run([(0, 1, 3.0), (1, 2, -1.0)], apart(3))
    assert groups(found) == [[0, 1], [2]]
    assert found.assignment["cluster"].to_list() == [0, 0, 2]


def test_without_pairs_everyone_is_alone_and_sure():
    found = run([], apart(3))
    assert groups(found) == [[0], [1], [2]]
    assert found.assignment["match_probability"].to_list() == [1.0] * 3
    assert found.confidence["link_confidence"].to_list() == [1.0] * 3


@pytest.mark.parametrize(
    ("other", "level", "one_number", "joined"),
    [
        ("health", OTHER_DATE, False, False),
        ("health", SAME_DATE, False, True),
        ("nursery", OTHER_DATE, False, True),
        ("health", OTHER_DATE, True, True),
    ],
    ids=["both tell two dates", "one tells one date", "one source alone tells both", "one corrected itself"],
)
def test_two_birth_dates_that_two_sources_tell_are_two_children(other, level, one_number, joined):
    # 0 and 1 are told by school and health; 2 and 3 likewise, of the same name and home, born on another day.
    sources = ["school", "health", "school", other]
    members = pl.DataFrame(
        [(n, source, date(2020 + n, 4, 1)) for n, source in enumerate(sources)], schema=MEMBERS, orient="row"
    )
    rows = [(0, 1, 20.0), (2, 3, 20.0), (0, 2, 6.0, 0.0, OTHER_DATE), (1, 3, 6.0, 0.0, level, one_number)]
    assert (len(groups(run(rows, members))) == 1) == joined


def test_a_threshold_keeps_weak_pairs_apart():
    assert groups(run([(0, 1, 3.0)], apart(2), threshold=3.0)) == [[0], [1]]
    assert groups(run([(0, 1, 3.0)], apart(2), threshold=2.9)) == [[0, 1]]


def test_confidence_is_the_weakest_joining_and_probability_that_of_the_smaller_side():
    # 0–1–2 by 10 bits each, then 3 comes by 2 bits: four to one.
    found = run([(0, 1, 10.0), (1, 2, 10.0), (2, 3, 2.0)], apart(4))
    assert found.confidence["link_confidence"].to_list() == [0.8]
    probabilities = dict(found.assignment.select("profile", "match_probability").iter_rows())
    assert probabilities[3] == 0.8
    assert min(probabilities[n] for n in (0, 1, 2)) == pytest.approx(1024 / 1025, abs=1e-6)


def test_a_chain_is_cut_by_a_contradiction_at_its_weakest_place():
    # 0 and 3 are certainly two children; the chain between them breaks where the evidence is least.
    chain = [(0, 1, 9.0), (1, 2, 4.0), (2, 3, 8.0), (0, 3, -20.0, -20.0)]
    found = run(chain, apart(4))
    assert groups(found) == [[0, 1], [2, 3]]
    assert groups(run(chain[:3], apart(4))) == [[0, 1, 2, 3]]


def test_a_contradiction_is_soft():
    # Between {0, 1} and 2 stand two pairs, one of which contradicts by 6 bits: 3 on the average.
    found = run([(0, 1, 30.0), (1, 2, 10.0), (0, 2, -6.0, -6.0)], apart(3))
    assert groups(found) == [[0, 1, 2]]
    assert found.confidence["link_confidence"].item() == pytest.approx(1 / (1 + 2**-7), abs=1e-6)


def test_one_bad_record_among_many_cannot_part_a_child():
    # 0 to 7 agree with one another; 8 agrees with 0 to 6 but contradicts 7 by more than any pair speaks for it.
    core = [(a, b, 20.0) for a in range(8) for b in range(a)]
    rows = [*((b, a, bits) for a, b, bits in core), *((n, 8, 12.0) for n in range(7)), (7, 8, -40.0, -40.0)]
    assert groups(run(rows, apart(9))) == [list(range(9))]


def test_a_weak_bridge_between_two_well_knit_groups_that_contradict_each_other_does_not_hold():
    def knit(profiles):
        return [(a, b, 20.0) for a in profiles for b in profiles if a < b]

    left, right = range(4), range(4, 8)
    contradictions = [(a, b, -15.0, -15.0) for a in left for b in right if (a, b) != (3, 4)]
    rows = [*knit(left), *knit(right), (3, 4, 9.0)]
    assert groups(run([*rows, *contradictions], apart(8))) == [[*left], [*right]]
    assert groups(run(rows, apart(8))) == [[*left, *right]]


def held(*years, source="school"):
    return [(n, source, date(year, 4, 1)) for year in years for n in (0, 1)]


def members(rows):
    return pl.DataFrame(rows, schema=MEMBERS, orient="row")


@pytest.mark.parametrize(
    ("rows", "bits"),
    [
        (held(2020), 5.0),
        (held(2020, 2021, 2022), 5.0 + 2 * HELD_AGAIN),
        (held(*range(2000, 2020)), 5.0 + MOST_DATES * HELD_AGAIN),
        (held(2020) + held(2020, source="health"), 10.0),
        ([(0, "school", date(2020, 4, 1)), (1, "school", date(2021, 4, 1))], 0.0),
        ([(0, "school", date(2020, 4, 1)), (1, "health", date(2020, 4, 1))], 0.0),
    ],
)
def test_each_source_that_holds_both_at_once_speaks_against_joining(rows, bits):
    assert groups(run([(0, 1, bits + 0.01)], members(rows))) == [[0, 1]]
    assert groups(run([(0, 1, bits - 0.01)], members(rows))) == [[0], [1]]


def test_a_child_held_twice_at_once_is_joined_if_the_evidence_is_strong_enough():
    found = run([(0, 1, 7.0)], members(held(2020)))
    assert groups(found) == [[0, 1]]
    assert found.confidence["link_confidence"].item() == 0.8


def test_of_two_claims_on_a_profile_the_stronger_wins_where_both_cannot_hold():
    # 0 and 1 are two children of one school; 2 looks like both, more like 1.
    rows = members([*held(2020), (2, "health", date(2020, 4, 1))])
    assert groups(run([(0, 2, 4.0), (1, 2, 6.0)], rows)) == [[0], [1, 2]]


DECISIONS = pl.Schema({"left": pl.UInt32, "right": pl.UInt32, "verdict": pl.String})


def decided(*rows):
    return pl.DataFrame(rows, schema=DECISIONS, orient="row")


def test_same_joins_whatever_the_evidence():
    rows = [(0, 1, -30.0, -30.0), (1, 2, 5.0)]
    assert groups(run(rows, apart(4))) == [[0], [1, 2], [3]]
    found = run(rows, apart(4), decisions=decided((1, 0, "same"), (3, 2, "same")))
    assert groups(found) == [[0, 1, 2, 3]]


def test_same_joins_though_one_source_holds_both_at_once():
    assert groups(run([(0, 1, -9.0)], members(held(2020)), decisions=decided((0, 1, "same")))) == [[0, 1]]


def test_different_keeps_the_groups_apart_and_not_the_two_alone():
    knit = [(0, 1, 20.0), (2, 3, 20.0), (1, 2, 9.0), (0, 3, 9.0)]
    assert groups(run(knit, apart(4))) == [[0, 1, 2, 3]]
    assert groups(run(knit, apart(4), decisions=decided((3, 0, "different")))) == [[0, 1], [2, 3]]


def test_different_lets_what_is_left_go_with_the_stronger_side():
    rows = [(0, 1, 5.0), (1, 2, 8.0)]
    assert groups(run(rows, apart(3), decisions=decided((0, 2, "different")))) == [[0], [1, 2]]


def test_a_decision_that_two_are_the_same_brings_their_groups():
    rows = [(0, 1, 9.0), (2, 3, 9.0), (1, 2, -25.0)]
    assert groups(run(rows, apart(4), decisions=decided((1, 2, "same")))) == [[0, 1, 2, 3]]


def test_a_chain_of_same_is_one_child():
    found = run([], apart(5), decisions=decided((4, 1, "same"), (1, 3, "same")))
    assert groups(found) == [[0], [1, 3, 4], [2]]


def test_a_decision_on_rows_of_one_profile_says_nothing():
    assert groups(run([(0, 1, 5.0)], apart(2), decisions=decided((0, 0, "different")))) == [[0, 1]]


def rows_of(joinings):
    return {(row["left"], row["right"]): row for row in joinings.iter_rows(named=True)}


def test_joinings_say_what_was_joined_by_what_and_what_was_not():
    rows = [(0, 1, 8.0), (1, 2, 6.0), (0, 2, 4.0), (2, 3, -3.0), (1, 3, -5.0), (3, 4, -25.0)]
    several = members([(n, "school", date(2020 + n, 4, 1)) for n in range(5)] + [(0, "school", date(2030, 4, 1))])
    found = run(rows, several)
    assert found.joinings.schema == JOININGS
    assert [tuple(row[:5]) for row in found.joinings.iter_rows()] == [
        (0, 1, 8.0, True, 1),
        (1, 2, 6.0, True, 1),
        (2, 3, -3.0, False, 1),  # the best offer between the two; -25 bits is none
    ]


def test_joinings_tell_which_were_decided():
    rows = [(0, 1, -4.0), (1, 2, 9.0), (2, 3, 7.0)]
    found = rows_of(run(rows, apart(4), decisions=decided((0, 1, "same"), (2, 3, "different"))).joinings)
    assert {pair: (row["joined"], row["review"]) for pair, row in found.items()} == {
        (0, 1): (True, "same"),
        (1, 2): (True, None),
        (2, 3): (False, "different"),
    }
    assert found[0, 1]["bits"] == DECIDED
    assert found[2, 3]["bits"] == -DECIDED


def test_a_refused_pair_that_was_never_compared_is_no_joining():
    assert run([], apart(2), decisions=decided((0, 1, "different"))).joinings.height == 0


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 12))
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda pair: pair[0] < pair[1])
    edges = draw(st.lists(ends, unique=True, max_size=25)) if count > 1 else []
    return count, [(a, b, float(draw(st.integers(-9, 20).filter(bool)))) for a, b in edges]


@given(graphs())
def test_without_contradictions_clusters_are_the_components_of_positive_evidence(graph):
    count, edges = graph
    expected = nx.Graph()
    expected.add_nodes_from(range(count))
    expected.add_edges_from((a, b) for a, b, bits in edges if bits > 0)
    found = run(edges, apart(count))
    assert groups(found) == sorted(sorted(part) for part in nx.connected_components(expected))
    for label, confidence in found.confidence.iter_rows():
        inside = expected.subgraph(next(part for part in nx.connected_components(expected) if label in part))
        weighted = nx.Graph()
        weighted.add_weighted_edges_from((a, b, bits) for a, b, bits in edges if bits > 0 and a in inside)
        # The weakest edge of the strongest spanning tree: no cluster is held together by less, none needs less.
        tree = nx.maximum_spanning_tree(weighted)
        weakest = min((bits for _, _, bits in tree.edges(data="weight")), default=float("inf"))
        assert confidence == pytest.approx(1 / (1 + 2**-weakest), abs=1e-6)


def test_bits_are_kept_as_exactly_as_the_order_of_additions_leaves_them():
    found = run([(0, 1, 1 / 3), (2, 3, -1 / 3)], apart(4))
    assert found.joinings["bits"].to_list() == [0.333333333, -0.333333333]


def test_two_clusters_have_one_offer_though_a_decision_brought_the_pairs_between_them_together():
    # 0 and 4 are one child by decision; 5 is compared with both, and connected with 0 alone by evidence.
    found = run(
        [(0, 5, 1.0, -9.0), (0, 1, 1.0), (1, 5, 1.0, -9.0), (4, 5, -1.0)], apart(6), decisions=decided((0, 4, "same"))
    )
    assert groups(found) == [[0, 1, 4], [2], [3], [5]]
    assert found.joinings.filter(~pl.col("joined")).height == 1


verdicts = st.lists(
    st.tuples(st.integers(0, 11), st.integers(0, 11), st.sampled_from(["same", "different"])), max_size=4
)


@given(graphs(), verdicts)
def test_joinings_are_complete_and_agree_with_the_clusters(graph, given_verdicts):
    count, edges = graph
    judged = [row for row in given_verdicts if max(row[:2]) < count]
    rows = [(a, b, bits, min(0.0, bits)) for a, b, bits in edges]
    found = run(rows, apart(count), decisions=decided(*judged))
    of = dict(found.assignment.select("profile", "cluster").iter_rows())
    joined = found.joinings.filter("joined")
    parted = found.joinings.filter(~pl.col("joined"))

    tree = nx.Graph()
    tree.add_nodes_from(range(count))
    tree.add_edges_from(joined.select("left", "right").iter_rows())
    assert sorted(sorted(part) for part in nx.connected_components(tree)) == groups(found)
    assert joined.height == count - len(groups(found)), "a joining for each step, no more"
    between = {frozenset((of[left], of[right])) for left, right in parted.select("left", "right").iter_rows()}
    assert all(len(sides) == 2 for sides in between)
    assert parted.height == len(between), "one offer for each two clusters"
    assert between == {frozenset((of[a], of[b])) for a, b, _ in edges if of[a] != of[b]}
    assert parted.filter((pl.col("bits") > 0) & pl.col("review").is_null()).height == 0
    assert joined.filter((pl.col("bits") <= 0) & pl.col("review").is_null()).height == 0
    same = [(a, b) for a, b, verdict in judged if verdict == "same"]
    assert all(of[a] == of[b] for a, b in same)


@given(graphs(), verdicts)
def test_what_is_different_is_apart_unless_it_is_the_same_by_others(graph, given_verdicts):
    count, edges = graph
    judged = [row for row in given_verdicts if max(row[:2]) < count]
    found = run(edges, apart(count), decisions=decided(*judged))
    of = dict(found.assignment.select("profile", "cluster").iter_rows())
    same = nx.Graph()
    same.add_nodes_from(range(count))
    same.add_edges_from((a, b) for a, b, verdict in judged if verdict == "same")
    for a, b, verdict in judged:
        if verdict == "different" and not nx.has_path(same, a, b):
            assert of[a] != of[b]


@given(graphs(), st.randoms(use_true_random=False))
def test_row_order_changes_nothing(graph, random):
    count, edges = graph
    rows = [(a, b, bits, min(0.0, bits)) for a, b, bits in edges]
    people = [(n, "school" if n % 2 else "health", date(2020 + n % 3, 4, 1)) for n in range(count)]
    straight = run(rows, members(people))
    shuffled = run(random.sample(rows, len(rows)), members(random.sample(people, count)))
    assert straight.assignment.equals(shuffled.assignment)
    assert straight.confidence.equals(shuffled.confidence)
    assert straight.joinings.equals(shuffled.joinings)
