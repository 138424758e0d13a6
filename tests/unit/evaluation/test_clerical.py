"""Estimates from a reviewed sample: unbiased, their intervals hold the truth as often as they say, and they err low."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy.stats import binomtest

from evaluation.clerical import (
    CONFIDENCE,
    STRATA,
    Estimate,
    draw,
    draw_offers,
    estimate_precision,
    estimate_recall,
    joint_confidence,
    offer_weights,
    right_shares,
)

REPETITIONS = 400
LEAST = CONFIDENCE - 3 * (CONFIDENCE * (1 - CONFIDENCE) / REPETITIONS) ** 0.5
"""Nominal coverage less three standard errors of the simulation."""


def profiles(**persons):
    """Persons given by the numbers of records of their profiles, which are numbered through."""
    rows = [(person, records) for person, sizes in persons.items() for records in sizes]
    frame = pl.DataFrame(rows, schema=["person_id", "records"], orient="row")
    return frame.with_row_index("profile")


def joinings(*rows):
    schema = {"left": pl.UInt32, "right": pl.UInt32, "verdict": pl.String}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def test_shares_by_hand():
    people = profiles(p=[2, 3], q=[1, 1, 2], r=[4])
    decided = joinings((0, 1, "different"), (2, 3, "same"), (3, 4, "cannot-say"))
    shares = right_shares(people, decided)
    # p: 10 pairs, 1 + 3 within its halves; q: 6 pairs, 1 + 1 if the last joining is wrong; r: nothing was joined
    assert shares.rows() == [("p", 0.4, 0.4), ("q", 2 / 6, 1.0), ("r", 1.0, 1.0)]


def test_a_joining_that_is_wrong_parts_a_person_and_no_other():
    people = profiles(p=[1, 1, 1, 1], q=[2, 2])
    chain = [(0, 1, "same"), (1, 2, "different"), (2, 3, "same"), (4, 5, "same")]
    assert right_shares(people, joinings(*chain)).rows() == [("p", 2 / 6, 2 / 6), ("q", 1.0, 1.0)]


@given(st.lists(st.tuples(st.integers(1, 9), st.sampled_from(["same", "different", "cannot-say"])), min_size=1))
def test_a_share_is_a_share(parts):
    people = profiles(p=[1, *(records for records, _ in parts)])
    chain = joinings(*((place, place + 1, verdict) for place, (_, verdict) in enumerate(parts)))
    ((_, low, high),) = right_shares(people, chain).rows()
    assert 0 <= low <= high <= 1
    assert (low == high) or "cannot-say" in chain["verdict"]


def test_the_same_seed_gives_the_same_draw_and_weights_are_heeded():
    frame = pl.DataFrame({"person_id": ["a", "b", "c"], "pairs": [0, 1, 3]})
    drawn = draw(frame, 4000, weight="pairs", seed=7)
    assert_frame_equal(drawn, draw(frame, 4000, weight="pairs", seed=7))
    assert drawn["person_id"].to_list() == ["b", "c"]
    assert drawn["times"].sum() == 4000
    assert binomtest(int(drawn["times"][1]), 4000, 0.75).pvalue > 1e-4
    assert draw(frame, 0, weight="pairs", seed=7).height == 0
    assert draw(frame.filter(pl.col("pairs") == 0), 9, weight="pairs", seed=7).height == 0


def test_every_stratum_with_pairs_is_drawn_from():
    offers = pl.DataFrame({"bits": [-15.0, -15.0, -5.0, 1.0], "pairs": [900, 100, 4, 0]})
    drawn = draw_offers(offers, 100, seed=3)
    assert set(drawn["stratum"]) == {0, 1}
    assert offer_weights(offers) == [1000.0, 4.0, 0.0]
    assert drawn.filter(pl.col("stratum") == 1)["times"].sum() == round(100 * 2 / (2 + 1000**0.5))
    assert len(STRATA) + 1 == len(offer_weights(offers))


def drawn_persons(*rows):
    return pl.DataFrame(list(rows), schema={"times": pl.UInt32, "low": pl.Float64, "high": pl.Float64}, orient="row")


def test_all_right_is_not_certain():
    found = estimate_precision(drawn_persons((100, 1.0, 1.0)), certain=0.0)
    assert (found.value, found.high, found.cannot_say) == (1.0, 1.0, 0)
    assert found.low == pytest.approx(0.025 ** (1 / 100))  # Clopper and Pearson, all of 100


def test_what_is_certain_narrows_the_interval():
    drawn = drawn_persons((30, 1.0, 1.0), (2, 0.4, 0.4))
    alone, among = estimate_precision(drawn, certain=0.0), estimate_precision(drawn, certain=0.75)
    assert among.value == pytest.approx(0.75 + alone.value / 4)
    assert among.low == pytest.approx(0.75 + alone.low / 4)


def test_cannot_say_widens_the_interval_and_counts_half():
    sure, unsure = (estimate_precision(drawn_persons((9, 1.0, 1.0), (1, low, 1.0)), certain=0) for low in (1.0, 0.0))
    assert unsure.low < sure.low
    assert unsure.high == sure.high
    assert (unsure.value, unsure.cannot_say) == (0.95, 1)


def test_the_interval_is_that_of_counts_where_shares_are_counts():
    found = estimate_precision(drawn_persons((17, 1.0, 1.0), (3, 0.0, 0.0)), certain=0.0)
    exact = binomtest(17, 20).proportion_ci(0.95, "exact")
    assert (found.low, found.high) == (pytest.approx(exact.low), pytest.approx(exact.high))


def city(rng, persons, mixed):
    """Persons of one to six profiles, a share `mixed` of which are two children, and what a reviewer says of each."""
    rows, tree = [], []
    for number in range(persons):
        sizes = rng.integers(1, 5, rng.integers(1, 7)).tolist()
        second = rng.integers(1, len(sizes)) if len(sizes) > 1 and rng.random() < mixed else len(sizes)
        first = len(rows)
        rows += [(f"p{number:05d}", records, f"{number}-{place >= second}") for place, records in enumerate(sizes)]
        tree += [
            (first + place - 1, first + place, "different" if place == second else "same")
            for place in range(1, len(sizes))
        ]
    frame = pl.DataFrame(rows, schema=["person_id", "records", "child"], orient="row").with_row_index("profile")
    return frame, joinings(*tree)


def record_pairs(frame, *by):
    """Record pairs within each group, counted from the profiles."""
    return (
        frame.group_by(*by)
        .agg(pl.col("records").sum(), profiles=pl.len())
        .select(*by, "profiles", pairs=pl.col("records") * (pl.col("records") - 1) // 2)
    )


@pytest.mark.parametrize(("mixed", "draws"), [(0.002, 150), (0.02, 60), (0.3, 40)])
def test_the_interval_of_precision_holds_the_truth_as_often_as_it_says(mixed, draws):
    people, tree = city(np.random.default_rng(5), 1500, mixed)
    frame = record_pairs(people, "person_id").sort("person_id")
    precision = record_pairs(people, "person_id", "child")["pairs"].sum() / frame["pairs"].sum()
    assert precision < 1
    several = frame.filter(pl.col("profiles") > 1)
    certain = 1 - several["pairs"].sum() / frame["pairs"].sum()
    shares = right_shares(people, tree)
    found = [
        estimate_precision(
            draw(several, draws, weight="pairs", seed=seed).join(shares, on="person_id"), certain=certain
        )
        for seed in range(REPETITIONS)
    ]
    assert np.mean([one.low <= precision <= one.high for one in found]) >= LEAST
    values = np.array([one.value for one in found])
    assert abs(values.mean() - precision) < 4 * values.std() / REPETITIONS**0.5


def test_the_interval_of_recall_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(9)
    bits = rng.uniform(-20, 3, 3000)
    offers = pl.DataFrame({"bits": bits, "pairs": rng.integers(1, 40, 3000)}).with_columns(
        verdict=pl.Series(np.where(rng.random(3000) < 1 / (1 + 2.0 ** -(bits - 2)), "same", "different"))
    )
    found = 60_000.0
    missed = offers.filter(pl.col("verdict") == "same")["pairs"].sum()
    precision = Estimate(value=1.0, low=1.0, high=1.0, draws=1, cannot_say=0)
    estimates = [
        estimate_recall(
            draw_offers(offers, 90, seed=10 * seed), weights=offer_weights(offers), found=found, precision=precision
        )
        for seed in range(REPETITIONS)
    ]
    recall = found / (found + missed)
    assert 0.5 < recall < 0.99
    assert np.mean([one.low <= recall <= one.high for one in estimates]) >= LEAST
    lost = np.array([found / one.value - found for one in estimates])
    assert abs(lost.mean() - missed) < 4 * lost.std() / REPETITIONS**0.5


def test_recall_is_not_told_of_a_stratum_nobody_looked_into():
    offers = pl.DataFrame({"bits": [-15.0, 1.0], "pairs": [10, 10]})
    seen = draw_offers(offers, 4, seed=1).filter(pl.col("stratum") == 2).with_columns(verdict=pl.lit("same"))
    perfect = Estimate(value=1.0, low=1.0, high=1.0, draws=1, cannot_say=0)
    assert estimate_recall(seen, weights=offer_weights(offers), found=100, precision=perfect) is None
    told = estimate_recall(seen, weights=[0.0, 0.0, 10.0], found=90, precision=perfect)
    assert told is not None
    assert (told.value, told.low) == (0.9, 0.9)


def test_the_parts_of_the_interval_of_recall_hold_together():
    assert (1 - joint_confidence()) * (len(STRATA) + 2) == pytest.approx(1 - CONFIDENCE)


def test_where_a_child_stands_on_both_sides_of_another_the_share_errs_low():
    """Two profiles of one child, joined through one of another: one of six pairs is found right, three are."""
    people, chain = profiles(p=[2, 1, 1]), joinings((0, 1, "different"), (1, 2, "different"))
    truth = (3 * 2 / 2) / 6  # profiles 0 and 2 are one child of three records
    assert right_shares(people, chain)["low"][0] < truth
