"""Training: shares that a simulator drew are found again, without being told which pair is which."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from linkage.comparisons import COMPARISONS
from linkage.evidence import weights
from linkage.model import TIMES, WAYS, Model, expected_model
from linkage.training import agreement_patterns, as_arrays, expect, train

EXPECTED = expected_model(1e-4)
LABELS = {comparison.name: [level.label for level in comparison.levels] for comparison in COMPARISONS}


def aged(shares: list[float], lost: float) -> list[float]:
    """Shares of which the strongest level lost this part to the last."""
    return [shares[0] * (1 - lost), *shares[1:-1], shares[-1] + shares[0] * lost]


def with_near_names(shares: list[float], near: float) -> list[float]:
    """Shares of given names of which this share is near and the others keep their proportions."""
    place = LABELS["given_name"].index("near")
    scale = (1 - near) / (1 - shares[place])
    return [near if at == place else share * scale for at, share in enumerate(shares)]


TRUE = replace(
    EXPECTED,
    child_held_at_once=0.01,
    others_held_at_once=0.25,
    m=EXPECTED.m
    | {
        "given_name": aged(EXPECTED.m["given_name"], 0.1),
        "birth_date": [0.94, 0.05, 0.005, 0.005],
        "sex": [0.98, 0.02],
    },
    sibling=EXPECTED.sibling | {"given_name": with_near_names(EXPECTED.sibling["given_name"], 0.03)},
    twin={"given_name": with_near_names(EXPECTED.twin["given_name"], 0.3), "sex": [0.7, 0.3]}
    | {"shared_number": EXPECTED.twin["shared_number"]},
    ways={"stayed": [0.78, 0.7, 0.58, 0.46], "other_parent": [0.2] * TIMES, "changed": [0.02, 0.1, 0.22, 0.34]},
    household=EXPECTED.household
    | {
        "stayed": [
            shares | {"address": aged(shares["address"], lost), "telephone": aged(shares["telephone"], lost / 4)}
            for shares, lost in zip(EXPECTED.household["stayed"], (0.0, 0.2, 0.4, 0.6), strict=True)
        ]
    },
)
"""The longer the time between two records of one child, the more households changed, and of the others the more moved
and took another telephone."""

CHILD, TWINS, STRANGERS = 60_000, 1_500, 20_000
PRIOR = CHILD / (CHILD + STRANGERS)  # every pair there is, is a candidate


def drawn(rng, count: int, kind: str, time: int = 0) -> pl.DataFrame:
    """`count` compared pairs of `kind`, one of WAYS, sibling, twin or stranger, so far apart in time."""
    shares = {
        **{way: TRUE.u | TRUE.m | TRUE.household[way][time] for way in WAYS},
        "stranger": TRUE.u,
        "sibling": TRUE.u | TRUE.household["stayed"][time] | TRUE.sibling,
        "twin": TRUE.u | TRUE.household["stayed"][time] | TRUE.sibling | TRUE.twin | {"birth_date": [1.0, 0, 0, 0]},
    }[kind]
    held = {"sibling": TRUE.others_held_at_once, "twin": TRUE.others_held_at_once, "stranger": 0.02}.get(
        kind, TRUE.child_held_at_once
    )
    columns = {}
    for comparison in COMPARISONS:
        levels = np.array(shares[comparison.name])
        place = rng.choice(len(levels), size=count, p=levels / levels.sum())
        columns[f"gamma_{comparison.name}"] = pl.Series(len(levels) - 1 - place, dtype=pl.Int8)
        if comparison.by_frequency:
            # As frequent as the shares of strangers say, so that a frequency and a share weigh alike.
            rarity = [
                -np.log2(u) * level.by_frequency
                for level, u in zip(comparison.levels, TRUE.u[comparison.name], strict=True)
            ]
            columns[f"rarity_{comparison.name}"] = np.array(rarity)[place]
    columns["held_at_once"] = rng.random(count) < (0.0 if kind == "changed" else held)
    columns["same_number"] = np.zeros(count, dtype=bool)
    columns["years"] = pl.Series(np.full(count, time), dtype=pl.Int8)
    columns["implausible_age"] = np.zeros(count, dtype=bool)
    return pl.DataFrame(columns)


def town(rng) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Candidates, strangers and households."""
    at_time = [
        drawn(rng, int(CHILD / TIMES * TRUE.ways[way][time]), way, time) for way in WAYS for time in range(TIMES)
    ]
    candidates = pl.concat([*at_time, drawn(rng, TWINS, "twin"), drawn(rng, STRANGERS, "stranger")])
    households = pl.concat([drawn(rng, 30_000, "sibling"), drawn(rng, TWINS, "twin")])
    return candidates, drawn(rng, 200_000, "stranger"), households


@pytest.fixture(scope="module")
def learnt() -> Model:
    return train(*town(np.random.default_rng(20260401)), match_prior=PRIOR)


@pytest.mark.parametrize("name", TRUE.m)
def test_known_m_is_recovered(learnt, name):
    assert learnt.m[name] == pytest.approx(TRUE.m[name], abs=0.015)


