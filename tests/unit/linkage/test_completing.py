"""Completing, in two registers of 100 children at one date, of whom most are linked by evidence."""

import math
from datetime import date

import polars as pl
import pytest

from linkage.clusters import cluster
from linkage.completing import SURE, complete

CHILDREN = 100
APRIL, OCTOBER = date(2020, 4, 1), date(2020, 10, 1)
PAIRS = pl.Schema({"left": pl.UInt32, "right": pl.UInt32, "evidence": pl.Float64, "against": pl.Float64})
MEMBERS = pl.Schema({"profile": pl.UInt32, "source": pl.String, "as_of": pl.Date})

LAST = (CHILDREN - 1, 2 * CHILDREN - 1)
"""The profiles of the last child: the school holds those up to 99, health those from 100."""


def registers(*, school=APRIL, health=APRIL, children=CHILDREN):
    rows = [(child, "school", school) for child in range(children)]
    rows += [(CHILDREN + child, "health", health) for child in range(children)]
    return pl.DataFrame(rows, schema=MEMBERS, orient="row")


def completed(*offers, linked=CHILDREN - 1, members=None, decisions=None, born=None):
    """Clusters before and after, `linked` children at 20 bits, and `offers` (left, right, bits[, against]).

    All are born in April 2010, but for those profiles of `born`, whose dates it tells.
    """
    rows = [(child, CHILDREN + child, 20.0, 0.0) for child in range(linked)]
    pairs = pl.DataFrame([*rows, *((*offer, 0.0)[:4] for offer in offers)], schema=PAIRS, orient="row")
    members = registers() if members is None else members
    compared = pairs.with_columns(gamma_birth_date=pl.lit(3), same_number=pl.lit(False))
    before = cluster(compared, members, held_at_once=6.0, decisions=decisions)
    dates = {profile: ["2010-04-10"] for profile in members["profile"].unique()} | (born or {})
    profiles = pl.DataFrame(
        {"profile": dates.keys(), "birth_date": dates.values()},
        schema={"profile": pl.UInt32, "birth_date": pl.List(pl.String)},
    )
    return before, complete(before, pairs, members, profiles, decisions=decisions)


def together(clusters, left, right):
    of = dict(clusters.assignment.select("profile", "cluster").iter_rows())
    return of[left] == of[right]


def test_the_two_left_over_are_joined_by_the_odds_of_those_left_over():
    before, after = completed((*LAST, -4.0))
    assert not together(before, *LAST)
    assert together(after, *LAST)
    bits = -4.0 - 2 * math.log2(1 - 99 / 101)
    joining = after.joinings.filter((pl.col("left") == LAST[0]) & (pl.col("right") == LAST[1])).row(0, named=True)
    assert joining["joined"]
    assert joining["bits"] == pytest.approx(bits)
    share = pytest.approx(1 / (1 + 2**-bits), abs=1e-6)
    assert after.confidence.filter(pl.col("cluster") == LAST[0])["link_confidence"].item() == share
    assert after.assignment.filter(pl.col("profile") == LAST[1])["match_probability"].item() == share
    assert after.assignment.filter(pl.col("profile") == LAST[0])["match_probability"].item() == 1.0


def test_the_others_stay_as_they_were():
    before, after = completed((*LAST, -4.0))
    same = ~pl.col("profile").is_in(LAST)
    assert after.assignment.filter(same).equals(before.assignment.filter(same))
    assert after.assignment["profile"].equals(before.assignment["profile"])
    assert after.confidence.height == before.confidence.height - 1
    assert after.joinings.height == before.joinings.height


