"""Training: shares that a simulator drew are found again, without being told which pair is which."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from linkage.comparisons import COMPARISONS
from linkage.model import Model, expected_model
from linkage.training import train

TRUE = replace(
    expected_model(1e-4),
    other_parent_share=0.25,
    household_change=0.08,
    child_held_at_once=0.01,
    others_held_at_once=0.25,
    m=expected_model(1e-4).m
    | {
        "given_name": [0.70, 0.02, 0.15, 0.02, 0.03, 0.06, 0.02],
        "birth_date": [0.94, 0.05, 0.005, 0.005],
        "sex": [0.98, 0.02],
        "family_name": [0.75, 0.08, 0.12, 0.03, 0.02],
        "address": [0.80, 0.12, 0.08],
        "telephone": [0.75, 0.05, 0.20],
        "guardian": [0.85, 0.02, 0.01, 0.12],
    },
    sibling={
        "given_name": [1e-4, 1e-4, 1e-3, 1e-3, 1e-3, 0.03, 0.9668],
        "birth_date": [0.03, 0.01, 0.02, 0.94],
        "sex": [0.5, 0.5],
    },
    twin={"given_name": [1e-4, 1e-4, 1e-3, 1e-3, 1e-3, 0.30, 0.6968], "sex": [0.7, 0.3]},
)
CHILD, TWINS, STRANGERS = 30_000, 900, 20_000
PRIOR = CHILD / (CHILD + STRANGERS)  # every pair there is, is a candidate


def drawn(rng, count: int, model: Model, kind: str) -> pl.DataFrame:
    """`count` compared pairs of `kind`: stayed, other_parent, changed, sibling, twin or stranger."""
    shares = {
        "stayed": model.m,
        "other_parent": model.m | model.other_parent,
        "changed": model.m | model.changed,
        "stranger": model.u,
        "sibling": model.m | model.sibling,
        "twin": model.m | model.sibling | model.twin | {"birth_date": [1.0, 0.0, 0.0, 0.0]},
    }[kind]
    held = {"sibling": model.others_held_at_once, "twin": model.others_held_at_once, "stranger": 0.02}.get(
        kind, model.child_held_at_once
    )
    columns = {}
    for comparison in COMPARISONS:
        levels = np.array(shares[comparison.name])
        strongest = len(levels) - 1
        gamma = strongest - rng.choice(len(levels), size=count, p=levels / levels.sum())
        columns[f"gamma_{comparison.name}"] = pl.Series(gamma, dtype=pl.Int8)
        if comparison.frequency_column:
            rarity = -np.log2(model.u[comparison.name][0])
            columns[f"rarity_{comparison.name}"] = np.where(gamma == strongest, rarity, 0.0)
    columns["held_at_once"] = rng.random(count) < (0.0 if kind == "changed" else held)
    columns["same_number"] = np.zeros(count, dtype=bool)
    return pl.DataFrame(columns)


@pytest.fixture(scope="module")
def learnt() -> Model:
    rng = np.random.default_rng(20260401)
    changed, other = int(CHILD * TRUE.household_change), int(CHILD * TRUE.other_parent_share)
    candidates = [
        drawn(rng, CHILD - changed - other, TRUE, "stayed"),
        drawn(rng, other, TRUE, "other_parent"),
        drawn(rng, changed, TRUE, "changed"),
        drawn(rng, TWINS, TRUE, "twin"),
        drawn(rng, STRANGERS, TRUE, "stranger"),
    ]
    households = pl.concat([drawn(rng, 30_000, TRUE, "sibling"), drawn(rng, TWINS, TRUE, "twin")])
    return train(pl.concat(candidates), drawn(rng, 200_000, TRUE, "stranger"), households, match_prior=PRIOR)


@pytest.mark.parametrize("name", [comparison.name for comparison in COMPARISONS])
def test_known_m_is_recovered(learnt, name):
    assert learnt.m[name] == pytest.approx(TRUE.m[name], abs=0.015)


@pytest.mark.parametrize("name", [comparison.name for comparison in COMPARISONS])
def test_known_u_is_recovered(learnt, name):
    total = sum(TRUE.u[name])
    assert learnt.u[name] == pytest.approx([share / total for share in TRUE.u[name]], abs=0.005)


@pytest.mark.parametrize("name", ["given_name", "sex"])
def test_known_shares_of_siblings_are_recovered(learnt, name):
    assert learnt.sibling[name] == pytest.approx(TRUE.sibling[name], abs=0.02)


def test_twins_are_seen_to_be_named_alike_more_often_than_other_siblings(learnt):
    # Among siblings whose birth dates agree or are a slip apart, twins and others mix: about half of each here.
    assert 5 * learnt.sibling["given_name"][5] > learnt.twin["given_name"][5] > 2.5 * learnt.sibling["given_name"][5]


@pytest.mark.parametrize("name", ["family_name", "address", "telephone", "guardian"])
def test_known_shares_of_changed_households_and_other_parents_are_recovered(learnt, name):
    assert learnt.changed[name] == pytest.approx(TRUE.changed[name], abs=0.04)
    assert learnt.other_parent[name] == pytest.approx(TRUE.other_parent[name], abs=0.03)


def test_known_shares_of_the_ways_are_recovered(learnt):
    assert learnt.household_change == pytest.approx(TRUE.household_change, abs=0.01)
    assert learnt.other_parent_share == pytest.approx(TRUE.other_parent_share, abs=0.02)
    assert learnt.child_held_at_once == pytest.approx(TRUE.child_held_at_once, abs=0.005)


def test_a_handful_of_pairs_leaves_what_is_expected():
    rng = np.random.default_rng(1)
    few = drawn(rng, 5, TRUE, "stayed")
    model, expected = train(few, few.clear(), few.clear(), match_prior=1e-4), expected_model(1e-4)
    for name, shares in expected.m.items():
        assert model.u[name] == pytest.approx(expected.u[name], abs=1e-6)
        assert model.m[name] == pytest.approx(shares, abs=0.05)


def test_no_pairs_at_all_can_be_trained_on():
    none = drawn(np.random.default_rng(1), 0, TRUE, "stayed")
    model = train(none, none, none, match_prior=1e-4)
    for name, shares in expected_model(1e-4).m.items():
        assert model.m[name] == pytest.approx(shares, abs=1e-6)