@pytest.mark.parametrize("name", TRUE.u)
def test_known_u_is_recovered(learnt, name):
    assert learnt.u[name] == pytest.approx(TRUE.u[name], abs=0.005)


@pytest.mark.parametrize("name", ["given_name", "sex"])
def test_known_shares_of_siblings_are_recovered(learnt, name):
    assert learnt.sibling[name] == pytest.approx(TRUE.sibling[name], abs=0.02)


def test_twins_are_seen_to_be_named_alike_more_often_than_other_siblings(learnt):
    # Among siblings whose birth dates agree or are a slip apart, twins and others mix: about half of each here.
    near = LABELS["given_name"].index("near")
    assert (
        7 * learnt.sibling["given_name"][near]
        > learnt.twin["given_name"][near]
        > 2.5 * learnt.sibling["given_name"][near]
    )


@pytest.mark.parametrize("time", range(TIMES))
@pytest.mark.parametrize("way", WAYS)
def test_known_shares_of_the_ways_are_recovered_for_each_class_of_time(learnt, way, time):
    assert learnt.ways[way][time] == pytest.approx(TRUE.ways[way][time], abs=0.025)


@pytest.mark.parametrize("time", range(TIMES))
@pytest.mark.parametrize("way", WAYS)
def test_known_shares_of_each_way_are_recovered_for_each_class_of_time(learnt, way, time):
    # Ways overlap: a telephone may differ in each. Of changed households at one time there are but 300 pairs.
    tolerance = 0.06 if (way, time) == ("changed", 0) else 0.04
    for name, shares in TRUE.household[way][time].items():
        assert learnt.household[way][time][name] == pytest.approx(shares, abs=tolerance), name


def test_known_shares_of_pairs_held_at_once_are_recovered(learnt):
    assert learnt.child_held_at_once == pytest.approx(TRUE.child_held_at_once, abs=0.005)


def test_the_order_of_pairs_changes_nothing():
    frames = town(np.random.default_rng(7))
    small = [frame.sample(4_000, seed=1) for frame in frames]
    shuffled = [frame.sample(fraction=1, shuffle=True, seed=2) for frame in small]
    assert train(*small, match_prior=PRIOR) == train(*shuffled, match_prior=PRIOR)


def test_patterns_count_every_pair_once():
    pairs = drawn(np.random.default_rng(3), 5_000, "stayed", 1)
    patterns = agreement_patterns(pairs)
    assert patterns["pairs"].sum() == pairs.height > patterns.height
    assert patterns.drop("pairs").is_unique().all()


def test_a_handful_of_pairs_leaves_what_is_expected():
    few = drawn(np.random.default_rng(1), 5, "stayed")
    model = train(few, few.clear(), few.clear(), match_prior=1e-4)
    for name, shares in EXPECTED.u.items():
        assert model.u[name] == pytest.approx(shares, abs=1e-6)
    for name, shares in EXPECTED.m.items():
        assert model.m[name] == pytest.approx(shares, abs=0.05)
    for name, shares in EXPECTED.household["stayed"][0].items():
        assert model.household["stayed"][0][name] == pytest.approx(shares, abs=0.05)


def test_no_pairs_at_all_can_be_trained_on():
    none = drawn(np.random.default_rng(1), 0, "stayed")
    model = train(none, none, none, match_prior=1e-4)
    for name, shares in EXPECTED.m.items():
        assert model.m[name] == pytest.approx(shares, abs=1e-6)
    for way in WAYS:
        assert model.ways[way] == pytest.approx(EXPECTED.ways[way], abs=1e-6)


def test_pairs_are_weighed_in_learning_as_they_are_in_linking():
    candidates = town(np.random.default_rng(3))[0].sample(3_000, seed=1)
    every_third = pl.int_range(pl.len()) % 3 == 0
    patterns = agreement_patterns(candidates.with_columns(same_number=every_third, implausible_age=~every_third))
    found = expect(as_arrays(patterns, TRUE), TRUE)

    weighed = weights(patterns, TRUE)
    bits = {name: weighed[name].to_numpy() for name in ("against_strangers", "against_siblings", "household", *WAYS)}
    not_held = np.log2((1 - TRUE.child_held_at_once) / (1 - TRUE.others_held_at_once))
    one = bits["against_strangers"] + np.where(weighed["held_at_once"], TRUE.held_at_once_weight, not_held)
    two = bits["against_strangers"] - bits["against_siblings"]
    assert patterns["held_at_once"].any()
    assert (bits["household"] < 0).any()
    child = patterns["pairs"].to_numpy() / (1 + (1 + 2**two) / 2**one)
    assert found.child == pytest.approx(child, rel=1e-9)
    assert found.siblings == pytest.approx((patterns["pairs"].to_numpy() - child) / (1 + 2**-two), rel=1e-9)
    for way, pairs in zip(WAYS, found.ways, strict=True):
        assert pairs == pytest.approx(child * 2 ** (bits[way] - bits["household"]), rel=1e-9)