@pytest.mark.parametrize(
    ("offers", "given"),
    [
        ([(*LAST, -4.0)], {"linked": CHILDREN // 2}),
        ([(*LAST, -10.0)], {}),
        ([(*LAST, -4.0)], {"members": registers(health=OCTOBER)}),
        ([(98, 99, -1.0)], {"linked": CHILDREN - 2}),
        ([(*LAST, -2.0), (98, LAST[1], -2.5)], {"linked": CHILDREN - 2}),
    ],
    ids=["half are missing anyway", "too weak", "another date", "one source holds both", "two who could be it"],
)
def test_stays_apart(offers, given):
    before, after = completed(*offers, **given)
    assert not any(together(after, left, right) for left, right, *_ in offers)
    assert after.assignment.equals(before.assignment)


def test_groups_of_several_profiles_are_held_against_what_contradicts_on_the_average():
    older = pl.DataFrame([(200, "school", OCTOBER)], schema=MEMBERS, orient="row")
    members = pl.concat([registers(), older])
    agreeing = [(LAST[0], 200, 20.0), (*LAST, -4.0), (LAST[1], 200, -30.0, 0.0)]
    contradicting = [*agreeing[:2], (LAST[1], 200, -30.0, -20.0)]
    assert together(completed(*agreeing, members=members)[1], *LAST)
    assert not together(completed(*contradicting, members=members)[1], *LAST)


def test_what_the_offered_pair_contradicts_counts_once():
    older = pl.DataFrame([(200, "school", OCTOBER)], schema=MEMBERS, orient="row")
    offers = [(LAST[0], 200, 20.0), (*LAST, -6.0, -6.0), (LAST[1], 200, -6.5, -6.0)]
    assert together(completed(*offers, members=pl.concat([registers(), older]))[1], *LAST)


def test_what_the_pairs_of_an_offer_that_speaks_for_one_child_contradict_counts_once():
    older = pl.DataFrame([(200, "school", OCTOBER)], schema=MEMBERS, orient="row")
    offers = [(LAST[0], 200, 20.0), (*LAST, 3.0, 0.0), (LAST[1], 200, -16.0, -16.0)]
    before, after = completed(*offers, members=pl.concat([registers(), older]))
    assert not together(before, *LAST)
    assert together(after, *LAST)


BABIES = range(200, 300)
"""Whom health holds and the school does not."""


def with_babies(born):
    """Whether the last child is joined at −6 bits, where the school misses half of the children of health."""
    younger = pl.DataFrame([(baby, "health", APRIL) for baby in BABIES], schema=MEMBERS, orient="row")
    _, after = completed((*LAST, -6.0), members=pl.concat([registers(), younger]), born=born)
    return together(after, *LAST)


def test_who_is_missing_is_counted_among_the_children_of_one_school_year():
    assert with_babies({baby: ["2019-06-01"] for baby in BABIES})
    assert not with_babies({})


@pytest.mark.parametrize("other", [["2010-04-01"], []], ids=["the school year before", "unknown"])
def test_groups_not_known_to_be_of_one_school_year_are_left_over_among_all_children(other):
    babies = {baby: ["2019-06-01"] for baby in BABIES}
    assert not with_babies(babies | {LAST[1]: other})
    assert together(completed((*LAST, -4.0), born={LAST[1]: other})[1], *LAST)


@pytest.mark.parametrize("other", [-4.0, -4.001], ids=["equally strong", "weaker"])
def test_of_two_offers_between_the_same_groups_one_counts(other):
    # The last child is in a third register, too; once school and health are joined, both offer the same two groups.
    clinic = pl.DataFrame([(200 + child, "clinic", APRIL) for child in range(CHILDREN)], schema=MEMBERS, orient="row")
    linked = [(child, 200 + child, 20.0) for child in range(CHILDREN - 1)]
    offers = [(*LAST, 0.0), (LAST[0], 299, -4.0), (LAST[1], 299, other)]
    _, after = completed(*linked, *offers, members=pl.concat([registers(), clinic]))
    assert together(after, LAST[0], 299)
    assert after.joinings.filter(~pl.col("joined")).is_empty()


def test_what_a_reviewer_kept_apart_stays_apart():
    schema = {"left": pl.UInt32, "right": pl.UInt32, "verdict": pl.String}
    decisions = pl.DataFrame([(*LAST, "different")], schema=schema, orient="row")
    before, after = completed((*LAST, -4.0), decisions=decisions)
    assert after is before


def test_dates_that_tell_nothing_complete_nothing():
    undated = registers().with_columns(as_of=pl.lit(None, pl.Date))
    before, after = completed((*LAST, -4.0), members=undated)
    assert after is before


def test_a_joining_at_the_bound_is_not_taken():
    bonus = -2 * math.log2(1 - 99 / 101)
    assert not together(completed((*LAST, SURE - bonus - 0.01))[1], *LAST)
    assert together(completed((*LAST, SURE - bonus + 0.01))[1], *LAST)


def test_joinings_left_are_the_best_between_two_clusters():
    older = pl.DataFrame([(200, "school", OCTOBER)], schema=MEMBERS, orient="row")
    offers = [(*LAST, -4.0), (LAST[0], 200, -15.0), (LAST[1], 200, -16.0)]
    _, after = completed(*offers, members=pl.concat([registers(), older]))
    still = after.joinings.filter(~pl.col("joined"))
    assert still.select("left", "right", "bits").rows() == [(LAST[0], 200, -15.0)]


def test_each_one_joined_makes_the_next_likelier():
    pairs = [(98, 198, 0.0), (97, 197, 0.0), (96, 196, 0.0), (*LAST, -9.0)]
    first = -9.0 - 2 * math.log2(1 - 96 / 101)
    assert first < SURE < -9.0 - 2 * math.log2(1 - 99 / 101)
    assert together(completed(*pairs, linked=96)[1], *LAST)


def test_groups_of_which_two_records_were_decided_different_stay_apart_though_these_were_never_compared():
    third = 2 * CHILDREN
    members = pl.concat([registers(), pl.DataFrame([(third, "welfare", OCTOBER)], schema=MEMBERS, orient="row")])
    offers = ((*LAST, -4.0), (LAST[0], third, 20.0))
    decided = pl.DataFrame(
        [(LAST[1], third, "different")],
        schema={"left": pl.UInt32, "right": pl.UInt32, "verdict": pl.String},
        orient="row",
    )
    assert together(completed(*offers, members=members)[1], *LAST)
    assert not together(completed(*offers, members=members, decisions=decided)[1], *LAST)
